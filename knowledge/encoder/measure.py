"""Measures an encoder on public test sets that it was not trained on.

    python knowledge/encoder/measure.py --benchmarks DIR [--sts FILE] [--model DIR]

- CLINC150, 10 phrasings an intent: a test question goes to the intent of its nearest phrasing. Accuracy over in-scope
  questions, and the area under the ROC curve with which the nearest similarity tells in-scope from out-of-scope.
- StackFAQ: share of rephrased questions whose own FAQ comes first, by the better of question and answer similarity.
- STS-B: Spearman's rank correlation of cosine similarity with people's ratings.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))  # run as a script, the advisor package may not be installed

from advisor.understanding.encoder import SentenceEncoder, load_encoder  # noqa: E402

Vectors = NDArray[np.float32]


def _rows(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def area_under_roc(positive: Vectors, negative: Vectors) -> float:
    """Chance that a positive scores above a negative (the Mann-Whitney statistic; ties count half)."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).mean() / (2 * len(negative)))


def clinc150(folder: Path, encoder: SentenceEncoder, shots: int = 10, draws: int = 3) -> tuple[float, float]:
    """(accuracy, out-of-scope AUROC), averaged over draws of `shots` training questions an intent."""
    members: dict[str, list[str]] = defaultdict(list)
    for intent, text in _rows(folder / "train.tsv"):
        members[intent].append(text)
    test = _rows(folder / "test.tsv")
    truth = np.array([row[0] for row in test])
    inside = encoder.encode([row[1] for row in test])
    outside = encoder.encode([row[1] for row in _rows(folder / "oos_test.tsv")])
    results = []
    for draw in range(draws):
        rng = random.Random(draw)
        bank = [(intent, text) for intent, texts in members.items() for text in rng.sample(texts, shots)]
        labels = np.array([intent for intent, _ in bank])
        vectors = encoder.encode([text for _, text in bank])
        scores = inside @ vectors.T
        accuracy = float((labels[scores.argmax(axis=1)] == truth).mean())
        results.append((accuracy, area_under_roc(scores.max(axis=1), (outside @ vectors.T).max(axis=1))))
    return float(np.mean([r[0] for r in results])), float(np.mean([r[1] for r in results]))


def stackfaq(folder: Path, encoder: SentenceEncoder) -> float:
    """Precision at 1."""
    faq = _rows(folder / "faq.tsv")
    queries = _rows(folder / "queries.tsv")
    ids = np.array([row[0] for row in faq])
    asked = encoder.encode([row[1] for row in queries])
    scores = np.maximum(
        asked @ encoder.encode([row[1] for row in faq]).T, asked @ encoder.encode([row[2] for row in faq]).T
    )
    return float((ids[scores.argmax(axis=1)] == np.array([row[0] for row in queries])).mean())


def sts(path: Path, encoder: SentenceEncoder) -> float:
    """Spearman's rank correlation."""
    rows = _rows(path)
    first, second = (encoder.encode([row[column] for row in rows]) for column in (1, 2))
    similarity = (first * second).sum(axis=1)
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
    parser.add_argument("--model", default=str(HERE / "model"))
    options = parser.parse_args()
    encoder = load_encoder(options.model)
    accuracy, roc = clinc150(options.benchmarks / "clinc150", encoder)
    print(f"CLINC150 10-shot  accuracy {accuracy:.1%}  out-of-scope AUROC {roc:.1%}")
    print(f"StackFAQ          P@1 {stackfaq(options.benchmarks / 'stackfaq', encoder):.1%}")
    if options.sts:
        print(f"STS-B             Spearman {sts(options.sts, encoder):.1%}")


if __name__ == "__main__":
    main()
