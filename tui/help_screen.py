"""The help screen."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.help_content import help_paragraphs
from tui.paragraphs import Paragraphs


class HelpScreen(ModalScreen[None]):
    """Keys and commands; Escape or F1 closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,q", "dismiss", "Close")]
    AUTO_FOCUS = "#help-scroll"

    def compose(self) -> ComposeResult:
        """The text and how to close it."""
        with Vertical(id="help-box"):
            with VerticalScroll(id="help-scroll"):
                yield Static(Paragraphs(help_paragraphs()))
            yield Static(Content("Escape closes this; PageDown scrolls"), id="help-foot")
