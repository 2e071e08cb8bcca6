"""The decision in a box of its own, where there is no room beside the conversation."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from tui.chat_port import Decision, Standing
from tui.screens.dialog import Dialog
from tui.targets import Row, Source, Target
from tui.widgets.decision_browser import AskRow, DecisionBrowser
from tui.widgets.linked_text import LinkedText


class DecisionDialog(Dialog[Target]):
    """A walk through the decision. Its result is what has to be shown or said outside it."""

    OPENED_BY = "decision"
    TITLE_TEXT = "Decision"
    FOOT = "Up, Down: move   Enter: open   Escape: back"

    def __init__(self, ask: AskRow, standing: Standing, decision: Decision, start: Row | Source | None) -> None:
        super().__init__()
        self._ask = ask
        self._standing = standing
        self._decision = decision
        self._start = start

    def title_text(self) -> str:
        """A what-if is not taken for the decision."""
        return "What if" if self._standing.supposed else self.TITLE_TEXT

    def body(self) -> ComposeResult:
        """The browser."""
        yield DecisionBrowser(self._ask)

    def on_mount(self) -> None:
        """Begins where it was asked to."""
        browser = self.query_one(DecisionBrowser)
        browser.show(self._standing, self._decision)

        def begin() -> None:
            browser.enter()
            if isinstance(self._start, Row):
                browser.open_row(self._start.criterion)
            elif isinstance(self._start, Source):
                browser.open_source(self._start)

        self.call_after_refresh(begin)

    @on(DecisionBrowser.Left)
    def _left(self) -> None:
        self.dismiss(None)

    @on(LinkedText.Opened)
    def _opened(self, event: LinkedText.Opened) -> None:
        event.stop()
        self.dismiss(event.target)
