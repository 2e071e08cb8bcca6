"""How well conversations are followed: ``python -m tests.evaluate_dialogues FILE.jsonl [--misses]``.

Each line holds a dialogue: ``{"id", "turns": [{"say", "expect": {"leans", "supposed", "alt_leans", "acts"}}]}``. After
a turn the leans of the five rows (article reading) are compared with those expected; neutral and unknown count as the
same, since neither speaks for an option. What is only assumed counts where the dialogue says ``"assumptions": true``;
``supposed`` holds the leans that there would be if all that is tried out were so. Acts count as found when every
expected one is among those that the turn performed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from advisor.assistant import Assistant, load_assistant
from advisor.conversation.assumptions import suppose
from advisor.conversation.transcript import profile_of
from advisor.settings import Settings

_AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Score:
    """Counts over all turns, and a line for each miss."""

    dialogues: int = 0
    dialogues_right: int = 0
    turns: int = 0
    turns_right: int = 0
    rows: int = 0
    rows_right: int = 0
    supposed: int = 0
    supposed_right: int = 0
    acts: int = 0
    acts_found: int = 0
    misses: list[str] = field(default_factory=list)


def evaluate(assistant: Assistant, dialogues: Sequence[Mapping[str, Any]]) -> Score:
    """Holds each dialogue and compares the state after each turn with what is expected."""
    score = Score()
    for dialogue in dialogues:
        conversation = assistant.conversation()
        all_right = True
        for number, turn in enumerate(dialogue["turns"], 1):
            reply = conversation.respond(turn["say"], _AT)
            known = reply.state.observations
            holding = suppose(assistant.reasoner, known, reply.state.assumptions).holding
            counted = holding if dialogue.get("assumptions") else known
            leans = assistant.reasoner.foresee("article", profile_of(counted)).leans
            wrong = _wrong_rows(leans, turn["expect"])
            astray: dict[str, tuple[str, str]] = {}
            if (supposed := turn["expect"].get("supposed")) is not None:
                tried = assistant.reasoner.foresee("article", profile_of(holding)).leans
                astray = _wrong_rows(tried, {**turn["expect"], "leans": supposed})
                score.supposed += 1
                score.supposed_right += not astray
            missing = sorted(set(turn["expect"].get("acts", ())) - set(reply.acts))
            score.turns += 1
            score.turns_right += not wrong
            score.rows += len(leans)
            score.rows_right += len(leans) - len(wrong)
            score.acts += len(turn["expect"].get("acts", ()))
            score.acts_found += len(turn["expect"].get("acts", ())) - len(missing)
            all_right = all_right and not wrong
            if wrong or missing or astray:
                score.misses.append(f"{dialogue['id']} turn {number}: {turn['say']!r}")
                score.misses += [f"    {row}: wanted {wanted}, got {got}" for row, (wanted, got) in wrong.items()]
                score.misses += [
                    f"    {row} if so: wanted {wanted}, got {got}" for row, (wanted, got) in astray.items()
                ]
                if missing:
                    score.misses.append(f"    acts missing: {', '.join(missing)}; performed: {', '.join(reply.acts)}")
        score.dialogues += 1
        score.dialogues_right += all_right
    return score


def _wrong_rows(leans: Mapping[str, str], expect: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    wrong = {}
    for row, lean in leans.items():
        accepted = {
            _plain(expect.get("leans", {}).get(row, "unknown")),
            *map(_plain, expect.get("alt_leans", {}).get(row, ())),
        }
        if _plain(lean) not in accepted:
            wrong[row] = (expect.get("leans", {}).get(row, "unknown"), lean)
    return wrong


def _plain(lean: str) -> str:
    return "unknown" if lean == "neutral" else lean


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} = {100 * part / whole:.1f} %" if whole else "0/0"


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description="Evaluates dialogues.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--misses", action="store_true", help="also print what went wrong")
    options = parser.parse_args()
    lines = options.file.read_text(encoding="utf-8").splitlines()
    score = evaluate(load_assistant(Settings()), [json.loads(line) for line in lines if line.strip()])
    print(f"dialogues right   {_share(score.dialogues_right, score.dialogues)}")
    print(f"turn states right {_share(score.turns_right, score.turns)}")
    print(f"rows right        {_share(score.rows_right, score.rows)}")
    print(f"supposed right    {_share(score.supposed_right, score.supposed)}")
    print(f"acts found        {_share(score.acts_found, score.acts)}")
    if options.misses:
        print("\n".join(score.misses))


if __name__ == "__main__":
    main()
