"""Word matching as search engines do it: what an encoder has to beat."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.encoder import clean_text

Scorer = Callable[[Sequence[str], Sequence[str]], NDArray[np.float64]]
"""From texts to search and queries to how well each text suits each query, shape (queries, texts)."""


def tfidf(texts: Sequence[str], queries: Sequence[str]) -> NDArray[np.float64]:
    """Cosine similarity of word vectors, (1 + ln tf) · (1 + ln(N / df)) on both sides."""
    counts = [Counter(words(text)) for text in texts]
    rarity = {word: 1 + math.log(len(texts) / df) for word, df in _document_frequencies(counts).items()}

    def weights(count: Mapping[str, int]) -> dict[str, float]:
        found = {word: (1 + math.log(tf)) * rarity[word] for word, tf in count.items() if word in rarity}
        length = math.hypot(*found.values()) or 1.0
        return {word: weight / length for word, weight in found.items()}

    return _products([weights(Counter(words(query))) for query in queries], [weights(count) for count in counts])


def bm25(texts: Sequence[str], queries: Sequence[str], k1: float = 1.2, b: float = 0.75) -> NDArray[np.float64]:
    """Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3)."""
    counts = [Counter(words(text)) for text in texts]
    average = sum(count.total() for count in counts) / len(counts)
    frequencies = _document_frequencies(counts)
    rarity = {word: math.log(1 + (len(texts) - df + 0.5) / (df + 0.5)) for word, df in frequencies.items()}
    weighted = [
        {
            word: rarity[word] * tf * (k1 + 1) / (tf + k1 * (1 - b + b * count.total() / average))
            for word, tf in count.items()
        }
        for count in counts
    ]
    return _products([dict.fromkeys(words(query), 1.0) for query in queries], weighted)


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return "".join(c if c.isalnum() or c in "+#" else " " for c in clean_text(text).lower()).split()


def _document_frequencies(counts: Sequence[Mapping[str, int]]) -> Counter[str]:
    return Counter(word for count in counts for word in count)


def _products(queries: Sequence[Mapping[str, float]], texts: Sequence[Mapping[str, float]]) -> NDArray[np.float64]:
    """Scalar products of sparse vectors, shape (queries, texts)."""
    containing: dict[str, list[tuple[int, float]]] = {}
    for at, text in enumerate(texts):
        for word, weight in text.items():
            containing.setdefault(word, []).append((at, weight))
    postings = {word: np.array(found).T for word, found in containing.items()}
    products = np.zeros((len(queries), len(texts)))
    for row, query in zip(products, queries, strict=True):
        for word, weight in query.items():
            if word in postings:
                at, weights = postings[word]
                row[at.astype(np.int64)] += weight * weights
    return products
