"""Pictures of the screens. Textual's minor releases change them, so they are compared under one release only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib.metadata import version
from typing import Any

import pytest
from textual.pilot import Pilot

from advisor.conversation.transcript import Turn
from tests.tui.driving import composer, shown, wait_until
from tests.tui.samples import ALL_TURNS, DESCRIBED, RECAP, UNSURE, FakeChat, loading
from tui.app import AdvisorApp
from tui.chat_port import FaceError
from tui.widgets.transcript import Transcript

pytestmark = pytest.mark.skipif(version("textual") != "8.2.8", reason="the pictures were taken with textual 8.2.8")

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
        await pilot.press(*keys)
        for _ in range(5):
            await pilot.pause()

    return run


def chat_app(turns: Sequence[Turn]) -> AdvisorApp:
    return AdvisorApp(loading(FakeChat(turns=turns, session_id=ID if turns else None)))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("name", "turns", "theme", "keys", "expected"),
    [
        ("welcome", (), "textual-dark", (), "Which framework"),
        ("described", (DESCRIBED,), "textual-dark", (), "Once it works"),
        ("choosing", (DESCRIBED, UNSURE), "textual-dark", ("tab",), "Did you mean"),
        ("decided", (DESCRIBED, RECAP), "textual-light", (), "Because"),
        ("help", (), "textual-dark", ("f1",), "Which framework"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_screens(
    snap_compare: Any, name: str, turns: Sequence[Turn], theme: str, keys: Sequence[str], expected: str, size: str
) -> None:
    app = chat_app(turns)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=prepared(theme, keys, expected))


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-dark"])
def test_every_kind_of_block(snap_compare: Any, theme: str) -> None:
    app = chat_app(ALL_TURNS)
    assert snap_compare(app, terminal_size=(120, 110), run_before=prepared(theme, (), "There is no command"))


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
        app.query_one(Transcript).scroll_home(animate=False)
        await pilot.pause()

    assert snap_compare(chat_app(ALL_TURNS), terminal_size=SIZES[size], run_before=scrolled_up)
