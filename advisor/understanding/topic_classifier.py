"""Which topic a question is about, learnt from all phrasings at once: what nearest phrasings alone cannot see.

Ridge regression (regularised least squares) from words, pairs of words, pieces of words and the sentence vector to the
topics. It knows word order ("from one to the other") and which words tell topics apart.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.array_cache import Arrays, packed, unpacked

_COLUMNS = 2048
"""Grams are hashed into so many columns, each with a sign (Weinberger et al. 2009, "Feature Hashing")."""
_RAREST = 2
"""Phrasings in which a gram must occur to count."""
_MEANING_WEIGHT = 2.0
_CONSTANT = 0.3
_REGULARISATION = 1.0
_PIECE = 4
_TINY = 1e-12
_WORD = re.compile(r"[a-z0-9](?:[a-z0-9+#.]*[a-z0-9+#])?")


class TopicClassifier:
    """Learnt weights, ready to score texts."""

    def __init__(self, arrays: Arrays) -> None:
        """Takes what `learn` gave."""
        self._places: dict[str, int] = {gram: at for at, gram in enumerate(unpacked(arrays["topic_grams"]))}
        self._rarities: NDArray[np.float64] = arrays["topic_gram_rarities"]
        self._columns: NDArray[np.int32] = arrays["topic_gram_columns"]
        self._learnt: NDArray[np.float32] = arrays["topic_weights"]

    @classmethod
    def learn(cls, texts: Sequence[str], vectors: NDArray[np.float32], topics: NDArray[np.int64], count: int) -> Arrays:
        """Weights from cleaned texts, their sentence vectors, shape (texts, dimensions), and the topic of each.

        `count`: how many topics there are.
        """
        wanted = np.full((len(texts), count), -1, dtype=np.float32)
        wanted[np.arange(len(texts)), topics] = 1
        return cls.learn_wanted(texts, vectors, wanted)

    @classmethod
    def learn_wanted(cls, texts: Sequence[str], vectors: NDArray[np.float32], wanted: NDArray[np.float32]) -> Arrays:
        """The same from what is wanted for each text and topic: 1 or -1, so that a text may have several topics."""
        counted = [Counter(_grams(text)) for text in texts]
        occurrences = Counter(gram for counts in counted for gram in counts)
        grams = sorted(gram for gram, times in occurrences.items() if times >= _RAREST)
        codes = np.array([zlib.crc32(gram.encode()) for gram in grams])
        rarities = np.log(len(texts) / np.array([occurrences[gram] for gram in grams], dtype=np.float64))
        untaught = {
            "topic_grams": packed(grams),
            "topic_gram_rarities": np.where(codes >> 31, rarities, -rarities),
            "topic_gram_columns": (codes % _COLUMNS).astype(np.int32),
            "topic_weights": np.zeros((0, 0), np.float32),
        }
        features = cls(untaught)._features(counted, vectors)
        normal = features.T @ features
        normal[np.diag_indices(len(normal))] += _REGULARISATION
        return {**untaught, "topic_weights": np.linalg.solve(normal, features.T @ wanted)}

    def scores(self, text: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much speaks for each topic, from 0 to 1, given the cleaned text and its sentence vector."""
        raw = self._features([Counter(_grams(text))], vector[None, :])[0] @ self._learnt
        found: NDArray[np.float32] = np.clip((raw + 1) / 2, 0, 1)
        return found

    def _features(self, counted: Sequence[Counter[str]], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        found = [
            (row, self._places[gram], times)
            for row, counts in enumerate(counted)
            for gram, times in counts.items()
            if gram in self._places
        ]
        row, place, times = np.array(found, dtype=np.int64).reshape(-1, 3).T
        words = np.zeros((len(counted), _COLUMNS), dtype=np.float32)
        np.add.at(words, (row, self._columns[place]), (1 + np.log(times)) * self._rarities[place])
        words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), _TINY)
        constant = np.full((len(counted), 1), _CONSTANT, dtype=np.float32)
        return np.hstack([words, _MEANING_WEIGHT * vectors, constant])


def _grams(text: str) -> Iterator[str]:
    """Words, pairs of words with the text's ends, and pieces of words."""
    words = _WORD.findall(text.lower())
    yield from words
    yield from (f"{first} {second}" for first, second in zip(["<", *words], [*words, ">"], strict=True))
    for word in words:
        padded = f" {word} "
        yield from (f"~{padded[at : at + _PIECE]}" for at in range(max(1, len(padded) - _PIECE + 1)))
