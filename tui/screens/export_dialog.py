"""Shows what an export would hold, then writes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from advisor.text import clean
from tui.chat_port import ChatPort, Format
from tui.screens.dialog import Dialog, PlainOptions
from tui.text_styles import STRONG

Ask = Callable[[Callable[[ChatPort], Any], Callable[[Any], None], Callable[[str], None]], None]
_SHOWN = 20_000


@dataclass(frozen=True, slots=True)
class Export:
    """What to write where: the text is that of the preview."""

    name: str
    format: str
    text: str


class ExportDialog(Dialog[Export]):
    """Formats, the beginning of the record in the chosen one, and the name of the file."""

    OPENED_BY = "export"
    TITLE_TEXT = "Export the decision record"
    FOOT = "Up, Down: format   PageDown: read on   Enter: write   Escape: close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "format(1)", "Next format", show=False, priority=True),
        Binding("up", "format(-1)", "Previous format", show=False, priority=True),
        Binding("pagedown", "page(1)", "Read on", show=False, priority=True),
        Binding("pageup", "page(-1)", "Read back", show=False, priority=True),
    ]

    def __init__(self, ask: Ask, formats: Sequence[Format]) -> None:
        super().__init__()
        self._ask = ask
        self._formats = tuple(formats)
        self._previewed: tuple[str, str] | None = None

    def body(self) -> ComposeResult:
        """Formats beside the preview, above the file's name; what the chosen format is for stands over both."""
        yield Static(id="export-format", markup=False)
        with Horizontal(id="export-body"):
            yield PlainOptions(*(Content(form.id) for form in self._formats), id="formats")
            with VerticalScroll(id="preview", can_focus=False):
                yield Static(markup=False)
        with Horizontal(id="export-name"):
            yield Static(Content("File "), markup=False)
            yield Input(compact=True)

    def on_mount(self) -> None:
        """Begins with the first format."""
        self.query_one(Input).cursor_blink = False
        self.query_one(Input).focus()
        self.query_one(PlainOptions).highlighted = 0

    @property
    def _chosen(self) -> Format:
        return self._formats[self.query_one(PlainOptions).highlighted or 0]

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        chosen = self._chosen.id
        self.query_one("#export-format", Static).update(
            Content.assemble((chosen, STRONG), f"  {self._chosen.description}")
        )

        def both(chat: ChatPort) -> tuple[str, str, str]:
            name = chat.suggested_name(chosen)
            return chosen, name, chat.preview(chosen, name)

        self._ask(both, self._show, self._failed)

    def _show(self, found: tuple[str, str, str]) -> None:
        chosen, name, text = found
        if not self.is_attached or chosen != self._chosen.id:
            return
        self._previewed = chosen, text
        self.query_one(Input).value = name
        shown = clean(text[:_SHOWN])
        more = f"\n… and {len(text) - _SHOWN:,} more characters" if len(text) > _SHOWN else ""
        self.query_one("#preview Static", Static).update(Content(shown + more))
        self.query_one("#preview").scroll_home(animate=False)
        self.tell(self.FOOT)

    def _failed(self, reason: str) -> None:
        if self.is_attached:
            self._previewed = None
            self.query_one("#preview Static", Static).update(Content(clean(reason)))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    @on(Input.Submitted)
    def _write(self, event: Input.Submitted) -> None:
        event.stop()
        name = clean(event.value).strip()
        if self._previewed is None or not name:
            return
        if not name.endswith(self._chosen.suffix):
            self.tell(f"A file in this format has a name that ends in {self._chosen.suffix}")
            return
        self.dismiss(Export(name, *self._previewed))

    def action_format(self, step: int) -> None:
        """Chooses another format."""
        options = self.query_one(PlainOptions)
        options.highlighted = ((options.highlighted or 0) + step) % len(self._formats)

    def action_page(self, step: int) -> None:
        """Scrolls the preview."""
        preview = self.query_one("#preview")
        if step > 0:
            preview.scroll_page_down(animate=False)
        else:
            preview.scroll_page_up(animate=False)
