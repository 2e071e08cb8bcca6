"""One message of the transcript as one widget."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.selection import Selection
from textual.widgets import Static

from tui.paragraphs import BLANK, Paragraph, Paragraphs, prose
from tui.text_styles import ERROR, HEADING, MUTED

SHOWN = 3_000
"""Characters of a message of the user that the transcript shows; the record holds all of them."""

_SHOWN_LINES = 40


class Message(Static):
    """Text in paragraphs that can be selected and copied as it is laid out."""

    def __init__(self, paragraphs: Iterable[Paragraph], classes: str) -> None:
        super().__init__(Paragraphs(paragraphs), markup=False, classes=classes)

    def show(self, paragraphs: Iterable[Paragraph]) -> None:
        """Replaces the text."""
        self.update(Paragraphs(paragraphs))

    @property
    def text(self) -> str:
        """The text as it is laid out now."""
        visual = self.visual
        return visual.at(self.content_size.width).plain if isinstance(visual, Paragraphs) else ""

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, for copying."""
        return selection.extract(self.text), "\n"


class UserMessage(Message):
    """What the user sent. While `waiting`, the engine is not ready to read it."""

    def __init__(self, text: str, waiting: bool = False) -> None:
        self._text = text
        super().__init__(user_paragraphs(text, waiting), "user")
        self.set_class(waiting, "waiting")

    def settle(self) -> None:
        """It is being answered."""
        if self.has_class("waiting"):
            self.remove_class("waiting")
            self.show(user_paragraphs(self._text, waiting=False))


class Reply(Message):
    """What the advisor answered."""

    def __init__(self, paragraphs: Iterable[Paragraph]) -> None:
        super().__init__(paragraphs, "reply")


class Notice(Message):
    """What the program itself has to say: results of its commands, and what could not be done."""

    def __init__(self, title: str, text: str, is_error: bool = False) -> None:
        lead = Content.styled("! " if is_error else "", ERROR)
        heading = Content.styled(title, ERROR if is_error else HEADING)
        super().__init__([Paragraph(heading, lead), *prose(text)], "notice error" if is_error else "notice")


def user_paragraphs(text: str, waiting: bool) -> list[Paragraph]:
    """A message of the user, cut where it is too long to read on a screen."""
    lines = text[:SHOWN].split("\n")
    shown = "\n".join(lines[:_SHOWN_LINES])
    first, *rest = prose(shown)
    lead = Content.styled("You › ", HEADING)
    margin = Content(" " * lead.cell_length)
    paragraphs = [Paragraph(first.content, lead + first.lead), *(Paragraph(p.content, margin + p.lead) for p in rest)]
    remarks = []
    if len(text) > len(shown):
        remarks.append(f"… and {len(text) - len(shown):,} more characters, all of them kept.")
    if waiting:
        remarks.append("Waiting until everything is loaded.")
    return [*paragraphs, *(Paragraph(Content.styled(remark, MUTED), margin) for remark in remarks)]


class Welcome(Message):
    """What this is and what to try, at the top of a new conversation."""

    def __init__(self, question: str, with_examples: bool) -> None:
        self._introduction = [Paragraph(Content.styled(question, HEADING)), *prose(_WHAT_THIS_IS)]
        examples = [BLANK, *prose("Two ways to begin:", MUTED)] if with_examples else []
        super().__init__([*self._introduction, *examples], "welcome")

    def settle(self) -> None:
        """The examples are no longer offered."""
        self.show(self._introduction)


_WHAT_THIS_IS = (
    "Describe your project in plain words and ask whatever you want to know on the way. You get a recommendation with "
    "every reason traced back to your own words and to dated sources. Nothing leaves this computer."
)
