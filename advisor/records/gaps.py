"""What people asked and did not get: the maintainers' list of what the FAQ lacks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from advisor.conversation.blocks import NoAnswer, Rejected
from advisor.records.store import Session
from advisor.understanding.encoder import SentenceEncoder

_SAME_MATTER = 0.6
"""Cosine similarity from which two questions are listed together."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A question without a good answer. `kind`: none was found, or the user rejected what was offered."""

    question: str
    kind: Literal["unanswered", "rejected"]
    session: str
    turn: int


def gaps(sessions: Iterable[Session]) -> list[Gap]:
    """Every gap in these sessions, in order."""
    found = []
    for session in sessions:
        for turn in session.turns:
            for block in turn.blocks:
                if isinstance(block, NoAnswer):
                    found.append(Gap(block.asked, "unanswered", session.info.id, turn.number))
                elif isinstance(block, Rejected):
                    found.append(Gap(block.asked, "rejected", session.info.id, turn.number))
    return found


def grouped(found: list[Gap], encoder: SentenceEncoder) -> list[list[Gap]]:
    """Gaps about the same matter together, the largest group first.

    Each gap joins the first group whose first question is near enough in meaning; the result is deterministic.
    """
    vectors = encoder.encode([gap.question for gap in found])
    leaders: list[int] = []
    groups: list[list[Gap]] = []
    for index, gap in enumerate(found):
        similarities = vectors[leaders] @ vectors[index] if leaders else np.zeros(0)
        if len(similarities) and similarities.max() >= _SAME_MATTER:
            groups[int(similarities.argmax())].append(gap)
        else:
            leaders.append(index)
            groups.append([gap])
    return sorted(groups, key=lambda group: -len(group))
