"""What the program is doing, and what is wrong for as long as it is wrong."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static


class StatusLine(Horizontal):
    """Activity, conversation and the most useful keys."""

    ALLOW_SELECT = False

    def compose(self) -> ComposeResult:
        """Three texts on one line."""
        yield Static(id="activity", markup=False)
        yield Static(id="session", markup=False)
        yield Static(Content("F1 help  Ctrl+P commands  Ctrl+Q quit"), id="hints", markup=False)

    def show(self, activity: str, notice: str, session_id: str | None) -> None:
        """Shows what is going on, or a passing notice, for which the keys make room; and the id to resume by."""
        self.query_one("#activity", Static).update(Content(notice or activity))
        self.set_class(bool(notice), "-notice")
        self.query_one("#session", Static).update(Content(f"conversation {session_id}" if session_id else ""))


class Trouble(Static):
    """A warning that stays while its cause does."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False

    def show(self, trouble: str | None) -> None:
        """Shows what is wrong, or nothing."""
        self.display = trouble is not None
        self.update(Content.assemble(("! ", "bold"), trouble or ""))
