"""The stored conversations: go on with one, rename it, delete it and bring it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList

from advisor.text import clean, shorten
from tui.chat_port import ChatPort, StoredSession
from tui.screens.dialog import Dialog, PlainOptions, option
from tui.text_styles import MUTED, STRONG

Ask = Callable[[Callable[[ChatPort], Any], Callable[[Any], None], Callable[[str], None]], None]
_TITLE_LIMIT = 120
_KEYS = "Enter: go on   Ctrl+N: new   Ctrl+R: rename   Ctrl+D: delete   Ctrl+Z: undo delete"


class SessionsDialog(Dialog[str]):
    """A list that typing filters. Its result is the id to go on with, '' for a new conversation."""

    OPENED_BY = "sessions"
    TITLE_TEXT = "Conversations"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
        Binding("ctrl+n", "new", "New", show=False, priority=True),
        Binding("ctrl+r", "rename", "Rename", show=False, priority=True),
        Binding("ctrl+d", "delete", "Delete", show=False, priority=True),
        Binding("ctrl+z", "restore", "Undo", show=False, priority=True),
    ]

    def __init__(self, ask: Ask, current: str | None, search: str = "") -> None:
        super().__init__()
        self._ask = ask
        self._current = current
        self._search = clean(search)
        self._found: Sequence[StoredSession] = ()
        self._deleted: list[str] = []
        self._renaming: str | None = None

    def body(self) -> ComposeResult:
        """The filter and the list."""
        yield Input(self._search, placeholder="type words of the title or of what was said", compact=True)
        yield PlainOptions()

    def on_mount(self) -> None:
        """Lists everything."""
        self.query_one(Input).cursor_blink = False
        self.query_one(Input).focus()
        self._keys()
        self._list()

    def _keys(self, remark: str = "") -> None:
        self.tell(f"{remark}   {_KEYS}".strip())

    def _list(self) -> None:
        words = self._search
        self._ask(lambda chat: chat.sessions(words), self._listed, self.tell)

    def _listed(self, found: Sequence[StoredSession]) -> None:
        if not self.is_attached:
            return
        self._found = found
        options = self.query_one(PlainOptions)
        place = options.highlighted or 0
        options.clear_options()
        options.add_options([option(self._label(session)) for session in found])
        options.highlighted = min(place, len(found) - 1) if found else None
        if not found:
            self._keys("None matches." if self._search else "None is stored yet.")

    def _label(self, session: StoredSession) -> Content:
        count = f"{session.turns} {'message' if session.turns == 1 else 'messages'}"
        here = ", this one" if session.id == self._current else ""
        title = shorten(clean(session.title), _TITLE_LIMIT) or "untitled"
        return Content.assemble(
            (title, STRONG), (f"\n{session.updated:%Y-%m-%d %H:%M}, {count}, {session.id}{here}", MUTED)
        )

    @property
    def _chosen(self) -> StoredSession | None:
        place = self.query_one(PlainOptions).highlighted
        return self._found[place] if place is not None and place < len(self._found) else None

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        if self._renaming is None and event.value != self._search:
            self._search = clean(event.value)
            self._list()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._renaming is None:
            self._go_on()
            return
        session, title = self._renaming, clean(event.value).strip()
        self._leave_renaming()
        if title:
            self._ask(lambda chat: chat.rename(session, title), lambda _: self._changed("Renamed."), self.tell)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._go_on()

    def _go_on(self) -> None:
        if self._chosen is not None:
            self.dismiss(self._chosen.id)

    def _changed(self, remark: str) -> None:
        if self.is_attached:
            self._keys(remark)
            self._list()

    def action_move(self, step: int) -> None:
        """Moves through the list while the cursor stays in the filter."""
        options = self.query_one(PlainOptions)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_new(self) -> None:
        """Begins a new conversation."""
        self.dismiss("")

    def action_rename(self) -> None:
        """Asks for another title."""
        if self._chosen is None:
            return
        self._renaming = self._chosen.id
        field = self.query_one(Input)
        field.value = self._chosen.title
        field.focus()
        self.tell("Write the new title.   Enter: rename   Escape: keep the old one")

    def _leave_renaming(self) -> None:
        self._renaming = None
        self.query_one(Input).value = self._search
        self._keys()

    def action_delete(self) -> None:
        """Deletes at once, because it can be undone."""
        session = self._chosen
        if session is None:
            return
        if session.id == self._current:
            self._keys("This conversation is open; go on with another one first.")
            return

        def deleted(_: object) -> None:
            self._deleted.append(session.id)
            self._changed("Deleted; Ctrl+Z brings it back.")

        self._ask(lambda chat: chat.delete(session.id), deleted, self.tell)

    def action_restore(self) -> None:
        """Brings back what was deleted last."""
        if self._deleted:
            last = self._deleted.pop()
            self._ask(lambda chat: chat.restore(last), lambda _: self._changed("Brought back."), self.tell)

    def action_cancel(self) -> None:
        """Leaves renaming, or the dialog."""
        if self._renaming is not None:
            self._leave_renaming()
        else:
            self.dismiss(None)
