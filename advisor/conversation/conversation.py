"""One turn in, one reply out: the policy that turns an interpreted utterance into blocks and the next state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from difflib import get_close_matches

from advisor.conversation import replies
from advisor.conversation.answers import explains, only_serving, taken_back
from advisor.conversation.assumptions import suppose
from advisor.conversation.blocks import Choices, NoAnswer
from advisor.conversation.commands import COMMANDS, Command, parse_command
from advisor.conversation.draft import Draft
from advisor.conversation.explaining import Explainer
from advisor.conversation.history import since_reset
from advisor.conversation.informing import help_text, options_in_words, tell_sources, topics_text
from advisor.conversation.moves import Moves
from advisor.conversation.retractions import Retractions
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.next_question import next_question
from advisor.reasoning.recommendation import Reasoner
from advisor.text import clean, shorten
from advisor.understanding.changed_facts import Change
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.extraction import Extraction
from advisor.understanding.interpretation import READ_LIMIT, AskedQuestion, Interpretation, Interpreter

_ABOUT_BEFORE = frozenset({"reset", "undo", "retract", "forget_assumptions", "commit"})

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

# Who says these speaks of the open question, and sees it in full again.
_ABOUT_THE_QUESTION = frozenset({"yes", "no", "dont_know", "why_ask"})

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
        self._moves = Moves(reasoner, interpreter, self._explainer, self.turns)
        self._retractions = Retractions(self._moves, interpreter)

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
        elif self._moves.pick(draft, text):
            pass
        else:
            if len(text) > READ_LIMIT:
                draft.note(
                    f"That is {len(text):,} characters long; I kept all of it but read the first {READ_LIMIT:,}."
                )
            context = draft.before.last_topic and self.pack.entries[draft.before.last_topic].question
            before = [turn.utterance for turn in since_reset(self.turns)]
            known = self._moves.leans(draft.before.observations)
            tried = self._moves.tried(draft.before)
            trying = tried is not None and "what_if" in self.turns[-1].acts
            meaning = self._interpreter.interpret(text, context, before=before, known=known, tried=tried, trying=trying)
            self._discuss(draft, meaning, text)
        self._explainer.conclude(draft)
        self._ask_next(draft)
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
        # What takes something back, or agrees, speaks of what was said before, not of what the same message says; but
        # what the same message tries out, it may drop again.
        tried = next((at for at, act in enumerate(meaning.acts) if act.act == "what_if"), len(meaning.acts))
        first = [act for act in meaning.acts[:tried] if act.act in _ABOUT_BEFORE]
        for act in first:
            self._perform(draft, act, meaning, text)
        self._take_in(draft, meaning.extraction, meaning.changes)
        for asked in meaning.questions:
            self._answer(draft, asked)
        for act in meaning.acts:
            if act not in first:
                self._perform(draft, act, meaning, text)
        if meaning.remark and draft.state.observations == draft.before.observations:
            draft.act("off_topic")
            draft.note(
                "I found nothing in that that bears on the choice. I can read what you say about your team, project, "
                "its stage, serving, devices and cloud, and answer questions about both frameworks."
            )

    def _take_in(self, draft: Draft, extraction: Extraction, changes: Sequence[Change]) -> None:
        found = replies.observations(extraction.observations, draft.number)
        if "undo" in draft.acts and explains(found, draft.before.observations, draft.state.observations):
            found = ()
        found = self._moves.changed(draft, found, changes, extraction.set_aside)
        self._moves.take_back(draft, taken_back(draft.state.observations, extraction))
        self._moves.drop_assumptions(draft, taken_back(draft.state.assumptions, extraction))
        self._moves.take_back(draft, only_serving(draft.utterance, draft.state.observations, self.pack.attributes))
        if found:
            draft.act("describe")
            self._moves.observe(draft, found, instead=True)
        self._moves.wonder(draft, replies.observations(extraction.unsure, draft.number))
        aside = replies.set_aside(self.pack, extraction)
        if aside is not None:
            draft.blocks.append(aside)
        silent = {o.attribute for o in draft.undone} - {o.attribute for o in found}
        if silent:
            draft.note(self._moves.open_again(silent))
        self._point_out(draft, extraction)

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
            "yes": lambda: self._moves.yes_or_no(draft, "yes", text, meaning),
            "no": lambda: self._moves.yes_or_no(draft, "no", text, meaning),
            "confirm": lambda: self._moves.confirm(draft, text, meaning),
            "dispute": lambda: self._moves.dispute(draft, text, meaning),
            "dont_know": lambda: self._moves.decline(draft),
            "none_of_these": lambda: self._moves.none_of_these(draft),
            "why": lambda: self._explainer.why(draft, act.criterion, everything=self._asked_why_before()),
            "why_ask": lambda: self._explainer.why_ask(draft),
            "why_not": lambda: self._explainer.why_not(draft, act.option),
            "what_if": lambda: self._moves.what_if(draft, meaning.assumptions, text, meaning.falling_away),
            "commit": lambda: self._moves.commit(draft, draft.utterance[len(act.preface) :]),
            "forget_assumptions": lambda: self._moves.forget_assumptions(draft),
            "what_would_change": lambda: self._explainer.what_would_change(draft, act.option),
            "what_changed": lambda: self._explainer.what_changed(draft, self.turns),
            "how_sure": lambda: self._explainer.how_sure(draft),
            "advise": lambda: self._explainer.advice(draft),
            "recap": lambda: self._explainer.recap(draft),
            "recommend": lambda: self._explainer.recap(draft),
            "sources": lambda: tell_sources(self.pack, draft),
            "undo": lambda: self._retractions.undo(draft, meaning),
            "retract": lambda: self._retractions.retract(draft, act, meaning),
            "reset": lambda: self._moves.reset(draft),
            "help": lambda: draft.note(help_text(self.pack)),
            "export": lambda: draft.note("To save the record, type /export, with a file name if you like."),
            "quit": lambda: draft.note("Type /quit to leave. The conversation is kept."),
        }
        if act.act == "small_talk":
            draft.act("off_topic")
        if act.act == "greeting" and (meaning.extraction.observations or meaning.questions):
            draft.note("Hello.")
        elif act.act in _SMALL_TALK:
            draft.note(_SMALL_TALK[act.act].format(options=options_in_words(self.pack)))
        elif act.act in moves:
            moves[act.act]()

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
            "help": lambda: draft.note(help_text(self.pack)),
            "recap": lambda: self._explainer.recap(draft),
            "why": lambda: self._why(draft, argument),
            "whynot": lambda: self._explainer.why_not(draft, self._named_option(draft, argument)),
            "whatif": lambda: self._moves.try_out(draft, argument),
            "commit": lambda: self._moves.commit(draft, ""),
            "forget": lambda: self._moves.forget_assumptions(draft),
            "flip": lambda: self._explainer.what_would_change(draft, self._named_option(draft, argument)),
            "sure": lambda: self._explainer.how_sure(draft),
            "tie": lambda: self._explainer.tied(draft),
            "changed": lambda: self._changed(draft, argument),
            "advice": lambda: self._explainer.advice(draft),
            "whyask": lambda: self._explainer.why_ask(draft),
            "ask": lambda: self._answer(draft, AskedQuestion(argument, self._interpreter.questions.match(argument))),
            "topics": lambda: draft.note(topics_text(self.pack)),
            "sources": lambda: tell_sources(self.pack, draft),
            "undo": lambda: self._moves.undo(draft),
            "reset": lambda: self._moves.reset(draft),
            "set": lambda: self._moves.set(draft, argument),
            "withdraw": lambda: self._moves.withdraw(draft, argument),
        }
        if name in steps:
            steps[name]()
        else:
            draft.note(f"/{name} works in the chat and in line mode.")

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
            draft.note(f"There is no option “{shorten(words, 40)}”; the options are {options_in_words(self.pack)}.")
        return names[near[0]] if near else None

    # The end of a turn -----------------------------------------------------------------------------------------

    def _ask_next(self, draft: Draft) -> None:
        """Asks the question whose answer can change the verdict most; an open question survives until it is moot.

        Where words seemed to answer it, it is asked whether they do; of questions that weigh the same, such come first.
        What is assumed counts as known while it is tried out. Who says goodbye is not asked.
        """
        if "goodbye" in draft.acts and draft.state.observations == draft.before.observations:
            return
        profile = profile_of(suppose(self._reasoner, draft.state.observations, draft.state.assumptions).holding)
        leans = self._reasoner.foresee("article", profile).leans
        unsure = {
            self._row_of(o.attribute): o
            for o in draft.state.unsure
            if leans.get(self._row_of(o.attribute)) == UNKNOWN and o.attribute not in draft.state.declined
        }
        draft.change(unsure=tuple(unsure.values()))
        attribute = next_question(self._reasoner, profile, leans, draft.state.declined, unsure)
        pending = draft.state.pending
        contested = pending is not None and pending == draft.contested and bool(self._row_of(pending))
        if contested or (attribute is not None and pending and leans[self._row_of(pending)] == UNKNOWN):
            attribute = self.pack.attributes[pending or ""]
        asked_before = draft.before.pending is not None
        wanted = asked_before or contested or bool(draft.state.observations) or draft.show_matrix
        if attribute is None or not wanted:
            draft.change(pending=None)
            return
        suggested = None if contested else unsure.get(self._row_of(attribute.id))
        attribute = attribute if suggested is None else self.pack.attributes[suggested.attribute]
        draft.change(pending=attribute.id)
        asked = (draft.before.pending, draft.before.suggestion) == (attribute.id, suggested)
        again = asked and not contested and _ABOUT_THE_QUESTION.isdisjoint(draft.acts)
        draft.blocks.append(replies.question(self.pack, attribute, leans, suggested, again))

    def _row_of(self, attribute: str) -> str:
        return self.pack.attributes[attribute].criterion or ""
