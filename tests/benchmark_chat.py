"""How quickly the chat starts, answers keys and quits: python -m tests.benchmark_chat [paint|stall|echo|quit …]

Every figure is printed beside what it is to be compared with, taken in the same run on the same machine.
"""

from __future__ import annotations

import asyncio
import compileall
import gc
import os
import pty
import re
import select
import signal
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from textual import events
from textual.pilot import Pilot

from tests.tui.driving import composer, wait_until
from tests.tui.samples import DESCRIBED, FakeChat, loading, turn
from tui.app import AdvisorApp

RUNS = 7
KEYS = 60

# The same kinds of widgets with nothing behind them: what Textual itself takes.
MINIMAL = """
from textual.app import App
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import OptionList, Static, TextArea
class Minimal(App):
    CSS = "TextArea { height: auto; } VerticalScroll { height: 1fr; }"
    def compose(self):
        with Horizontal():
            with Vertical():
                with VerticalScroll():
                    yield Static("Which framework should you build on?")
                    yield OptionList("one", "two")
                yield TextArea(placeholder="Tell me about your project")
            with VerticalScroll():
                yield Static("decision")
        yield Static("status")
    def on_mount(self):
        self.query_one(TextArea).focus()
Minimal().run()
"""
# An engine that never gets ready, as when a large model loads.
LOADING = """
import time
from tui.app import AdvisorApp
AdvisorApp(lambda: time.sleep(600)).run()
"""


class Terminal:
    """A program in a pseudo-terminal of 120 by 36 cells."""

    def __init__(self, *arguments: str) -> None:
        self.started = time.perf_counter()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(sys.executable, [sys.executable, *arguments])
        ioctl(self.fd, TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
        self.seen = ""

    def wait_for(self, pattern: str, seconds: float = 60) -> float:
        """Reads until a pattern was painted; the time since the start, in seconds."""
        deadline = time.perf_counter() + seconds
        while not re.search(pattern, re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", self.seen)):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{pattern!r} was not painted; last: {self.seen[-200:]!r}")
            if select.select([self.fd], [], [], 0.05)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        return time.perf_counter() - self.started

    def send(self, keys: str) -> None:
        """Types."""
        self.seen = ""
        os.write(self.fd, keys.encode())

    def wait_for_end(self) -> float:
        """Reads until the program has ended; how long that took, in seconds."""
        started = time.perf_counter()
        while True:
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:  # how Linux tells that the other side is closed
                break
        os.waitpid(self.pid, 0)
        os.close(self.fd)
        return time.perf_counter() - started

    def kill(self) -> None:
        """Ends it at once."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.fd)


def _first_paint(*arguments: str) -> tuple[float, float]:
    """Seconds to the first text, and to the echo of a key that was pressed at once."""
    terminal = Terminal(*arguments)
    painted = terminal.wait_for("Which *framework")
    terminal.send("q")
    typable = terminal.wait_for(r"\bq\b")
    terminal.kill()
    return painted, typable


def _compile_as_installed() -> None:
    """Compiles the program's own modules as an installer does; Textual's are compiled already."""
    for package in ("advisor", "tui"):
        compileall.compile_dir(str(Path(__file__).parents[1] / package), quiet=1)


def paint() -> None:
    """First paint and first echo, against a minimal app with the same widgets."""
    _compile_as_installed()
    own, minimal = [], []
    for _ in range(RUNS):
        minimal.append(_first_paint("-c", MINIMAL))
        own.append(_first_paint("-m", "advisor"))
    for name, index in (("first paint", 0), ("first echo", 1)):
        ours = statistics.median(run[index] for run in own)
        theirs = statistics.median(run[index] for run in minimal)
        print(f"{name}: {ours:.2f} s, minimal app {theirs:.2f} s, ratio {ours / theirs:.2f}")


def _chat(turns: int) -> AdvisorApp:
    held = [turn(number, f"message {number}", *DESCRIBED.blocks) for number in range(1, turns + 1)]
    return AdvisorApp(loading(FakeChat(turns=held)))


async def _longest_gap(step: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """The longest time for which the event loop did nothing else during a step, in seconds: by the clock on the wall,
    and in time of the processor, which does not count when other programs had it.
    """
    gaps = [(0.0, 0.0)]
    running = True

    async def beat() -> None:
        last = time.perf_counter(), time.thread_time()
        while running:
            await asyncio.sleep(0.002)
            now = time.perf_counter(), time.thread_time()
            gaps.append((now[0] - last[0], now[1] - last[1]))
            last = now

    heart = asyncio.create_task(beat())
    await step()
    running = False
    await heart
    return max(wall for wall, _ in gaps), max(busy for _, busy in gaps)


async def _stalls() -> None:
    gc.disable()  # as the program does
    app = _chat(500)
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_until(pilot, lambda: app.standing is not None, 120)
        await _settled(pilot)

        async def typing() -> None:
            for letter in "a few words about the project" * 2:
                await pilot.press(letter if letter != " " else "space")

        async def focus() -> None:
            app.post_message(events.AppBlur())
            await _settled(pilot)
            app.post_message(events.AppFocus())
            await _settled(pilot)

        async def theme() -> None:
            app.theme = "textual-light" if app.theme != "textual-light" else "textual-dark"
            await _settled(pilot)

        async def resize() -> None:
            for width in (90, 130, 60, 120):
                await pilot.resize_terminal(width, 36)
                await _settled(pilot)

        async def scroll() -> None:
            for _ in range(10):
                await pilot.press("pageup")

        steps = {"typing": typing, "losing focus": focus, "theme": theme, "resizing": resize, "scrolling": scroll}
        for name, step in steps.items():
            gaps = [await _longest_gap(step) for _ in range(3)]
            wall, busy = (1000 * statistics.median(gap[index] for gap in gaps) for index in (0, 1))
            print(f"longest stall with 1,000 messages, {name}: {wall:.0f} ms, of the processor {busy:.0f} ms")


async def _settled(pilot: Pilot[None]) -> None:
    for _ in range(3):
        await pilot.pause()


def stall() -> None:
    """The longest time without an answer to a key."""
    asyncio.run(_stalls())


async def _echo(turns: int) -> float:
    """The median time from a key to its echo, in seconds."""
    app = _chat(turns)
    times = []
    async with app.run_test(size=(120, 36)) as pilot:
        await wait_until(pilot, lambda: app.standing is not None, 240)
        await _settled(pilot)
        for number in range(KEYS):
            before = len(composer(app).text)
            started = time.perf_counter()
            app.post_message(events.Key("x", "x"))
            while len(composer(app).text) == before:
                await asyncio.sleep(0)
            times.append(time.perf_counter() - started)
            if number % 20 == 19:
                composer(app).load_text("")
                await pilot.pause()
    return statistics.median(times)


def echo() -> None:
    """A key in a chat of 10,000 turns, against one in an empty chat."""
    pairs = [(asyncio.run(_echo(0)), asyncio.run(_echo(10_000))) for _ in range(3)]
    empty, full = (statistics.median(pair[index] for pair in pairs) for index in (0, 1))
    print(f"key to echo: {1000 * full:.1f} ms with 10,000 turns, {1000 * empty:.1f} ms empty, ratio {full / empty:.2f}")


def leave() -> None:
    """Quitting while something large loads, against quitting a minimal app."""
    own: list[float] = []
    minimal: list[float] = []
    for _ in range(RUNS):
        for times, program, shown in ((own, LOADING, "Loading"), (minimal, MINIMAL, "Which *framework")):
            terminal = Terminal("-c", program)
            terminal.wait_for(shown)
            terminal.send("\x11")
            times.append(terminal.wait_for_end())
    ours, theirs = statistics.median(own), statistics.median(minimal)
    print(f"quitting while loading: {ours:.2f} s, minimal app {theirs:.2f} s, ratio {ours / theirs:.2f}")


BENCHMARKS = {"paint": paint, "stall": stall, "echo": echo, "quit": leave}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.update(
            TERM="xterm-256color",
            COLORTERM="truecolor",
            ADVISOR_DATA_DIR=str(Path(scratch) / "data"),
            ADVISOR_CONFIG_DIR=str(Path(scratch) / "config"),
        )
        for name in sys.argv[1:] or BENCHMARKS:
            BENCHMARKS[name]()
