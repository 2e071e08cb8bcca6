"""The scrolling conversation: a window on its entries, of which only those nearby are widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.geometry import Region
from textual.message import Message as Event
from textual.widget import Widget

from tui.entries import Entry, Said
from tui.widgets.linked_text import LinkedText
from tui.widgets.message import Message, UserMessage

if TYPE_CHECKING:
    from tui.targets import Words

_OPENED = 12
_STEP = 6
_KEPT = 24


class Transcript(VerticalScroll, can_focus=False):
    """Stays at its end while entries arrive, unless the user scrolled up to read.

    At most `_KEPT` entries are widgets; scrolling beyond them shows others. `below` is a widget after the last one.
    """

    @dataclass(eq=False, repr=False)
    class Continues(Event):
        """A new entry is shown from its beginning and goes on below."""

    def __init__(self, entries: Sequence[Entry] = (), below: Widget | None = None) -> None:
        self.entries: list[Entry] = list(entries)
        self._first = max(len(self.entries) - _OPENED, 0)
        self._widgets: list[Message] = [entry.widget() for entry in self.entries[self._first :]]
        self._lit: UserMessage | None = None
        # A message above which others are being mounted, its line, and the line to have at the top if it stayed there.
        self._held: tuple[Message, int, float] | None = None
        # An entry that is to be read from its beginning, or from the line with these words, once it has its place.
        self._beginning: tuple[Entry, str] | None = None
        super().__init__(*self._widgets, *([below] if below is not None else []))

    def on_mount(self) -> None:
        """Follows the size of what it holds."""
        self.watch(self, "virtual_size", self._follow_if_full, init=False)

    def on_resize(self) -> None:
        """Follows its own size."""
        self._follow_if_full()

    def update_node_styles(self, animate: bool = True) -> None:
        """Nothing here looks different by focus or hover, and restyling every message costs much."""

    # Entries -------------------------------------------------------------------------------------------------------

    @property
    def at_end(self) -> bool:
        """Whether the newest message is in view."""
        return self._shows_end and self.scroll_y >= self.max_scroll_y - 1

    @property
    def _shows_end(self) -> bool:
        return self._first + len(self._widgets) >= len(self.entries)

    def replace(self, entries: Sequence[Entry]) -> None:
        """Shows another conversation, from its end."""
        self.entries = list(entries)
        self._show_from(len(self.entries) - _OPENED)
        self.call_after_refresh(self._follow_if_full)

    def add(self, entry: Entry, after: Entry | None = None) -> None:
        """Adds an entry at the end, or right below another."""
        place = self.entries.index(after) + 1 if after in self.entries else len(self.entries)
        follows = self._shows_end
        self.entries.insert(place, entry)
        if place < self._first:
            self._first += 1
            return
        index = place - self._first
        if index > len(self._widgets) or (index == len(self._widgets) and not follows):
            return
        message = entry.widget()
        if index > 0:
            self.mount(message, after=self._widgets[index - 1])
        else:
            self.mount(message, before=0 if self.children else None)
        self._widgets.insert(index, message)
        if len(self._widgets) > _KEPT and self.is_anchored:
            self._drop_first(_STEP)

    def widget_of(self, entry: Entry) -> Message | None:
        """The view of an entry, if it is near."""
        index = self.entries.index(entry) - self._first if entry in self.entries else -1
        return self._widgets[index] if 0 <= index < len(self._widgets) else None

    def redraw(self, entry: Entry) -> None:
        """Shows an entry anew."""
        old = self.widget_of(entry)
        if old is not None:
            index = self._widgets.index(old)
            fresh = entry.widget()
            self._widgets[index] = fresh
            self.mount(fresh, before=old)
            old.remove()

    def _show_from(self, first: int) -> None:
        self._held = None
        for message in self._widgets:
            message.remove()
        self._first = max(first, 0)
        self._widgets = [entry.widget() for entry in self.entries[self._first : self._first + _OPENED]]
        self.mount_all(self._widgets, before=0 if self.children else None)

    def _drop_first(self, count: int) -> None:
        for message in self._widgets[:count]:
            message.remove()
        del self._widgets[:count]
        self._first += count

    # Scrolling -----------------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Goes to the end and stays there."""
        self._beginning = None
        if not self._shows_end:
            self._show_from(len(self.entries) - _OPENED)
            self.call_after_refresh(self.anchor)
        elif self.is_anchored:
            self.anchor()

    def page(self, direction: int) -> None:
        """Scrolls by one page, up (-1) or down (1); beyond the first or last message shown it shows more."""
        if direction < 0:
            if self.scroll_y <= self.size.height and self._first > 0:
                self._show_earlier(self.scrollable_content_region.height)
            else:
                self.scroll_page_up(animate=False)
        elif self.scroll_y >= self.max_scroll_y and not self._shows_end:
            self._show_later()
        else:
            self.scroll_page_down(animate=False)

    def action_scroll_up(self) -> None:
        """One line up, as by the wheel; shows more at the top."""
        if self.scroll_y <= 0 and self._first > 0:
            self._show_earlier()
        super().action_scroll_up()

    def _on_mouse_scroll_up(self, event: object) -> None:
        if self.scroll_y <= 1 and self._first > 0:
            self._show_earlier()
        super()._on_mouse_scroll_up(event)  # type: ignore[arg-type]  # a mouse event

    def _on_mouse_scroll_down(self, event: object) -> None:
        if self.scroll_y >= self.max_scroll_y - 1 and not self._shows_end:
            self._show_later()
        super()._on_mouse_scroll_down(event)  # type: ignore[arg-type]  # a mouse event

    def _show_earlier(self, lines: int = 0) -> None:
        """Mounts entries above and goes up by so many lines from what is being read."""
        if self._held is not None:
            return
        start = max(self._first - _STEP, 0)
        fresh = [entry.widget() for entry in self.entries[start : self._first]]
        if self._widgets:
            top = self._widgets[0]
            self._held = top, top.virtual_region.y, self.scroll_y - lines
        self.mount_all(fresh, before=0)
        # Removing as many lines below leaves the size as it was, so that its change cannot be relied on.
        self.call_next(self.call_after_refresh, self._hold)
        self._widgets = [*fresh, *self._widgets]
        self._first = start
        for message in self._widgets[_KEPT:]:
            message.remove()
        del self._widgets[_KEPT:]

    def _hold(self) -> None:
        """Scrolls to what was being read, as soon as what was mounted above it has its place."""
        if self._held is None:
            return
        top, was_at, reading = self._held
        if not top.is_attached:
            self._held = None
        elif top.virtual_region.y != was_at:
            self._held = None
            self.scroll_to(y=reading + top.virtual_region.y - was_at, animate=False, immediate=True)

    def _show_later(self) -> None:
        """Mounts entries below."""
        end = self._first + len(self._widgets)
        fresh = [entry.widget() for entry in self.entries[end : end + _STEP]]
        self.mount_all(fresh, after=self._widgets[-1])
        self._widgets += fresh
        if len(self._widgets) > _KEPT:
            self._drop_first(len(self._widgets) - _KEPT)

    def _follow_if_full(self) -> None:
        self._hold()
        self.call_after_refresh(self._begin)
        # An anchored container pushes content shorter than itself to its bottom; the first messages belong to the top.
        full = self.virtual_size.height > self.size.height
        if not full and self._first > 0:
            self._show_earlier()
        if full != self.is_anchored:
            self.anchor(full)
            if not full:
                self.scroll_home(animate=False, immediate=True)

    # Finding one's way ---------------------------------------------------------------------------------------------

    def show_entry(self, entry: Entry, words: str = "") -> None:
        """Brings an entry into view, at the line that has these words."""
        if self.widget_of(entry) is None:
            self._show_from(self.entries.index(entry) - _STEP)
        message = self.widget_of(entry)

        def show() -> None:
            if message is not None and message.is_attached:
                region = Region(0, message.virtual_region.y + message.line_with(words), 1, 1)
                self.scroll_to_region(region, animate=False, center=True, origin_visible=False, immediate=True)

        self.call_after_refresh(show)

    def begin_at(self, entry: Entry, words: str) -> None:
        """Scrolls a new entry that does not fit so that it is read from its beginning, or from the line with words."""
        self._beginning = entry, words
        self.call_next(self.call_after_refresh, self._begin)

    def _begin(self) -> None:
        if self._beginning is None or not self.is_attached:
            return
        entry, words = self._beginning
        message = self.widget_of(entry)
        if message is not None and not message.size.height:
            return  # it is laid out soon, which changes the size of all
        self._beginning = None
        if message is not None and message.is_attached and self._shows_end:
            top = message.virtual_region.y + message.line_with(words)
            if self.virtual_size.height - top > self.size.height:
                self.scroll_to(y=top, animate=False, immediate=True)
                self.post_message(self.Continues())

    def light(self, words: Words | None, scroll: bool = True) -> None:
        """Lets words of the user stand out, in view; None puts out what stood out before."""
        entry = self._said_in(words.turn) if words is not None else None
        if entry is not None and self.widget_of(entry) is None and scroll:
            self._show_from(self.entries.index(entry) - _STEP)
        message = self.widget_of(entry) if entry is not None else None
        if self._lit is not None and self._lit is not message:
            self._lit.light(None)
            self._lit = None
        if not isinstance(message, UserMessage):
            return
        self._lit = message
        lit = message

        def show() -> None:
            line = lit.light(words)
            if scroll and lit.is_attached:
                region = Region(0, lit.virtual_region.y + line, 1, 3)
                self.scroll_to_region(region, animate=False, origin_visible=False, immediate=True)

        if message.size.width:
            show()
        else:
            self.call_after_refresh(show)

    def _said_in(self, turn: int) -> Said | None:
        """The user's message of a turn."""
        said = (entry for entry in self.entries if isinstance(entry, Said))
        return next((entry for entry in said if entry.turn is not None and entry.turn.number == turn), None)

    def on_linked_text_passed(self, event: LinkedText.Passed) -> None:
        """Goes on to the links of the next message."""
        linked = [child for child in self.children if isinstance(child, Widget) and child.focusable]
        if event.text in linked:
            event.stop()
            index = linked.index(event.text) + event.direction
            if index < 0 and self._first > 0:
                self._show_earlier()
            elif 0 <= index < len(linked):
                following = linked[index]
                if isinstance(following, LinkedText):
                    following.enter(0 if event.direction > 0 else -1)
                else:
                    following.focus()
