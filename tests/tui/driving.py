"""Helpers that drive the app in tests; nothing here sleeps a fixed time."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.pilot import Pilot

from tui.app import AdvisorApp
from tui.widgets.composer import Composer
from tui.widgets.message import Message

HOSTILE = (
    "[/]",
    "[/red] [red]x[/] [@click=app.quit]q[/] [on] [a=b] w[i][j] list[int]",
    "\x1b]52;c;aGFjaw==\x1b\\clip\x1b[2J\x9b31m\x07bell",
    "\u202eevil\u2066bidi\u2069\u200f",
    "<T> & List<int> <script>alert(1)</script>",
    "x" * 10_000,
    "👩‍🚀 ❤️ 🇵🇹 e\u0301 漢字かな한글" * 30,
    "C:\\*x*\\n  # heading\n1) one\n\ttab \\[bold]",
    "\ud800 lone \x00 null \u2028 line",
)


async def wait_until(pilot: Pilot[None], holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Lets the app run until something holds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        await pilot.pause(0.01)


def texts(app: AdvisorApp) -> list[str]:
    """What the transcript shows, one string for each message."""
    return [message.text for message in app.screen_stack[0].query(Message)]


def shown(app: AdvisorApp) -> str:
    """What the transcript shows, with all space between words made equal."""
    return " ".join(" ".join(texts(app)).split())


def composer(app: AdvisorApp) -> Composer:
    return app.screen_stack[0].query_one(Composer)


async def type_and_send(pilot: Pilot[None], app: AdvisorApp, text: str) -> None:
    composer(app).insert_text(text)
    await pilot.press("enter")
    await pilot.pause()


def screen_text(app: AdvisorApp) -> str:
    """Every character that is painted now."""
    width, _ = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip)[: width * 2] for strip in strips)
