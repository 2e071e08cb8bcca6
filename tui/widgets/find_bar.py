"""Searches the conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from advisor.text import clean
from tui.entries import Entry

_AT_ONCE = 200


class FindBar(Horizontal):
    """Words to look for, and how many messages have them. Enter and Up go to older ones, Down to newer ones."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close", show=False),
        Binding("up", "step(-1)", "Older", show=False),
        Binding("down", "step(1)", "Newer", show=False),
    ]

    @dataclass
    class Found(Message):
        """Go to this entry, in which the words stand; None: there is none, or the search is over."""

        entry: Entry | None
        words: str

    @dataclass
    class Left(Message):
        """The search is over."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: Sequence[Entry] = ()
        self._hits: list[Entry] = []
        self._place = 0
        self._field = Input(compact=True, placeholder="words in this conversation")
        self._field.cursor_blink = False
        self._count = Static(id="found", markup=False)

    def compose(self) -> ComposeResult:
        """What to find, and what was found."""
        yield Static(Content("Find"), classes="label", markup=False)
        yield self._field
        yield self._count

    def open(self, entries: Sequence[Entry], words: str = "") -> None:
        """Starts a search."""
        self._entries = entries
        self.display = True
        self._field.value = clean(words)
        self._field.focus()
        self._search(self._field.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._search(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_step(-1)

    def action_step(self, step: int) -> None:
        """Goes to an older (-1) or a newer (1) hit."""
        if self._hits:
            self._place = (self._place + step) % len(self._hits)
            self._show()

    def action_leave(self) -> None:
        """Ends the search."""
        self.display = False
        self._hits = []
        self.post_message(self.Left())

    @work(exclusive=True, group="find")
    async def _search(self, words: str) -> None:
        """Looks through all entries, a part at a time so that typing goes on."""
        wanted = " ".join(words.split()).casefold()
        hits: list[Entry] = []
        for number, entry in enumerate(self._entries):
            if wanted and entry.has(wanted):
                hits.append(entry)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        self._hits, self._place = hits, len(hits) - 1
        self._show()

    def _show(self) -> None:
        words = self._field.value.strip()
        if self._hits:
            text = f"{self._place + 1} of {len(self._hits)}  Enter: older  Escape: close"
        else:
            text = "not found" if words else "Escape: close"
        self._count.update(Content(text))
        self.post_message(self.Found(self._hits[self._place] if self._hits else None, words))
