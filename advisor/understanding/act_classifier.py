"""Which act a sentence performs, learnt from examples: words, pairs of words and meanings that speak for each."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.act_sentences import ActSentence
from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.encoder import SentenceEncoder

# Chosen by five-fold cross-validation over the examples and the phrasings of the FAQ.
_WEIGHT_OF_MEANING = 1.3
_WEIGHT_OF_OTHERS = 0.5
_REGULARISATION = 1.0
_RAREST = 2

NO_ACT = ""
"""The label of a sentence that performs none."""


class Features:
    """Turns sentences into vectors: words and pairs of words, meaning, and how much of a sentence is new."""

    def __init__(
        self,
        examples: Sequence[ActSentence],
        contrast: Sequence[ActSentence],
        others: Sequence[ActSentence],
        encoder: SentenceEncoder | None,
    ) -> None:
        """Knows the words of the examples and of the contrast to them; those of others only count as frequent."""
        self._encoder = encoder
        sentences = [*examples, *contrast, *others]
        counts = Counter(gram for sentence in sentences for gram in set(_grams(sentence)))
        telling = Counter(gram for sentence in (*examples, *contrast) for gram in set(_grams(sentence)))
        known = sorted(gram for gram, count in telling.items() if count >= _RAREST)
        self._columns = {gram: at for at, gram in enumerate(known)}
        self._weights = np.log(len(sentences) / np.array([counts[gram] for gram in known], dtype=np.float32))
        self._familiar = {word for sentence in examples for word in sentence.core}

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

    def __init__(self, features: NDArray[np.float32], acts: Sequence[str], cache: ArrayCache | None) -> None:
        """Learns that each row of `features` is a sentence of that act, or remembers from the last time."""
        self.acts = tuple(sorted({*acts, NO_ACT}))

        def learn() -> Arrays:
            return {"learnt": self._learn(features, acts)}

        learnt = cache.arrays("acts", learn) if cache else learn()
        self._learnt: NDArray[np.float32] = learnt["learnt"]

    def _learn(self, features: NDArray[np.float32], acts: Sequence[str]) -> NDArray[np.float32]:
        """Regularised least squares, by the normal equations."""
        column = {act: at for at, act in enumerate(self.acts)}
        wanted = np.full((len(acts), len(self.acts)), -1, dtype=np.float32)
        wanted[np.arange(len(acts)), [column[act] for act in acts]] = 1
        weights = np.array([_WEIGHT_OF_OTHERS if act == NO_ACT else 1 for act in acts], dtype=np.float32)
        weighted = features.T * weights
        normal = weighted @ features
        normal[np.diag_indices(len(normal))] += _REGULARISATION
        return np.linalg.solve(normal, weighted @ wanted)

    def scores(self, features: NDArray[np.float32]) -> dict[str, float]:
        """How much speaks for each act: about 1 for a sentence of it, about 0 for any other."""
        return dict(zip(self.acts, ((features @ self._learnt + 1) / 2).tolist(), strict=True))


def _grams(sentence: ActSentence) -> Iterator[str]:
    """The words of a sentence, its pairs of words, and its first word as such."""
    yield from sentence.core
    edged = ("<", *sentence.core, ">")
    yield from (f"{one} {other}" for one, other in itertools.pairwise(edged))
