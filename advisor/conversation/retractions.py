"""Taking back what was said, in whatever words: what a retraction means of all that is known or assumed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from advisor.conversation import replies
from advisor.conversation.answers import named_in, quoting, said_exactly, spoken_of, taken_along, told_beside
from advisor.conversation.blocks import Observation
from advisor.conversation.draft import Draft
from advisor.conversation.history import told_last, went_on_from
from advisor.conversation.moves import Moves
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.interpretation import Interpretation, Interpreter


class Retractions:
    """Retractions, as `moves` carry them out. `interpreter`: reads what the words that retract speak of."""

    def __init__(self, moves: Moves, interpreter: Interpreter) -> None:
        self._moves = moves
        self._pack = moves.pack
        self._interpreter = interpreter

    def retract(self, draft: Draft, act: RecognizedAct, meaning: Interpretation) -> None:
        """Puts what is named back to unknown: attributes, or a row; with nothing named, the last message's facts."""
        known = [o for o in draft.state.observations if o.turn < draft.number]
        said = spoken_of(act.argument, meaning.extraction, self._interpreter.extract(act.argument))
        tried = dict.fromkeys((*draft.before.assumptions, *draft.state.assumptions))
        dropped = named_in(said, tried) or quoting(act.argument, tried)
        if dropped and not said_exactly(said, known):
            self._moves.drop_assumptions(draft, [o for o in draft.state.assumptions if o in dropped])
            return
        rows = {row for row in (act.criterion, *act.also) if row is not None}
        row = {a.id for a in self._pack.attributes.values() if a.criterion in rows}
        of_row = self._of_topics(rows, known)
        utterances = {turn.number: turn.utterance for turn in self._moves.turns}
        named = named_in(said, known)
        # "The inspector: scratch that one."
        led = frozenset[Observation]() if act.argument else quoting(act.lead, known)
        gone = (named | of_row if act.also else named or of_row) or led or self._meant(act, known, utterances)
        gone = gone or quoting(act.argument, known)
        if not gone and not act.argument:
            # "The phone is another customer's. Ignore it."
            gone = said_exactly(self._interpreter.extract(act.preface), known)
        gone = gone or told_beside(act.argument, act.preface, known, self._pack.attributes, utterances)
        if gone:
            gone = taken_along(gone, known, self._pack.attributes, utterances)
            self._moves.take_back(draft, sorted(gone, key=known.index))
            draft.change(pending=None)
        elif tried and act.criterion is None:
            # "Drop that idea" in a what-if: what else could be meant. "No" may have dropped it already.
            if draft.state.assumptions:
                self._moves.forget_assumptions(draft)
        elif act.criterion is not None and (absent := self._absent(draft, row)):
            # "Let's leave phones out" before they were ever in.
            draft.act("describe")
            self._moves.observe(draft, absent)
        elif act.criterion is not None:
            draft.note(f"Nothing was known about “{self._pack.criteria[act.criterion].title}”.")
        elif act.argument and not meaning.extraction.observations and not meaning.extraction.set_aside:
            draft.note("I could not tell what to take back. /undo takes back what your last message said.")
        elif not act.argument and (meaning.questions or not told_last(self._moves.turns)):
            draft.note("Your last message stated nothing that I noted. “undo” takes back what was noted before it.")
        elif not act.argument:
            self._take_back_last(draft, known, meaning)

    def undo(self, draft: Draft, meaning: Interpretation) -> None:
        """Takes back the last message, unless what is said instead corrects another row: "oops, it is 60 an hour"."""
        held = went_on_from(self._moves.turns)
        now, before = held[-1].observations, held[-2].observations if len(held) > 1 else ()
        last = self._rows(o for o in (*now, *before) if o not in now or o not in before)
        said = self._rows(replies.observations(meaning.extraction.observations, draft.number))
        if said & self._rows(now) and said.isdisjoint(last):
            return
        self._moves.undo(draft)

    def _rows(self, observations: Iterable[Observation]) -> set[str | None]:
        return {self._pack.attributes[o.attribute].criterion for o in observations}

    def _meant(
        self, act: RecognizedAct, known: Sequence[Observation], utterances: Mapping[int, str]
    ) -> frozenset[Observation]:
        """What is known of the topics that a retraction seems to mean; of several, those that it was told beside."""
        meant = self._of_topics(act.topics, known)
        told = told_beside(act.argument, act.preface, known, self._pack.attributes, utterances)
        rows = {self._pack.attributes[o.attribute].criterion for o in told}
        return self._of_topics(rows.intersection(act.topics), known) or meant

    def _of_topics(self, topics: Collection[str | None], known: Iterable[Observation]) -> frozenset[Observation]:
        return frozenset(o for o in known if self._pack.attributes[o.attribute].criterion in topics)

    def _absent(self, draft: Draft, row: Collection[str]) -> tuple[Observation, ...]:
        """What a message says plainly not to be there, of the attributes of a row."""
        found = replies.observations(self._interpreter.extract(draft.utterance).observations, draft.number)
        plain = (o for o in found if o.obtained == "said" and o.attribute in row)
        return tuple(o for o in plain if o.value == self._pack.attributes[o.attribute].absence)

    def _take_back_last(self, draft: Draft, known: Sequence[Observation], meaning: Interpretation) -> None:
        """Takes back the last message; where a new one stands in its place, only what was said of the same rows."""
        if not meaning.extraction.observations:
            self._moves.undo(draft)
            return
        rows = {self._pack.attributes[o.attribute].criterion for o in meaning.extraction.observations}
        last = [o for o in known if o.turn == draft.number - 1]
        self._moves.take_back(draft, [o for o in last if self._pack.attributes[o.attribute].criterion in rows] or last)
