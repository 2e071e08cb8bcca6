"""Goes back to an earlier message, to say it differently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList, Static

from advisor.text import shorten
from tui.paragraphs import Paragraphs, prose
from tui.screens.dialog import Dialog, PlainOptions
from tui.text_styles import MUTED

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn

_LIMIT = 200
_WHAT_HAPPENS = (
    "Choose the message to say differently. A new conversation begins with what came before it; this one stays stored."
)


class RewindDialog(Dialog[int]):
    """The user's messages, the latest first. Its result is the number of a turn."""

    TITLE_TEXT = "Go back"
    FOOT = "Enter: go back to before this message   Escape: close"

    def __init__(self, turns: Sequence[Turn]) -> None:
        super().__init__()
        self._turns = tuple(reversed(turns))

    def body(self) -> ComposeResult:
        """What will happen, then the messages."""
        yield Static(Paragraphs(prose(_WHAT_HAPPENS)), markup=False)
        labels = [
            Content.assemble((f"{turn.number}. ", MUTED), shorten(turn.utterance, _LIMIT)) for turn in self._turns
        ]
        yield PlainOptions(*labels)

    def on_mount(self) -> None:
        """The latest message is the one most often meant."""
        self.query_one(PlainOptions).focus()
        self.query_one(PlainOptions).highlighted = 0 if self._turns else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Goes back."""
        event.stop()
        self.dismiss(self._turns[event.option_index].number)
