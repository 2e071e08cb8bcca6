"""The chat as a Textual app. Nothing heavy is imported here: the first screen must not wait for the engine."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from advisor.conversation.commands import COMMANDS, Command, CommandSpec, parse_command
from advisor.text import clean
from tui.chat_port import ChatPort, Decision, Load
from tui.engine_thread import (
    EngineThread,
    Exported,
    JobFailed,
    Loaded,
    LoadFailed,
    Replied,
    ResumeFailed,
    SessionsListed,
)
from tui.widgets.choice_list import ChoiceList, Pick
from tui.widgets.composer import Composer
from tui.widgets.decision_panel import DecisionPanel, DecisionSummary
from tui.widgets.message import Message, Notice, Reply, UserMessage, Welcome
from tui.widgets.status_line import StatusLine, Trouble
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix
    from advisor.conversation.transcript import Turn
    from advisor.settings import Settings
    from tui.paragraphs import Paragraph

QUESTION = "Which framework should you build on?"
EXAMPLES = (
    "We are five Python developers, early-stage, and serve it behind an API on AWS. No phones.",
    "Does AWS still support TensorFlow?",
)

_QUIT_WINDOW = 3.0
_SHOW_THINKING_AFTER = 0.15
_TRY_AGAIN = Pick("Try again", "")


class MainScreen(Screen[None]):
    """The conversation."""

    AUTO_FOCUS = "Composer"

    def __init__(self, *first_messages: Widget) -> None:
        super().__init__()
        self._first_messages = first_messages

    def compose(self) -> ComposeResult:
        """The transcript above the composer, and the decision beside them."""
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                yield Transcript(*self._first_messages)
                yield DecisionSummary()
                with Vertical(id="composer-box"):
                    yield Composer()
            yield DecisionPanel()
        yield Trouble()
        yield StatusLine()


class AdvisorApp(App[None]):
    """A conversation with the advisor.

    `load` is called in a thread of its own and may take its time; `question` and `examples` open a new conversation.
    """

    TITLE = "advisor"
    CSS_PATH = "app.tcss"
    # Not ClassVars, because Textual declares them as instance variables.
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (24, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "Clear or quit", show=False, priority=True),
        Binding("f1", "help", "Help", show=False),
        Binding("escape", "compose_message", "Back to the message", show=False),
    ]

    def __init__(self, load: Load, question: str = QUESTION, examples: Sequence[str] = EXAMPLES) -> None:
        super().__init__()
        self.session_id: str | None = None
        self.resume_error: str | None = None
        self._question = question
        self._examples = tuple(examples)
        self._engine = EngineThread(load, self.post_message)
        self._decision: Decision | None = None
        self._load_failed = False
        self._tickets = itertools.count(1)
        self._asked: dict[int, UserMessage] = {}
        self._unanswered: dict[int, str] = {}
        self._choices: ChoiceList | None = None
        self._last_reply: tuple[Reply, Turn] | None = None
        self._quitting = False
        self._notice = ""

    @property
    def unanswered(self) -> Sequence[str]:
        """Messages that were sent and not answered, oldest first."""
        return tuple(self._unanswered.values())

    def get_default_screen(self) -> Screen[None]:
        """The conversation, which begins with what one can do here."""
        self._choices = ChoiceList([Pick(example, example) for example in self._examples]) if self._examples else None
        welcome = Welcome(self._question, bool(self._examples))
        return MainScreen(welcome, *([self._choices] if self._choices else []))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """A colour for the second option, readable on dark and on light."""
        theme = self.current_theme
        if theme.ansi:
            return {"second-option": "ansi_yellow"}
        return {"second-option": "#FFC473" if theme.dark else "#7A4A00"}

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The commands of the conversation, then Textual's own."""
        for spec in COMMANDS:
            yield SystemCommand(f"/{spec.name}", spec.description, partial(self._start_command, spec))
        yield from super().get_system_commands(screen)

    # Widgets of the main screen, whatever modal is above it --------------------------------------------------------

    @property
    def _main(self) -> Screen[object]:
        return self.screen_stack[0]

    @property
    def _transcript(self) -> Transcript:
        return self._main.query_one(Transcript)

    @property
    def _composer(self) -> Composer:
        return self._main.query_one(Composer)

    # Start and load ------------------------------------------------------------------------------------------------

    def on_ready(self) -> None:
        """The first screen is painted: now the engine may take the processor."""
        self._show_status()
        self._engine.start()

    @on(Loaded)
    def _loaded(self, event: Loaded) -> None:
        self._decision = event.decision
        self._load_failed = False
        self.session_id = event.session_id
        if event.turns:
            self._restore(event.turns)
        matrix = next((block for turn in reversed(event.turns) if (block := _matrix_of(turn))), event.blank)
        self._show_decision(matrix, event.turns[-1] if event.turns else None)
        for message in self._asked.values():
            message.settle()
        self._show_status()

    def _restore(self, turns: Sequence[Turn]) -> None:
        """Shows the turns of the resumed conversation before whatever was typed meanwhile."""
        self._composer.remember(turn.utterance for turn in turns)
        self._withdraw_choices()
        messages: list[Message] = []
        for turn in turns:
            reply = Reply(self._drawn(turn))
            messages += [UserMessage(clean(turn.utterance)), reply]
        self._last_reply = reply, turns[-1]
        self._transcript.query(Welcome).remove()
        self._transcript.mount_all(messages, before=0 if self._transcript.children else None)
        self._open_choices()

    @on(LoadFailed)
    def _load_did_fail(self, event: LoadFailed) -> None:
        self._load_failed = True
        advice = "Correct this and choose “Try again” below, or leave with Ctrl+Q. What you sent is kept until then."
        self._withdraw_choices()
        self._say(Notice("The advisor could not be loaded", f"{clean(event.text)}\n{advice}", is_error=True))
        self._offer([_TRY_AGAIN])
        self._show_status()

    @on(ResumeFailed)
    def _resume_did_fail(self, event: ResumeFailed) -> None:
        self.resume_error = event.text
        self.exit(return_code=1)

    # Messages out --------------------------------------------------------------------------------------------------

    @on(Composer.Sent)
    def _sent(self, event: Composer.Sent) -> None:
        self.send(event.text)

    def send(self, text: str) -> None:
        """Takes a message of the user: a command of the face is carried out here, all else goes to the engine."""
        text = clean(text)
        command = parse_command(text)
        if command and command.spec and command.spec.name == "quit":
            self.exit()
            return
        self._withdraw_choices()
        ticket = next(self._tickets)
        message = UserMessage(text, waiting=self._decision is None)
        self._asked[ticket] = message
        self._say(message)
        self._transcript.follow()
        if command and command.spec and command.spec.scope == "face":
            self._carry_out(ticket, command)
        else:
            self._unanswered[ticket] = text
            self._engine.say(ticket, text)
        if self._load_failed:
            self._offer([_TRY_AGAIN])
        self.set_timer(_SHOW_THINKING_AFTER, self._show_status)

    def _carry_out(self, ticket: int, command: Command) -> None:
        """Carries out a command of the face."""
        if command.spec is not None and command.spec.name == "sessions":
            self._engine.sessions(ticket)
        else:
            self._engine.export(ticket, command.argument)

    def _start_command(self, spec: CommandSpec) -> None:
        """Sends a command, or writes its beginning into the composer when it needs more words."""
        if spec.argument and not spec.argument.startswith("["):
            self._composer.load_text(f"/{spec.name} ")
            self._composer.move_cursor(self._composer.document.end)
            self._composer.focus()
        else:
            self.send(f"/{spec.name}")

    # Results in ----------------------------------------------------------------------------------------------------

    @on(Replied)
    def _replied(self, event: Replied) -> None:
        self._unanswered.pop(event.ticket, None)
        self.session_id = event.session_id
        trouble = f"This conversation is not being stored: {event.trouble}" if event.trouble else None
        self._main.query_one(Trouble).show(clean(trouble) if trouble else None)
        self._withdraw_choices()
        reply = Reply(self._drawn(event.turn))
        self._say(reply, after=self._asked.pop(event.ticket, None))
        self._last_reply = reply, event.turn
        self._open_choices()
        if matrix := _matrix_of(event.turn):
            self._show_decision(matrix, event.turn)
        self._show_status()

    @on(Exported)
    def _exported(self, event: Exported) -> None:
        self._tell(event.ticket, "Exported", f"Written to {event.path}")

    @on(SessionsListed)
    def _listed(self, event: SessionsListed) -> None:
        lines = [
            f"- {session.title or 'untitled'}\n{session.id}, {session.updated:%Y-%m-%d %H:%M}, "
            f"{session.turns} {'message' if session.turns == 1 else 'messages'}"
            for session in event.sessions
        ]
        how = "To go on with one, leave and run: advisor chat --resume ID"
        self._tell(event.ticket, "Conversations", "\n".join([*lines, how]) if lines else "None is stored yet.")

    @on(JobFailed)
    def _job_did_fail(self, event: JobFailed) -> None:
        if event.ticket in self._unanswered:
            advice = "\nYour message was not taken in. Press Up to bring it back and send it again."
        else:
            advice = ""
        self._unanswered.pop(event.ticket, None)
        self._tell(event.ticket, "That did not work", event.text + advice, is_error=True)

    def _tell(self, ticket: int, title: str, text: str, is_error: bool = False) -> None:
        self._say(Notice(title, clean(text), is_error), after=self._asked.pop(ticket, None))
        self._open_choices()
        self._show_status()

    def _drawn(self, turn: Turn, open_choices: bool = False) -> list[Paragraph]:
        from tui.block_content import reply_paragraphs

        return reply_paragraphs(turn, self._word, open_choices)

    def _word(self, word: str) -> str:
        return self._decision.say(word) if self._decision else word

    def _say(self, message: Message, after: Message | None = None) -> None:
        """Adds a message at the end, or right below the one that it answers."""
        reading_above = not self._transcript.at_end
        self._transcript.mount(message, after=after if after is not None and after.is_attached else None)
        self._notice = "New message below (PageDown)" if reading_above and not isinstance(message, UserMessage) else ""

    # Choices -------------------------------------------------------------------------------------------------------

    def _open_choices(self) -> None:
        """Offers what the last reply lets the user pick, unless more messages are on their way."""
        if self._last_reply is None or self._unanswered or self._choices is not None:
            return
        from tui.block_content import offered

        reply, turn = self._last_reply
        topics, answers = offered(turn)
        entries: list[Pick | str] = [Pick(text, text.rstrip("?"), number) for number, text in enumerate(topics, 1)]
        if topics and answers:
            # The numbers belong to the topics now; an answer can still be picked by mouse or keys, or typed out.
            entries += ["Or answer the question above:", *(Pick(label, label) for label in answers)]
        else:
            entries += [Pick(label, label, number) for number, label in enumerate(answers, 1)]
        if entries:
            reply.show(self._drawn(turn, open_choices=True))
            self._offer(entries)

    def _offer(self, entries: Sequence[Pick | str]) -> None:
        self._choices = ChoiceList(entries)
        self._transcript.mount(self._choices)

    def _withdraw_choices(self) -> None:
        """Takes the list away; what it offered becomes part of the reply above it."""
        if self._choices is None:
            return
        had_focus = self._choices.has_focus
        self._choices.remove()
        self._choices = None
        if had_focus:
            self._composer.focus()
        for welcome in self._transcript.query(Welcome):
            welcome.settle()
        if self._last_reply is not None:
            reply, turn = self._last_reply
            reply.show(self._drawn(turn))

    @on(ChoiceList.Picked)
    def _picked(self, event: ChoiceList.Picked) -> None:
        if event.choices is not self._choices:
            return
        if event.pick is _TRY_AGAIN:
            self._withdraw_choices()
            self._load_failed = False
            self._engine.retry()
            self._show_status()
        else:
            self.send(event.pick.sends)
        self._composer.focus()

    @on(ChoiceList.Typed)
    def _typed(self, event: ChoiceList.Typed) -> None:
        self._composer.focus()
        self._composer.insert_text(event.text)

    # Keys ----------------------------------------------------------------------------------------------------------

    def action_compose_message(self) -> None:
        """Puts the cursor back into the composer."""
        self._composer.focus()

    def action_help(self) -> None:
        """Opens the help, or closes it."""
        from tui.help_screen import HelpScreen

        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen())

    def action_interrupt(self) -> None:
        """Ctrl+C: copies a selection, else clears the message, else quits on the second press."""
        selected = self._composer.selected_text or self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            self.screen.clear_selection()
            self._notify("Sent to the terminal's clipboard; if pasting brings nothing, select with Shift and the mouse")
        elif self._composer.text:
            self._composer.put_aside()
            self._notify("Cleared; Up brings it back")
        elif self._quitting:
            self.exit()
        else:
            self._quitting = True
            self._notify("Press Ctrl+C again to quit")
            self.set_timer(_QUIT_WINDOW, self._forget_quitting)

    def _forget_quitting(self) -> None:
        if self._quitting:
            self._quitting = False
            self._notify("")

    @on(Composer.Changed)
    def _edited(self) -> None:
        if self._composer.text:
            self._quitting = False
            self._notify("")

    @on(Composer.Scrolled)
    def _scrolled(self, event: Composer.Scrolled) -> None:
        self._transcript.page(event.direction)
        if event.direction > 0:
            self._notify("")

    # Status --------------------------------------------------------------------------------------------------------

    def _notify(self, text: str) -> None:
        """Shows a passing remark in the status line."""
        if text != self._notice:
            self._notice = text
            self._show_status()

    def _show_status(self) -> None:
        if self._load_failed:
            activity = "Not loaded"
        elif self._decision is None:
            activity = "Loading; you can type already"
        else:
            activity = "Thinking" if self._asked else "Ready"
        if self.is_running:
            self._main.query_one(StatusLine).show(self._notice or activity, self.session_id)

    def _show_decision(self, matrix: Matrix, turn: Turn | None) -> None:
        if self._decision is None:
            return
        assumed = len(turn.state.assumptions) if turn else 0
        self._main.query_one(DecisionPanel).show(matrix, self._decision, assumed)
        self._main.query_one(DecisionSummary).show(matrix, self._decision)


def _matrix_of(turn: Turn) -> Matrix | None:
    return next((block for block in turn.blocks if block.kind == "matrix"), None)


def run_app(settings: Settings, resume: str | None) -> int:
    """Runs the chat until the user leaves; returns the exit status: 0, or 1 when `resume` cannot be read.

    Prints how to go on with the conversation, if it was stored, and on standard error what was left unanswered.
    """

    def load() -> ChatPort:
        from tui.engine_chat import open_chat

        return open_chat(settings, resume)

    own_pack = settings.knowledge is None
    app = AdvisorApp(load, *((QUESTION, EXAMPLES) if own_pack else ("What has to be decided?", ())))
    app.run()
    if app.resume_error is not None:
        print(f"advisor: {app.resume_error}", file=sys.stderr)
    for text in app.unanswered:
        print(f"advisor: not answered and not stored: {text}", file=sys.stderr)
    if app.session_id is not None:
        print(f"Go on later with: advisor chat --resume {app.session_id}")
    return app.return_code or 0
