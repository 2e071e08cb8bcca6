"""Copying by each desktop's own programs, which stand here as scripts that write down what they were given."""

from __future__ import annotations

import os
import sys
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.driving import screen_text, wait_until
from tests.tui.samples import FakeChat, loading
from tui import clipboard
from tui.app import AdvisorApp

TEXT = "déjà [/]\nvu \U0001f469\u200d\U0001f680"
POSIX = pytest.mark.skipif(os.name != "posix", reason="the stand-ins are shell scripts")

Desktop = Callable[..., Path]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desktop:
    """Puts stand-ins on the path, and nothing else; tells where they keep what they were given."""
    programs = tmp_path / "programs"
    programs.mkdir()
    kept, called = tmp_path / "kept", tmp_path / "called"

    def have(*names: str, copies: str = "cat >", prints: str = "cat") -> Path:
        for name in names:
            script = programs / name
            script.write_text(
                f'#!/bin/sh\nPATH=/usr/bin:/bin\necho "{name} $*" >> "{called}"\n'
                f'case "{name} $*" in\n'
                f'  powershell*) iconv -f utf-16 -t utf-8 "{kept}" ;;\n'
                f'  *paste*|*" -o"|*--output) {prints} "{kept}" ;;\n'
                f'  *) {copies} "{kept}" ;;\n'
                "esac\n"
            )
            script.chmod(0o755)
        monkeypatch.setenv("PATH", str(programs))
        return kept

    return have


def calls(kept: Path) -> list[str]:
    return (kept.parent / "called").read_text().splitlines()


# Which program ------------------------------------------------------------------------------------------------------

WAYLAND, X11, WSL = {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, {"DISPLAY": ":0"}, {"WSL_DISTRO_NAME": "Debian"}
DESKTOPS = [
    pytest.param({}, ("pbcopy", "pbpaste"), ["pbcopy ", "pbpaste "], id="macOS"),
    pytest.param(WAYLAND, ("wl-copy", "wl-paste", "xclip"), ["wl-copy ", "wl-paste --no-newline"], id="Wayland"),
    pytest.param(WAYLAND, ("xsel",), ["xsel --clipboard --input", "xsel --clipboard --output"], id="XWayland"),
    pytest.param(
        X11,
        ("xclip", "xsel"),
        ["xclip -selection clipboard", "xclip -selection clipboard -o"],
        id="X11",
    ),
    pytest.param(
        WSL,
        ("clip.exe", "powershell.exe"),
        ["clip.exe ", "powershell.exe -noprofile -command " + clipboard._PRINT],
        id="WSL",
    ),
]


@POSIX
@pytest.mark.parametrize(("environment", "programs", "expected"), DESKTOPS)
def test_the_program_of_each_desktop_gets_the_text(
    environment: dict[str, str], programs: tuple[str, ...], expected: list[str], desktop: Desktop
) -> None:
    kept = desktop(*programs)
    tool = clipboard.native_tool(environment)
    assert tool is not None
    assert clipboard.copied_by(tool, TEXT)
    assert kept.read_bytes() == TEXT.encode(tool.encoding)
    assert calls(kept) == expected


@POSIX
@pytest.mark.parametrize(
    ("environment", "programs"),
    [
        ({}, ("xclip", "wl-copy", "wl-paste", "clip.exe", "powershell.exe")),
        (WAYLAND, ("wl-copy",)),
        (WSL, ("clip.exe",)),
        ({**X11, "SSH_TTY": "/dev/pts/0"}, ("xclip",)),
        ({"SSH_CONNECTION": "a b"}, ("pbcopy", "pbpaste")),
    ],
)
def test_where_no_program_helps(environment: dict[str, str], programs: tuple[str, ...], desktop: Desktop) -> None:
    desktop(*programs)
    assert clipboard.native_tool(environment) is None


# What came of it ----------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize(
    "fault",
    [{"copies": "exit 1 #"}, {"prints": "exit 1 #"}, {"copies": "cat > /dev/null; echo other >"}, {"prints": "wc -c"}],
)
def test_a_program_that_fails_or_holds_something_else_did_not_copy(fault: dict[str, str], desktop: Desktop) -> None:
    desktop("xclip", **fault)
    tool = clipboard.native_tool(X11)
    assert tool is not None
    assert not clipboard.copied_by(tool, TEXT)


def test_a_program_that_hangs_or_is_gone_did_not_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clipboard, "_PATIENCE", 0.1)
    hanging = (sys.executable, "-c", "import time; time.sleep(60)")
    assert not clipboard.copied_by(clipboard.Tool(hanging, hanging), TEXT)
    assert not clipboard.copied_by(clipboard.Tool(("no-such-program",), ("true",)), TEXT)


def test_lines_may_end_as_windows_ends_them() -> None:
    held = (sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'one\\r\\ntwo\\r\\n')")
    swallow = (sys.executable, "-c", "import sys; sys.stdin.read()")
    assert clipboard.copied_by(clipboard.Tool(swallow, held), "one\ntwo")
    assert not clipboard.copied_by(clipboard.Tool(swallow, held), "one\nthree")


@POSIX
@pytest.mark.parametrize(
    ("programs", "fault", "told"),
    [
        (("xclip",), {}, "Copied, 7 characters"),
        (("xclip",), {"copies": "exit 1 #"}, "Sent to the terminal"),
        ((), {}, "Sent to the terminal"),
    ],
)
async def test_the_chat_tells_what_came_of_it(
    programs: tuple[str, ...], fault: dict[str, str], told: str, desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = desktop(*programs, **fault)
    app = AdvisorApp(loading(FakeChat()), environment=X11)
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: app.decision is not None)
        with monkeypatch.context() as patch:  # as if somebody saw it
            patch.setattr(AdvisorApp, "is_headless", False)
            app.copy("copy me")
        await wait_until(pilot, lambda: told in screen_text(app))
    assert (kept.exists() and kept.read_text() == "copy me") is told.startswith("Copied")


# By way of the terminal ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "before", "after"),
    [
        ({"SSH_TTY": "/dev/pts/0", "TERM": "xterm-256color"}, "\x1b]52;c;", "\x07"),
        ({"TMUX": "x", "TERM": "screen"}, "\x1bPtmux;\x1b\x1b]52;c;", "\x07\x1b\\"),
        ({"TERM": "screen-256color"}, "\x1bP\x1b]52;c;", "\x07\x1b\\"),
    ],
)
def test_what_goes_to_the_terminal(environment: dict[str, str], before: str, after: str) -> None:
    encoded = b64encode(TEXT.encode()).decode()
    assert clipboard.for_terminal(TEXT, environment) == before + encoded + after


def test_what_is_told_of_the_terminal() -> None:
    assert clipboard.for_terminal("x" * 100_000, {}) is None
    assert "allow-passthrough" in clipboard.sent_to_terminal({"TMUX": "x"})
    assert "does not confirm" in clipboard.sent_to_terminal({})


async def test_a_text_too_long_for_the_terminal_is_not_said_to_be_copied() -> None:
    app = AdvisorApp(loading(FakeChat()), environment={})
    async with app.run_test(size=(120, 30)) as pilot:
        await wait_until(pilot, lambda: app.decision is not None)
        app.copy("x" * 100_000)
        await wait_until(pilot, lambda: "Too long for the terminal" in screen_text(app))
