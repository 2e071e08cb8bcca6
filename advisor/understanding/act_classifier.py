"""Which act a sentence performs, learnt from examples: words, pairs of words and meanings that speak for each."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.act_sentences import ActSentence
from advisor.understanding.array_cache import ArrayCache, Arrays, packed, unpacked
from advisor.understanding.encoder import SentenceEncoder

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

    def of(self, sentences: Sequence[ActSentence]) -> NDArray[np.float32]:
        """One row for each sentence."""
        parts = [np.stack([self._words(sentence) for sentence in sentences])]
        if self._encoder is not None:
            meaning = self._encoder.encode([sentence.readable() for sentence in sentences])
            parts.append(_WEIGHT_OF_MEANING * meaning)
        return np.hstack(parts)

    def _words(self, sentence: ActSentence) -> NDArray[np.float32]:
        row = np.zeros(len(self._columns) + 2, dtype=np.float32)
        for gram in _grams(sentence):
            column = self._columns.get(gram)
            if column is not None:
                row[column] += self._weights[column]
        row /= np.linalg.norm(row) or 1.0
        row[-2] = sum(word not in self._familiar for word in sentence.core) / max(1, len(sentence.core))
        row[-1] = 0.3  # lets the classifier learn how frequent an act is, without leaning on it
        return row


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
        """Regularised least squares, by the normal equations."""
        arrays = Features.known_from(lesson)
        features = Features(arrays, encoder)
        column = {act: at for at, act in enumerate(self.acts)}
        labelled = [*lesson.examples, *((NO_ACT, sentence) for sentence in (*lesson.contrast, *lesson.others))]
        size = len(features.of([labelled[0][1]])[0])
        normal = _REGULARISATION * np.eye(size, dtype=np.float32)
        sought = np.zeros((size, len(self.acts)), dtype=np.float32)
        for first in range(0, len(labelled), _BATCH):
            batch = labelled[first : first + _BATCH]
            rows = features.of([sentence for _, sentence in batch])
            wanted = np.full((len(batch), len(self.acts)), -1, dtype=np.float32)
            wanted[np.arange(len(batch)), [column[act] for act, _ in batch]] = 1
            weighted = rows.T * np.array([_WEIGHT_OF_OTHERS if act == NO_ACT else 1 for act, _ in batch], np.float32)
            normal += weighted @ rows
            sought += weighted @ wanted
        words = sorted({word for _, sentence in labelled for word in sentence.core})
        return {**arrays, "words": packed(words), "learnt": np.linalg.solve(normal, sought)}

    def scores(self, features: NDArray[np.float32]) -> Mapping[str, float]:
        """How much speaks for each act: about 1 for a sentence of it, about 0 for any other."""
        return dict(zip(self.acts, ((features @ self._learnt + 1) / 2).tolist(), strict=True))


def _grams(sentence: ActSentence) -> Iterator[str]:
    """The words of a sentence, its pairs of words, and its first word as such."""
    yield from sentence.core
    edged = ("<", *sentence.core, ">")
    yield from (f"{one} {other}" for one, other in itertools.pairwise(edged))
