"""One message of the transcript as one widget."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tui.paragraphs import Block
from tui.user_content import notice_paragraphs, opening_paragraphs, user_paragraphs
from tui.widgets.linked_text import LinkedText

if TYPE_CHECKING:
    from tui.targets import Chip, Words


class Message(LinkedText):
    """Text in paragraphs that can be selected and copied as it is laid out."""


class UserMessage(Message):
    """What the user sent. While `waiting`, the engine is not ready to read it; later `chips` tell what it took in."""

    def __init__(self, text: str, waiting: bool = False, turn: int | None = None, chips: Sequence[Chip] = ()) -> None:
        self._said = text
        self.turn = turn
        self._chips = tuple(chips)
        self._lit: tuple[int, int] | None = None
        self._waiting = waiting
        super().__init__(self._paragraphs(), "user")

    def settle(self) -> None:
        """It is being answered."""
        if self._waiting:
            self._waiting = False
            self.show(self._paragraphs())

    def understood(self, turn: int, chips: Sequence[Chip]) -> None:
        """It became this turn, from which this was taken in."""
        self.turn, self._chips, self._waiting = turn, tuple(chips), False
        self.show(self._paragraphs())

    def light(self, words: Words | None) -> int:
        """Lets words stand out, or none; returns their line from the top of the message."""
        lit = (words.start, words.end) if words is not None else None
        if lit != self._lit:
            self._lit = lit
            self.show(self._paragraphs())
        return 0 if lit is None else self._shown.at(self.content_size.width).plain.count("\n", 0, lit[0])

    def _paragraphs(self) -> list[Block]:
        return user_paragraphs(self._said, self._waiting, self.turn, self._chips, self._lit)


class Reply(Message):
    """What the advisor answered."""

    def __init__(self, paragraphs: Iterable[Block]) -> None:
        super().__init__(paragraphs, "reply")


class Notice(Message):
    """What the program itself has to say: results of its commands, and what could not be done."""

    def __init__(self, title: str, text: str, is_error: bool = False) -> None:
        super().__init__(notice_paragraphs(title, text, is_error), "notice error" if is_error else "notice")


class Welcome(Message):
    """What this is and what to try, at the top of a new conversation."""

    def __init__(self, question: str, with_examples: bool) -> None:
        self._question = question
        super().__init__(opening_paragraphs(question, with_examples), "welcome")

    def settle(self) -> None:
        """The examples are no longer offered."""
        self.show(opening_paragraphs(self._question, with_examples=False))
