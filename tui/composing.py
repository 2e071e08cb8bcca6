"""What happens around the message that is being written: completing, scrolling, searching, and Ctrl+C."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import on

from tui.face_actions import FaceActions
from tui.widgets.composer import Composer
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from tui.completion import Completion
    from tui.widgets.completion_list import CompletionList
    from tui.widgets.find_bar import FindBar

_QUIT_WINDOW = 3.0


class Composing(FaceActions):
    """The composer and its surroundings."""

    _quitting = False

    @on(Composer.Changed)
    async def _edited(self) -> None:
        text = self.main.composer.text
        if text:
            self._quitting = False
            self.notice("")
        await self.main.complete(self._completions(text))

    def _completions(self, text: str) -> Sequence[Completion]:
        if self.decision is None and not text.startswith("/"):  # nothing to look them up in yet
            return ()
        from tui.completion import completions

        options = self.decision.options if self.decision else {}
        return completions(text, self.vocabulary, options, self.available_themes)

    def on_completion_list_chosen(self, event: CompletionList.Chosen) -> None:
        """A completion was clicked."""
        self.main.composer.fill(event.completion.text)
        self.main.composer.focus()

    @on(Composer.Scrolled)
    def _scrolled(self, event: Composer.Scrolled) -> None:
        self.main.transcript.page(event.direction)
        if event.direction > 0:
            self.notice("")

    @on(Transcript.Continues)
    def _continues(self) -> None:
        self.notice("More below (PageDown)")

    def on_find_bar_found(self, event: FindBar.Found) -> None:
        """Shows what was found."""
        self.main.show_found(event.entry, event.words)

    def on_find_bar_left(self) -> None:
        """The search is over."""
        self.main.show_found(None, "")
        self.main.composer.focus()

    def action_interrupt(self) -> None:
        """Ctrl+C: copies a selection, else clears the message, else quits on the second press."""
        composer = self.main.composer
        selected = composer.selected_text or self.screen.get_selected_text()
        if selected:
            self.copy(selected)
            self.screen.clear_selection()
        elif composer.text:
            composer.put_aside()
            self.notice("Cleared; Up brings it back")
        elif self._quitting:
            self.exit()
        else:
            self._quitting = True
            self.notice("Press Ctrl+C again to quit")
            self.set_timer(_QUIT_WINDOW, self._forget_quitting)

    def _forget_quitting(self) -> None:
        if self._quitting:
            self._quitting = False
            self.notice("")
