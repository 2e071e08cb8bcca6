"""The help."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.help_content import help_paragraphs
from tui.paragraphs import Paragraphs
from tui.screens.dialog import Dialog


class HelpDialog(Dialog[None]):
    """Keys and commands. `key_of` gives the key of an action."""

    OPENED_BY = "help"
    TITLE_TEXT = "Help"
    FOOT = "Escape: close   PageDown: read on"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "cancel", "Close", show=False)]
    AUTO_FOCUS = "#help"

    def __init__(self, key_of: Callable[[str], str]) -> None:
        super().__init__()
        self._key_of = key_of

    def body(self) -> ComposeResult:
        """One text."""
        with VerticalScroll(id="help"):
            yield Static(Paragraphs(help_paragraphs(self._key_of)), markup=False)
