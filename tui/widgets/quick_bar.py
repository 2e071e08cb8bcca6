"""What one key does now, on one line above the composer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.content import Content

from tui.paragraphs import Block, Flow, Paragraph
from tui.targets import Act, link
from tui.text_styles import MUTED, STRONG
from tui.widgets.linked_text import LinkedText


class QuickBar(LinkedText, can_focus=False):
    """Actions with their keys; each can also be clicked. `key_of` gives the key of an action for display."""

    ALLOW_SELECT = False

    def __init__(self, key_of: Callable[[str], str]) -> None:
        super().__init__(())
        self._key_of = key_of
        self.display = False

    def offer(self, actions: Sequence[tuple[str, str]], hint: str = "") -> None:
        """Shows actions by name and wording, or a hint while there are none."""
        parts = [
            link(Content.assemble((self._key_of(name), STRONG), " ", (wording, MUTED)), Act(name))
            for name, wording in actions
        ]
        lines: list[Block] = [Flow(tuple(parts), between=3)] if parts else []
        lines += [Paragraph(Content.styled(hint, MUTED))] if hint else []
        self.display = bool(lines)
        self.show(lines)
        self.can_focus = False
