"""Which act a sentence performs, learnt from examples: words, pairs of words and meanings that speak for each."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.act_sentences import ActSentence
from advisor.understanding.array_cache import ArrayCache, Arrays, packed, unpacked
from advisor.understanding.encoder import SentenceEncoder
from advisor.understanding.ridge import ridge

# Chosen by five-fold cross-validation over the examples and the phrasings of the FAQ.
_WEIGHT_OF_MEANING = 1.3
_WEIGHT_OF_OTHERS = 0.5
_REGULARISATION = 1.0

_RAREST = 3
"""Sentences with a word or pair of words from which it has a place: fewer places are learnt much faster."""

_BATCH = 1024
"""Sentences that are turned into vectors at once, so that memory stays small."""

NO_ACT = ""
"""The label of a sentence that performs none."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to learn from: sentences that perform an act, and others that perform none.

    `contrast` looks like an act, so that its words tell; `others` only shows which words are frequent.
    """

    examples: Sequence[tuple[str, ActSentence]]
    contrast: Sequence[ActSentence]
    others: Sequence[ActSentence]


class Features:
    """Turns sentences into vectors: words and pairs of words, meaning, and how much of a sentence is new."""

    def __init__(self, arrays: Arrays, encoder: SentenceEncoder | None) -> None:
        """Reads what `known_from` made of a lesson."""
        self._encoder = encoder
        self._columns = {gram: at for at, gram in enumerate(unpacked(arrays["grams"]))}
        self._weights = arrays["weights"]
        self._familiar = frozenset(unpacked(arrays["familiar"]))

    @staticmethod
    def known_from(lesson: Lesson) -> dict[str, NDArray[np.generic]]:
        """The words and pairs of words worth a place, and how rare each is."""
        spoken = [sentence for _, sentence in lesson.examples]
        sentences = [*spoken, *lesson.contrast, *lesson.others]
        counts = Counter(gram for sentence in sentences for gram in set(_grams(sentence)))
        telling = Counter(gram for sentence in (*spoken, *lesson.contrast) for gram in set(_grams(sentence)))
        known = sorted(gram for gram, count in telling.items() if count >= _RAREST)
        return {
            "grams": packed(known),
            "weights": np.log(len(sentences) / np.array([counts[gram] for gram in known], dtype=np.float32)),
            "familiar": packed(sorted({word for sentence in spoken for word in sentence.core})),
        }

    @property
    def width(self) -> int:
        """How many columns come before those of the meaning."""
        return len(self._columns) + 2

    def of(self, sentences: Sequence[ActSentence]) -> NDArray[np.float32]:
        """One row for each sentence."""
        rows = np.zeros((len(sentences), self.width), dtype=np.float32)
        for row, sentence in zip(rows, sentences, strict=True):
            columns, values = self.words(sentence)
            row[columns] = values
        return np.hstack([rows, self.meaning(sentences)])

    def words(self, sentence: ActSentence) -> tuple[list[int], list[float]]:
        """The columns of a sentence that are not zero, and their values, but for its meaning."""
        weights: dict[int, float] = {}
        for gram in _grams(sentence):
            column = self._columns.get(gram)
            if column is not None:
                weights[column] = weights.get(column, 0.0) + float(self._weights[column])
        length = math.hypot(*weights.values()) or 1.0
        new = sum(word not in self._familiar for word in sentence.core) / max(1, len(sentence.core))
        columns = [*weights, self.width - 2, self.width - 1]
        # The last lets the classifier learn how frequent an act is, without leaning on it.
        return columns, [*(weight / length for weight in weights.values()), new, 0.3]

    def meaning(self, sentences: Sequence[ActSentence]) -> NDArray[np.float32]:
        """The weighted sentence vectors; without an encoder, no columns."""
        if self._encoder is None:
            return np.zeros((len(sentences), 0), dtype=np.float32)
        return _WEIGHT_OF_MEANING * self._encoder.encode([sentence.readable() for sentence in sentences])


class ActClassifier:
    """Least squares from sentences to acts, `NO_ACT` being one of them."""

    def __init__(
        self,
        acts: Sequence[str],
        lesson: Callable[[], Lesson],
        encoder: SentenceEncoder | None,
        cache: ArrayCache | None,
    ) -> None:
        """Learns the lesson, or remembers from the last time."""
        self.acts = tuple(sorted({*acts, NO_ACT}))

        def learn() -> Arrays:
            return self._learn(lesson(), encoder)

        learnt = cache.arrays("acts", learn) if cache else learn()
        self.features = Features(learnt, encoder)
        self.words = frozenset(unpacked(learnt["words"]))
        """All that occur in the lesson: no misspellings."""
        self._learnt: NDArray[np.float32] = learnt["learnt"]

    def _learn(self, lesson: Lesson, encoder: SentenceEncoder | None) -> Arrays:
        """Regularised least squares, in which sentences of no act count less."""
        arrays = Features.known_from(lesson)
        features = Features(arrays, encoder)
        labelled = [*lesson.examples, *((NO_ACT, sentence) for sentence in (*lesson.contrast, *lesson.others))]
        sentences = [sentence for _, sentence in labelled]
        # Least squares counts a row as often as the square of its length says.
        share = np.sqrt(np.array([_WEIGHT_OF_OTHERS if act == NO_ACT else 1 for act, _ in labelled], np.float32))
        wanted = np.full((len(labelled), len(self.acts)), -1, dtype=np.float32)
        wanted[np.arange(len(labelled)), [self.acts.index(act) for act, _ in labelled]] = 1
        rows = []
        for sentence, scale in zip(sentences, share.tolist(), strict=True):
            columns, values = features.words(sentence)
            rows.append((columns, [scale * value for value in values]))
        meaning = np.vstack([features.meaning(sentences[at : at + _BATCH]) for at in range(0, len(sentences), _BATCH)])
        learnt = ridge(rows, share[:, None] * meaning, share[:, None] * wanted, features.width, _REGULARISATION)
        words = sorted({word for sentence in sentences for word in sentence.core})
        return {**arrays, "words": packed(words), "learnt": learnt}

    def scores(self, features: NDArray[np.float32]) -> Mapping[str, float]:
        """How much speaks for each act: about 1 for a sentence of it, about 0 for any other."""
        return dict(zip(self.acts, ((features @ self._learnt + 1) / 2).tolist(), strict=True))


def _grams(sentence: ActSentence) -> Iterator[str]:
    """The words of a sentence, its pairs of words, and its first word as such."""
    yield from sentence.core
    edged = ("<", *sentence.core, ">")
    yield from (f"{one} {other}" for one, other in itertools.pairwise(edged))
