"""What all dialogs share: a titled box above the conversation that Escape closes."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.widgets.option_list import Option

from tui import keys
from tui.paragraphs import Flow, Paragraph, Paragraphs
from tui.text_styles import HEADING
from tui.widgets.options import Options

ResultT = TypeVar("ResultT")


class Dialog(ModalScreen[ResultT], Generic[ResultT]):
    """A box with a title, a body and one line that tells the keys. It is dismissed with None by Escape."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close", show=False),
        *(
            Binding(action.keys, f"instead('{action.name}')", action.description, show=False, id=action.name)
            for action in keys.ACTIONS
            if action.name in keys.DIALOGS
        ),
    ]
    OPENED_BY = ""
    """The action of the app that opens it; its key closes it again."""

    TITLE_TEXT = ""
    FOOT = "Escape: close"

    def compose(self) -> ComposeResult:
        """Title, body, keys."""
        with Vertical(classes="dialog"):
            yield Static(Content.styled(self.title_text(), HEADING), classes="dialog-title", markup=False)
            yield from self.body()
            yield Static(_keys(self.FOOT), classes="dialog-foot", markup=False)

    def title_text(self) -> str:
        """The title."""
        return self.TITLE_TEXT

    def body(self) -> ComposeResult:
        """What the dialog holds."""
        yield from ()

    def tell(self, text: str) -> None:
        """Says something in the last line, where it stays until the next word."""
        self.query_one(".dialog-foot", Static).update(_keys(text))

    def action_cancel(self) -> None:
        """Closes the dialog."""
        self.dismiss(None)

    def action_instead(self, name: str) -> None:
        """Closes the dialog and, unless that is what opened this one, does what the key does without it."""
        app = self.app
        self.action_cancel()
        if self.is_current:  # it only left a part of itself
            self.dismiss(None)
        if name != self.OPENED_BY:
            app.call_later(app.run_action, name)


def _keys(text: str) -> Paragraphs:
    """Keys with what they do, three spaces apart; none is broken between lines."""
    return Paragraphs([Flow(tuple(map(Content, text.split("   "))), between=3)])


class PlainOptions(Options):
    """A list whose labels are never read as markup."""

    def __init__(self, *labels: Content, id: str | None = None) -> None:
        super().__init__(*map(option, labels), id=id, markup=False, compact=True)


def option(label: Content) -> Option:
    """A label that wraps below itself."""
    return Option(Paragraphs([Paragraph(label)]))
