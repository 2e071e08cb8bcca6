"""Which words of an utterance belong to an act, and what the rest of them says about the project."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from advisor.understanding.clauses import Sentence
from advisor.understanding.dialogue_acts import RecognizedAct
from advisor.understanding.mentions import Extraction, Mention, Observation

TAKING_BACK = frozenset({"retract", "undo", "reset", "forget_assumptions"})
"""Acts whose words tell nothing of the project, however they explain themselves."""

_IS = r"(?:['’]s|\s+(?:is|was|are|were))\b"
_EXPLAINING = re.compile(rf"\W*(?:because\s+)?(?:that|those){_IS}", re.IGNORECASE)
"""What opens a clause that only explains why something is taken back: "I was wrong about C: that's the other team"."""
_EXPLAINING_ASSUMPTION = re.compile(rf"\W*(?:because\s+)?(?:that|those|it|this){_IS}", re.IGNORECASE)
"""What opens one that explains why an assumption is dropped: "forget that, it was only curiosity"."""
_WHAT_IF = re.compile(r"\b(?:what if|suppos\w*|assum\w*|imagine|if)\b", re.IGNORECASE)


def span_of(sentence: Sentence) -> range:
    """The characters of a sentence."""
    return range(sentence.start, sentence.end)


def argument_of(sentence: Sentence, act: RecognizedAct) -> range | None:
    """The characters of an utterance that are the argument of an act, if it has one."""
    at = sentence.text.find(act.argument) if act.argument else -1
    return None if at < 0 else range(sentence.start + at, sentence.start + at + len(act.argument))


def assumed(sentence: Sentence, act: RecognizedAct) -> range:
    """The characters of an utterance that state the assumption of a what-if: to the sentence's end if in doubt."""
    named = argument_of(sentence, act)
    if named is not None:
        return named
    opening = _WHAT_IF.search(sentence.text)
    if opening is None or not any(map(str.isalnum, sentence.text[opening.end() :])):
        return span_of(sentence)  # "and with an auditor, suppose"
    return range(sentence.start + opening.end(), sentence.end)


def acting(sentence: Sentence, act: RecognizedAct, acts: Callable[[str], bool]) -> list[range]:
    """The clauses of a sentence that perform its act or explain it; the others say something new.

    `acts`: whether words perform an act by themselves.
    """
    named = argument_of(sentence, act)
    clauses = [range(clause.start, clause.end) for clause in sentence.clauses]
    performing: list[range] = []
    for span, clause in zip(clauses, sentence.clauses, strict=True):
        holds = named is not None and span.start < named.stop and span.stop > named.start
        opening = _EXPLAINING_ASSUMPTION if act.act == "forget_assumptions" else _EXPLAINING
        explains = bool(performing) and act.act in TAKING_BACK and bool(opening.match(clause.text))
        performing += [span] if holds or explains or acts(clause.text) else []
    return performing or [span_of(sentence)]


def blanked(text: str, spans: Iterable[range]) -> str:
    """A text of the same length with nothing to read within the spans."""
    for span in spans:
        text = text[: span.start] + " " * len(span) + text[span.stop :]
    return text


def supposed(extraction: Extraction, span: range) -> Extraction:
    """What is supposed within a span: there, a question, a wish or a past tense ("if we had …") counts as a fact."""
    facts = [
        Observation(m.attribute, m.value, m.quote, m.start, m.end, m.obtained, m.reason)
        for m in extraction.set_aside
        if m.stance in ("asked", "hypothetical", "past", "hedged")
    ]
    plain = extraction.observations
    facts = [f for f in facts if not any(o.attribute == f.attribute and _overlap(o, f) for o in plain)]
    within = [o for o in (*plain, *facts) if o.start < span.stop and o.end > span.start]
    # Beside what is said plainly, nothing is made of what the words are only like.
    said = [o for o in within if o.obtained == "said"]
    return Extraction(observations=tuple(said or within), set_aside=())


def _overlap(one: Observation, other: Observation) -> bool:
    return one.start < other.end and other.start < one.end


def merged(extractions: Iterable[Extraction]) -> Extraction:
    """The observations of all, and no more."""
    return Extraction(tuple(o for extraction in extractions for o in extraction.observations), ())


def outside(extraction: Extraction, spans: Sequence[range], *, asides: bool = True) -> Extraction:
    """What was extracted outside these spans; without `asides`, what is set aside within them is kept."""

    def counts(found: Observation | Mention) -> bool:
        return not any(found.start < span.stop and found.end > span.start for span in spans)

    return Extraction(
        observations=tuple(o for o in extraction.observations if counts(o)),
        set_aside=tuple(m for m in extraction.set_aside if not asides or counts(m)),
        unsure=tuple(m for m in extraction.unsure if counts(m)),
    )
