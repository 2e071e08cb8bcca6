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


def own_colours(dark: bool, ansi: bool) -> dict[str, str]:
    """Colours beside those of a theme: for the second option, and for what calls for caution.

    The themes' own for warnings are too pale on light backgrounds (3:1 in textual-light; 4.5:1 is readable).
    """
    if ansi:
        return {"second-option": "ansi_yellow", "caution": "ansi_yellow" if dark else "ansi_red"}
    if dark:
        return {"second-option": "#FFC473", "caution": "#FFC473"}
    return {"second-option": "#7A4A00", "caution": "#8A3B00"}
