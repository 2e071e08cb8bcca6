"""Measures FAQ matching on labelled questions.

    python -m tests.evaluate_questions FILE.jsonl [--encoder NAME|DIR] [--baselines] [--pack DIR]

Each line of the file is an object with `id`, `text`, `scope` (in, near or off: covered by the FAQ, of its field only,
or neither), `accept` (topic ids that count as right, best first) and `borderline` (people could disagree on scope).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from advisor.knowledge_base.pack import load_pack
from advisor.understanding.encoder import load_encoder
from advisor.understanding.faq_calibration import calibration_for
from advisor.understanding.faq_decision import Match
from advisor.understanding.faq_matching import BankEntry, FaqIndex
from advisor.understanding.question_matching import faq_bank
from tests.lexical_baselines import bm25, tfidf

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


def print_baselines(bank: Sequence[BankEntry], questions: Sequence[Question]) -> None:
    """Word matching on the same bank, each topic's score being that of its best text."""
    texts = [(at, text) for at, entry in enumerate(bank) for text in (entry.question, *entry.phrasings, entry.answer)]
    topic = np.array([at for at, _ in texts])
    inside = [question for question in questions if question.scope == "in"]
    for name, scorer in (("TF-IDF", tfidf), ("BM25", bm25)):
        first, third = [], []
        scored = scorer([text for _, text in texts], [question.text for question in inside])
        for question, similarities in zip(inside, scored, strict=True):
            scores = np.zeros(len(bank))
            np.maximum.at(scores, topic, similarities)
            best = [bank[at].id for at in np.argsort(-scores, kind="stable")[:3]]
            first.append(best[0] in question.accept)
            third.append(any(topic_id in question.accept for topic_id in best))
        print(f"  {name:6s} first {counted(first)}   among first 3 {counted(third)}")


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
