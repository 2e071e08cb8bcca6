"""Text whose links can be reached by keyboard and by mouse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.widget import Widget
from textual.widgets import Static

from tui.paragraphs import Block, Paragraphs, clicked
from tui.targets import Target


class LinkedText(Static):
    """Paragraphs with links. It takes the focus only while it has links; arrows walk through them, Enter opens."""

    FOCUS_ON_CLICK = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "step(1)", "Next link", show=False),
        Binding("left,up", "step(-1)", "Previous link", show=False),
        Binding("enter,space", "open", "Open", show=False),
        Binding("delete,backspace", "withdraw", "Withdraw", show=False),
    ]

    @dataclass(eq=False, repr=False)
    class Opened(Message):
        """A link was opened, or is to be withdrawn."""

        text: LinkedText
        target: Target
        withdraw: bool = False

    @dataclass(eq=False, repr=False)
    class Pointed(Message):
        """The cursor stands on a link, or on none."""

        text: LinkedText
        target: Target | None

    @dataclass(eq=False, repr=False)
    class Passed(Message):
        """The cursor went beyond the first or the last link."""

        text: LinkedText
        direction: Literal[-1, 1]

    def __init__(self, paragraphs: Iterable[Block], classes: str | None = None) -> None:
        self._shown = Paragraphs(paragraphs)
        self._cursor: int | None = None
        self._found = ""
        super().__init__(self._shown, markup=False, classes=classes)
        self.can_focus = bool(self._shown.targets)

    def show(self, paragraphs: Iterable[Block]) -> None:
        """Replaces the text; the cursor stays on the link of its number."""
        self._shown = Paragraphs(paragraphs)
        self.can_focus = bool(self._shown.targets)
        if not self.can_focus:
            self._cursor = None
        elif self._cursor is not None:
            self._cursor = min(self._cursor, len(self._shown.targets) - 1)
        self.update(self._shown.marked(self._cursor, self._found))

    @property
    def text(self) -> str:
        """The text as it is laid out now."""
        return self._shown.at(self.content_size.width).plain

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the links open, in reading order."""
        return tuple(self._shown.targets)

    @property
    def pointed(self) -> Target | None:
        """What the cursor stands on."""
        return None if self._cursor is None else self._shown.targets[self._cursor]

    def mark(self, found: str) -> None:
        """Lets words that were looked for stand out; none with ''."""
        if found != self._found:
            self._found = found
            self.update(self._shown.marked(self._cursor, found), layout=False)

    def line_with(self, words: str) -> int:
        """The line in which words stand, from 0."""
        return self._shown.line_with(words, self.content_size.width)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, for copying."""
        return selection.extract(self.text), "\n"

    def enter(self, index: int) -> None:
        """Takes the focus with the cursor on a link; -1 is the last."""
        if self.targets:
            self._point(index % len(self.targets))
            self.focus(scroll_visible=False)

    def on_focus(self) -> None:
        """The cursor comes back."""
        if self._cursor is None and self.targets:
            self._point(0)

    def on_blur(self) -> None:
        """The cursor goes away."""
        self._point(None)

    def on_click(self, event: events.Click) -> None:
        """Opens the link under the mouse."""
        index = clicked(dict(event.style.meta))
        if index is not None and index < len(self.targets) and not self.screen.get_selected_text():
            event.stop()
            self.post_message(self.Opened(self, self.targets[index]))

    def action_step(self, direction: Literal[-1, 1]) -> None:
        """Moves the cursor by one link."""
        index = (self._cursor if self._cursor is not None else -1) + direction
        if 0 <= index < len(self.targets):
            self._point(index)
        else:
            self.post_message(self.Passed(self, direction))

    def action_open(self) -> None:
        """Opens the link at the cursor."""
        if self.pointed is not None:
            self.post_message(self.Opened(self, self.pointed))

    def action_withdraw(self) -> None:
        """Withdraws what the cursor stands on."""
        if self.pointed is not None:
            self.post_message(self.Opened(self, self.pointed, withdraw=True))

    def _point(self, index: int | None) -> None:
        if index == self._cursor:
            return
        self._cursor = index
        self.update(self._shown.marked(index, self._found), layout=False)
        self.post_message(self.Pointed(self, self.pointed))
        if index is not None and isinstance(self.parent, Widget):
            line = self._shown.line_of(index, self.content_size.width)
            region = self.virtual_region
            self.parent.scroll_to_region(Region(0, region.y + line, 1, 2), animate=False, origin_visible=False)
