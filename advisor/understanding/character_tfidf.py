"""Closeness of spelling: character n-grams, which forgive typing errors and know every product name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.array_cache import Arrays, packed, unpacked

_WORD = re.compile(r"[^\W_](?:[\w+#.'-]*[\w+#])?")


@dataclass(frozen=True, slots=True)
class CharacterTfidf:
    """Texts as L2-normalised TF-IDF vectors of character n-grams, stored by n-gram.

    Weights are (1 + ln tf) · (1 + ln((1 + N) / (1 + df))) (Manning, Raghavan and Schütze 2008, "Introduction to
    Information Retrieval", section 6.4, with smoothed document frequency). n-grams do not cross word boundaries.
    """

    columns: dict[str, int]
    inverse_frequencies: NDArray[np.float32]
    """By n-gram."""
    starts: NDArray[np.int64]
    """Where each n-gram's postings start; one more entry than n-grams."""
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    count: int
    """Number of texts."""

    @classmethod
    def fit(cls, texts: Sequence[str]) -> CharacterTfidf:
        """Indexes `texts`."""
        columns: dict[str, int] = {}
        found_columns: list[int] = []
        found_counts: list[int] = []
        lengths: list[int] = []
        for text in texts:
            counts = Counter(_character_ngrams(text))
            found_columns.extend(columns.setdefault(gram, len(columns)) for gram in counts)
            found_counts.extend(counts.values())
            lengths.append(len(counts))
        column = np.array(found_columns, dtype=np.int64)
        row = np.repeat(np.arange(len(texts)), lengths)
        frequency = np.bincount(column, minlength=len(columns))
        inverse = 1 + np.log((1 + len(texts)) / (1 + frequency))
        weight = (1 + np.log(np.array(found_counts, dtype=np.float64))) * inverse[column]
        norms = np.sqrt(np.bincount(row, weight**2, minlength=len(texts)))
        order = np.argsort(column, kind="stable")
        return cls(
            columns=columns,
            inverse_frequencies=inverse.astype(np.float32),
            starts=np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64),
            rows=row[order].astype(np.int32),
            weights=(weight / norms[row])[order].astype(np.float32),
            count=len(texts),
        )

    def as_arrays(self) -> Arrays:
        """Everything as arrays, for keeping."""
        return {
            "grams": packed(list(self.columns)),
            "inverse_frequencies": self.inverse_frequencies,
            "starts": self.starts,
            "rows": self.rows,
            "weights": self.weights,
            "count": np.array([self.count]),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> CharacterTfidf:
        """What `as_arrays` was made from."""
        return cls(
            columns={gram: column for column, gram in enumerate(unpacked(arrays["grams"]))},
            inverse_frequencies=arrays["inverse_frequencies"],
            starts=arrays["starts"],
            rows=arrays["rows"],
            weights=arrays["weights"],
            count=int(arrays["count"].item()),
        )

    def similarities(self, text: str) -> NDArray[np.float32]:
        """Cosine similarity of `text` to every indexed text, shape (count,)."""
        counts = Counter(_character_ngrams(text))
        known = [(self.columns[gram], tf) for gram, tf in counts.items() if gram in self.columns]
        if not known:
            return np.zeros(self.count, dtype=np.float32)
        column, tf = np.array(known).T
        weight = (1 + np.log(tf)) * self.inverse_frequencies[column]
        sizes = self.starts[column + 1] - self.starts[column]
        # Positions of all postings of the known n-grams, laid end to end.
        positions = np.repeat(self.starts[column] - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
        products = self.weights[positions] * np.repeat(weight, sizes)
        sums = np.bincount(self.rows[positions], products, minlength=self.count)
        return (sums / np.linalg.norm(weight)).astype(np.float32)


def _character_ngrams(text: str) -> Iterable[str]:
    """n-grams of 3 to 5 characters of each word with a blank at either end."""
    for word in words_of(text):
        padded = f" {word[:40]} "
        for size in (3, 4, 5):
            for at in range(len(padded) - size + 1):
                yield padded[at : at + size]


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, names such as c++ and tf.data whole."""
    return _WORD.findall(text.lower())
