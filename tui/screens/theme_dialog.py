"""Chooses the colours; what stands out is shown at once."""

from __future__ import annotations

from collections.abc import Iterable

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from tui.screens.dialog import Dialog, PlainOptions
from tui.text_styles import MUTED

_REMARKS = {"ansi-dark": "the terminal's own colours, dark", "ansi-light": "the terminal's own colours, light"}


class ThemeDialog(Dialog[str]):
    """The names of the themes. Escape brings back the one before."""

    OPENED_BY = "theme"
    TITLE_TEXT = "Colours"
    FOOT = "Up, Down: look   Enter: keep   Escape: as before"

    def __init__(self, themes: Iterable[str], current: str) -> None:
        super().__init__()
        self._themes = sorted(themes, key=lambda name: (name not in _REMARKS, name))
        self._before = current

    def body(self) -> ComposeResult:
        """The terminal's own colours first."""
        yield PlainOptions(*(Content.assemble(name, (f"  {_REMARKS.get(name, '')}", MUTED)) for name in self._themes))

    def on_mount(self) -> None:
        """Begins with the present theme."""
        options = self.query_one(PlainOptions)
        options.focus()
        options.highlighted = self._themes.index(self._before) if self._before in self._themes else 0

    @on(OptionList.OptionHighlighted)
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.app.theme = self._themes[event.option_index]

    @on(OptionList.OptionSelected)
    def _keep(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._themes[event.option_index])

    def action_cancel(self) -> None:
        """As before."""
        self.app.theme = self._before
        self.dismiss(None)
