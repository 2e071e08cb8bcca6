"""The decision as it stands, beside the transcript or on one line above the composer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.chat_port import Decision
from tui.paragraphs import Paragraphs
from tui.text_styles import MUTED

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix

_LOADING = Content.styled("The decision shows here when everything is loaded.", MUTED)


class DecisionPanel(VerticalScroll, can_focus=False):
    """Rows, tallies and verdicts in both readings."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static(_LOADING, markup=False)

    def on_mount(self) -> None:
        """Names itself."""
        self.border_title = "Decision"

    def show(self, matrix: Matrix, decision: Decision, assumed: int) -> None:
        """Shows a matrix; `assumed` counts what-if assumptions in play."""
        from tui.decision_content import panel_paragraphs

        width = int(self.styles.width.value if self.styles.width else 0) - _FRAME
        self.query_one(Static).update(Paragraphs(panel_paragraphs(matrix, decision, width, assumed)))


# Border, padding and the scroll bar's place, in cells.
_FRAME = 5


class DecisionSummary(Static):
    """The decision on one line, for terminals too narrow for the panel."""

    def __init__(self) -> None:
        super().__init__(_LOADING, markup=False)
        self._shown: tuple[Matrix, Decision] | None = None

    def show(self, matrix: Matrix, decision: Decision) -> None:
        """Shows a matrix."""
        self._shown = matrix, decision
        self._draw()

    def on_resize(self) -> None:
        """Fits the line to the new width."""
        self._draw()

    def _draw(self) -> None:
        if self._shown is not None:
            from tui.decision_content import summary_line

            self.update(summary_line(*self._shown, self.content_size.width or 60), layout=False)
