"""Copies text and says truthfully what came of it.

On the user's own desktop the system's tool is used and asked back what it holds. Over SSH, or where there is no tool,
the text goes to the terminal, which may ignore it and never says so.
"""

from __future__ import annotations

import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_PATIENCE = 3.0
# Terminals take about 100 kB of OSC 52, and drop what is longer without a word.
_MOST_FOR_TERMINAL = 74_000


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that copies its input, written in `encoding`, and one that prints what was copied, in UTF-8."""

    copy: Sequence[str]
    paste: Sequence[str]
    encoding: str = "utf-8"


_MAC = Tool(("pbcopy",), ("pbpaste",))
_WAYLAND = Tool(("wl-copy",), ("wl-paste", "--no-newline"))
_X11 = (
    Tool(("xclip", "-selection", "clipboard"), ("xclip", "-selection", "clipboard", "-o")),
    Tool(("xsel", "--clipboard", "--input"), ("xsel", "--clipboard", "--output")),
)
# clip.exe takes what has no byte order mark for the old code page, in which PowerShell prints unless told otherwise.
_PRINT = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; Get-Clipboard -Raw"
_WINDOWS = Tool(("clip.exe",), ("powershell.exe", "-noprofile", "-command", _PRINT), encoding="utf-16")


def native_tool(environment: Mapping[str, str], find: Callable[[str], str | None] = shutil.which) -> Tool | None:
    """The tool for the clipboard that the user looks at; None when that is another machine's, or there is no tool."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return None
    tools = [_MAC]
    if environment.get("WAYLAND_DISPLAY"):
        tools.append(_WAYLAND)
    if environment.get("DISPLAY"):
        tools += _X11
    if environment.get("WSL_DISTRO_NAME") or environment.get("OS") == "Windows_NT":
        tools.append(_WINDOWS)
    return next((tool for tool in tools if find(tool.copy[0]) and find(tool.paste[0])), None)


def copied_by(tool: Tool, text: str) -> bool:
    """Copies with a tool; whether it then holds the text. May take seconds: not for the event loop."""
    try:
        subprocess.run(  # noqa: S603
            tool.copy,
            input=text.encode(tool.encoding),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        )
        held = subprocess.run(  # noqa: S603
            tool.paste,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_PATIENCE,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return False
    return _lines(held.decode(errors="replace")) == _lines(text)


def for_terminal(text: str, environment: Mapping[str, str]) -> str | None:
    """The sequence that asks the terminal to copy, through tmux or screen where one is between; None if too long."""
    encoded = b64encode(text.encode()).decode()
    if len(encoded) > _MOST_FOR_TERMINAL:
        return None
    sequence = f"\x1b]52;c;{encoded}\x07"
    if environment.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environment.get("TERM", "").startswith("screen"):
        return f"\x1bP{sequence}\x1b\\"
    return sequence


def sent_to_terminal(environment: Mapping[str, str]) -> str:
    """What to tell after the terminal was asked to copy."""
    needs = " tmux must have allow-passthrough on." if environment.get("TMUX") else ""
    return f"Sent to the terminal, which does not confirm a copy.{needs} Else select with Shift and mouse"


def _lines(text: str) -> list[str]:
    return text.rstrip("\r\n").splitlines()
