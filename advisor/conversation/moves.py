"""What the moves of a conversation do to what is known: answers, corrections, suppositions, taking back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from advisor.conversation import replies
from advisor.conversation.answers import (
    added_to,
    chosen_of,
    dropped_in,
    is_added,
    picked,
)
from advisor.conversation.assumptions import overlay, suppose
from advisor.conversation.blocks import Answer, Choices, Observation, Rejected, Understood, WhatIf
from advisor.conversation.corrections import CorrectionError, named_attribute, named_value, split_correction
from advisor.conversation.draft import Draft
from advisor.conversation.explaining import Explainer
from advisor.conversation.history import went_on_from
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.recommendation import Reasoner
from advisor.understanding.changed_facts import Change
from advisor.understanding.clauses import Sentence
from advisor.understanding.extraction import Extraction, Mention
from advisor.understanding.interpretation import Interpretation, Interpreter


class Moves:
    """The moves over what one reasoner knows; each changes the draft of the next turn. `turns`: those so far."""

    def __init__(
        self, reasoner: Reasoner, interpreter: Interpreter, explainer: Explainer, turns: Sequence[Turn]
    ) -> None:
        self.pack = reasoner.pack
        self.turns = turns
        self._interpreter = interpreter
        self._explainer = explainer
        self._reasoner = reasoner

    def changed(
        self, draft: Draft, found: tuple[Observation, ...], changes: Iterable[Change], aside: Iterable[Mention]
    ) -> tuple[Observation, ...]:
        """Takes back what a message reads as if it no longer held; what was `found` in it, with what holds instead.

        Only what was known before the message can have changed, and what it says plainly of the same row comes first.
        `aside`: what else it speaks of. A story of the past changes nothing where it is not about what was known.
        """
        known = {(o.attribute, o.value) for o in draft.before.observations}
        past = (m for m in aside if m.stance == "past" and (m.attribute, m.value) not in known)
        stories = {self.pack.attributes[mention.attribute].criterion for mention in past}
        before, said = self.leans(draft.before.observations), self.leans(found)
        for change in changes:
            if before.get(change.topic) != change.was or said.get(change.topic) != UNKNOWN or change.topic in stories:
                continue
            gone = [o for o in draft.state.observations if self.leans((o,)).get(change.topic) == change.was]
            self.take_back(draft, gone)
            found = (*found, *replies.observations([change.instead] if change.instead else [], draft.number))
        return found

    def leans(self, observations: Iterable[Observation]) -> Mapping[str, str]:
        """Where each row leans by these observations alone, in the article reading."""
        return self._reasoner.foresee("article", profile_of(tuple(observations))).leans

    def tried(self, state: State) -> Mapping[str, str] | None:
        """Where each row would lean if all that is tried out were so; None where nothing is."""
        if not state.assumptions:
            return None
        return self.leans(suppose(self._reasoner, state.observations, state.assumptions).holding)

    def take_back(self, draft: Draft, gone: Collection[Observation]) -> None:
        """Puts observations back to unknown."""
        if gone:
            draft.act("retract")
            draft.undone = (*draft.undone, *gone)
            draft.change(observations=tuple(o for o in draft.state.observations if o not in gone))

    def open_again(self, names: Iterable[str]) -> str:
        """Says which attributes, by their titles, are open again."""
        wanted = set(names)
        titles = [attribute.title for attribute in self.pack.attributes.values() if attribute.id in wanted]
        return f"Open again: {', '.join(titles)}."

    def observe(self, draft: Draft, found: tuple[Observation, ...], *, instead: bool = False) -> None:
        """The last statement wins: an attribute's new observations replace its earlier ones.

        `instead`: so they do what was known of other attributes and leans a row away from where they alone lean it,
        unless they are said to be added: a trial that the regulator now inspects is no trial any more.
        """
        named = {observation.attribute for observation in found}
        earlier = (*draft.undone, *draft.state.observations)
        yielding: tuple[Observation, ...] = ()
        if instead:
            # What is adopted was added to what else was tried out, not to what was known.
            alone = tuple(o for o in found if o.obtained == "confirmed" or not is_added(o))
            yielding = suppose(self._reasoner, draft.state.observations, alone).set_aside
            draft.change(observations=tuple(o for o in draft.state.observations if o not in yielding))
        added = (o for o in found if not instead or o.obtained != "confirmed")
        beside = added_to(added, draft.state.observations, self.pack.attributes)
        draft.blocks.append(
            Understood(items=tuple(replies.understood_item(self.pack, observation, earlier) for observation in found))
        )
        draft.change(
            observations=overlay(draft.state.observations, (*beside, *found)),
            assumptions=tuple(o for o in draft.state.assumptions if o.attribute not in named),
            declined=tuple(name for name in draft.state.declined if name not in named),
            pending=None if draft.state.pending in named else draft.state.pending,
        )
        if yielding:
            draft.note(f"It replaces what you said before: {self._in_words(yielding)}.")

    def wonder(self, draft: Draft, unsure: tuple[Observation, ...]) -> None:
        """Keeps in mind what words only seem to say, to ask about it; of a row, what was said last."""
        rows = {self.pack.attributes[o.attribute].criterion for o in unsure}
        kept = (o for o in draft.state.unsure if self.pack.attributes[o.attribute].criterion not in rows)
        draft.change(unsure=(*kept, *unsure))

    def pick(self, draft: Draft, text: str) -> bool:
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
        self.observe(draft, (self._direct(draft, pending, value, text, "picked from the answers"),))
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

    def yes_or_no(self, draft: Draft, word: Literal["yes", "no"], text: str, meaning: Interpretation) -> None:
        """A bare yes or no answers the pending question; said beside facts or questions it adds nothing to them."""
        pending = draft.before.pending
        if meaning.extraction.observations or meaning.questions or "commit" in draft.acts:
            return
        value = None if pending is None else self.pack.attributes[pending].answers.get(word)
        suggestion = draft.before.suggestion
        if suggestion is not None:
            draft.change(unsure=tuple(o for o in draft.state.unsure if o != suggestion))
        if suggestion is not None and word == "yes":
            reason = f"{suggestion.reason}, confirmed by “{text.strip()}”"
            self.observe(draft, (suggestion.model_copy(update={"obtained": "confirmed", "reason": reason}),))
        elif suggestion is not None:
            draft.note("Then that stays open.")
        elif pending is not None and value is not None:
            self.observe(draft, (self._direct(draft, pending, value, text, f"“{word}” to the question"),))
        elif word == "no" and draft.state.assumptions:
            # The question cannot be answered by no, so it speaks of what was tried out.
            self.forget_assumptions(draft)
        elif word == "yes" and self._inferred(draft):
            self.confirm(draft, text, meaning)
        elif pending is None:
            draft.note("No question of mine is open, so that changes nothing.")
        else:
            draft.note("That question needs one of the answers below, or your own words.")

    def _inferred(self, draft: Draft) -> tuple[Observation, ...]:
        """What the last turn inferred and still holds."""
        last = draft.before.observations
        return tuple(o for o in last if o.obtained == "inferred" and o.turn == draft.number - 1)

    def confirm(self, draft: Draft, text: str, meaning: Interpretation) -> None:
        """Takes what was inferred from the last message as confirmed; with nothing inferred, it is a yes.

        So it is where a suggestion was asked about: that is what the words answer.
        """
        inferred = self._inferred(draft)
        if draft.before.suggestion is not None or not inferred:
            draft.act("yes")
            self.yes_or_no(draft, "yes", text, meaning)
            return
        confirmed = {o: o.model_copy(update={"obtained": "confirmed"}) for o in inferred}
        draft.change(observations=tuple(confirmed.get(o, o) for o in draft.state.observations))
        draft.blocks.append(Understood(items=tuple(replies.understood_item(self.pack, o) for o in confirmed.values())))

    def dispute(self, draft: Draft, text: str, meaning: Interpretation) -> None:
        """Puts back to unknown what was wrongly inferred from the last message; with nothing inferred, it is a no.

        So it is where a suggestion was asked about.
        """
        inferred = self._inferred(draft)
        if meaning.extraction.observations:
            return
        asked = draft.before.suggestion is not None
        if not asked and not inferred and any(o.turn == draft.number - 1 for o in draft.before.observations):
            draft.note("Then say what is right, in your own words; “undo” takes back what I last understood.")
            return
        if asked or not inferred:
            draft.act("no")
            self.yes_or_no(draft, "no", text, meaning)
            return
        draft.change(observations=tuple(o for o in draft.state.observations if o not in inferred))
        draft.note(self.open_again(o.attribute for o in inferred))

    def decline(self, draft: Draft) -> None:
        """Leaves the pending question open, says how to find the answer out, and does not ask it again."""
        if draft.state.pending is None:
            draft.note("That is fine; it stays open.")
            return
        title = self.pack.attributes[draft.state.pending].title
        how = self.pack.attributes[draft.state.pending].how_to_find_out
        draft.note(f"“{title}” stays open. To find out: {how}")
        draft.change(declined=(*draft.state.declined, draft.state.pending), pending=None)

    def none_of_these(self, draft: Draft) -> None:
        """Rejects what was just offered or answered; `gaps` finds it in the transcript."""
        rejected = rejected_question(self.turns[-1]) if self.turns else None
        if rejected is not None:
            draft.blocks.append(Rejected(asked=rejected))
            draft.change(offered=(), last_topic=None)
        elif draft.state.pending is not None and not any(block.kind == "understood" for block in draft.blocks):
            self.decline(draft)

    def what_if(
        self, draft: Draft, assumed: Extraction, text: str, falling_away: Mapping[str, Sentence] = MappingProxyType({})
    ) -> None:
        """Adds to what is assumed and shows both matrices: as things are, and as they would be.

        `falling_away`: the rows of which nothing would be known, with the words that say so.
        """
        found = [
            o.model_copy(
                update={"obtained": "assumed", "start": (at := max(text.find(o.quote), 0)), "end": at + len(o.quote)}
            )
            for o in replies.observations(assumed.observations, draft.number)
        ]
        absent = dropped_in(text, draft.number, draft.state.observations, self.pack.attributes)
        found += [o for o in absent if o.attribute not in {other.attribute for other in found}]
        found += self._opened(draft, falling_away, found)
        if not found:
            draft.note("I could not tell what to assume. Try “what if it had to run on a phone?”, for example.")
            return
        named = {observation.attribute for observation in found}
        assumptions = (*(o for o in draft.state.assumptions if o.attribute not in named), *found)
        draft.change(assumptions=assumptions)
        supposition = suppose(self._reasoner, draft.state.observations, assumptions)
        draft.blocks.append(
            WhatIf(
                assumptions=tuple(replies.understood_item(self.pack, o, draft.state.observations) for o in assumptions),
                set_aside=tuple(replies.understood_item(self.pack, o) for o in supposition.set_aside),
                now=self._explainer.matrix(draft.state.observations),
                then=self._explainer.matrix(supposition.holding),
            )
        )
        draft.note("Nothing of this is kept unless you say so (/commit). Drop it with /forget.")

    def try_out(self, draft: Draft, words: str) -> None:
        """Tries out what some words assume."""
        known = self.tried(draft.state)
        assumed = self._interpreter.suppose(words, self.leans(draft.state.observations) if known is None else known)
        self.what_if(draft, assumed.stated, draft.utterance, assumed.falling_away)

    def _opened(
        self, draft: Draft, falling_away: Mapping[str, Sentence], found: Sequence[Observation]
    ) -> list[Observation]:
        """That nothing is known of those attributes of rows that fall away in a what-if."""
        told = {self.pack.attributes[o.attribute].criterion for o in found}
        holding = suppose(self._reasoner, draft.state.observations, draft.state.assumptions).holding
        rows = {o.attribute: self.pack.attributes[o.attribute].criterion for o in holding}
        return [
            Observation(
                attribute=attribute,
                value=UNKNOWN,
                quote=sentence.text,
                turn=draft.number,
                start=(at := draft.utterance.index(sentence.text)),
                end=at + len(sentence.text),
                obtained="assumed",
                reason="nothing else is said instead",
            )
            for attribute, row in rows.items()
            if row not in told and (sentence := falling_away.get(row or ""))
        ]

    def commit(self, draft: Draft, words: str) -> None:
        """Makes facts of what is assumed, or of what `words` choose of it; what that replaces is named."""
        if not draft.state.assumptions:
            draft.note("There are no assumptions to adopt.")
            return
        chosen = chosen_of(words, draft.state.assumptions, self._interpreter.extract)
        adopted = tuple(o.model_copy(update={"obtained": "confirmed"}) for o in chosen)
        draft.change(assumptions=tuple(o for o in draft.state.assumptions if o not in chosen))
        opened = {o.attribute for o in adopted if o.value == UNKNOWN}
        if opened:
            draft.change(observations=tuple(o for o in draft.state.observations if o.attribute not in opened))
            draft.note(self.open_again(opened))
        if said := tuple(o for o in adopted if o.value != UNKNOWN):
            self.observe(draft, said, instead=True)
        if draft.state.assumptions:
            draft.note(f"Still only assumed: {self._in_words(draft.state.assumptions)}. Drop it with /forget.")

    def _in_words(self, observations: Iterable[Observation]) -> str:
        return "; ".join(replies.understood_item(self.pack, observation).in_words for observation in observations)

    def forget_assumptions(self, draft: Draft) -> None:
        """Drops all that is assumed."""
        had = bool(draft.state.assumptions)
        draft.change(assumptions=())
        draft.note("The assumptions are dropped." if had else "There were no assumptions.")

    def drop_assumptions(self, draft: Draft, gone: Collection[Observation]) -> None:
        """Drops some of what is assumed."""
        if gone:
            draft.change(assumptions=tuple(o for o in draft.state.assumptions if o not in gone))
            draft.note(f"No longer assumed: {self._in_words(gone)}.")

    def undo(self, draft: Draft) -> None:
        """Goes back to what held before the last turn that changed what is known or assumed; again, before that one."""
        draft.act("undo")
        held = went_on_from(self.turns)
        if len(held) == 1:
            draft.note("There is nothing to undo.")
            return
        draft.change(observations=held[-2].observations, assumptions=held[-2].assumptions, pending=None)
        draft.note("Taken back.")

    def reset(self, draft: Draft) -> None:
        """Begins a new project with nothing known."""
        draft.change(**dict(State()))
        draft.note("A new project, with nothing known yet. What was said before stays in this conversation's record.")

    def set(self, draft: Draft, words: str) -> None:
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
        self.observe(draft, (observation.model_copy(update={"start": start, "end": start + len(words)}),))

    def withdraw(self, draft: Draft, words: str) -> None:
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


def rejected_question(turn: Turn) -> str | None:
    """The question that a turn answered or offered topics for, in case the user says that it missed the point."""
    return next((block.asked for block in reversed(turn.blocks) if isinstance(block, Choices | Answer)), None)
