"""Walking through the decision: the matrix, a row down to the user's words, a source; each leads back to the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message

from tui.paragraphs import Paragraph, prose
from tui.targets import Act, Fold, Row, Source, Target
from tui.text_styles import ERROR, MUTED
from tui.widgets.linked_text import LinkedText

if TYPE_CHECKING:
    from tui.chat_port import ChatPort, Decision, RowDetail, Standing

AskRow: TypeAlias = (
    "Callable[[Callable[[ChatPort], RowDetail], Callable[[RowDetail], None], Callable[[str], None]], None]"
)
"""Runs a job of the engine and hands over what came of it."""

_LOADING = Paragraph(Content.styled("The decision shows here when everything is loaded.", MUTED))
_FRAME = 4
"""Cells that the border, the padding and the scroll bar take."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one is: at a row or a source, with the parts that are folded."""

    at: RowDetail | Source
    folded: frozenset[str] = frozenset()


class DecisionBrowser(VerticalScroll, can_focus=False):
    """Rows, tallies and verdicts in both readings, each of which opens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False),
        Binding("backspace", "back", "Back", show=False),
    ]

    @dataclass(eq=False, repr=False)
    class Left(Message):
        """The user wants to go back from the matrix itself."""

    def __init__(self, ask: AskRow, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask = ask
        self._shown: tuple[Standing, Decision] | None = None
        self._places: list[_Place] = []
        self._chosen: str | None = None

    def compose(self) -> ComposeResult:
        """One text with links."""
        yield LinkedText([_LOADING], classes="decision")

    @property
    def _text(self) -> LinkedText:
        return self.query_one(LinkedText)

    def show(self, standing: Standing, decision: Decision) -> None:
        """Shows how things stand; an opened row is brought up to date."""
        self._shown = standing, decision
        row = next((p.at.row.criterion for p in self._places if not isinstance(p.at, Source)), None)
        self._places = []
        self._draw()
        if row is not None:
            self.open_row(row)

    def on_resize(self) -> None:
        """Fits the text to the new width."""
        self._draw()

    def enter(self) -> None:
        """Takes the focus, at a row rather than at what drops a what-if."""
        self._text.enter(self._row_index())

    def open_row(self, criterion: str) -> None:
        """Opens a row down to the user's words."""
        self._ask(lambda chat: chat.explain(criterion), self._opened_row, self._failed)

    def open_source(self, source: Source) -> None:
        """Opens a source."""
        self._go_to(_Place(source))

    def action_back(self) -> None:
        """Goes back by one step."""
        if self._places:
            self._places.pop()
            self._draw()
            self._text.enter(self._row_index())
        else:
            self.post_message(self.Left())

    def _opened_row(self, detail: RowDetail) -> None:
        self._chosen = detail.row.criterion
        self._places = []
        self._go_to(_Place(detail))

    def _failed(self, reason: str) -> None:
        self._text.show([*prose(reason, ERROR)])

    def _go_to(self, place: _Place) -> None:
        had_focus = self._text.has_focus
        self._places.append(place)
        self._draw()
        self.scroll_home(animate=False)
        if had_focus:
            self._text.enter(min(1, len(self._text.targets) - 1))

    def _row_index(self) -> int:
        """The link of the row that was last at the cursor, or else of the first row."""
        rows = {target.criterion: at for at, target in enumerate(self._text.targets) if isinstance(target, Row)}
        return rows.get(self._chosen or "", next(iter(rows.values()), 0))

    def _draw(self) -> None:
        if self._shown is None or not self.size.width:
            return
        from tui.decision_content import panel_paragraphs
        from tui.row_content import row_paragraphs, source_paragraphs

        standing, decision = self._shown
        place = self._places[-1] if self._places else None
        if place is None:
            width = self.scrollable_content_region.width or self.size.width - _FRAME
            drawn = panel_paragraphs(standing, decision, width, self._chosen if self._text.has_focus else None)
        elif isinstance(place.at, Source):
            drawn = source_paragraphs(place.at)
        else:
            drawn = row_paragraphs(place.at, decision, place.folded)
        self._text.show(drawn)

    def on_linked_text_opened(self, event: LinkedText.Opened) -> None:
        """Opens what belongs here; all else goes to the app."""
        target: Target = event.target
        match target:
            case Row(criterion):
                self.open_row(criterion)
            case Source():
                self.open_source(target)
            case Fold(key) if self._places:
                place = self._places[-1]
                self._places[-1] = _Place(place.at, place.folded ^ {key})
                self._draw()
            case Act("back"):
                self.action_back()
            case _:
                return
        event.stop()

    def on_linked_text_pointed(self, event: LinkedText.Pointed) -> None:
        """Shows the words of the row at the cursor in full."""
        if not self._places and isinstance(event.target, Row) and event.target.criterion != self._chosen:
            self._chosen = event.target.criterion
            self._draw()
            self._text.enter(self._row_index())

    def on_linked_text_passed(self, event: LinkedText.Passed) -> None:
        """There is nothing beyond the ends."""
        event.stop()
        if event.direction < 0:
            self.scroll_home(animate=False)
        else:
            self.scroll_end(animate=False)
