"""Which topic a question is about, learnt from all phrasings at once: what nearest phrasings alone cannot see.

Ridge regression (regularised least squares) from words, pairs of words, pieces of words and the sentence vector to the
topics. It knows word order ("from one to the other") and which words tell topics apart.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.array_cache import Arrays, packed, unpacked
from advisor.understanding.ridge import ridge

_RAREST = 2
"""Texts in which a gram must occur to count."""
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
        self._rarities: list[float] = arrays["topic_gram_rarities"].tolist()
        self._columns: list[int] = arrays["topic_gram_columns"].tolist()
        self._learnt: NDArray[np.float32] = arrays["topic_weights"]

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        vectors: NDArray[np.float32],
        wanted: NDArray[np.float32],
        hashed_into: int | None = None,
        regularisation: float = _REGULARISATION,
        counts: NDArray[np.float32] | None = None,
    ) -> Arrays:
        """Weights from cleaned texts, their sentence vectors, shape (texts, dimensions), and what is wanted.

        `wanted`: 1 or -1 for each text and topic, so that a text may have several. `hashed_into`: the columns that
        grams share, each with a sign (Weinberger et al. 2009, "Feature Hashing"); without it each has its own.
        `counts`: see `ridge`.
        """
        counted = [Counter(_grams(text)) for text in texts]
        occurrences = Counter(gram for counts in counted for gram in counts)
        grams = sorted(gram for gram, times in occurrences.items() if times >= _RAREST)
        rarities = np.log(len(texts) / np.array([occurrences[gram] for gram in grams]))
        columns = np.arange(len(grams))
        if hashed_into is not None:
            codes = np.array([zlib.crc32(gram.encode()) for gram in grams])
            columns, rarities = codes % hashed_into, np.where(codes >> 31, rarities, -rarities)
        untaught: dict[str, NDArray[Any]] = {
            "topic_grams": packed(grams),
            "topic_gram_rarities": rarities,
            "topic_gram_columns": columns.astype(np.int32),
            "topic_weights": np.zeros((0, 0), np.float32),
        }
        learner = cls(untaught)
        words = [learner._words(counts) for counts in counted]
        weights = ridge(words, _meaning(vectors), wanted, hashed_into or len(grams), regularisation, counts)
        return {**untaught, "topic_weights": weights}

    def scores(self, text: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """How much speaks for each topic, from 0 to 1, given the cleaned text and its sentence vector."""
        columns, values = self._words(Counter(_grams(text)))
        meaning = _meaning(vector[None, :])[0]
        raw = meaning @ self._learnt[-len(meaning) :]
        if columns:
            raw += np.array(values, dtype=np.float32) @ self._learnt[columns]
        found: NDArray[np.float32] = np.clip((raw + 1) / 2, 0, 1)
        return found

    def _words(self, counts: Mapping[str, int]) -> tuple[list[int], list[float]]:
        """The columns of a text's grams and their weights, which together have length 1."""
        weights: dict[int, float] = {}
        for gram, times in counts.items():
            place = self._places.get(gram)
            if place is not None:
                column = self._columns[place]
                weights[column] = weights.get(column, 0.0) + (1 + math.log(times)) * self._rarities[place]
        length = max(math.hypot(*weights.values()), _TINY)
        return list(weights), [weight / length for weight in weights.values()]


def _meaning(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sentence vectors with their weight, and a constant."""
    constant = np.full((len(vectors), 1), _CONSTANT, dtype=np.float32)
    return np.hstack([_MEANING_WEIGHT * vectors, constant])


def _grams(text: str) -> Iterator[str]:
    """Words, pairs of words with the text's ends, and pieces of words."""
    words = _WORD.findall(text.lower())
    yield from words
    yield from (f"{first} {second}" for first, second in zip(["<", *words], [*words, ">"], strict=True))
    for word in words:
        padded = f" {word} "
        yield from (f"~{padded[at : at + _PIECE]}" for at in range(max(1, len(padded) - _PIECE + 1)))
