"""Pictures of the screens. Textual's minor releases change them, so they are compared under one release only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from advisor.conversation.transcript import Turn
from tests.tui.driving import composer, screen_text, shown, wait_until
from tests.tui.samples import ALL_TURNS, ANSWERED, AT, DESCRIBED, RECAP, SUPPOSED, UNSURE, FakeChat, loading
from tui.app import AdvisorApp
from tui.chat_port import StoredSession
from tui.face_errors import FaceError
from tui.widgets.transcript import Transcript

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="the pictures were taken with textual 8.2.8")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """One place for settings in every run, because the help names it."""
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", "/dev/null/advisor")


SIZES = {"narrow": (60, 20), "medium": (100, 30), "wide": (160, 45)}
ID = "20261122-093000-abcd"


def prepared(theme: str, keys: Sequence[str], expected: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Steps to take before the picture: a still cursor, the theme, what must be shown, then keys."""

    async def run(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AdvisorApp)
        await wait_until(pilot, lambda: expected in shown(app))
        composer(app).cursor_blink = False
        app.theme = theme
        await settled(pilot)
        for key in keys:
            await pilot.press(key)
            await settled(pilot)

    return run


async def settled(pilot: Pilot[None]) -> None:
    """Until the engine has answered and everything is painted."""
    app = pilot.app
    assert isinstance(app, AdvisorApp)
    done: list[object] = []
    if app.decision is not None:
        app.ask(lambda chat: chat.session_id, done.append, done.append)
        await wait_until(pilot, lambda: bool(done))
    await pilot.wait_for_scheduled_animations()
    before, same = "", 0
    while same < 5:
        await pilot.pause()
        now = screen_text(app)
        before, same = now, same + 1 if now == before else 0


def chat_app(turns: Sequence[Turn]) -> AdvisorApp:
    chat = FakeChat(turns=turns, session_id=ID if turns else None)
    chat.stored = [
        StoredSession(ID, "We are five Python developers at an early-stage start-up", AT, 3),
        StoredSession("20261120-080000-ef01", "A pilot with phones [/]", AT, 12),
    ]
    return AdvisorApp(loading(chat), environment={})


THEMES = ("textual-dark", "textual-light", "ansi-dark")
# What is shown: turns, what must be there first, then keys.
SCREENS: dict[str, tuple[Sequence[Turn], str, Sequence[str]]] = {
    "welcome": ((), "Which framework", ()),
    "described": ((DESCRIBED,), "Once it works", ()),
    "choosing": ((DESCRIBED, UNSURE), "Did you mean", ("tab",)),
    "decided": ((DESCRIBED, RECAP), "Because", ()),
    "supposed": ((DESCRIBED, SUPPOSED), "What if", ()),
    "chips": ((DESCRIBED,), "Once it works", ("alt+up", "right")),
    "correcting": ((DESCRIBED,), "Once it works", ("alt+up", "enter")),
    "decision": ((DESCRIBED,), "Once it works", ("f2", "down", "down", "down")),
    "row": ((DESCRIBED,), "Once it works", ("f2", "enter", "down")),
    "source": (
        (DESCRIBED,),
        "Once it works",
        (
            "f2",
            "enter",
            "down",
            "down",
            "enter",
        ),
    ),
    "sessions": ((DESCRIBED,), "Once it works", ("f3",)),
    "export": ((DESCRIBED,), "Once it works", ("f4",)),
    "rewind": ((DESCRIBED, ANSWERED), "As of", ("alt+r",)),
    "themes": ((DESCRIBED,), "Once it works", ("f5", "escape", "f5")),
    "searching": (
        (DESCRIBED, ANSWERED),
        "As of",
        (
            "ctrl+f",
            *"aws",
        ),
    ),
    "completing": (
        (DESCRIBED,),
        "Once it works",
        (
            "/",
            "w",
        ),
    ),
    "help": ((), "Which framework", ("f1",)),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_screens(snap_compare: Any, name: str, size: str, theme: str) -> None:
    turns, expected, keys = SCREENS[name]
    app = chat_app(turns)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=prepared(theme, keys, expected))


@pytest.mark.parametrize("theme", THEMES)
def test_every_kind_of_block(snap_compare: Any, theme: str) -> None:
    app = chat_app(ALL_TURNS)
    assert snap_compare(app, terminal_size=(120, 240), run_before=prepared(theme, (), "There is no command"))


def test_plain_glyphs_without_colour(snap_compare: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("NO_COLOR", "1")
    (tmp_path / "config.toml").write_text('glyphs = "ascii"')
    app = chat_app((DESCRIBED, SUPPOSED))
    assert snap_compare(app, terminal_size=SIZES["medium"], run_before=prepared("textual-dark", (), "What if"))


@pytest.mark.parametrize("size", SIZES)
def test_load_failure(snap_compare: Any, size: str) -> None:
    def load() -> FakeChat:
        raise FaceError("The knowledge pack cannot be used:\nrules/article.yaml, line 12, then: must be a mapping")

    app = AdvisorApp(load)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=prepared("textual-dark", (), "choose “Try again”"))


@pytest.mark.parametrize("size", SIZES)
def test_the_beginning_of_a_long_conversation(snap_compare: Any, size: str) -> None:
    async def scrolled_up(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, AdvisorApp)
        await prepared("textual-dark", (), "There is no command")(pilot)
        transcript = app.query_one(Transcript)
        transcript.show_entry(transcript.entries[0])
        await pilot.pause()
        transcript.scroll_home(animate=False)
        await pilot.pause()

    assert snap_compare(chat_app(ALL_TURNS), terminal_size=SIZES[size], run_before=scrolled_up)
