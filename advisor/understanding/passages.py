"""The passages of a text that are compared with a pack's examples, and what all of it speaks for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.mentions import Mention
from advisor.understanding.remarks import Read

_NOT_STATED = frozenset({"hedge", "past", "other_party", "hypothetical", "retraction", "minority"})
"""Kinds of cues beside which a sentence does not plainly state what it is like."""
_FEWEST_WORDS = 3
_FEWEST_WEIGHED = 4
_MANY_FACTS = 2


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence, or a clause of one, that is compared with the examples as a whole; `states`: plainly."""

    read: Read
    text: str
    start: int
    end: int
    states: bool

    @property
    def negates(self) -> bool:
        """Whether its sentence denies something."""
        return any(cue.group.kind == "negation" for cue in self.read.view.cues)

    @property
    def is_fragment(self) -> bool:
        """Whether it is a question, or has too few words to say anything by itself."""
        return self.read.view.sentence.is_question or len(self.read.view.tokens) < _FEWEST_WORDS


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text with its passages and how much they, and all of it, speak for each group of examples.

    `of_network`: log-odds of each group by the message network, 0 without one.
    """

    text: str
    sentences: int
    passages: Sequence[Passage]
    scores: NDArray[np.float32]
    of_text: NDArray[np.float32]
    of_network: Sequence[float]

    @property
    def asks_only(self) -> bool:
        """Whether nothing in it states anything, not even badly."""
        return all(passage.read.view.sentence.is_question for passage in self.passages)

    def says_both(self, places: Collection[Sequence[int]]) -> bool:
        """Whether phrases found values of several groups in one sentence: likeness knows but one or the other."""
        return any(
            sum(any(holds(passage.read, place) for place in group) for group in places) > 1 for passage in self.passages
        )

    def stands(self, mention: Mention) -> bool:
        """Whether likeness cannot tell if a mention is right: it is blind to "few", and to one word by itself."""
        return mention.stance == "minority" or any(
            holds(passage.read, mention.start) and len(passage.read.view.tokens) < _FEWEST_WEIGHED
            for passage in self.passages
        )


def passages_of(reads: Sequence[Read]) -> list[Passage]:
    """The sentences and their clauses; where a message is but one sentence, only if that tells of several things."""
    found = []
    for read in reads:
        sentence = read.view.sentence
        states = _states(read)
        found.append(Passage(read, sentence.text, sentence.start, sentence.end, states))
        tells_much = len({mention.attribute for mention in read.mentions}) >= _MANY_FACTS
        if (len(reads) > 1 or tells_much) and len(sentence.clauses) > 1:
            found += [
                Passage(read, clause.text, clause.start, clause.end, states)
                for index, clause in enumerate(sentence.clauses)
                if read.view.clause_of.count(index) >= _FEWEST_WORDS
            ]
    return found


def holds(read: Read, place: int) -> bool:
    """Whether a place in the text lies in a sentence."""
    return read.view.sentence.start <= place < read.view.sentence.end


def _states(read: Read) -> bool:
    """Whether a sentence states something, in words enough to judge it by."""
    return (
        not read.view.sentence.is_question
        and len(read.view.tokens) >= _FEWEST_WORDS
        and not any(cue.group.kind in _NOT_STATED for cue in read.view.cues)
    )
