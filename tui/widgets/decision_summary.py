"""The decision on one line, for terminals too narrow for the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui.text_styles import MUTED

if TYPE_CHECKING:
    from tui.chat_port import Decision, Standing


class DecisionSummary(Static):
    """Clicking it opens the decision."""

    @dataclass(eq=False, repr=False)
    class Clicked(Message):
        """The user wants to see the decision."""

    def __init__(self) -> None:
        super().__init__(Content.styled("The decision shows here when everything is loaded.", MUTED), markup=False)
        self._shown: tuple[Standing, Decision] | None = None

    def show(self, standing: Standing, decision: Decision) -> None:
        """Shows how things stand."""
        self._shown = standing, decision
        self._draw()

    def on_resize(self) -> None:
        """Fits the line to the new width."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Opens the decision."""
        event.stop()
        self.post_message(self.Clicked())

    def _draw(self) -> None:
        if self._shown is not None:
            from tui.decision_content import summary_line

            self.update(summary_line(*self._shown, self.content_size.width or 60), layout=False)
