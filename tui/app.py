"""The chat as a Textual app. Nothing heavy is imported here: the first screen must not wait for the engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from advisor.conversation.commands import COMMANDS, Command, CommandSpec, parse_command
from advisor.text import clean
from tui import keys
from tui.composing import Composing
from tui.engine_thread import (
    Answered,
    EngineThread,
    Finished,
    Loaded,
    LoadFailed,
    Opened,
    ResumeFailed,
    answer,
)
from tui.entries import Noticed, Replied, Said
from tui.hints import done_with, next_hint
from tui.looks import Looks
from tui.screens.main import MainScreen
from tui.targets import Act, Chip, Copy, Row, Send, Source, Target, Words
from tui.tidying import Tidying
from tui.widgets.choice_list import ChoiceList, Pick
from tui.widgets.composer import Composer
from tui.widgets.decision_browser import DecisionBrowser
from tui.widgets.decision_summary import DecisionSummary
from tui.widgets.linked_text import LinkedText

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn
    from tui.chat_port import ChatPort, Decision, Load, Standing

ResultT = TypeVar("ResultT")

QUESTION = "Which framework should you build on?"
EXAMPLES = (
    "We are five Python developers, early-stage, and serve it behind an API on AWS. No phones.",
    "Does AWS still support TensorFlow?",
)

_SHOW_THINKING_AFTER = 0.15
_TRY_AGAIN = Pick("Try again", "")


class AdvisorApp(Looks, Tidying, Composing):
    """A conversation with the advisor.

    `load` is called in a thread of its own and may take its time; `question` and `examples` open a new conversation.
    """

    TITLE = "advisor"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*(action.binding for action in keys.ACTIONS), *keys.PICKS]

    def __init__(
        self,
        load: Load,
        question: str = QUESTION,
        examples: Sequence[str] = EXAMPLES,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(os.environ if environment is None else environment)
        self.session_id: str | None = None
        self.resume_error: str | None = None
        self.decision: Decision | None = None
        self.standing: Standing | None = None
        self.turns: list[Turn] = []
        self._question = question
        self._examples = tuple(examples)
        self._engine = EngineThread(load, self.post_message)
        self._load_failed = False
        self._asked: list[Said] = []
        self._notice = ""

    @property
    def unanswered(self) -> Sequence[str]:
        """Messages that were sent and not answered, oldest first."""
        return tuple(said.text for said in self._asked)

    @property
    def main(self) -> MainScreen:
        """The conversation's screen, whatever dialog is above it."""
        screen = self.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    def get_default_screen(self) -> Screen[None]:
        """The conversation, which begins with what one can do here."""
        return MainScreen(self._question, self._examples, self.ask, self.key_of, self.layout_classes)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The commands of the conversation, then Textual's own."""
        self.followed("palette")
        for spec in COMMANDS:
            yield SystemCommand(f"/{spec.name}", spec.description, partial(self.start_command, spec))
        yield from super().get_system_commands(screen)

    # Start and load ------------------------------------------------------------------------------------------------

    def on_ready(self) -> None:
        """The first screen is painted: now the engine may take the processor."""
        self.freeze()
        if self.problems:
            self.tell(Noticed("Your settings", "\n".join(f"- {problem}" for problem in self.problems), is_error=True))
        self.refresh_status()
        self._engine.start()

    def ask(
        self, job: Callable[[ChatPort], ResultT], then: Callable[[ResultT], None], failed: Callable[[str], None]
    ) -> None:
        """Has the engine do something; what comes of it is handed over here."""
        self._engine.do(job, then, failed)

    @on(Finished)
    def _finished(self, event: Finished) -> None:
        event.deliver()

    @on(Loaded)
    def _loaded(self, event: Loaded) -> None:
        self.decision, self.vocabulary = event.decision, event.vocabulary
        self._load_failed = False
        self.freeze()
        self.start_tidying()
        self.main.settle()
        if event.opened.turns:
            self.show_conversation(event.opened, keep=True)
        else:
            self._show_standing(event.opened.standing)
        self.refresh_status()

    def show_conversation(self, found: Opened, keep: bool = False) -> None:
        """Shows another conversation; with `keep`, before what was typed meanwhile."""
        self.session_id = found.session_id
        self.turns = list(found.turns)
        self.main.restore(self.turns, self.word, keep)
        self._show_standing(found.standing)
        if not self._asked:
            self.main.open_choices()
        self.refresh_status()

    @on(LoadFailed)
    def _load_did_fail(self, event: LoadFailed) -> None:
        self._load_failed = True
        advice = "Correct this and choose “Try again” below, or leave with Ctrl+Q. What you sent is kept until then."
        self.main.withdraw_choices()
        self.tell(Noticed("The advisor could not be loaded", f"{clean(event.text)}\n{advice}", is_error=True))
        self.main.offer([_TRY_AGAIN])
        self.refresh_status()

    @on(ResumeFailed)
    def _resume_did_fail(self, event: ResumeFailed) -> None:
        self.resume_error = event.text
        self.exit(return_code=1)

    # Messages out --------------------------------------------------------------------------------------------------

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        pick = self.main.pick_of(event.text.strip())
        self.send(pick.sends if pick else event.text)

    def send(self, text: str) -> None:
        """Takes a message of the user: a command of the face is carried out here, all else goes to the engine."""
        text = clean(text)
        command = parse_command(text)
        self.followed("send")
        if command and command.spec and command.spec.scope != "conversation":
            self.carry_out(command)
            return
        said = Said(text, waiting=self.decision is None)
        self._asked.append(said)
        self.main.say(said)
        self._engine.do(partial(answer, utterance=text), partial(self._answered, said), partial(self._unread, said))
        if self._load_failed:
            self.main.offer([_TRY_AGAIN])
        self.set_timer(_SHOW_THINKING_AFTER, self.refresh_status)

    def carry_out(self, command: Command) -> None:
        """Carries out a command of the face."""
        assert command.spec is not None
        getattr(self, f"command_{command.spec.name}")(command.argument)

    def start_command(self, spec: CommandSpec) -> None:
        """Sends a command, or writes its beginning into the composer when it needs more words."""
        if spec.needs_argument:
            self.main.composer.fill(f"/{spec.name} ")
            self.main.composer.focus()
        else:
            self.send(f"/{spec.name}")

    # Results in ----------------------------------------------------------------------------------------------------

    def _answered(self, said: Said, found: Answered) -> None:
        self._asked.remove(said)
        self.session_id = found.session_id
        self.turns.append(found.turn)
        trouble = f"This conversation is not being stored: {found.trouble}" if found.trouble else None
        self.main.trouble.show(clean(trouble) if trouble else None)
        self.main.withdraw_choices()
        self.main.took_in(said, found.turn)
        self.tell(Replied(found.turn, self.word), after=said)
        if found.notice:
            self.tell(Noticed("This conversation goes on elsewhere", found.notice, is_error=True))
        if not self._asked:
            self.main.open_choices()
        self._show_standing(found.standing)
        self.refresh_status()

    def _unread(self, said: Said, reason: str) -> None:
        self._asked.remove(said)
        said.waiting = False
        advice = "\nYour message was not taken in. Press Up to bring it back and send it again."
        self.tell(Noticed("That did not work", reason + advice, is_error=True), after=said)
        if not self._asked:
            self.main.open_choices()
        self.refresh_status()

    def tell(self, entry: Replied | Noticed, after: Said | None = None) -> None:
        """Adds an entry; when the user is reading above, the status line tells of it."""
        at_end = self.main.tell(entry, after)
        self._notice = "" if at_end else "New message below (PageDown)"

    def word(self, word: str) -> str:
        """How to say an option, a lean or a verdict."""
        return self.decision.say(word) if self.decision else word

    def _show_standing(self, standing: Standing) -> None:
        self.standing = standing
        if self.decision is not None:
            self.main.show_standing(standing, self.decision)
        self._show_quick_actions()

    def _show_quick_actions(self) -> None:
        from tui.offers import quick_actions

        hint = next_hint(len(self.turns), self.hints)
        actions = quick_actions(self.turns[-1] if self.turns else None)
        self.main.quick_bar.offer(actions, hint.text if hint else "")

    def followed(self, action: str) -> None:
        """A hint that was shown, or followed, need not be shown again."""
        hint = next_hint(len(self.turns), self.hints)
        seen = done_with(action, self.hints) | ({hint.id} if hint and action == "send" and self.turns else set())
        if seen != self.hints:
            self.hints = seen
            self.remember()
            self._show_quick_actions()

    # What was opened -----------------------------------------------------------------------------------------------

    @on(LinkedText.Opened)
    def _opened(self, event: LinkedText.Opened) -> None:
        if event.withdraw:
            if isinstance(event.target, Chip) and event.target.counted:
                self.send(f"/withdraw {event.target.title}")
        else:
            self.open_target(event.target)

    def open_target(self, target: Target | None) -> None:
        """Opens what a link leads to."""
        match target:
            case Chip():
                self.followed("chip")
                self.correct(target)
            case Words():
                self.main.transcript.light(target)
            case Row() | Source():
                self.walk(target)
            case Send(text):
                self.send(text)
            case Copy(text):
                self.copy(text)
            case Act(name):
                self.run_worker(self.run_action(name))

    @on(DecisionSummary.Clicked)
    def _summary_clicked(self) -> None:
        self.action_decision()

    @on(DecisionBrowser.Left)
    def _left_decision(self) -> None:
        self.action_compose()

    # The composer and its surroundings -----------------------------------------------------------------------------

    @on(ChoiceList.Picked)
    def _picked(self, event: ChoiceList.Picked) -> None:
        if event.choices is self.main.choices:
            self.pick(event.pick)

    def pick(self, pick: Pick) -> None:
        """Takes what was picked."""
        self.followed("pick")
        if pick is _TRY_AGAIN:
            self.main.withdraw_choices()
            self._load_failed = False
            self._engine.retry()
            self.refresh_status()
        else:
            self.send(pick.sends)
        self.main.composer.focus()

    @on(ChoiceList.Typed)
    def _typed(self, event: ChoiceList.Typed) -> None:
        self.main.composer.focus()
        self.main.composer.insert_text(event.text)

    # Status --------------------------------------------------------------------------------------------------------

    def notice(self, text: str) -> None:
        """Shows a passing remark in the status line."""
        if text != self._notice:
            self._notice = text
            self.refresh_status()

    def refresh_status(self) -> None:
        """Tells what is going on."""
        if self._load_failed:
            activity = "Not loaded"
        elif self.decision is None:
            activity = "Loading; you can type already"
        else:
            activity = "Thinking" if self._asked else "Ready"
        if self.is_running:
            self.main.status_line.show(activity, self._notice, self.session_id)
