"""What was sent before, recalled with Up and Down while the unsent draft is kept."""

from __future__ import annotations

from collections.abc import Iterable


class PromptHistory:
    """Walks through sent texts. The draft is the text from which the walk started."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._entries: list[str] = []
        self._draft = ""
        self._place = 0
        for entry in entries:
            self.add(entry)

    def add(self, text: str) -> None:
        """Remembers a text (consecutive repetitions once) and ends the walk."""
        if text.strip() and (not self._entries or self._entries[-1] != text):
            self._entries.append(text)
        self.rest()

    def put_before(self, entries: Iterable[str]) -> None:
        """Remembers texts that are older than all others, as when a conversation is restored; ends the walk."""
        newer = self._entries
        self._entries = []
        for entry in (*entries, *newer):
            self.add(entry)

    def rest(self) -> None:
        """Ends the walk: the next step back starts from the newest entry."""
        self._place = len(self._entries)
        self._draft = ""

    def back(self, current: str) -> str | None:
        """The entry before the present place, or None at the oldest; `current` is the draft when the walk starts."""
        if self._place == 0:
            return None
        if self._place == len(self._entries):
            self._draft = current
        self._place -= 1
        return self._entries[self._place]

    def forward(self) -> str | None:
        """The entry after the present place, the draft after the newest, or None when not walking."""
        if self._place >= len(self._entries):
            return None
        self._place += 1
        return self._draft if self._place == len(self._entries) else self._entries[self._place]
