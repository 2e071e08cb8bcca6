"""Reads a text by the pack's example sentences: what no phrase found, and what a phrase took the wrong way round."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.mentions import Mention, Observation
from advisor.understanding.remarks import Read
from advisor.understanding.sentence_view import NEGATING
from advisor.understanding.statement_examples import Likeness, StatementExamples

# Chosen on development sets by annotators who knew neither phrases nor examples.
_LEAST_SCORE = 0.5
_LEAST_TO_ASK = 0.4
"""From here on it is asked: of 37 such readings in 440 descriptions by further annotators, a yes was right for 11."""
_CLAUSE_MALUS = 0.05
_OVERRULING_LEAD = 0.5
"""Of another group over the one that a phrase speaks for: from there on, phrases were wrong five times out of six."""
_LEAST_SUPPORT = 0.05
"""For what a phrase says: below it, most phrases had met words that meant something else."""

_NOT_STATED = frozenset({"hedge", "past", "other_party", "hypothetical", "retraction", "minority"})
"""Kinds of cues beside which nothing is taken by likeness alone."""
_COUNTED = frozenset({"stated", "denied", "minority"})
_FEWEST_WORDS = 3
_MANY_FACTS = 2
_MOST_SENTENCES = 60
_MOST_QUOTED = 30


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a clause of one, that is compared with the examples as a whole. `at`: which sentence."""

    at: int
    read: Read
    text: str
    start: int
    end: int


def read_by_example(
    text: str,
    reads: Sequence[Read],
    mentions: Sequence[Mention],
    observations: Sequence[Observation],
    examples: StatementExamples,
) -> tuple[list[Mention], tuple[Mention, ...]]:
    """The mentions of a text, with those added or taken out that its likeness to examples speaks for.

    Beside them, what a passage seems to say of a topic that nothing else was found of, but not surely enough.
    `observations`: what the mentions alone amount to. What is added counts as inferred.
    """
    result = list(mentions)
    unsure: list[Mention] = []
    passages = _passages(reads[:_MOST_SENTENCES])
    scores = _scores(passages, examples)
    for topic, attributes in examples.topics.items():
        columns = [at for at, group in enumerate(examples.groups) if group.topic == topic]
        found = [o for o in observations if o.attribute in attributes]
        if found:
            result = _checked(text, passages, result, found, scores, columns, examples)
        elif not any(m.attribute in attributes and m.stance in _COUNTED for m in mentions):
            places = [at for at, p in enumerate(passages) if _states(p.read) and not _speaks_of(p.read, attributes)]
            likeliest = _likeliest(text, passages, places, scores, columns, examples)
            if likeliest is not None:
                mention, is_sure = likeliest
                (result if is_sure else unsure).append(mention)
    return result, tuple(unsure)


def _passages(reads: Sequence[Read]) -> list[Passage]:
    """The sentences, and where there are several the clauses too: in a message of one, each is a mere fragment."""
    found = []
    for at, read in enumerate(reads):
        sentence = read.view.sentence
        found.append(Passage(at, read, sentence.text, sentence.start, sentence.end))
        if len(reads) > 1 and len(sentence.clauses) > 1:
            found += [
                Passage(at, read, clause.text, clause.start, clause.end)
                for index, clause in enumerate(sentence.clauses)
                if read.view.clause_of.count(index) >= _FEWEST_WORDS
            ]
    return found


def _scores(passages: Sequence[Passage], examples: StatementExamples) -> NDArray[np.float32]:
    """How much each passage speaks for each group of examples; a clause, out of its sentence, a little less."""
    scores = examples.scores([passage.text for passage in passages])
    parts = [at for at, passage in enumerate(passages) if passage.text != passage.read.view.sentence.text]
    scores[parts] -= _CLAUSE_MALUS
    return scores


def _likeliest(
    text: str,
    passages: Sequence[Passage],
    places: Sequence[int],
    scores: NDArray[np.float32],
    columns: Sequence[int],
    examples: StatementExamples,
) -> tuple[Mention, bool] | None:
    """What the passage that is likest to an example says, and whether that is sure."""
    best = max(((float(scores[at, column]), -at, column) for at in places for column in columns), default=None)
    if best is None or best[0] < _LEAST_TO_ASK:
        return None
    score, passage, column = best[0], passages[-best[1]], best[2]
    likeness = examples.nearest(passage.text, column)
    if likeness.attribute in passage.read.ignored:
        return None
    return _mention(text, passage, likeness), score >= _LEAST_SCORE


def _checked(
    text: str,
    passages: Sequence[Passage],
    mentions: list[Mention],
    found: Sequence[Observation],
    scores: NDArray[np.float32],
    columns: Sequence[int],
    examples: StatementExamples,
) -> list[Mention]:
    """Leave out what the phrases found of a topic where examples do not support it; put in what they say instead."""
    said = {(o.attribute, o.value) for o in found}
    own = [column for column in columns if said & examples.groups[column].values]
    attributes = {o.attribute for o in found}
    counted = [m for m in mentions if m.attribute in attributes and m.stance in _COUNTED]
    places = [at for at, passage in enumerate(passages) if any(_holds(passage.read, m) for m in counted)]
    if len(own) != 1 or not places:
        return mentions
    support: dict[int, float] = {}
    for at in places:
        support[passages[at].at] = max(float(scores[at, own[0]]), support.get(passages[at].at, 0.0))
    against, at, column = max(
        ((float(scores[at, column]), at, column) for at in places for column in columns if column != own[0]),
        default=(0.0, 0, 0),
    )
    if against - max(support.values()) > _OVERRULING_LEAD and _states(passages[at].read):
        likeness = examples.nearest(passages[at].text, column)
        if likeness.denies(NEGATING) == _denies(passages[at].read):
            return [*(m for m in mentions if m not in counted), _mention(text, passages[at], likeness)]
    reads = {passages[at].at: passages[at].read for at in places}
    weak = [read for at, read in reads.items() if _states(read) and not _denies(read) and support[at] < _LEAST_SUPPORT]
    doubted = [m for m in counted if any(_holds(read, m) for read in weak)]
    # In a note that says many things at once, the words for one of them speak better alone.
    unsupported = [
        m
        for read in weak
        for m in doubted
        if _holds(read, m)
        and (_facts(read, mentions) < _MANY_FACTS or examples.scores([m.quote])[0, own[0]] < _LEAST_SUPPORT)
    ]
    return [m for m in mentions if m not in unsupported]


def _facts(read: Read, mentions: Sequence[Mention]) -> int:
    """Of how many attributes a sentence tells."""
    return len({m.attribute for m in mentions if m.stance in _COUNTED and _holds(read, m)})


def _holds(read: Read, mention: Mention) -> bool:
    sentence = read.view.sentence
    return sentence.start <= mention.start < sentence.end


def _states(read: Read) -> bool:
    """Whether a sentence states something, in words enough to judge it by."""
    return (
        not read.view.sentence.is_question
        and len(read.view.tokens) >= _FEWEST_WORDS
        and not any(cue.group.kind in _NOT_STATED for cue in read.view.cues)
    )


def _speaks_of(read: Read, attributes: frozenset[str]) -> bool:
    return any(mention.attribute in attributes for mention in read.mentions)


def _denies(read: Read) -> bool:
    return any(token.word in NEGATING for token in read.view.tokens) or any(
        cue.group.kind in ("negation", "dropped") for cue in read.view.cues
    )


def _mention(text: str, passage: Passage, likeness: Likeness) -> Mention:
    tokens = [t for t in passage.read.view.tokens if passage.start <= t.start and t.end <= passage.end]
    start, end = tokens[0].start, tokens[min(len(tokens), _MOST_QUOTED) - 1].end
    reason = f"like “{likeness.example}”"
    return Mention(likeness.attribute, likeness.value, start, end, text[start:end], "stated", "inferred", reason)
