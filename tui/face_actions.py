"""What the chat itself does on a command or a key; everything else is said to the engine."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual.binding import BindingType

from tui.copying import Copying
from tui.engine_thread import Opened, opened
from tui.entries import Noticed, Replied, Said
from tui.screens.main import MainScreen
from tui.targets import Chip, Row, Source, Target

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn
    from tui.chat_port import ChatPort, Decision, Standing, Vocabulary
    from tui.screens.export_dialog import Export
    from tui.widgets.choice_list import Pick

ResultT = TypeVar("ResultT")
_SUBMITTED = "The file is on its way through your browser."


class FaceActions(Copying):
    """Commands (`command_…`) and keys (`action_…`) of the chat. The app below supplies the conversation."""

    BINDINGS: ClassVar[list[BindingType]] = []

    session_id: str | None
    decision: Decision | None
    standing: Standing | None
    turns: list[Turn]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the pack; none until it is loaded."""
        from tui.chat_port import Vocabulary

        return Vocabulary()

    @property
    def main(self) -> MainScreen:
        """The conversation's screen."""
        raise NotImplementedError

    def ask(
        self, job: Callable[[ChatPort], ResultT], then: Callable[[ResultT], None], failed: Callable[[str], None]
    ) -> None:
        """Has the engine do something."""
        raise NotImplementedError

    def send(self, text: str) -> None:
        """Says something to the advisor."""
        raise NotImplementedError

    def tell(self, entry: Replied | Noticed, after: Said | None = None) -> None:
        """Adds an entry to the transcript."""
        raise NotImplementedError

    def pick(self, pick: Pick) -> None:
        """Takes what was picked."""
        raise NotImplementedError

    def open_target(self, target: Target | None) -> None:
        """Opens what a link leads to."""
        raise NotImplementedError

    def show_conversation(self, found: Opened, keep: bool = False) -> None:
        """Shows another conversation."""
        raise NotImplementedError

    def followed(self, action: str) -> None:
        """A hint was followed."""
        raise NotImplementedError

    def _fail(self, reason: str) -> None:
        self.tell(Noticed("That did not work", reason, is_error=True))

    def _tell_loading(self) -> None:
        """Tells that something has to wait, if it has to."""
        if self.decision is None:
            self.notice("One moment: everything is still being loaded")

    def _after_replies(self, step: Callable[[], None]) -> None:
        """Takes a step once all is loaded and every message sent so far has its reply."""
        self._tell_loading()
        self.ask(lambda _: None, lambda _: step(), self._fail)

    # Keys that say something --------------------------------------------------------------------------------------

    def action_why(self) -> None:
        """Asks why."""
        self.send("/why")

    def action_flip(self) -> None:
        """Asks what would turn the verdict."""
        self.send("/flip")

    def action_undo(self) -> None:
        """Takes back."""
        self.send("/undo")

    def action_keep(self) -> None:
        """Adopts the assumptions."""
        self.send("/commit")

    def action_drop(self) -> None:
        """Leaves the what-if."""
        self.send("/forget")

    def action_pick(self, number: int) -> None:
        """Picks by number, whatever is being written."""
        pick = self.main.pick_of(str(number))
        if pick is not None:
            self.pick(pick)

    # Moving about --------------------------------------------------------------------------------------------------

    def action_compose(self) -> None:
        """Puts the cursor back into the composer, and puts out what was lit."""
        self.main.transcript.light(None)
        self.main.composer.focus()

    def action_browse(self) -> None:
        """Goes to the newest links."""
        if not self.main.browse():
            self.notice("There is nothing to open yet")

    def action_help(self) -> None:
        """Opens the help."""
        from tui.screens.help_dialog import HelpDialog

        self._open_dialog(HelpDialog(self.key_of))

    def key_of(self, action: str) -> str:
        """The key of an action, for display."""
        raise NotImplementedError

    def _open_dialog(self, dialog: Any, then: Callable[[Any], None] | None = None) -> None:
        """Opens a dialog unless one is open."""
        if len(self.screen_stack) == 1:
            self.push_screen(dialog, then)

    # The decision --------------------------------------------------------------------------------------------------

    def command_decision(self, argument: str) -> None:
        """Walks through the decision, from a row if one is named."""
        wanted = argument.casefold()
        rows = self.vocabulary.rows.items()
        found = next((key for key, title in rows if wanted and (wanted in title.casefold() or wanted == key)), None)
        self.walk(Row(found) if found else None)

    def action_decision(self) -> None:
        """Walks through the decision."""
        self.walk(None)

    def walk(self, start: Row | Source | None) -> None:
        """Walks through the decision beside the conversation, or above it where it is narrow."""
        self.followed("decision")
        browser = self.main.browser
        if self.standing is None or self.decision is None:
            self._tell_loading()
        elif not browser.display:
            from tui.screens.decision_dialog import DecisionDialog

            dialog = DecisionDialog(self.ask, self.standing, self.decision, start)
            self._open_dialog(dialog, self.open_target)
        else:
            browser.enter()
            if isinstance(start, Row):
                browser.open_row(start.criterion)
            elif isinstance(start, Source):
                browser.open_source(start)

    def correct(self, chip: Chip) -> None:
        """Offers the other values of something that was understood."""
        from tui.screens.chip_dialog import ChipDialog

        attribute = self.vocabulary.attributes.get(chip.attribute)
        if attribute is not None:
            self._open_dialog(ChipDialog(chip, attribute), lambda text: self.send(text) if text else None)

    # Searching -----------------------------------------------------------------------------------------------------

    def command_find(self, argument: str) -> None:
        """Searches the conversation."""
        self.run_worker(self.main.find(argument), group="find", exclusive=True)

    def action_find(self) -> None:
        """Searches the conversation."""
        if len(self.screen_stack) == 1:
            self.command_find("")

    # Conversations -------------------------------------------------------------------------------------------------

    def command_sessions(self, argument: str) -> None:
        """Lists the stored conversations."""
        from tui.screens.sessions_dialog import SessionsDialog

        self._after_replies(
            lambda: self._open_dialog(SessionsDialog(self.ask, self.session_id, argument), self._go_on_with)
        )

    def action_sessions(self) -> None:
        """Lists the stored conversations."""
        self.command_sessions("")

    def _go_on_with(self, session: str | None) -> None:
        if session is None or session == self.session_id:
            return

        def open_it(chat: ChatPort) -> Opened:
            chat.open(session or None)
            return opened(chat)

        self.ask(open_it, self.show_conversation, self._fail)

    def command_rewind(self, argument: str) -> None:
        """Goes back to an earlier message, by its number or from a list."""
        from tui.screens.rewind_dialog import RewindDialog

        if not self.turns:
            self.notice("Nothing was said yet")
        elif argument.isdecimal() and any(turn.number == int(argument) for turn in self.turns):
            self._rewind(int(argument))
        elif argument:
            self._fail(f"There is no message {argument[:20]}; they have the numbers 1 to {self.turns[-1].number}.")
        else:
            self._open_dialog(RewindDialog(self.turns), self._rewind)

    def action_rewind(self) -> None:
        """Goes back to an earlier message."""
        self.command_rewind("")

    def _rewind(self, number: int | None) -> None:
        turn = next((turn for turn in self.turns if turn.number == number), None)
        if turn is None:
            return
        stored = f" The former course is kept as {self.session_id}." if self.session_id else ""

        def go_back(chat: ChatPort) -> Opened:
            chat.rewind(turn.number)
            return opened(chat)

        def went_back(found: Opened) -> None:
            self.show_conversation(found)
            self.main.composer.fill(turn.utterance)
            self.tell(Noticed("Gone back", f"Change the message below and send it.{stored}"))

        self.ask(go_back, went_back, self._fail)

    # Exporting -----------------------------------------------------------------------------------------------------

    def command_export(self, argument: str) -> None:
        """Writes the record to a file, or shows first what it would hold."""
        self.followed("export")
        if argument and not self.is_web:
            self._tell_loading()
            self.ask(lambda chat: chat.export(argument), self._exported, self._fail)
        else:
            self._after_replies(self._choose_export)

    def _choose_export(self) -> None:
        if self.turns:
            from tui.screens.export_dialog import ExportDialog

            self._open_dialog(ExportDialog(self.ask, self.vocabulary.formats), self._write)
        else:
            self._fail("There is nothing to export, because nothing was said yet.")

    def action_export(self) -> None:
        """Writes the record."""
        self.command_export("")

    def _write(self, wanted: Export | None) -> None:
        if wanted is None:
            return
        if self.is_web:
            self.deliver_text(io.StringIO(wanted.text), save_filename=wanted.name)
            self.tell(Noticed("Exported", _SUBMITTED))
        else:
            self.ask(lambda chat: chat.export(wanted.name, wanted.format), self._exported, self._fail)

    def _exported(self, path: str) -> None:
        self.tell(Noticed("Exported", f"Written to {path}"))

    # Copying -------------------------------------------------------------------------------------------------------

    def command_copy(self, argument: str) -> None:
        """Copies the last reply, or everything."""
        entries = [entry for entry in self.main.transcript.entries if isinstance(entry, Said | Replied | Noticed)]
        replies = [entry for entry in entries if isinstance(entry, Replied)]
        if not replies:
            self.notice("There is no reply to copy yet")
        elif argument.casefold() == "all":
            self.copy("\n\n".join(f"> {e.plain}" if isinstance(e, Said) else e.plain for e in entries))
        else:
            self.copy(replies[-1].plain)

    def action_copy(self) -> None:
        """Copies the last reply."""
        self.command_copy("")

    # Looks ---------------------------------------------------------------------------------------------------------

    def command_theme(self, argument: str) -> None:
        """Chooses the colours by name, or from a list that shows them."""
        from tui.screens.theme_dialog import ThemeDialog

        if argument in self.available_themes:
            self.theme = argument
        elif argument:
            self._fail(f"There is no theme “{argument[:40]}”; /theme lists them.")
        else:
            self._open_dialog(ThemeDialog(self.available_themes, self.theme))

    def action_theme(self) -> None:
        """Chooses the colours."""
        self.command_theme("")

    def command_quit(self, argument: str) -> None:  # noqa: ARG002  # one signature for every command
        """Leaves."""
        self.exit()
