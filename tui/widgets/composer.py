"""Where the user writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from advisor.text import clean
from tui.long_texts import LongTexts
from tui.prompt_history import PromptHistory

if TYPE_CHECKING:
    from tui.widgets.completion_list import CompletionList


class Composer(TextArea):
    """Grows with its text. Enter sends; Up and Down on the outer lines recall what was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,alt+enter,shift+enter", "newline", "New line", show=False),
    ]

    @dataclass(eq=False, repr=False)
    class Sent(Message):
        """The user sent this text."""

        text: str

    @dataclass(eq=False, repr=False)
    class Scrolled(Message):
        """The user wants to see what is one page further in the transcript."""

        direction: Literal[-1, 1]

    completions: CompletionList | None = None
    """Where completions of the text are listed."""

    def __init__(self) -> None:
        super().__init__(
            compact=True, highlight_cursor_line=False, placeholder="Tell me about your project, or ask a question"
        )
        self._sent = PromptHistory()
        self._long_texts = LongTexts()

    def remember(self, texts: Iterable[str]) -> None:
        """Makes older texts recallable."""
        self._sent.put_before(texts)

    def insert_text(self, text: str) -> None:
        """Inserts text from outside at the cursor: cleaned, and folded to a label when it is very long."""
        if result := self._replace_via_keyboard(self._long_texts.fold(clean(text)), *self.selection):
            self.move_cursor(result.end_location)

    def put_aside(self) -> None:
        """Empties the composer; what was in it can be recalled."""
        self._sent.add(self._long_texts.unfold(self.text))
        self._empty()

    def action_newline(self) -> None:
        """Starts a new line."""
        self.insert("\n")

    def action_cursor_up(self, select: bool = False) -> None:
        """On the first line recalls the text sent before, elsewhere moves up."""
        if select or self._row() > 0:
            super().action_cursor_up(select)
        else:
            self._recall(self._sent.back(self._long_texts.unfold(self.text)))

    def action_cursor_down(self, select: bool = False) -> None:
        """On the last line recalls the text sent after, elsewhere moves down."""
        if select or self._row() < self.wrapped_document.height - 1:
            super().action_cursor_down(select)
        else:
            self._recall(self._sent.forward())

    def action_cursor_page_up(self) -> None:
        """Scrolls the transcript, for the composer is never longer than the screen."""
        self.post_message(self.Scrolled(-1))

    def action_cursor_page_down(self) -> None:
        """Scrolls the transcript."""
        self.post_message(self.Scrolled(1))

    def _on_key(self, event: events.Key) -> None:  # type: ignore[override]  # the base handler runs after this one
        if self._complete(event.key):
            event.stop()
            event.prevent_default()
        elif event.key == "enter":
            event.stop()
            event.prevent_default()
            self._send()

    def _complete(self, key: str) -> bool:
        """Whether the key was for the list of completions; arrows and Enter are only while a command is typed."""
        listed = self.completions
        if listed is None or listed.chosen is None:
            return False
        command = self.text.startswith("/")
        if key == "tab":
            self.fill(listed.chosen.text)
        elif key == "escape":
            listed.dismiss(self.text)
        elif command and key in ("up", "down"):
            listed.move(1 if key == "down" else -1)
        elif command and key == "enter" and not self.text.endswith(" ") and listed.chosen.text.strip() != self.text:
            chosen = listed.chosen
            self.fill(chosen.text)
            if chosen.sends and not chosen.text.endswith(" "):
                self._send()
        else:
            return False
        return True

    def fill(self, text: str) -> None:
        """Writes a text instead of what is there."""
        self.load_text(self._long_texts.fold(clean(text)))
        self.move_cursor(self.document.end)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_text(event.text)

    def _send(self) -> None:
        text = clean(self._long_texts.unfold(self.text))
        if not text.strip():
            return
        self._sent.add(text)
        self._empty()
        self.post_message(self.Sent(text))

    def _recall(self, text: str | None) -> None:
        if text is not None:
            self.fill(text)

    def _empty(self) -> None:
        self._long_texts.clear()
        self.load_text("")

    def _row(self) -> int:
        """The cursor's line as it is wrapped, from 0."""
        return self.wrapped_document.location_to_offset(self.cursor_location).y
