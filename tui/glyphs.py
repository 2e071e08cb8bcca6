"""Plain characters for terminals that cannot show others: every painted line passes through here."""

from __future__ import annotations

import locale
import re
from collections.abc import Mapping
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

# One cell for one cell, so that nothing moves.
_REPLACEMENTS = {
    "*": "•●",
    ">": "→►▶▸›",
    "<": "‹",
    '"': "“”",
    "'": "‘’",
    "~": "…",
    "`": "└├",
    "|": "│┃║▌▐▎▊▏▕▍▋▉",
    "-": "─━═▔▁–—",
    "+": "╭╮╰╯┌┐┘┏┓┗┛╔╗╚╝",
    "#": "█▓▇▆▅▄▃▂▀",
    ".": "░▒·",
    "o": "○",
    "x": "×",
    " ": "\u00a0",
}
_PLAIN = {ord(fancy): plain for plain, several in _REPLACEMENTS.items() for fancy in several}

_OTHERS = re.compile(r"[^\x00-\x7f]+")


def wants_ascii(setting: str, environment: Mapping[str, str]) -> bool:
    """Whether to use plain characters only: as set, or else as the terminal and the locale suggest."""
    if setting != "auto":
        return setting == "ascii"
    if environment.get("TERM", "") in ("linux", "vt100", "vt220", "ansi"):
        return True
    return "utf" not in (locale.getpreferredencoding(False) or "").lower()


class PlainGlyphs(LineFilter):
    """Replaces what is no ASCII character by one that is, or by question marks of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """Part of LineFilter."""
        return [Segment(plain(text), style, control) for text, style, control in segments]


@lru_cache(4096)
def plain(text: str) -> str:
    """The text in ASCII, as wide as before."""
    if text.isascii():
        return text
    return _OTHERS.sub(lambda run: "?" * cell_len(run[0]), text.translate(_PLAIN))
