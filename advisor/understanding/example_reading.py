"""Reads a text by the pack's example sentences: what no phrase found, and what a phrase took the wrong way round."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.mentions import Mention, Observation
from advisor.understanding.remarks import Read
from advisor.understanding.sentence_view import NEGATING
from advisor.understanding.statement_examples import Likeness, StatementExamples

# Chosen on three development sets by annotators who knew neither phrases nor examples.
_LEAST_SCORE = 0.5
_LEAST_LEAD = 0.08
_LEAST_TO_ASK = 0.4
"""From here on it is worth asking: three readings out of five were right in such texts."""
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


def read_by_example(
    text: str,
    reads: Sequence[Read],
    mentions: Sequence[Mention],
    observations: Sequence[Observation],
    examples: StatementExamples,
) -> tuple[list[Mention], tuple[Mention, ...]]:
    """The mentions of a text, with those added or taken out that its sentences' likeness to examples speaks for.

    Beside them, what a sentence seems to say of a topic that nothing else was found of, but not surely enough.
    `observations`: what the mentions alone amount to. What is added counts as inferred.
    """
    result = list(mentions)
    unsure: list[Mention] = []
    looked_at = reads[:_MOST_SENTENCES]
    scores = examples.scores([read.view.sentence.text for read in looked_at])
    for topic, attributes in examples.topics.items():
        columns = [at for at, group in enumerate(examples.groups) if group.topic == topic]
        found = [o for o in observations if o.attribute in attributes]
        if found:
            result = _checked(text, looked_at, result, found, scores, columns, examples)
        elif not any(m.attribute in attributes and m.stance in _COUNTED for m in mentions):
            places = [at for at, read in enumerate(looked_at) if _states(read) and not _speaks_of(read, attributes)]
            likeliest = _likeliest(text, looked_at, places, scores, columns, examples)
            if likeliest is not None:
                mention, is_sure = likeliest
                (result if is_sure else unsure).append(mention)
    return result, tuple(unsure)


def _likeliest(
    text: str,
    reads: Sequence[Read],
    places: Sequence[int],
    scores: NDArray[np.float32],
    columns: Sequence[int],
    examples: StatementExamples,
) -> tuple[Mention, bool] | None:
    """What the sentence that is likest to an example says, and whether that is sure: like enough, and no more like
    another group.
    """
    best = max(((float(scores[at, column]), at, column) for at in places for column in columns), default=None)
    if best is None or best[0] < _LEAST_TO_ASK:
        return None
    score, at, column = best
    likeness = examples.nearest(reads[at].view.sentence.text, column)
    if likeness.attribute in reads[at].ignored:
        return None
    leads = all(score - scores[at, other] >= _LEAST_LEAD for other in columns if other != column)
    agrees = likeness.denies(NEGATING) == _denies(reads[at])
    return _mention(text, reads[at], likeness), score >= _LEAST_SCORE and leads and agrees


def _checked(
    text: str,
    reads: Sequence[Read],
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
    places = {at for at, read in enumerate(reads) for m in counted if _holds(read, m)}
    if len(own) != 1 or not places:
        return mentions
    support = {at: float(scores[at, own[0]]) for at in places}
    against, at, column = max(
        ((float(scores[at, column]), at, column) for at in places for column in columns if column != own[0]),
        default=(0.0, 0, 0),
    )
    if against - max(support.values()) > _OVERRULING_LEAD and _states(reads[at]):
        likeness = examples.nearest(reads[at].view.sentence.text, column)
        if likeness.denies(NEGATING) == _denies(reads[at]):
            return [*(m for m in mentions if m not in counted), _mention(text, reads[at], likeness)]
    plain = [at for at in places if _states(reads[at]) and not _denies(reads[at])]
    weak = [reads[at] for at in plain if support[at] < _LEAST_SUPPORT]
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


def _mention(text: str, read: Read, likeness: Likeness) -> Mention:
    tokens = read.view.tokens
    start, end = tokens[0].start, tokens[min(len(tokens), _MOST_QUOTED) - 1].end
    reason = f"like “{likeness.example}”"
    return Mention(likeness.attribute, likeness.value, start, end, text[start:end], "stated", "inferred", reason)
