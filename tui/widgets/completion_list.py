"""Completions in an overlay above the composer, so that the transcript does not move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.completion import Completion
from tui.text_styles import MUTED, STRONG
from tui.widgets.options import Options

_MOST_LINES = 8


class CompletionList(Options, can_focus=False):
    """What could complete the text; the composer keeps the focus."""

    @dataclass
    class Chosen(Message):
        """A completion was clicked."""

        completion: Completion

    def __init__(self) -> None:
        super().__init__(compact=True, markup=False)
        self._found: tuple[Completion, ...] = ()
        self._dismissed = ""
        self.display = False

    @property
    def chosen(self) -> Completion | None:
        """The completion that stands out."""
        return self._found[self.highlighted] if self.display and self.highlighted is not None else None

    def offer(self, typed: str, found: Sequence[Completion]) -> None:
        """Lists completions of what was typed; the first one stands out."""
        if typed != self._dismissed:
            self._dismissed = ""
        shown = tuple(found) if not self._dismissed else ()
        if shown != self._found:
            self._found = shown
            self.clear_options()
            self.add_options([_option(completion) for completion in shown])
        self.display = bool(shown)
        if shown:
            self.highlighted = 0
            self.styles.height = height = min(len(shown), _MOST_LINES)
            self.styles.offset = (0, -height)

    def move(self, step: int) -> None:
        """Lets another completion stand out."""
        if self._found and self.highlighted is not None:
            self.highlighted = (self.highlighted + step) % len(self._found)

    def dismiss(self, typed: str) -> None:
        """Lists nothing for this text any more."""
        self._dismissed = typed
        self.display = False

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.post_message(self.Chosen(self._found[event.option_index]))


def _option(completion: Completion) -> Option:
    return Option(Content.assemble((completion.label, STRONG), "  ", (completion.detail, MUTED)))
