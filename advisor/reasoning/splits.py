"""What pulls both ways in a split, and the single answers that would settle it."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.reasoning.changes import Flip, flips
from advisor.reasoning.inference import Profile
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.recommendation import Recommendation


@dataclass(frozen=True, slots=True)
class Breaker:
    """A single answer that settles a split; `criteria`: the rows that it moves (none: it acts beyond the rows)."""

    flip: Flip
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """The rows that lean to each option, those that favour neither or wait, and what would settle it."""

    rows: dict[str, tuple[str, ...]]
    undecided: tuple[str, ...]
    breakers: tuple[Breaker, ...]


def tie(many: ManyProfiles, profile: Profile, recommendation: Recommendation) -> Tie:
    """What a split consists of; answers to what is open come before others, those that move a row before the rest."""
    options = many.pack.options
    leans = recommendation.leans
    breakers = []
    for flip in flips(many, profile, options, up_to=1).flips:
        (change,) = flip.changes
        then = many.reasoner.foresee(many.reading, {**profile, change.attribute: frozenset({change.values[0]})}).leans
        breakers.append(Breaker(flip, tuple(name for name in leans if then[name] != leans[name])))
    open_first = sorted(
        breakers, key=lambda breaker: (bool(profile.get(breaker.flip.changes[0].attribute)), not breaker.criteria)
    )
    return Tie(
        {option: tuple(name for name, lean in leans.items() if lean == option) for option in options},
        tuple(name for name, lean in leans.items() if lean not in options),
        tuple(open_first),
    )
