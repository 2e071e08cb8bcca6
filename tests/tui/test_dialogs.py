"""Conversations, exports, going back, colours, searching and copying."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.tui.driving import composer, screen_text, shown, wait_until
from tests.tui.samples import ALL_TURNS, ANSWERED, DESCRIBED, DESCRIPTION, FakeChat, loading, turn
from tui.app import AdvisorApp
from tui.chat_port import StoredSession
from tui.entries import Replied
from tui.face_errors import FaceError
from tui.paragraphs import Paragraphs
from tui.screens.decision_dialog import DecisionDialog
from tui.screens.dialog import PlainOptions
from tui.screens.export_dialog import ExportDialog
from tui.screens.help_dialog import HelpDialog
from tui.screens.rewind_dialog import RewindDialog
from tui.screens.sessions_dialog import SessionsDialog
from tui.screens.theme_dialog import ThemeDialog
from tui.widgets.find_bar import FindBar
from tui.widgets.message import Message

WIDE = (120, 40)
STORED = [
    StoredSession("abc", "Our [/] project", datetime(2026, 11, 22, 9, 30, tzinfo=UTC), 1),
    StoredSession("def", "A pilot with phones", datetime(2026, 11, 20, 8, 0, tzinfo=UTC), 12),
]


def chat_app(**changes: Any) -> tuple[AdvisorApp, FakeChat]:
    chat = FakeChat(turns=[DESCRIBED, ANSWERED], session_id="abc")
    chat.stored = list(STORED)
    for name, value in changes.items():
        setattr(chat, name, value)
    return AdvisorApp(loading(chat)), chat


async def ready(pilot: Pilot[None], app: AdvisorApp) -> None:
    await wait_until(pilot, lambda: app.standing is not None)


async def sessions(pilot: Pilot[None], app: AdvisorApp, rows: int = 2) -> PlainOptions:
    await ready(pilot, app)
    await pilot.press("f3")
    await wait_until(pilot, lambda: isinstance(app.screen, SessionsDialog))
    options = app.screen.query_one(PlainOptions)
    await wait_until(pilot, lambda: options.option_count == rows)
    return options


def told_in(app: AdvisorApp, text: str) -> bool:
    return text in shown(app)


def has_turns(app: AdvisorApp) -> bool:
    return len(app.turns) == 1


def count(app: AdvisorApp) -> str:
    """What the search says it found."""
    return " ".join(str(found.content) for found in app.query("#found").results(Static))


def foot(app: AdvisorApp) -> str:
    shown_keys = app.screen.query_one(".dialog-foot", Static).visual
    assert isinstance(shown_keys, Paragraphs)
    return shown_keys.at(200).plain


# Conversations -----------------------------------------------------------------------------------------------------


async def test_conversations_are_filtered_and_gone_on_with() -> None:
    app, chat = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        options = await sessions(pilot, app)
        assert "Our [/] project" in screen_text(app)
        assert "this one" in screen_text(app)
        await pilot.press(*"phones")
        await wait_until(pilot, lambda: options.option_count == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.session_id == "def")
        assert chat.turns == [DESCRIBED]
        assert len(app.turns) == 1


async def test_a_new_conversation_begins_with_the_examples() -> None:
    app, _ = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await sessions(pilot, app)
        await pilot.press("ctrl+n")
        await wait_until(pilot, lambda: "Two ways to begin" in shown(app))
        assert app.session_id is None
        assert DESCRIPTION[:20] not in shown(app)


async def test_a_conversation_is_renamed() -> None:
    app, chat = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await sessions(pilot, app)
        await pilot.press("down", "ctrl+r")
        assert "new title" in foot(app)
        field = app.screen.query_one(Input)
        assert field.value == "A pilot with phones"
        field.value = "Pilot"
        await pilot.press("enter")
        await wait_until(pilot, lambda: chat.stored[1].title == "Pilot")
        await wait_until(pilot, lambda: "Renamed." in foot(app))
        await pilot.press("ctrl+r", "escape")
        assert isinstance(app.screen, SessionsDialog)


async def test_a_conversation_is_deleted_and_brought_back() -> None:
    app, chat = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        options = await sessions(pilot, app)
        await pilot.press("ctrl+d")
        assert "This conversation is open" in foot(app)
        await pilot.press("down", "ctrl+d")
        await wait_until(pilot, lambda: options.option_count == 1)
        assert "Ctrl+Z" in foot(app)
        await pilot.press("ctrl+z")
        await wait_until(pilot, lambda: options.option_count == 2)
        assert len(chat.stored) == 2


async def test_failures_of_the_store_are_told() -> None:
    class Broken(FakeChat):
        def sessions(self, search: str = "") -> list[StoredSession]:
            raise FaceError("the disk [/] is gone")

    app = AdvisorApp(loading(Broken(turns=[DESCRIBED])))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        await pilot.press("f3")
        await wait_until(pilot, lambda: isinstance(app.screen, SessionsDialog))
        await wait_until(pilot, lambda: "the disk [/] is gone" in foot(app))


# Going back --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["list", "number"])
async def test_going_back_to_say_it_differently(by: str) -> None:
    app, _ = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        if by == "list":
            await pilot.press("alt+r")
            await wait_until(pilot, lambda: isinstance(app.screen, RewindDialog))
            await pilot.press("enter")
        else:
            app.send("/rewind 2")
        await wait_until(pilot, lambda: composer(app).text == ANSWERED.utterance)
        assert len(app.turns) == 1
        assert "kept as abc" in shown(app)
        assert ANSWERED.utterance not in shown(app)


# Exports -----------------------------------------------------------------------------------------------------------


async def test_an_export_is_previewed_then_written() -> None:
    app, chat = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        await pilot.press("f4")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await wait_until(pilot, lambda: "[/] the record as markdown" in screen_text(app))
        await pilot.press("pagedown")
        await wait_until(pilot, lambda: "line 40" in screen_text(app))
        await pilot.press("down")
        await wait_until(pilot, lambda: "[/] the record as json" in screen_text(app))
        field = app.screen.query_one(Input)
        field.value = "[/].txt"
        await pilot.press("enter")
        assert "ends in .json" in foot(app)
        field.value = "[/].json"
        await pilot.press("enter")
        await wait_until(pilot, lambda: "Written to /tmp/[/].json" in shown(app))
        assert chat.written == [("[/].json", "json")]


async def test_an_export_asked_for_while_loading_waits_for_what_was_said() -> None:
    gate, chat = threading.Event(), FakeChat()
    app = AdvisorApp(loading(chat, gate))
    async with app.run_test(size=WIDE) as pilot:
        for text in (DESCRIPTION, "/export"):
            composer(app).text = text
            await pilot.press("enter")
        assert not isinstance(app.screen, ExportDialog)
        gate.set()
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        assert chat.heard == [DESCRIPTION]


@pytest.mark.parametrize("first", ["f1", "f2", "f3", "f4", "f5"])
async def test_the_keys_of_dialogs_go_from_one_to_another(first: str) -> None:
    dialogs = {
        "f1": HelpDialog,
        "f2": DecisionDialog,
        "f3": SessionsDialog,
        "f4": ExportDialog,
        "f5": ThemeDialog,
    }
    app, _ = chat_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        theme = app.theme
        for other in [key for key in dialogs if key != first]:
            for key in (first, other):
                await pilot.press(key)
                await wait_until(pilot, lambda kind=dialogs[key]: isinstance(app.screen, kind))  # type: ignore[misc]
                assert len(app.screen_stack) == 2
        await pilot.press(other)
        await wait_until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.focused is composer(app)
        assert app.theme == theme


async def test_another_dialog_also_leaves_a_title_half_written() -> None:
    app, chat = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await sessions(pilot, app)
        await pilot.press("ctrl+r")
        await pilot.press("f1")
        await wait_until(pilot, lambda: isinstance(app.screen, HelpDialog))
        assert len(app.screen_stack) == 2
        assert chat.stored == STORED


async def test_nothing_to_export_is_told() -> None:
    app = AdvisorApp(loading(FakeChat()))
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        await pilot.press("f4")
        await wait_until(pilot, lambda: "nothing was said yet" in shown(app))


# Colours -----------------------------------------------------------------------------------------------------------


async def test_a_theme_is_looked_at_then_kept_or_not() -> None:
    app, _ = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        before = app.theme
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(app.screen, ThemeDialog))
        await pilot.press("home")
        await wait_until(pilot, lambda: app.theme == "ansi-dark")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.theme == before)
        app.send("/theme textual-light")
        await wait_until(pilot, lambda: app.theme == "textual-light")
    again = AdvisorApp(loading(FakeChat()))
    async with again.run_test(size=WIDE):
        assert again.theme == "textual-light", "the theme is remembered"


# Searching ---------------------------------------------------------------------------------------------------------


async def test_words_are_found_in_the_conversation() -> None:
    app = AdvisorApp(loading(FakeChat(turns=ALL_TURNS)))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        await pilot.press("ctrl+f", *"its containers")
        await wait_until(pilot, lambda: "1 of 1" in count(app))
        await wait_until(pilot, lambda: "its containers" in " ".join(screen_text(app).split()))
        marked = [message for message in app.query(Message) if message._found]
        assert len(marked) == 1
        app.query_one(FindBar).query_one(Input).value = "[/zebra"
        await wait_until(pilot, lambda: "not found" in count(app))
        await pilot.press("escape")
        await pilot.pause()
        assert composer(app).has_focus
        assert not [message for message in app.query(Message) if message._found]


async def test_searching_goes_from_hit_to_hit_in_a_long_conversation() -> None:
    turns = [turn(n, f"message {n} of many", *DESCRIBED.blocks[:1]) for n in range(1, 301)]
    app = AdvisorApp(loading(FakeChat(turns=turns)))
    async with app.run_test(size=(80, 24)) as pilot:
        await ready(pilot, app)
        app.send("/find message 7 of")
        await wait_until(pilot, lambda: "1 of 1" in count(app))
        await wait_until(pilot, lambda: "message 7 of many" in screen_text(app))
        assert len(app.query(Message)) < 200
        app.query_one(FindBar).query_one(Input).value = "of many"
        await wait_until(pilot, lambda: "300 of 300" in count(app))
        await wait_until(pilot, lambda: "message 300 of many" in screen_text(app))
        await pilot.press("up", "up")
        await wait_until(pilot, lambda: "298 of 300" in count(app))


# Copying -----------------------------------------------------------------------------------------------------------


async def test_copying_says_that_it_cannot_be_checked() -> None:
    app, _ = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        await pilot.press("alt+c")
        await wait_until(pilot, lambda: "Sent to the terminal" in screen_text(app))
        last = app.main.transcript.entries[-1]
        assert isinstance(last, Replied)
        assert app.clipboard == last.plain
        app.send("/copy all")
        await wait_until(pilot, lambda: app.clipboard.startswith(f"> {DESCRIPTION}"))


# Settings ----------------------------------------------------------------------------------------------------------


async def test_own_keys_and_mistakes_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path))
    (tmp_path / "config.toml").write_text('theme = "nonsense"\nwrong = 1\n[keys]\nhelp = "f9"\nfly = "f8"\n')
    app, _ = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await ready(pilot, app)
        for told in ("no theme “nonsense”", "no setting “wrong”", "no action “fly”"):
            await wait_until(pilot, partial(told_in, app, told))
        await pilot.press("f9")
        await wait_until(pilot, lambda: len(app.screen_stack) == 2)
        assert "F9" in screen_text(app)


async def test_hints_go_away() -> None:
    for _ in range(2):
        app = AdvisorApp(loading(FakeChat()))
        async with app.run_test(size=WIDE) as pilot:
            await ready(pilot, app)
            first_time = "Tab goes to the examples" in screen_text(app)
            await pilot.press("tab", "enter")
            await wait_until(pilot, partial(has_turns, app))
            assert "Tab goes to the examples" not in screen_text(app)
    assert not first_time
