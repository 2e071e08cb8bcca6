"""Measures dialogue acts: python -m tests.evaluate_acts FILE.jsonl [--letters-only]

A line holds {"text", "act"} (null: no act), and "option", "criterion" and "argument" where the act has them;
with "act_only", these are not looked at.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from advisor.knowledge_base.acts_schema import load_acts, load_names
from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.pack import DEFAULT_PACK, KNOWLEDGE_DIR, load_pack
from advisor.understanding.dialogue_acts import ActRecognizer, RecognizedAct
from advisor.understanding.encoder import SHIPPED_MODEL, SentenceEncoder, load_encoder

HELD = Path(__file__).parent / "data" / "acts_held.jsonl"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One sentence, what it does, and what it was taken for."""

    expected: dict[str, Any]
    found: RecognizedAct | None

    @property
    def act_is_right(self) -> bool:
        """Whether the act is the expected one."""
        return bool(self.expected["act"] == (self.found.act if self.found else None))

    @property
    def details_are_right(self) -> bool:
        """Whether option, criterion and argument are the expected ones too."""
        found = self.found
        if found is None or self.expected.get("act_only"):
            return self.act_is_right
        wanted = tuple(self.expected.get(field) for field in ("option", "criterion", "argument"))
        return self.act_is_right and wanted == (found.option, found.criterion, found.argument or None)


def shipped_encoder() -> SentenceEncoder | None:
    """The shipped encoder, if it is there."""
    return load_encoder() if SHIPPED_MODEL.is_dir() else None


def shipped_recognizer(encoder: SentenceEncoder | None) -> ActRecognizer:
    """A recogniser as the advisor makes it, of the shipped knowledge."""
    names = load_names(DEFAULT_PACK / "names.yaml")
    pack = load_pack()
    language = load_language(pack.directory, pack.english)
    phrasings = (phrasing for entry in pack.entries.values() for phrasing in entry.phrasings)
    return ActRecognizer(
        load_acts(KNOWLEDGE_DIR / "english" / "acts.yaml"),
        names.options,
        names.criteria,
        encoder,
        topics=names.topics,
        others=[*phrasings, *language.statements.every_example()],
        spelling=language.spelling.written,
    )


def outcomes(recognizer: ActRecognizer, file: Path) -> list[Outcome]:
    """What the recogniser makes of every sentence in `file`."""
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = [json.loads(line) for line in lines if line.strip()]
    return [Outcome(item, recognizer.recognize(item["text"])) for item in expected]


def report(results: Sequence[Outcome]) -> str:
    """The figures, then every sentence that went wrong."""
    wanted = Counter(result.expected["act"] for result in results)
    taken = Counter(result.found.act if result.found else None for result in results)
    right = Counter(result.expected["act"] for result in results if result.act_is_right)
    lines = [f"{'act':20} {'precision':>12} {'recall':>12}"]
    for act in sorted({*wanted, *taken} - {None}, key=str):
        lines.append(f"{act:20} {f'{right[act]}/{taken[act]}':>12} {f'{right[act]}/{wanted[act]}':>12}")
    acts, all_taken = len(results) - wanted[None], len(results) - taken[None]
    all_right = sum(right.values()) - right[None]
    lines += [
        f"{'all acts':20} {f'{all_right}/{all_taken}':>12} {f'{all_right}/{acts}':>12}",
        f"option, criterion and argument right too: {sum(map(_complete, results))}/{acts}",
        f"false acts on sentences without one: {wanted[None] - right[None]}/{wanted[None]}",
        "",
        *map(_mistake, (result for result in results if not result.details_are_right)),
    ]
    return "\n".join(lines)


def _complete(result: Outcome) -> bool:
    return result.expected["act"] is not None and result.details_are_right


def _mistake(result: Outcome) -> str:
    found = result.found
    if found is None:
        return f"{result.expected['act']} -> None: {result.expected['text']}"
    about = f"{found.option}, {found.criterion}, {found.argument!r}"
    taken = f"{found.act} ({found.score:.2f}, {about}, like {found.reason!r})"
    return f"{result.expected['act']} -> {taken}: {result.expected['text']}"


def main() -> None:
    """Prints the figures for a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", default=HELD)
    parser.add_argument("--letters-only", action="store_true", help="without the encoder")
    arguments = parser.parse_args()
    encoder = None if arguments.letters_only else shipped_encoder()
    print(report(outcomes(shipped_recognizer(encoder), arguments.file)))


if __name__ == "__main__":
    main()
