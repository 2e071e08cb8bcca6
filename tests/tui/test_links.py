"""Chips, quotes, rows and sources: reached by keyboard and by mouse, and what opens."""

from __future__ import annotations

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot

from tests.tui.driving import HOSTILE, composer, screen_text, shown, wait_until
from tests.tui.samples import (
    ALL_TURNS,
    ANSWERED,
    DESCRIBED,
    DESCRIPTION,
    RECAP,
    SUPPOSED,
    UNDERSTOOD,
    FakeChat,
    loading,
    observation,
    turn,
)
from tui.app import AdvisorApp
from tui.paragraphs import Paragraphs, _spans
from tui.screens.chip_dialog import ChipDialog
from tui.screens.decision_dialog import DecisionDialog
from tui.targets import Chip, Row, Send, Source, Words
from tui.widgets.linked_text import LinkedText
from tui.widgets.message import Reply, UserMessage

WIDE = (130, 42)


async def opened(pilot: Pilot[None], *turns: object) -> tuple[AdvisorApp, FakeChat]:
    app = pilot.app
    assert isinstance(app, AdvisorApp)
    await wait_until(pilot, lambda: app.standing is not None and len(app.query(Reply)) >= 1)
    await pilot.pause()
    return app, app._chat  # type: ignore[attr-defined]


def chat_app(*turns: object) -> AdvisorApp:
    chat = FakeChat(turns=list(turns) or [DESCRIBED], session_id="abc")  # type: ignore[arg-type]
    app = AdvisorApp(loading(chat))
    app._chat = chat  # type: ignore[attr-defined]
    return app


async def click_on(pilot: Pilot[None], text: LinkedText, wanted: object) -> None:
    """Clicks the first character of a link."""
    kinds = [isinstance(t, wanted) if isinstance(wanted, type) else t == wanted for t in text.targets]
    laid_out = text._shown.at(text.content_size.width)
    start = min(span.start for span in _spans(laid_out, kinds.index(True)))
    before = laid_out.plain[:start]
    column = start - (before.rfind("\n") + 1)
    await pilot.click(text, offset=Offset(column + 2, before.count("\n")))


def lit(app: AdvisorApp) -> list[tuple[int, int] | None]:
    return [message._lit for message in app.query(UserMessage)]


async def test_what_was_understood_stands_as_chips_under_the_message() -> None:
    app = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        message = app.query_one(UserMessage)
        assert "[Programming skills: fluent in Python]" in message.text
        assert "[Devices the model runs on: phones]" in message.text
        chips = [target for target in message.targets if isinstance(target, Chip)]
        start, end = chips[0].words.start, chips[0].words.end  # type: ignore[union-attr]
        assert DESCRIPTION[start:end] == "five Python developers"
        assert not any(chip.label == "Google Cloud" for chip in chips), "what is not counted is no chip of the message"


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        (("alt+up", "enter", "down", "enter"), "/set Programming skills: mixed skills"),
        (("alt+up", "right", "enter", "down", "enter"), "/set Devices the model runs on: no devices"),
        (("alt+up", "enter", "end", "enter"), "/withdraw Programming skills"),
        (("alt+up", "delete"), "/withdraw Programming skills"),
    ],
)
async def test_a_chip_is_corrected_and_withdrawn_by_keys(keys: tuple[str, ...], sent: str) -> None:
    app = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        _, chat = await opened(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        await wait_until(pilot, lambda: chat.heard == [sent])


async def test_a_chip_opens_by_mouse_and_escape_changes_nothing() -> None:
    app = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        _, chat = await opened(pilot)
        await click_on(pilot, app.query_one(UserMessage), Chip)
        await wait_until(pilot, lambda: isinstance(app.screen, ChipDialog))
        assert "“five Python developers”" in screen_text(app)
        assert "● fluent in Python" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(app.screen_stack) == 1)
        assert chat.heard == []


async def test_something_set_aside_can_be_counted_after_all() -> None:
    app = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        _, chat = await opened(pilot)
        await click_on(pilot, app.query_one(Reply), Chip)
        await wait_until(pilot, lambda: isinstance(app.screen, ChipDialog))
        assert "make it unknown again" not in screen_text(app)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: chat.heard == ["/set Cloud: Google Cloud"])


async def test_a_quote_lights_up_where_it_was_said() -> None:
    app = chat_app(DESCRIBED, RECAP)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        reply = list(app.query(Reply))[-1]
        words = next(target for target in reply.targets if isinstance(target, Words))
        await click_on(pilot, reply, words)
        await wait_until(pilot, lambda: (words.start, words.end) in lit(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: not any(lit(app)))


async def test_the_cursor_goes_from_message_to_message_and_back_to_the_composer() -> None:
    app = chat_app(DESCRIBED, ANSWERED)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("alt+up")
        first = app.focused
        assert isinstance(first, UserMessage)
        for _ in first.targets:
            await pilot.press("down")
        await pilot.pause()
        assert isinstance(app.focused, Reply)
        await pilot.press("up")
        await pilot.pause()
        assert id(app.focused) == id(first)
        await pilot.press("escape")
        assert composer(app).has_focus


async def test_a_row_opens_down_to_words_and_source_by_keys() -> None:
    app = chat_app(DESCRIBED)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(app.focused, LinkedText)
        assert isinstance(app.focused.pointed, Row)
        await wait_until(pilot, lambda: "Engineering capability and retraining" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "rule team-python" in " ".join(screen_text(app).split()))
        text = app.main.browser.query_one(LinkedText)
        while not isinstance(text.pointed, Words):
            await pilot.press("down")
            await pilot.pause()
        await wait_until(pilot, lambda: any(lit(app)))
        while not isinstance(text.pointed, Source):
            await pilot.press("down")
            await pilot.pause()
        await pilot.press("enter")
        await wait_until(pilot, lambda: "https://aws.example" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "because" in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "Article reading" in screen_text(app))
        await pilot.press("escape")
        assert composer(app).has_focus


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_under_a_what_if_the_decision_is_entered_at_a_row(size: tuple[int, int]) -> None:
    app = chat_app(DESCRIBED, SUPPOSED)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(getattr(app.screen.focused, "pointed", None), Row))
        await pilot.press("up")
        focused = app.screen.focused
        assert isinstance(focused, LinkedText)
        assert focused.pointed == Send("/commit")


async def test_a_row_opens_by_mouse_and_folds() -> None:
    app = chat_app(DESCRIBED)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        text = app.main.browser.query_one(LinkedText)
        await click_on(pilot, text, Row("engineering"))
        await wait_until(pilot, lambda: "because" in text.text)
        fold = [type(target).__name__ for target in text.targets].index("Fold")
        text.enter(fold)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "because" not in text.text)


async def test_where_it_is_narrow_the_decision_has_a_box_and_leads_back() -> None:
    app = chat_app(*ALL_TURNS[:3])
    async with app.run_test(size=(60, 20)) as pilot:
        await opened(pilot)
        await pilot.press("f2")
        await wait_until(pilot, lambda: isinstance(app.screen, DecisionDialog))
        await wait_until(pilot, lambda: "Amended" in screen_text(app))
        await pilot.press("enter")
        await wait_until(pilot, lambda: "because" in screen_text(app))
        text = app.screen.query_one(LinkedText)
        while not isinstance(text.pointed, Words):
            await pilot.press("down")
            await pilot.pause()
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(app.screen_stack) == 1 and any(lit(app)))
        await wait_until(pilot, lambda: "five Python developers" in screen_text(app))


@pytest.mark.parametrize("size", [(60, 20), WIDE])
async def test_the_summary_and_the_palette_open_the_decision(size: tuple[int, int]) -> None:
    app = chat_app()
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        app.send("/decision vendor")
        await wait_until(pilot, lambda: "Vendor and cloud alignment" in screen_text(app))
        if size[0] < 100:
            await pilot.press("escape", "escape")
            await wait_until(pilot, lambda: len(app.screen_stack) == 1)
            await pilot.click("DecisionSummary")
            await wait_until(pilot, lambda: isinstance(app.screen, DecisionDialog))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_in_chips_rows_and_sources(text: str) -> None:
    from advisor.text import clean

    safe = clean(text) or "x"
    item = UNDERSTOOD.items[0].model_copy(
        update={"observation": observation(safe), "title": safe[:200], "label": safe[:200]}
    )
    described = DESCRIBED.model_copy(
        update={"utterance": safe, "blocks": (UNDERSTOOD.model_copy(update={"items": (item,)}), DESCRIBED.blocks[2])}
    )
    app = chat_app(described)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        await pilot.press("alt+up", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ChipDialog))
        painted = screen_text(app)
        await pilot.press("escape")
        app.main.browser.open_source(Source(safe, safe, safe, safe, safe, safe, safe))
        await pilot.pause()
        painted += screen_text(app)
        assert not set(painted) & set("\x1b\x07\x9b\u202e\u2066\u200f\x00")


def test_a_marked_text_keeps_its_targets() -> None:
    first = Paragraphs(())
    assert first.marked(None).targets is first.targets


async def test_quick_actions_by_key_and_by_mouse() -> None:
    app = chat_app()
    async with app.run_test(size=WIDE) as pilot:
        _, chat = await opened(pilot)
        await pilot.press("alt+w")
        await wait_until(pilot, lambda: chat.heard == ["/why"])
        await wait_until(pilot, lambda: "Heard /why" in shown(app))
    app = chat_app(turn(1, DESCRIPTION, UNDERSTOOD))
    async with app.run_test(size=WIDE) as pilot:
        _, chat = await opened(pilot)
        await pilot.click("QuickBar", offset=Offset(3, 0))
        await wait_until(pilot, lambda: chat.heard == ["/why"])
