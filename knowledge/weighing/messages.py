"""The messages of labelled dialogues as labelled descriptions: what each says, as far as the states around it show.

    python knowledge/weighing/messages.py DIALOGUES.jsonl ... > MESSAGES.jsonl

What a message changes in a row it says; of a row that stays as it was, it repeats the value or says nothing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))  # run as a script, the advisor package may not be installed

from advisor.knowledge_base.labelled_descriptions import LabelledDescription  # noqa: E402
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN  # noqa: E402
from advisor.understanding.clauses import split_sentences  # noqa: E402

States = Mapping[str, frozenset[str]]


def messages(dialogues: Iterable[Mapping[str, Any]]) -> Iterator[LabelledDescription]:
    """Each message of each dialogue, in the format that `python -m tests.evaluate_dialogues` reads."""
    for dialogue in dialogues:
        before: States | None = {}
        for number, turn in enumerate(dialogue["turns"], 1):
            expected = turn.get("expect")
            if expected and before is not None and turn["say"].strip():
                yield _message(f"{dialogue['id']}-{number}", turn["say"], before, expected)
            # After a turn without labels nothing is known of what the next one changes.
            before = _accepted(expected) if expected else None


def _accepted(expected: Mapping[str, Any]) -> States:
    """What is right of each row."""
    others = expected.get("alt_leans") or {}
    return {
        row: frozenset(UNKNOWN if one == NEUTRAL else one for one in (lean, *others.get(row, ())))
        for row, lean in expected["leans"].items()
    }


def _message(identifier: str, text: str, before: States, expected: Mapping[str, Any]) -> LabelledDescription:
    labels: dict[str, str] = {}
    others: dict[str, tuple[str, ...]] = {}
    for row, accepted in _accepted(expected).items():
        was = before.get(row, frozenset({UNKNOWN}))
        said = accepted | {UNKNOWN} if accepted & was else accepted
        labels[row] = UNKNOWN if UNKNOWN in said else min(said)
        others[row] = tuple(sorted(said - {labels[row]}))
    alone = len(split_sentences(text)) == 1
    return LabelledDescription(
        id=identifier,
        text=text,
        labels=labels,
        alt_labels={row: names for row, names in others.items() if names},
        spans={row: (text.strip(),) for row, name in labels.items() if alone and name != UNKNOWN},
    )


def main() -> None:
    """Print them, one a line."""
    for path in map(Path, sys.argv[1:]):
        lines = filter(str.strip, path.read_text(encoding="utf-8").split("\n"))
        for message in messages(map(json.loads, lines)):
            print(message.model_dump_json(exclude_defaults=True))


if __name__ == "__main__":
    main()
