"""What can be picked now, by number, by mouse or by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.paragraphs import Paragraph, Paragraphs
from tui.text_styles import STRONG
from tui.widgets.options import Options


@dataclass(frozen=True, slots=True)
class Pick:
    """Something to pick: how it is shown, and what is sent for it. `number`: typing this picks it too."""

    label: str
    sends: str
    number: int | None = None


class ChoiceList(Options):
    """Picks, and headings between them. Typing a number picks; typing anything else goes on in the composer."""

    @dataclass(eq=False, repr=False)
    class Picked(Message):
        """The user picked this."""

        choices: ChoiceList
        pick: Pick

    @dataclass(eq=False, repr=False)
    class Typed(Message):
        """The user typed text that belongs into the composer."""

        text: str

    def __init__(self, entries: Sequence[Pick | str]) -> None:
        self._entries = tuple(entries)
        super().__init__(*map(_option, entries), compact=True, markup=False)

    def pick_of(self, typed: str) -> Pick | None:
        """The pick of a number."""
        picks = (entry for entry in self._entries if isinstance(entry, Pick))
        return next((pick for pick in picks if pick.number is not None and str(pick.number) == typed), None)

    def on_mount(self) -> None:
        """Nothing is highlighted until the list has the focus."""
        self.highlighted = None

    def on_focus(self) -> None:
        """Highlights the first pick."""
        if self.highlighted is None:
            self.highlighted = 0

    def on_blur(self) -> None:
        """Highlights nothing."""
        self.highlighted = None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or click."""
        event.stop()
        entry = self._entries[event.option_index]
        if isinstance(entry, Pick):
            self.post_message(self.Picked(self, entry))

    def on_key(self, event: events.Key) -> None:
        """A number picks; other text is passed on."""
        if not event.is_printable or event.character is None:
            return
        event.stop()
        event.prevent_default()
        pick = self.pick_of(event.character)
        if pick is not None:
            self.post_message(self.Picked(self, pick))
            return
        self.post_message(self.Typed(event.character))


def _option(entry: Pick | str) -> Option:
    if isinstance(entry, str):
        return Option(Content(entry), disabled=True)
    mark = "•" if entry.number is None else f"{entry.number}."
    return Option(Paragraphs([Paragraph(Content(entry.label), Content.styled(f"{mark} ", STRONG))]))
