"""Suppositions: sentences that try something out, and what they assume."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.knowledge_base.schema import UNKNOWN
from advisor.understanding.act_scopes import assumed, merged, span_of, supposed
from advisor.understanding.clauses import Sentence
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.example_reading import ExampleReader
from advisor.understanding.extraction import Extraction, Extractor
from advisor.understanding.mentions import Observation
from advisor.understanding.message_network import ADOPTED, TRIED
from advisor.understanding.statement_examples import StatementExamples

OPEN_SUPPOSITION = 0.5
"""Score of a what-if that no example foresaw."""

_OPENING = re.compile(
    r"(?:\W*[\w']+){0,6}?\W*"
    r"(?:\b(?:what|how)(?: (?:about|happens|changes|would (?:happen|change|it be|you (?:say|recommend|do|pick))))?"
    r" (?:if|when)|^\W*(?:\w+\W+){0,3}?(?:suppos\w*|imagine|assum(?:e|ing)|hypothetically))\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\W*(?:(?:and|but|so|ok|hm+|right)\W+)*if\b", re.IGNORECASE)
_UNREAL = re.compile(
    r"\b(?:would|were|was|had|became|started|went|ran|moved|got|grew|could|switched|needed|wanted|did"
    r"|used|hired|bought|lost|left|served|knew|built)\b",
    re.IGNORECASE,
)
"""Words that set a supposition apart from a condition that may well hold."""
_CONTINUING = re.compile(
    r"\W*(?:(?:(?:ok|and|or|but|plus|also|then)\W+)+(?:what |how )?(?:about |if )?|(?:what|how) (?:about|if) |if )"
    r"(?!(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|why|what|which|how|who|when|where)\b)",
    re.IGNORECASE,
)
_ADDING = re.compile(
    r"\W*(?:and|plus|also|then|ok)\W+(?:\w+\W+){0,2}?(?:with|say|suppose|assume|if|let'?s say)\b\W*", re.IGNORECASE
)
"""What opens words that continue a supposition although they do not ask: "and with an auditor as well"."""
_GOING_ON = re.compile(rf"\W*(?:and|plus|or|also)\W+(?=(?:\w+\W+){{0,6}}?{_UNREAL.pattern})", re.IGNORECASE)
"""What opens words that go on with it as if it were so: "and the kids used it on tablets"."""
_ELLIPTIC = re.compile(r"\W*(?:(and|plus|then|or|also|but|ok)\b|(?:on|in|with|without|for|at)\b)", re.IGNORECASE)
_OWN_FACT = re.compile(
    r"\b(?:we|i|our|my|us|is|are|am|was|were|has|have|btw|really|actually|already|now)\b|['’](?:s|m|re|ve)\b",
    re.IGNORECASE,
)
"""Words by which a few words tell what is so."""
_MOST_ELLIPTIC = 8
_FOLLOWING = re.compile(
    r"\W*(?:(?:he|she|they)\b|(?:(?:then|so|and)\W+)*(?:(?:we|i|it|there|that|you)(?:['’]d\b|\s+would\b)))",
    re.IGNORECASE,
)
"""What opens a sentence that tells more of what the one before it supposes."""
_NAME = re.compile(r"\b[A-Z]\w*[\w+#]*")
_DROPPED = re.compile(
    r"\b(?:no|not|never|without|drop\w*|left|leav\w*|los[et]\w*|quit\w*|less|(?:goes|went|go) away|n't)\b|n't",
    re.IGNORECASE,
)
_MOST_CONTINUING = 14
"""Words that what continues a supposition may have."""
_SURE = 0.8
"""From this chance on, the network is believed that what was tried out is adopted or dropped, and what is not assumed
although it was found.
"""
_LIKELY = 0.5
"""From this chance on, it is believed that something is tried out; and what, where nothing was found at all."""
_ASSUMED = 0.6
"""From this chance on, it is believed what would be so then, where nothing was found of it."""
_MORE = 0.3
"""By how much a thing must be likelier if all that is tried out were so than it is as things are."""
_MOST_QUOTED = 200

Known = Mapping[str, str]
"""The group that is known of a topic."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What what-ifs assume: what they state, and the topics of which nothing would be known, with what says so."""

    stated: Extraction
    falling_away: Mapping[str, Sentence]


class Supposer:
    """Reads suppositions with the extractor of a pack. `reader`: by whose network what is tried out is recognised."""

    def __init__(self, extractor: Extractor, reader: ExampleReader | None = None) -> None:
        self._extractor = extractor
        self._reader = reader if reader is not None and reader.network is not None else None

    def read(self, sentence: Sentence, known: Known, tried: Known | None) -> RecognizedAct | None:
        """What the network reads that a sentence does: it tries something out, adopts what was, or drops it.

        `known`: what is so; `tried`: what would be so with all that is tried out, if anything is.
        """
        if self._reader is None or self._reader.network is None:
            return None
        network, text = self._reader.network, sentence.text
        after = network.assumptions_after(text, trying=tried is not None)
        if tried is not None:
            for state, act in ((ADOPTED, "commit"), (UNKNOWN, "forget_assumptions")):
                if after[state] >= _SURE:
                    return RecognizedAct(act, after[state], None, None, "", "reads so as a whole")
        base = known if tried is None else tried
        really = network.states_after(text, known)
        if_so = network.states_after(text, base, supposing=True)
        assumes = any(
            chance >= (_SURE if group == UNKNOWN else _ASSUMED) and chance - really[topic][group] >= _MORE
            for topic, states in if_so.items()
            for group, chance in states.items()
            if group != base.get(topic, UNKNOWN)
        )
        if assumes and (tried is not None or after[TRIED] >= _LIKELY):
            return RecognizedAct("what_if", OPEN_SUPPOSITION, None, None, "", "reads so as a whole")
        return None

    def open_supposition(self, sentence: Sentence, extraction: Extraction) -> RecognizedAct | None:
        """The what-if in words that no example foresaw: a supposition about something that matters for the project."""
        text = sentence.text
        condition = sentence.is_question and bool(_UNREAL.search(text)) and bool(_CONDITION.match(text))
        if not (_OPENING.match(text) or condition) or not supposed(extraction, span_of(sentence)).observations:
            return None
        return RecognizedAct("what_if", OPEN_SUPPOSITION, None, None, "", "a supposition about the project")

    def continued(self, sentence: Sentence) -> RecognizedAct | None:
        """The what-if that adds to one just tried: "and on tablets?", "or if it was Azure?"."""
        opening = (_CONTINUING if sentence.is_question else _ADDING).match(sentence.text) or _GOING_ON.match(
            sentence.text
        )
        rest = "" if opening is None else sentence.text[opening.end() :].rstrip(" ?!.")
        if not 0 < len(rest.split()) <= _MOST_CONTINUING:
            return None
        if not self.suppose(rest).observations:
            return None
        return RecognizedAct("what_if", OPEN_SUPPOSITION, None, None, rest, "adds to what is supposed")

    def went_on(self, sentence: Sentence) -> RecognizedAct | None:
        """The what-if that a few words go on with: "on AWS", "and dropped the devices", right after a supposition."""
        said = sentence.text.rstrip(" .!?")
        opening = _ELLIPTIC.match(said)
        if opening is None or _OWN_FACT.search(said) or len(said.split()) > _MOST_ELLIPTIC:
            return None
        rest = said[opening.end(1) :].strip() if opening[1] else said
        if not self.suppose(rest).observations:
            return None
        return RecognizedAct("what_if", OPEN_SUPPOSITION, None, None, rest, "goes on with what is supposed")

    def followed(self, sentence: Sentence) -> RecognizedAct | None:
        """What is said next of those whom a supposition names, or as what would be so then: "What if my cousin wrote
        it? She's all Java. Then we'd need no server."
        """
        said = sentence.text.rstrip(" .!")
        if sentence.is_question or not _FOLLOWING.match(said) or not self.suppose(said).observations:
            return None
        return RecognizedAct("what_if", OPEN_SUPPOSITION, None, None, said, "tells more of what is supposed")

    def assumptions(
        self, extraction: Extraction, tried: Iterable[tuple[Sentence, RecognizedAct]], text: str, known: Known
    ) -> Assumptions:
        """What the what-ifs of an utterance assume. `known`: what is so, or would be with all that was tried before."""
        found: list[Observation] = []
        falling: dict[str, Sentence] = {}
        for sentence, act in tried:
            span = assumed(sentence, act)
            plain = supposed(extraction, span)
            said = act.argument or text[span.start : span.stop]
            read = self._without_replaced(plain, said) if plain.observations else self.suppose(said)
            observations, topics = self._as_a_whole(read, sentence, known)
            found += observations
            falling |= dict.fromkeys(topics, sentence)
        told = {o.attribute for o in found}
        topics_of = {} if self._reader is None else self._reader.examples.topics
        left = {topic: sentence for topic, sentence in falling.items() if told.isdisjoint(topics_of[topic])}
        return Assumptions(Extraction(tuple(found), ()), left)

    def _as_a_whole(
        self, found: Extraction, sentence: Sentence, known: Known
    ) -> tuple[Sequence[Observation], Collection[str]]:
        """What was found in a supposition, without what the network reads that it does not assume, and with what it
        reads that it does; and the topics of which nothing would be known any more.
        """
        if self._reader is None or self._reader.network is None:
            return found.observations, ()
        examples = self._reader.examples
        after = self._reader.network.states_after(sentence.text, known, supposing=True)
        kept = list(found.observations)
        falling: list[str] = []
        drops = _DROPPED.search(sentence.text) is not None
        for topic, states in after.items():
            state = max(states, key=lambda name: states[name])
            columns = {group.name: (at, group) for at, group in enumerate(examples.groups) if group.topic == topic}
            told = {
                name
                for name, (_, group) in columns.items()
                if any((o.attribute, o.value) in group.values for o in kept)
            }
            was = known.get(topic, UNKNOWN)
            # What is so already can only be supposed to end.
            fades = drops and told == {was}
            instead = state not in (was, UNKNOWN) and states[state] >= _ASSUMED
            ends = was != UNKNOWN and not instead and (fades or (state == UNKNOWN and states[state] >= _SURE))
            right = columns.get(state)
            if ends or fades or states[state] >= _SURE or len(told) > 1:
                wrong = (group.values for name, (_, group) in columns.items() if ends or name != state)
                gone = frozenset[tuple[str, str]]().union(*wrong)
                kept = [o for o in kept if (o.attribute, o.value) not in gone]
            enough = _ASSUMED if found.observations else _LIKELY
            if ends:
                falling.append(topic)
            elif (
                right is not None
                and state != was
                and states[state] >= enough
                and not any(o.attribute in examples.topics[topic] for o in kept)
            ):
                kept.append(self._likely(examples, sentence, right[0]))
        return kept, falling

    def _likely(self, examples: StatementExamples, sentence: Sentence, column: int) -> Observation:
        """What the network reads in a supposition, told by the example of a group that it is likest to."""
        likeness = examples.nearest(sentence.text, column)
        quote = sentence.text[:_MOST_QUOTED].rstrip(" .?!;,")
        span = (sentence.start, sentence.start + len(quote))
        return Observation(likeness.attribute, likeness.value, quote, *span, "inferred", f"like “{likeness.example}”")

    def suppose(self, assumption: str) -> Extraction:
        """The facts in an assumption, which may be half a sentence ("it had to run on phones")."""
        opening = "what if "
        found = self._extractor.extract(f"{opening}{assumption}?")
        facts = supposed(found, range(len(opening), len(opening) + len(assumption)))
        for noted in (False,) if _DROPPED.search(assumption) else (False, True):
            if not facts.observations:
                facts = supposed(self._extractor.extract(assumption, noted=noted), range(len(assumption)))
        return self._without_replaced(facts, assumption) if facts.observations else self._of_names(assumption)

    def _of_names(self, assumption: str) -> Extraction:
        """What the names in an assumption mean by themselves: "they all took my Python course"."""
        names = {word[0]: None for word in _NAME.finditer(assumption)} if not _DROPPED.search(assumption) else {}
        return merged(self._extractor.extract(name, noted=True) for name in names)

    def _without_replaced(self, facts: Extraction, words: str) -> Extraction:
        """The facts of an assumption without what it replaces: "we dropped Google and went to AWS" assumes AWS.

        As a plain statement the same words tell which value is new.
        """
        plain = self._extractor.extract(words)
        # What they only look like tells nothing of what is new.
        plain = replace(plain, observations=tuple(o for o in plain.observations if o.obtained == "said"))
        stated: dict[str, set[str]] = {}
        for one in plain.observations:
            stated.setdefault(one.attribute, set()).add(one.value)
        gone = {(m.attribute, m.value) for m in plain.set_aside if m.stance == "denied"}
        kept = [
            o
            for o in facts.observations
            if o.value in stated.get(o.attribute, {o.value}) and (o.attribute, o.value) not in gone
        ]
        read = {o.attribute for o in kept}
        # "We dropped the tablet" assumes that there is none: what plain words say in place of all that is gone.
        absent = [o for o in plain.observations if o.attribute in {f.attribute for f in facts.observations} - read]
        return Extraction(tuple([*kept, *absent] or facts.observations), ())
