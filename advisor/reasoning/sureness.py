"""How sure a verdict is, in counts: over the ways in which open answers can turn out, and over single answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.changes import Flip, flips
from advisor.reasoning.inference import Profile
from advisor.reasoning.many_profiles import Bits, ManyProfiles
from advisor.reasoning.next_question import reachable
from advisor.reasoning.recommendation import Recommendation

MAX_WAYS = 200_000


@dataclass(frozen=True, slots=True)
class AnswerWays:
    """In `hold` of `ways` ways to answer all of `attributes`, one value each, a verdict stays what it is."""

    attributes: tuple[str, ...]
    hold: int
    ways: int


@dataclass(frozen=True, slots=True)
class Firmness:
    """How firm a verdict is.

    `margin`: rows of the leading option less those of the other. `row_ways`: how many of the ways in which the open
    rows can turn out end in each verdict. `answers`: the same over open answers; None when more than MAX_WAYS ways
    would have to be tried. `single`: every single answer that ends the verdict when given so.
    """

    margin: int
    row_ways: Mapping[str, int]
    answers: AnswerWays | None
    single: tuple[Flip, ...]


def firmness(many: ManyProfiles, profile: Profile, recommendation: Recommendation) -> Firmness:
    """How firm the verdict of a reading is on a profile."""
    first, second = recommendation.tally.values()
    others = [verdict for verdict in many.verdicts if verdict != recommendation.verdict]
    return Firmness(
        abs(first - second),
        reachable(many.pack, recommendation).ways,
        answer_ways(many, profile, recommendation),
        flips(many, profile, others, up_to=1).flips,
    )


def answer_ways(many: ManyProfiles, profile: Profile, recommendation: Recommendation) -> AnswerWays | None:
    """Counts over all ways to answer the open attributes that the reading reads, or else those of its open rows.

    The second, smaller set is used when the first has more than MAX_WAYS ways; None when that has too.
    """
    open_rows = [name for name, lean in recommendation.leans.items() if lean == UNKNOWN]
    unanswered = [name for name in many.attributes if not profile.get(name)]
    of_open_rows = [name for name in unanswered if many.pack.attributes[name].criterion in open_rows]
    for attributes in (unanswered, of_open_rows):
        alike = [_alike(many, attribute) for attribute in attributes]
        if prod(len(answers) for answers in alike) <= MAX_WAYS:
            return _count(many, profile, recommendation, tuple(attributes), alike)
    return None


def _alike(many: ManyProfiles, attribute: str) -> list[tuple[Bits, int]]:
    """The answers that some rule tells apart, each with the number of values it stands for."""
    counts: dict[bytes, list[str]] = {}
    for value in many.pack.attributes[attribute].values:
        counts.setdefault(many.mask(attribute, frozenset({value})).tobytes(), []).append(value)
    return [(many.mask(attribute, frozenset({values[0]})), len(values)) for values in counts.values()]


def _count(
    many: ManyProfiles,
    profile: Profile,
    recommendation: Recommendation,
    attributes: tuple[str, ...],
    alike: list[list[tuple[Bits, int]]],
) -> AnswerWays:
    fixed = many.everything
    for name in many.attributes:
        if name not in attributes:
            fixed = fixed & many.mask(name, profile.get(name, frozenset()))
    held = fixed[:, None]
    for answers in alike:
        choices = np.stack([mask for mask, _ in answers], axis=1)
        held = (held[:, :, None] & choices[:, None, :]).reshape(fixed.size, -1)
    weights = [prod(sizes) for sizes in product(*([size for _, size in answers] for answers in alike))]
    stays = many.concluded(held).verdicts == many.verdicts.index(recommendation.verdict)
    hold = sum(weight for weight, stay in zip(weights, stays.tolist(), strict=True) if stay)
    return AnswerWays(attributes, hold, sum(weights))
