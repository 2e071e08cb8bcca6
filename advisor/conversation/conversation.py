"""One turn in, one reply out: the policy that turns an interpreted utterance into blocks and the next state."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from difflib import get_close_matches
from typing import Literal

from advisor.conversation import replies
from advisor.conversation.answers import named_in, picked, taken_back
from advisor.conversation.blocks import (
    Answer,
    Choices,
    Matrix,
    NoAnswer,
    Observation,
    Rejected,
    Understood,
    WhatIf,
)
from advisor.conversation.commands import COMMANDS, Command, parse_command
from advisor.conversation.corrections import CorrectionError, named_attribute, named_value, split_correction
from advisor.conversation.draft import Draft
from advisor.conversation.explaining import Explainer
from advisor.conversation.transcript import State, Turn
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.next_question import next_question
from advisor.reasoning.recommendation import Reasoner
from advisor.text import clean, shorten
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.extraction import Extraction
from advisor.understanding.interpretation import READ_LIMIT, AskedQuestion, Interpretation, Interpreter

_TAKING_BACK = frozenset({"reset", "undo", "retract", "forget_assumptions"})

# Commands whose name is not that of the dialogue act they perform.
_COMMAND_ACTS = {
    "whynot": "why_not",
    "whyask": "why_ask",
    "whatif": "what_if",
    "forget": "forget_assumptions",
    "flip": "what_would_change",
    "sure": "how_sure",
    "changed": "what_changed",
    "advice": "advise",
}
_EVERYTHING = ("all", "everything", "full")

_SMALL_TALK = {
    "greeting": "Hello. Tell me about your project in your own words, or ask anything about {options}.",
    "thanks": "You are welcome.",
    "goodbye": "Goodbye. The conversation is kept; you can resume it later.",
    "small_talk": "I am a program that reads your words by rules and looks answers up in a sourced FAQ; nothing more.",
}


class Conversation:
    """A conversation over one knowledge pack; `turns` is all that it remembers.

    Deterministic: the same utterances over the same pack and encoder give the same replies.
    """

    def __init__(self, interpreter: Interpreter, reasoner: Reasoner, turns: Sequence[Turn] = ()) -> None:
        self.pack: KnowledgePack = reasoner.pack
        self.turns: list[Turn] = list(turns)
        self._interpreter = interpreter
        self._reasoner = reasoner
        self._explainer = Explainer(reasoner)

    @property
    def _options(self) -> str:
        return " and ".join(option.name for option in self.pack.manifest.options)

    @property
    def state(self) -> State:
        """What holds now."""
        return self.turns[-1].state if self.turns else State()

    def respond(self, utterance: str, at: datetime) -> Turn:
        """Replies to an utterance, which joins the turns. `at` is the time of the utterance, with its zone.

        Raises EngineError if the rule engine fails; the turns are then unchanged.
        """
        text = clean(utterance)
        number = self.turns[-1].number + 1 if self.turns else 1
        draft = Draft(number, self.state, self.state, text)
        if not text.strip():
            draft.note("There was nothing to read in that. Tell me about your project, or ask a question.")
        elif (command := parse_command(text)) is not None:
            self._obey(draft, command)
        elif self._pick(draft, text):
            pass
        else:
            if len(text) > READ_LIMIT:
                draft.note(
                    f"That is {len(text):,} characters long; I kept all of it but read the first {READ_LIMIT:,}."
                )
            context = draft.before.last_topic and self.pack.entries[draft.before.last_topic].question
            self._discuss(draft, self._interpreter.interpret(text, context), text)
        self._ask_next(draft, self._explainer.conclude(draft))
        if not draft.blocks:
            draft.note("Noted.")
        turn = Turn(
            number=draft.number,
            at=at,
            utterance=text,
            acts=tuple(draft.acts),
            topics=tuple(draft.topics),
            blocks=tuple(draft.blocks),
            state=draft.state,
        )
        self.turns.append(turn)
        return turn

    # Reading the utterance ------------------------------------------------------------------------------------

    def _discuss(self, draft: Draft, meaning: Interpretation, text: str) -> None:
        if meaning.foreign:
            draft.act("off_topic")
            draft.note("That does not look like English, which is all I can read. Could you put it in English?")
            return
        # What takes something back speaks of what was said before, not of what the same message says.
        for act in meaning.acts:
            if act.act in _TAKING_BACK:
                self._perform(draft, act, meaning, text)
        self._take_in(draft, meaning.extraction)
        for asked in meaning.questions:
            self._answer(draft, asked)
        for act in meaning.acts:
            if act.act not in _TAKING_BACK:
                self._perform(draft, act, meaning, text)
        if meaning.remark:
            draft.act("off_topic")
            draft.note(
                "I found nothing in that that bears on the choice. I can read what you say about your team, project, "
                "its stage, serving, devices and cloud, and answer questions about both frameworks."
            )

    def _take_in(self, draft: Draft, extraction: Extraction) -> None:
        found = replies.observations(extraction, draft.number)
        self._take_back(draft, taken_back(draft.state.observations, extraction))
        if found:
            draft.act("describe")
            self._observe(draft, found)
        aside = replies.set_aside(self.pack, extraction)
        if aside is not None:
            draft.blocks.append(aside)
        silent = {o.attribute for o in draft.undone} - {o.attribute for o in found}
        if silent:
            draft.note(self._open_again(silent))
        self._point_out(draft, extraction)

    def _take_back(self, draft: Draft, gone: Collection[Observation]) -> None:
        """Puts observations back to unknown."""
        if gone:
            draft.act("retract")
            draft.undone = (*draft.undone, *gone)
            draft.change(observations=tuple(o for o in draft.state.observations if o not in gone))

    def _point_out(self, draft: Draft, extraction: Extraction) -> None:
        """Names what a message contradicts itself about, and makes it the open question."""
        contested = [m for m in extraction.set_aside if m.stance == "contradicted"]
        for name in dict.fromkeys(mention.attribute for mention in contested):
            said = dict.fromkeys(f"“{mention.quote}”" for mention in contested if mention.attribute == name)
            title = self.pack.attributes[name].title
            draft.note(f"{title}: {' and '.join(said)} contradict each other, so I took neither. Which holds?")
            draft.contested = draft.contested or name
        if draft.contested is not None:
            draft.change(pending=draft.contested)

    def _open_again(self, names: Iterable[str]) -> str:
        wanted = set(names)
        titles = [attribute.title for attribute in self.pack.attributes.values() if attribute.id in wanted]
        return f"Open again: {', '.join(titles)}."

    def _observe(self, draft: Draft, found: tuple[Observation, ...]) -> None:
        """The last statement wins: an attribute's new observations replace its earlier ones."""
        named = {observation.attribute for observation in found}
        earlier = (*draft.undone, *draft.state.observations)
        draft.blocks.append(
            Understood(items=tuple(replies.understood_item(self.pack, observation, earlier) for observation in found))
        )
        draft.change(
            observations=overlay(draft.state.observations, found),
            declined=tuple(name for name in draft.state.declined if name not in named),
            pending=None if draft.state.pending in named else draft.state.pending,
        )

    def _answer(self, draft: Draft, asked: AskedQuestion) -> None:
        draft.act("ask")
        match = asked.match
        scored = [replies.topic_ref(self.pack, topic.id, round(topic.score, 4)) for topic in match.topics]
        draft.topics += scored
        if match.outcome == "answer":
            entry = self.pack.entries[match.topics[0].id]
            draft.blocks.append(replies.answer(self.pack, entry, asked.text, scored[0].score))
            draft.change(last_topic=entry.id, offered=())
        elif match.outcome == "choices":
            offered = tuple(scored[: match.choices])
            draft.blocks.append(Choices(asked=asked.text, topics=offered))
            draft.change(offered=tuple(topic.id for topic in offered))
        else:
            draft.act("off_topic")
            text = f"I have no sourced answer to “{shorten(asked.text, 120)}”, so I will not guess."
            draft.blocks.append(NoAnswer(asked=asked.text, text=text))

    # Conversational moves --------------------------------------------------------------------------------------

    def _perform(self, draft: Draft, act: RecognizedAct, meaning: Interpretation, text: str) -> None:
        draft.act(act.act)
        moves: dict[str, Callable[[], None]] = {
            "yes": lambda: self._yes_or_no(draft, "yes", text, meaning),
            "no": lambda: self._yes_or_no(draft, "no", text, meaning),
            "confirm": lambda: self._confirm(draft, text, meaning),
            "dispute": lambda: self._dispute(draft, text, meaning),
            "dont_know": lambda: self._decline(draft),
            "none_of_these": lambda: self._none_of_these(draft),
            "why": lambda: self._explainer.why(draft, act.criterion, everything=self._asked_why_before()),
            "why_ask": lambda: self._explainer.why_ask(draft),
            "why_not": lambda: self._explainer.why_not(draft, act.option),
            "what_if": lambda: self._what_if(draft, meaning.assumptions, text),
            "commit": lambda: self._commit(draft),
            "forget_assumptions": lambda: self._forget_assumptions(draft),
            "what_would_change": lambda: self._explainer.what_would_change(draft, act.option),
            "what_changed": lambda: self._explainer.what_changed(draft, self.turns),
            "how_sure": lambda: self._explainer.how_sure(draft),
            "advise": lambda: self._explainer.advice(draft),
            "recap": lambda: self._explainer.recap(draft),
            "recommend": lambda: self._explainer.recap(draft),
            "sources": lambda: self._sources(draft),
            "undo": lambda: self._undo(draft),
            "retract": lambda: self._retract(draft, act, meaning),
            "reset": lambda: self._reset(draft),
            "help": lambda: self._help(draft),
            "export": lambda: draft.note("To save the record, type /export, with a file name if you like."),
            "quit": lambda: draft.note("Type /quit to leave. The conversation is kept."),
        }
        if act.act == "small_talk":
            draft.act("off_topic")
        if act.act in _SMALL_TALK:
            draft.note(_SMALL_TALK[act.act].format(options=self._options))
        elif act.act in moves:
            moves[act.act]()

    def _pick(self, draft: Draft, text: str) -> bool:
        """Takes a message that is just a number or label of what was offered: a topic, or an answer."""
        topics = {topic: self.pack.entries[topic].question for topic in draft.state.offered}
        topic = picked(text, topics)
        if topic is not None:
            draft.act("ask")
            draft.topics.append(replies.topic_ref(self.pack, topic))
            draft.blocks.append(replies.answer(self.pack, self.pack.entries[topic], text.strip(), None))
            draft.change(last_topic=topic, offered=())
            return True
        pending = draft.state.pending
        value = None if pending is None else picked(text, self.pack.attributes[pending].values)
        if pending is None or value is None:
            return False
        draft.act("describe")
        self._observe(draft, (self._direct(draft, pending, value, text, "picked from the answers"),))
        return True

    def _direct(self, draft: Draft, attribute: str, value: str, text: str, reason: str) -> Observation:
        """An observation made by answering the pending question; the whole message is its quote."""
        quote = text.strip()
        start = text.index(quote)
        return Observation(
            attribute=attribute,
            value=value,
            quote=quote,
            turn=draft.number,
            start=start,
            end=start + len(quote),
            obtained="confirmed",
            reason=reason,
            meaning=self.pack.value_label(attribute, value),
        )

    def _yes_or_no(self, draft: Draft, word: Literal["yes", "no"], text: str, meaning: Interpretation) -> None:
        """A bare yes or no answers the pending question; said beside facts or questions it adds nothing to them."""
        pending = draft.before.pending
        if meaning.extraction.observations or meaning.questions:
            return
        value = None if pending is None else self.pack.attributes[pending].answers.get(word)
        if pending is not None and value is not None:
            self._observe(draft, (self._direct(draft, pending, value, text, f"“{word}” to the question"),))
        elif word == "yes" and self._inferred(draft):
            self._confirm(draft, text, meaning)
        elif pending is None:
            draft.note("No question of mine is open, so that changes nothing.")
        else:
            draft.note("That question needs one of the answers below, or your own words.")

    def _inferred(self, draft: Draft) -> tuple[Observation, ...]:
        """What the last turn inferred and still holds."""
        last = draft.before.observations
        return tuple(o for o in last if o.obtained == "inferred" and o.turn == draft.number - 1)

    def _confirm(self, draft: Draft, text: str, meaning: Interpretation) -> None:
        """Takes what was inferred from the last message as confirmed; with nothing inferred, it is a yes."""
        inferred = self._inferred(draft)
        if not inferred:
            draft.act("yes")
            self._yes_or_no(draft, "yes", text, meaning)
            return
        confirmed = {o: o.model_copy(update={"obtained": "confirmed"}) for o in inferred}
        draft.change(observations=tuple(confirmed.get(o, o) for o in draft.state.observations))
        draft.blocks.append(Understood(items=tuple(replies.understood_item(self.pack, o) for o in confirmed.values())))

    def _dispute(self, draft: Draft, text: str, meaning: Interpretation) -> None:
        """Puts back to unknown what was wrongly inferred from the last message; with nothing inferred, it is a no."""
        inferred = self._inferred(draft)
        if meaning.extraction.observations:
            return
        if not inferred and any(o.turn == draft.number - 1 for o in draft.before.observations):
            draft.note("Then say what is right, in your own words; “undo” takes back what I last understood.")
            return
        if not inferred:
            draft.act("no")
            self._yes_or_no(draft, "no", text, meaning)
            return
        draft.change(observations=tuple(o for o in draft.state.observations if o not in inferred))
        draft.note(self._open_again(o.attribute for o in inferred))

    def _decline(self, draft: Draft) -> None:
        if draft.state.pending is None:
            draft.note("That is fine; it stays open.")
            return
        title = self.pack.attributes[draft.state.pending].title
        how = self.pack.attributes[draft.state.pending].how_to_find_out
        draft.note(f"“{title}” stays open. To find out: {how}")
        draft.change(declined=(*draft.state.declined, draft.state.pending), pending=None)

    def _none_of_these(self, draft: Draft) -> None:
        """Rejects what was just offered or answered; `gaps` finds it in the transcript."""
        rejected = rejected_question(self.turns[-1]) if self.turns else None
        if rejected is not None:
            draft.blocks.append(Rejected(asked=rejected))
            draft.change(offered=(), last_topic=None)
        elif draft.state.pending is not None and not any(block.kind == "understood" for block in draft.blocks):
            self._decline(draft)

    def _what_if(self, draft: Draft, assumed: Extraction, text: str) -> None:
        found = [
            o.model_copy(
                update={"obtained": "assumed", "start": (at := max(text.find(o.quote), 0)), "end": at + len(o.quote)}
            )
            for o in replies.observations(assumed, draft.number)
        ]
        if not found:
            draft.note("I could not tell what to assume. Try “what if it had to run on a phone?”, for example.")
            return
        named = {observation.attribute for observation in found}
        assumptions = (*(o for o in draft.state.assumptions if o.attribute not in named), *found)
        draft.change(assumptions=assumptions)
        draft.blocks.append(
            WhatIf(
                assumptions=tuple(replies.understood_item(self.pack, o, draft.state.observations) for o in assumptions),
                now=self._explainer.matrix(draft.state.observations),
                then=self._explainer.matrix(overlay(draft.state.observations, assumptions)),
            )
        )
        draft.note("Nothing of this is kept unless you say so (/commit). Drop it with /forget.")

    def _commit(self, draft: Draft) -> None:
        if not draft.state.assumptions:
            draft.note("There are no assumptions to adopt.")
            return
        adopted = tuple(o.model_copy(update={"obtained": "confirmed"}) for o in draft.state.assumptions)
        draft.change(assumptions=())
        self._observe(draft, adopted)

    def _forget_assumptions(self, draft: Draft) -> None:
        had = bool(draft.state.assumptions)
        draft.change(assumptions=())
        draft.note("The assumptions are dropped." if had else "There were no assumptions.")

    def _sources(self, draft: Draft) -> None:
        topic = draft.state.last_topic
        if topic is None:
            draft.note("No FAQ answer has been given yet. /why shows the sources behind the rows.")
            return
        refs = [replies.source_ref(self.pack.sources[source]) for source in self.pack.entries[topic].sources]
        lines = [f"- {ref.title} ({ref.date or 'undated'})" + (f" {ref.url}" if ref.url else "") for ref in refs]
        draft.note("\n".join([f"Sources of “{self.pack.entries[topic].question}”:", *lines]))

    def _undo(self, draft: Draft) -> None:
        """Goes back to what held before the last turn that changed the profile."""
        now = draft.state.observations
        earlier = [State(), *(turn.state for turn in self.turns)]
        before = next((state for state in reversed(earlier) if state.observations != now), None)
        if before is None:
            draft.note("There is nothing to undo.")
            return
        draft.change(observations=before.observations, pending=None)
        draft.note("Taken back.")

    def _retract(self, draft: Draft, act: RecognizedAct, meaning: Interpretation) -> None:
        """Puts what is named back to unknown: attributes, or a row; with nothing named, the last message's facts."""
        known = [o for o in draft.state.observations if o.turn < draft.number]
        gone = named_in(act.argument, self._interpreter.extract(act.argument), known)
        if not gone and act.criterion is not None:
            row = {a.id for a in self.pack.attributes.values() if a.criterion == act.criterion}
            gone = frozenset(o for o in known if o.attribute in row)
        if gone:
            self._take_back(draft, sorted(gone, key=known.index))
            draft.change(pending=None)
        elif act.criterion is not None:
            draft.note(f"Nothing was known about “{self.pack.criteria[act.criterion].title}”.")
        elif act.argument and not meaning.extraction.observations and not meaning.extraction.set_aside:
            draft.note("I could not tell what to take back. /undo takes back what your last message said.")
        elif not act.argument:
            self._undo(draft)

    def _reset(self, draft: Draft) -> None:
        draft.change(**dict(State()))
        draft.note("A new project, with nothing known yet. What was said before stays in this conversation's record.")

    def _help(self, draft: Draft) -> None:
        lines = [f"{spec.usage}: {spec.description}." for spec in COMMANDS]
        draft.note(
            f"Describe your project in plain words, ask anything about {self._options}, or answer my question. "
            "Say “why”, “what if …”, “undo” or “recap” at any time. Commands:\n" + "\n".join(lines)
        )

    def _topics(self, draft: Draft) -> None:
        questions = sorted(entry.question for entry in self.pack.entries.values())
        draft.note("\n".join(["The FAQ answers these questions, in any wording:", *(f"- {q}" for q in questions)]))

    def _obey(self, draft: Draft, command: Command) -> None:
        """Carries out a slash command of the conversation."""
        if command.spec is None:
            draft.act("help")
            near = get_close_matches(command.name, [spec.name for spec in COMMANDS], 1)
            hint = f" Did you mean /{near[0]}?" if near else ""
            draft.note(f"There is no command /{shorten(command.name, 40)}.{hint} /help lists them.", warning=True)
            return
        name = command.spec.name
        draft.act(_COMMAND_ACTS.get(name, name.replace("-", "_")))
        argument = command.argument
        if command.spec.needs_argument and not argument:
            draft.note(f"Write something after it: {command.spec.usage}", warning=True)
            return
        steps: dict[str, Callable[[], None]] = {
            "help": lambda: self._help(draft),
            "recap": lambda: self._explainer.recap(draft),
            "why": lambda: self._why(draft, argument),
            "whynot": lambda: self._explainer.why_not(draft, self._named_option(draft, argument)),
            "whatif": lambda: self._what_if(draft, self._interpreter.suppose(argument), draft.utterance),
            "commit": lambda: self._commit(draft),
            "forget": lambda: self._forget_assumptions(draft),
            "flip": lambda: self._explainer.what_would_change(draft, self._named_option(draft, argument)),
            "sure": lambda: self._explainer.how_sure(draft),
            "tie": lambda: self._explainer.tied(draft),
            "changed": lambda: self._changed(draft, argument),
            "advice": lambda: self._explainer.advice(draft),
            "whyask": lambda: self._explainer.why_ask(draft),
            "ask": lambda: self._answer(draft, AskedQuestion(argument, self._interpreter.questions.match(argument))),
            "topics": lambda: self._topics(draft),
            "sources": lambda: self._sources(draft),
            "undo": lambda: self._undo(draft),
            "reset": lambda: self._reset(draft),
            "set": lambda: self._set(draft, argument),
            "withdraw": lambda: self._withdraw(draft, argument),
        }
        if name in steps:
            steps[name]()
        else:
            draft.note(f"/{name} works in the chat and in line mode.")

    def _set(self, draft: Draft, words: str) -> None:
        """Sets an attribute by hand; the user's own entry is its evidence."""
        draft.act("correct")
        try:
            name, label = split_correction(self.pack, words)
            attribute = named_attribute(self.pack, name)
            value = named_value(self.pack, attribute, label)
        except CorrectionError as error:
            draft.note(str(error), warning=True)
            return
        start = draft.utterance.rindex(words)
        observation = self._direct(draft, attribute, value, words, "set by hand")
        self._observe(draft, (observation.model_copy(update={"start": start, "end": start + len(words)}),))

    def _withdraw(self, draft: Draft, words: str) -> None:
        """Puts an attribute back to unknown."""
        draft.act("retract")
        try:
            attribute = named_attribute(self.pack, words)
        except CorrectionError as error:
            draft.note(str(error), warning=True)
            return
        title = self.pack.attributes[attribute].title
        if attribute not in draft.state.profile:
            draft.note(f"Nothing is known about “{title}”, so there is nothing to take back.")
            return
        kept = tuple(o for o in draft.state.observations if o.attribute != attribute)
        draft.change(observations=kept, pending=None)
        draft.note(f"Open again: {title}.")

    def _why(self, draft: Draft, argument: str) -> None:
        everything = argument.casefold() in _EVERYTHING
        self._explainer.why(draft, None if everything else self._named_row(draft, argument), everything)

    def _asked_why_before(self) -> bool:
        """Whether the last message asked why too: asked again, the short answer was not enough."""
        return bool(self.turns) and "why" in self.turns[-1].acts

    def _changed(self, draft: Draft, argument: str) -> None:
        if argument and not (argument.isdecimal() and int(argument) < draft.number):
            draft.note(f"Write the number of an earlier message after it, or nothing: /changed {draft.number - 1}")
            return
        self._explainer.what_changed(draft, self.turns, int(argument) if argument else None)

    def _named_row(self, draft: Draft, words: str) -> str | None:
        names = {key.casefold(): c.id for c in self.pack.criteria.values() for key in (c.id, c.short, c.title)}
        near = get_close_matches(words.casefold(), list(names), 1)
        if words and not near:
            draft.note(f"There is no row “{shorten(words, 40)}”; the rows are {', '.join(self.pack.criteria)}.")
        return names[near[0]] if near else None

    def _named_option(self, draft: Draft, words: str) -> str | None:
        names = {key.casefold(): o.id for o in self.pack.manifest.options for key in (o.id, o.name)}
        near = get_close_matches(words.casefold(), list(names), 1)
        if words and not near:
            draft.note(f"There is no option “{shorten(words, 40)}”; the options are {self._options}.")
        return names[near[0]] if near else None

    # The end of a turn -----------------------------------------------------------------------------------------

    def _ask_next(self, draft: Draft, matrix: Matrix) -> None:
        """Asks the question whose answer can change the verdict most; an open question survives until it is moot."""
        leans = {row.criterion: row.leans["article"] for row in matrix.rows}
        attribute = next_question(self._reasoner, draft.state.profile, leans, draft.state.declined)
        pending = draft.state.pending
        contested = pending is not None and pending == draft.contested and bool(self._row_of(pending))
        if contested or (attribute is not None and pending and leans[self._row_of(pending)] == UNKNOWN):
            attribute = self.pack.attributes[pending or ""]
        asked_before = draft.before.pending is not None
        wanted = asked_before or contested or bool(draft.state.observations) or draft.show_matrix
        if attribute is None or not wanted:
            draft.change(pending=None)
            return
        draft.change(pending=attribute.id)
        draft.blocks.append(replies.question(self.pack, attribute, leans))

    def _row_of(self, attribute: str) -> str:
        return self.pack.attributes[attribute].criterion or ""


def rejected_question(turn: Turn) -> str | None:
    """The question that a turn answered or offered topics for, in case the user says that it missed the point."""
    return next((block.asked for block in reversed(turn.blocks) if isinstance(block, Choices | Answer)), None)


def overlay(base: tuple[Observation, ...], above: tuple[Observation, ...]) -> tuple[Observation, ...]:
    """The observations of `base` with those attributes replaced that `above` has."""
    named = {observation.attribute for observation in above}
    return (*(o for o in base if o.attribute not in named), *above)
