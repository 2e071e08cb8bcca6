"""The conversation's screen: it shows what it is given and says what the user did; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget

from tui.entries import Entry, Opening, Replied, Said
from tui.targets import Words
from tui.widgets.choice_list import ChoiceList, Pick
from tui.widgets.composer import Composer
from tui.widgets.decision_browser import AskRow, DecisionBrowser
from tui.widgets.decision_summary import DecisionSummary
from tui.widgets.linked_text import LinkedText
from tui.widgets.message import Message, UserMessage, Welcome
from tui.widgets.quick_bar import QuickBar
from tui.widgets.status_line import StatusLine, Trouble
from tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn
    from tui.chat_port import Decision, Standing
    from tui.completion import Completion
    from tui.widgets.completion_list import CompletionList
    from tui.widgets.find_bar import FindBar


class MainScreen(Screen[None]):
    """The transcript above the composer, and the decision beside them."""

    AUTO_FOCUS = "Composer"

    def __init__(
        self, question: str, examples: Sequence[str], ask: AskRow, key_of: Callable[[str], str], classes: str = ""
    ) -> None:
        super().__init__(classes=classes)
        self._opening = Opening(question, bool(examples))
        self._examples = [Pick(example, example) for example in examples]
        self.choices = ChoiceList(self._examples) if self._examples else None
        self.last_reply: Replied | None = None
        self.transcript = Transcript([self._opening], self.choices)
        self.composer = Composer()
        self.browser = DecisionBrowser(ask, id="panel")
        self.summary = DecisionSummary()
        self.quick_bar = QuickBar(key_of)
        self.trouble = Trouble()
        self.status_line = StatusLine()
        self.completions: CompletionList | None = None
        self._find_bar: FindBar | None = None

    def compose(self) -> ComposeResult:
        """What is needed from the start."""
        with Horizontal(id="body"):
            with Vertical(id="conversation"):
                yield self.transcript
                yield self.summary
                yield self.quick_bar
                with Vertical(id="composer-box"):
                    yield self.composer
            yield self.browser
        yield self.trouble
        yield self.status_line

    @property
    def focus_chain(self) -> list[Widget]:
        """Tab goes from the composer to the choices, the newest links, the decision and back."""
        linked = [child for child in self.transcript.children if isinstance(child, Message) and child.focusable]
        chain: list[Widget] = [self.composer]
        chain += [self.choices] if self.choices is not None and self.choices.is_attached else []
        chain += linked[-2:]
        chain += [self.browser.query_one(LinkedText)] if self.browser.display else []
        if self.focused is not None and self.focused not in chain:
            chain.insert(1, self.focused)
        return [widget for widget in chain if widget.focusable]

    # What is mounted when it is first needed -----------------------------------------------------------------------

    async def complete(self, found: Sequence[Completion]) -> None:
        """Lists completions of what is in the composer."""
        if self.completions is None:
            if not found:
                return
            from tui.widgets.completion_list import CompletionList

            self.completions = CompletionList()
            await self.query_one("#conversation").mount(self.completions, before="#composer-box")
            self.composer.completions = self.completions
        self.completions.offer(self.composer.text, found)

    async def find(self, words: str) -> None:
        """Searches the conversation."""
        from tui.widgets.find_bar import FindBar

        if self._find_bar is None:
            self._find_bar = FindBar()
            await self.query_one("#conversation").mount(self._find_bar, after=self.transcript)
        entries = [entry for entry in self.transcript.entries if not isinstance(entry, Opening)]
        self._find_bar.open(entries, words)

    # Messages ------------------------------------------------------------------------------------------------------

    def say(self, said: Said) -> None:
        """Adds a message of the user and goes to it."""
        self.withdraw_choices()
        self.transcript.add(said)
        self.transcript.follow()

    def tell(self, entry: Entry, after: Entry | None = None) -> bool:
        """Adds an entry at the end, or right below the one that it answers; whether it is in view."""
        at_end = self.transcript.at_end
        self.transcript.add(entry, after)
        if isinstance(entry, Replied):
            self.last_reply = entry
            start = entry.read_from
            if at_end and start is not None:
                self.transcript.begin_at(entry, start)
        return at_end

    def took_in(self, said: Said, turn: Turn) -> None:
        """A message became a turn: shows what was understood."""
        from tui.block_content import chips_of

        said.turn, said.waiting = turn, False
        message = self.transcript.widget_of(said)
        if isinstance(message, UserMessage):
            message.understood(turn.number, chips_of(turn))

    def settle(self) -> None:
        """Nothing waits for the engine any more."""
        for entry in self.transcript.entries:
            if isinstance(entry, Said):
                entry.waiting = False
        for message in self.query(UserMessage):
            message.settle()

    def restore(self, turns: Sequence[Turn], say: Callable[[str], str], keep: bool) -> None:
        """Shows another conversation; with `keep`, before what was typed meanwhile."""
        self.withdraw_choices()
        entries: list[Entry] = []
        for turn in turns:
            entries += [Said(turn.utterance, turn=turn), Replied(turn, say)]
        self.last_reply = entries[-1] if entries and isinstance(entries[-1], Replied) else None
        typed = [entry for entry in self.transcript.entries if not isinstance(entry, Opening)] if keep else []
        opening: list[Entry] = [] if turns else [Opening(self._opening.question, bool(self._examples))]
        self.transcript.replace([*opening, *entries, *typed])
        self.composer.remember(turn.utterance for turn in turns)
        if not turns and not typed and self._examples:
            self.offer(self._examples)

    # Choices -------------------------------------------------------------------------------------------------------

    def open_choices(self) -> None:
        """Offers what the last reply lets the user pick."""
        from tui.offers import offers

        if self.last_reply is None or self.choices is not None:
            return
        entries = offers(self.last_reply.turn)
        if entries:
            self.last_reply.open_choices = True
            self.transcript.redraw(self.last_reply)
            self.offer(entries)

    def offer(self, entries: Sequence[Pick | str]) -> None:
        """Offers picks below the last message."""
        self.choices = ChoiceList(entries)
        self.transcript.mount(self.choices)

    def withdraw_choices(self) -> None:
        """Takes the list away; what it offered becomes part of the reply above it."""
        if self.choices is None:
            return
        had_focus = self.choices.has_focus
        self.choices.remove()
        self.choices = None
        if had_focus:
            self.composer.focus()
        for entry in self.transcript.entries[:1]:
            if isinstance(entry, Opening):
                entry.with_examples = False
        for welcome in self.query(Welcome):
            welcome.settle()
        if self.last_reply is not None and self.last_reply.open_choices:
            self.last_reply.open_choices = False
            self.transcript.redraw(self.last_reply)

    def pick_of(self, typed: str) -> Pick | None:
        """The pick whose number was typed."""
        return self.choices.pick_of(typed) if self.choices is not None else None

    # Links and words that were looked for ---------------------------------------------------------------------------

    def browse(self) -> bool:
        """Goes to the newest link; whether there is any."""
        linked = [child for child in self.transcript.children if isinstance(child, Message) and child.focusable]
        if linked:
            users = [message for message in linked if isinstance(message, UserMessage)]
            (users or linked)[-1].enter(0)
        return bool(linked)

    def show_found(self, entry: Entry | None, words: str) -> None:
        """Brings an entry into view, with words standing out; None ends the search."""
        for message in self.query(Message):
            message.mark("")
        if entry is None:
            return
        self.transcript.show_entry(entry, words)
        found = self.transcript.widget_of(entry)
        if found is not None:
            found.mark(words)

    # The decision --------------------------------------------------------------------------------------------------

    def show_standing(self, standing: Standing, decision: Decision) -> None:
        """Shows the decision; a what-if has a colour and a mark of its own."""
        self.set_class(standing.supposed is not None, "-supposing")
        self.browser.show(standing, decision)
        self.browser.border_title = "What if" if standing.supposed else "Decision"
        self.summary.show(standing, decision)
        self.query_one("#composer-box").border_title = "What if: /forget drops it" if standing.supposed else ""

    @on(LinkedText.Pointed)
    def _pointed(self, event: LinkedText.Pointed) -> None:
        """The words that the cursor points to stand out where they were said."""
        words = event.target if isinstance(event.target, Words) else getattr(event.target, "words", None)
        inside = event.text.parent is self.transcript
        self.transcript.light(words, scroll=words is not None and not inside)
