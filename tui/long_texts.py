"""Stands a short label in the composer for a text too long to edit there, so that a large paste costs nothing."""

from __future__ import annotations

import re

EDITABLE = 4_000
"""Characters that the composer shows; a longer text is held and named by its label."""


class LongTexts:
    """The held texts by label."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """The text itself, or its label when it is too long to edit."""
        if len(text) <= EDITABLE:
            return text
        label = f"[pasted text {len(self._held) + 1}: {len(text):,} characters]"
        self._held[label] = text
        return label

    def unfold(self, shown: str) -> str:
        """What was typed, with every label replaced by the text that it stands for."""
        if not self._held:
            return shown
        labels = re.compile("|".join(map(re.escape, self._held)))
        return labels.sub(lambda found: self._held[found[0]], shown)

    def clear(self) -> None:
        """Lets go of all held texts."""
        self._held.clear()
