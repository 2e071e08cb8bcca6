"""The conversation as a list of plain entries: what the transcript shows a part of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.text import clean

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn
    from tui.widgets.message import Message

# Blocks that nobody asked for, or that say little: they can stand above the view when a question follows.
_UNASKED = frozenset({"understood", "set_aside", "matrix", "note", "question", "choices", "no_answer", "rejected"})


@dataclass(eq=False)
class Said:
    """A message of the user, with the turn that it became. `waiting`: the engine is not ready to read it."""

    text: str
    waiting: bool = False
    turn: Turn | None = None

    def widget(self) -> Message:
        """A view of it."""
        from tui.widgets.message import UserMessage

        if self.turn is None:
            return UserMessage(self.text, self.waiting)
        from tui.block_content import chips_of

        return UserMessage(self.text, turn=self.turn.number, chips=chips_of(self.turn))

    @property
    def plain(self) -> str:
        """It as plain text."""
        return self.text

    def has(self, words: str) -> bool:
        """Whether words (in lower case) stand in it."""
        return words in self.text.casefold()


@dataclass(eq=False)
class Replied:
    """The reply of a turn. `open_choices`: what can be picked is offered below it."""

    turn: Turn
    say: Callable[[str], str]
    open_choices: bool = False
    _plain: str = ""
    _shown: str = ""

    def widget(self) -> Message:
        """A view of it."""
        from tui.block_content import reply_paragraphs
        from tui.widgets.message import Reply

        return Reply(reply_paragraphs(self.turn, self.say, self.open_choices))

    @property
    def read_from(self) -> str | None:
        """The words from which it is best read where it does not fit on the screen: a verdict's, or '' for its
        beginning, where what was asked for is answered. None: from its end, where a question stands.
        """
        for block in self.turn.blocks:
            if block.kind == "verdict":
                return block.headline
            if block.kind not in _UNASKED:
                return ""
        return None if any(block.kind == "question" for block in self.turn.blocks) else ""

    @property
    def plain(self) -> str:
        """It as plain text."""
        if not self._plain:
            from advisor.conversation.rendering import plain_text

            self._plain = plain_text(self.turn.blocks, self.say)
        return self._plain

    def has(self, words: str) -> bool:
        """Whether words (in lower case) stand in what is shown. The quick look spares drawing most replies."""
        if words not in self.plain.casefold():
            return False
        if not self._shown:
            from tui.block_content import reply_paragraphs

            drawn = reply_paragraphs(self.turn, self.say, open_choices=False)
            self._shown = "\n".join(part.lead.plain + part.content.plain for part in drawn).casefold()
        return words in self._shown


@dataclass(eq=False)
class Noticed:
    """What the program itself had to say."""

    title: str
    text: str
    is_error: bool = False

    def widget(self) -> Message:
        """A view of it."""
        from tui.widgets.message import Notice

        return Notice(self.title, clean(self.text), self.is_error)

    @property
    def plain(self) -> str:
        """It as plain text."""
        return f"{self.title}\n{self.text}"

    def has(self, words: str) -> bool:
        """Whether words (in lower case) stand in it."""
        return words in self.plain.casefold()


@dataclass(eq=False)
class Opening:
    """What a new conversation begins with."""

    question: str
    with_examples: bool

    def widget(self) -> Message:
        """A view of it."""
        from tui.widgets.message import Welcome

        return Welcome(self.question, self.with_examples)

    def has(self, words: str) -> bool:
        """Whether words (in lower case) stand in it."""
        return words in self.question.casefold()


Entry = Said | Replied | Noticed | Opening
