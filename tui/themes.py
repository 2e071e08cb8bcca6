"""Which colours suit the terminal."""

from __future__ import annotations

from collections.abc import Container, Mapping

_FEW_COLOURS = ("standard", "windows")


def fitting_theme(
    chosen: str | None, known: Container[str], colours: str | None, environment: Mapping[str, str]
) -> str | None:
    """The user's theme; without one, the terminal's own colours where it has few. None: leave it as it is.

    `colours`: how many the terminal has, as rich names it.
    """
    if chosen is not None and chosen in known:
        return chosen
    light = environment.get("COLORFGBG", "").rpartition(";")[2] in ("7", "15")
    if colours in _FEW_COLOURS:
        return "ansi-light" if light else "ansi-dark"
    return "textual-light" if light and "TEXTUAL_THEME" not in environment else None
