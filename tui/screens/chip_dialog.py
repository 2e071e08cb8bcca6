"""Corrects or withdraws one thing that was understood."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from advisor.text import shorten
from tui.chat_port import Attribute
from tui.paragraphs import Paragraph, Paragraphs
from tui.screens.dialog import Dialog, PlainOptions
from tui.targets import Chip
from tui.text_styles import MUTED, QUOTE, STRONG

_QUOTE_LIMIT = 200


class ChipDialog(Dialog[str]):
    """The values that an attribute can have. Its result is what to send to the advisor."""

    FOOT = "Enter: choose   Escape: leave as it is"

    def __init__(self, chip: Chip, attribute: Attribute) -> None:
        super().__init__()
        self._chip = chip
        self._labels = list(attribute.values.values())
        self._current = attribute.values.get(chip.value)

    def title_text(self) -> str:
        """What it is about."""
        return self._chip.title

    def body(self) -> ComposeResult:
        """The evidence, then what can be chosen."""
        how = "understood from" if self._chip.counted else "noticed, but not counted, in"
        quote = Content.styled(f"“{shorten(self._chip.quote, _QUOTE_LIMIT)}”", QUOTE)
        yield Static(Paragraphs([Paragraph(quote, Content.styled(f"{how} ", MUTED))]), markup=False)
        options = [
            Content.assemble(("● " if label == self._current else "○ ", STRONG), label) for label in self._labels
        ]
        withdraw = (
            [Content.assemble(("x ", STRONG), "none of these: make it unknown again")] if self._chip.counted else []
        )
        yield PlainOptions(*options, *withdraw)

    def on_mount(self) -> None:
        """The cursor begins at what holds now."""
        options = self.query_one(PlainOptions)
        options.highlighted = self._labels.index(self._current) if self._current in self._labels else 0
        options.focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Sends the choice, unless it holds already."""
        event.stop()
        if event.option_index >= len(self._labels):
            self.dismiss(f"/withdraw {self._chip.title}")
        elif self._labels[event.option_index] == self._current and self._chip.counted:
            self.dismiss(None)
        else:
            self.dismiss(f"/set {self._chip.title}: {self._labels[event.option_index]}")
