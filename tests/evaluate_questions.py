"""Measures FAQ matching on labelled questions.

    python -m tests.evaluate_questions FILE.jsonl [--encoder NAME|DIR] [--baselines] [--pack DIR]

Each line of the file is an object with `id`, `text`, `scope` (in, near or off: covered by the FAQ, of its field only,
or neither), `accept` (topic ids that count as right, best first) and `borderline` (people could disagree on scope).
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from advisor.knowledge_base.pack import load_pack
from advisor.understanding.encoder import clean_text, load_encoder
from advisor.understanding.faq_calibration import calibration_for
from advisor.understanding.faq_decision import Match
from advisor.understanding.faq_matching import BankEntry, FaqIndex
from advisor.understanding.question_matching import faq_bank

PACK = Path(__file__).resolve().parents[1] / "knowledge" / "pytorch_or_tensorflow"


@dataclass(frozen=True, slots=True)
class Question:
    """One labelled question."""

    id: str
    text: str
    scope: str
    accept: tuple[str, ...]
    borderline: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A question and what the matcher made of it."""

    question: Question
    match: Match

    def right_within(self, count: int) -> bool:
        """Whether one of the best `count` topics is acceptable."""
        return any(topic.id in self.question.accept for topic in self.match.topics[:count])

    @property
    def served(self) -> bool:
        """Whether the user got a right answer, or a right topic among the choices."""
        return self.match.outcome != "none" and self.right_within(self.match.choices)

    @property
    def answered_wrongly(self) -> bool:
        """Whether the user got an answer at once that was not right."""
        return self.match.outcome == "answer" and not self.right_within(1)


def read_bank(pack_dir: Path) -> list[BankEntry]:
    """The FAQ entries of a knowledge pack."""
    return faq_bank(load_pack(pack_dir))


def read_out_of_scope(pack_dir: Path) -> tuple[list[str], list[str]]:
    """The near-topic and off-topic examples of a knowledge pack."""
    examples = load_pack(pack_dir).out_of_scope
    return list(examples.near), list(examples.off)


def read_questions(file: Path) -> list[Question]:
    """The labelled questions of a JSON-lines file."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [
        Question(row["id"], row["text"], row["scope"], tuple(row["accept"]), bool(row.get("borderline")))
        for row in rows
    ]


def build_index(pack_dir: Path, encoder_name: str | None) -> FaqIndex:
    """The index as the advisor would build it."""
    bank = read_bank(pack_dir)
    near, off = read_out_of_scope(pack_dir)
    encoder = load_encoder(encoder_name)
    return FaqIndex(bank, encoder, [*near, *off], calibration_for(bank, near, off, encoder))


def counted(results: Sequence[bool]) -> str:
    """`62.5 %  (5/8)`."""
    share = f"{100 * sum(results) / len(results):5.1f} %" if results else "  n/a  "
    return f"{share}  ({sum(results)}/{len(results)})"


def print_figures(results: Sequence[Result]) -> None:
    """The figures, one a line."""
    inside = [result for result in results if result.question.scope == "in"]
    print(f"  right topic first             {counted([r.right_within(1) for r in inside])}")
    print(f"  right topic among first 3     {counted([r.right_within(3) for r in inside])}")
    print(f"  served                        {counted([r.served for r in inside])}")
    print(f"  answered at once              {counted([r.match.outcome == 'answer' for r in inside])}")
    print(f"  answered wrongly              {counted([r.answered_wrongly for r in inside])}")
    print(f"  silent although in scope      {counted([r.match.outcome == 'none' for r in inside])}")
    for scope in ("near", "off"):
        outside = [result.match.outcome for result in results if result.question.scope == scope]
        print(f"  silent on {scope:4s}                {counted([outcome == 'none' for outcome in outside])}")
        print(f"  answered although {scope:4s}        {counted([outcome == 'answer' for outcome in outside])}")


def print_reliability(results: Sequence[Result]) -> None:
    """How often the best topic is right where the matcher estimates so: the two should agree."""
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        within = [r for r in results if low <= r.match.right < low + 0.2 or (low == 0.8 and r.match.right == 1)]
        estimate = f"{100 * sum(r.match.right for r in within) / len(within):5.1f} %" if within else "  n/a  "
        right = counted([r.right_within(1) for r in within])
        print(f"  {low:.1f} to {low + 0.2:.1f}   estimated {estimate}   right {right}")


def print_confusions(results: Sequence[Result]) -> None:
    """Every question that was not handled as labelled."""
    for result in results:
        question, match = result.question, result.match
        fault = not result.right_within(1) or not result.served if question.scope == "in" else match.outcome != "none"
        if not fault:
            continue
        best = ", ".join(f"{topic.id} {topic.score:.2f}" for topic in match.topics[:3])
        mark = " (borderline)" if question.borderline else ""
        print(f"  {question.id} {question.scope}{mark} -> {match.outcome} [{best}]")
        wanted = ", ".join(question.accept[:3]) or "silence"
        print(f"    in scope {match.in_scope:.2f}, right {match.right:.2f}; wanted {wanted}")
        print(f"    {question.text[:160]!r}")


def tfidf_scorer(documents: Sequence[Sequence[str]]) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """Cosine similarity of word TF-IDF vectors, (1 + ln tf) · ln(N / df) on both sides."""
    frequencies = Counter(word for document in documents for word in set(document))
    rarity = {word: math.log(len(documents) / count) + 1 for word, count in frequencies.items()}

    def vector(words: Sequence[str]) -> dict[str, float]:
        weights = {w: (1 + math.log(n)) * rarity[w] for w, n in Counter(words).items() if w in rarity}
        norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return {word: weight / norm for word, weight in weights.items()}

    vectors = [vector(document) for document in documents]

    def score(words: Sequence[str]) -> NDArray[np.float64]:
        asked = vector(words)
        return np.array([sum(weight * known.get(word, 0.0) for word, weight in asked.items()) for known in vectors])

    return score


def bm25_scorer(
    documents: Sequence[Sequence[str]], k1: float = 1.2, b: float = 0.75
) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3)."""
    counts = [Counter(document) for document in documents]
    average = sum(map(len, documents)) / len(documents)
    frequencies = Counter(word for count in counts for word in count)
    rarity = {w: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for w, n in frequencies.items()}

    def score(words: Sequence[str]) -> NDArray[np.float64]:
        return np.array(
            [
                sum(
                    rarity[w] * count[w] * (k1 + 1) / (count[w] + k1 * (1 - b + b * len(document) / average))
                    for w in set(words)
                    if w in count
                )
                for count, document in zip(counts, documents, strict=True)
            ]
        )

    return score


def print_baselines(bank: Sequence[BankEntry], questions: Sequence[Question]) -> None:
    """Word matching on the same bank, each topic's score being that of its best text."""
    texts = [(at, text) for at, entry in enumerate(bank) for text in (entry.question, *entry.phrasings, entry.answer)]
    documents = [_words(text) for _, text in texts]
    topic = np.array([at for at, _ in texts])
    inside = [question for question in questions if question.scope == "in"]
    for name, scorer in (("TF-IDF", tfidf_scorer(documents)), ("BM25", bm25_scorer(documents))):
        first, third = [], []
        for question in inside:
            scores = np.zeros(len(bank))
            np.maximum.at(scores, topic, scorer(_words(question.text)))
            best = [bank[at].id for at in np.argsort(-scores, kind="stable")[:3]]
            first.append(best[0] in question.accept)
            third.append(any(topic_id in question.accept for topic_id in best))
        print(f"  {name:6s} first {counted(first)}   among first 3 {counted(third)}")


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c in "+#" else " " for c in clean_text(text).lower()).split()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--encoder", help="name or folder of another encoder than the shipped one")
    parser.add_argument("--pack", type=Path, default=PACK)
    parser.add_argument("--baselines", action="store_true", help="also measure TF-IDF and BM25")
    options = parser.parse_args()
    questions = read_questions(options.file)
    index = build_index(options.pack, options.encoder)
    results = [Result(question, index.match(question.text)) for question in questions]
    print(f"{options.file.name}: {len(questions)} questions, encoder {index.encoder.name}")
    clear = [result for result in results if not result.question.borderline]
    print("without borderline questions")
    print_figures(clear)
    print("with borderline questions")
    print_figures(results)
    print("reliability of the estimate that the best topic is right, borderline questions and silence included")
    print_reliability(results)
    if options.baselines:
        print("baselines, without borderline questions")
        print_baselines(read_bank(options.pack), [result.question for result in clear])
    print("not handled as labelled")
    print_confusions(results)


if __name__ == "__main__":
    main()
