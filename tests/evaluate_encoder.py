"""Measures an encoder on public test sets that it was not trained on.

    python -m tests.evaluate_encoder --benchmarks DIR [--sts FILE] [--model NAME|DIR]

- CLINC150, 10 phrasings an intent: a test question goes to the intent of its nearest phrasing. Accuracy over in-scope
  questions, and the area under the ROC curve with which the nearest similarity tells in-scope from out-of-scope.
- StackFAQ: share of rephrased questions whose own FAQ comes first, by the better of question and answer similarity.
- STS-B: Spearman's rank correlation of similarity with people's ratings.

TF-IDF and BM25 are measured beside it in the same way.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from advisor.understanding.encoder import SHIPPED_MODEL, load_encoder
from tests.lexical_baselines import Scorer, bm25, tfidf


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def area_under_roc(positive: NDArray[np.floating], negative: NDArray[np.floating]) -> float:
    """Chance that a positive scores above a negative (the Mann-Whitney statistic; ties count half)."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).mean() / (2 * len(negative)))


def clinc150(folder: Path, scorer: Scorer, shots: int = 10, draws: int = 3) -> tuple[float, float]:
    """(accuracy, out-of-scope AUROC), averaged over draws of `shots` training questions an intent."""
    members: dict[str, list[str]] = defaultdict(list)
    for intent, text in _rows(folder / "train.tsv"):
        members[intent].append(text)
    test = _rows(folder / "test.tsv")
    truth = np.array([row[0] for row in test])
    inside = [row[1] for row in test]
    outside = [row[1] for row in _rows(folder / "oos_test.tsv")]
    results = []
    for draw in range(draws):
        rng = random.Random(draw)
        bank = [(intent, text) for intent, texts in members.items() for text in rng.sample(texts, shots)]
        labels = np.array([intent for intent, _ in bank])
        scores = scorer([text for _, text in bank], [*inside, *outside])
        accuracy = float((labels[scores[: len(inside)].argmax(axis=1)] == truth).mean())
        nearest = scores.max(axis=1)
        results.append((accuracy, area_under_roc(nearest[: len(inside)], nearest[len(inside) :])))
    return float(np.mean([r[0] for r in results])), float(np.mean([r[1] for r in results]))


def stackfaq(folder: Path, scorer: Scorer) -> float:
    """Precision at 1."""
    faq = _rows(folder / "faq.tsv")
    queries = _rows(folder / "queries.tsv")
    ids = np.array([row[0] for row in faq])
    asked = [row[1] for row in queries]
    scores = np.maximum(scorer([row[1] for row in faq], asked), scorer([row[2] for row in faq], asked))
    return float((ids[scores.argmax(axis=1)] == np.array([row[0] for row in queries])).mean())


def sts(path: Path, scorer: Scorer) -> float:
    """Spearman's rank correlation."""
    rows = _rows(path)
    similarity = scorer([row[1] for row in rows], [row[2] for row in rows]).diagonal()
    ratings = np.array([float(row[0]) for row in rows])
    return float(np.corrcoef(_ranks(similarity), _ranks(ratings))[0, 1])


def _ranks(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Ranks, ties sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[inverse]
    return ranks


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--benchmarks", type=Path, required=True, help="folder with clinc150/ and stackfaq/")
    parser.add_argument("--sts", type=Path, help="STS-B rows: rating, sentence, sentence")
    parser.add_argument("--model", default=str(SHIPPED_MODEL))
    options = parser.parse_args()
    encoder = load_encoder(options.model)

    def by_meaning(texts: Sequence[str], queries: Sequence[str]) -> NDArray[np.float64]:
        return (encoder.encode(queries) @ encoder.encode(texts).T).astype(np.float64)

    for name, scorer in ((encoder.name, by_meaning), ("TF-IDF", tfidf), ("BM25", bm25)):
        print(name)
        accuracy, roc = clinc150(options.benchmarks / "clinc150", scorer)
        print(f"  CLINC150 10-shot  accuracy {accuracy:.1%}  out-of-scope AUROC {roc:.1%}")
        print(f"  StackFAQ          P@1 {stackfaq(options.benchmarks / 'stackfaq', scorer):.1%}")
        if options.sts:
            print(f"  STS-B             Spearman {sts(options.sts, scorer):.1%}")


if __name__ == "__main__":
    main()
