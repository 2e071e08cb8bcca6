"""Which answers, given otherwise, would turn a verdict: all minimal sets of up to three, exactly.

An answer is given otherwise by one value for its attribute; an open attribute counts as one that can be answered.
Values that no rule of the reading tells apart are tried once and reported together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import prod

import numpy as np

from advisor.reasoning.inference import Profile
from advisor.reasoning.many_profiles import Bits, Codes, ManyProfiles

MAX_SIZE = 3
MAX_WORDS = 400_000
"""How many sets of changes may be tried at once, times the words of 64 rules that each takes: about half a second."""

Answers = Mapping[tuple[str, ...], Bits]
Pick = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class AnswerChange:
    """An attribute gets one of `values`, any of which will do."""

    attribute: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """A minimal set of changes, in the pack's order of attributes, and the verdict it leads to."""

    changes: tuple[AnswerChange, ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class Flips:
    """What was found. `tried_up_to`: every set of up to so many changes was tried; larger ones would be too many."""

    flips: tuple[Flip, ...]
    tried_up_to: int


def different_answers(many: ManyProfiles, profile: Profile) -> dict[str, dict[tuple[str, ...], Bits]]:
    """For each attribute the other answers that can make a difference: values no rule tells apart are one answer."""
    found: dict[str, dict[tuple[str, ...], Bits]] = {}
    for attribute in many.attributes:
        now = many.mask(attribute, profile.get(attribute, frozenset())).tobytes()
        alike: dict[bytes, list[str]] = {}
        for value in many.pack.attributes[attribute].values:
            alike.setdefault(many.mask(attribute, frozenset({value})).tobytes(), []).append(value)
        answers = {tuple(values): values[0] for mask, values in alike.items() if mask != now}
        if answers:
            found[attribute] = {vs: many.mask(attribute, frozenset({value})) for vs, value in answers.items()}
    return found


def flips(
    many: ManyProfiles,
    profile: Profile,
    targets: Collection[str],
    up_to: int = MAX_SIZE,
    smallest_only: bool = False,
    among: Collection[str] | None = None,
) -> Flips:
    """All minimal sets of up to `up_to` changes that lead to a verdict among `targets`, smaller sets first.

    A set is minimal when no part of it leads there. With `smallest_only` the search ends with the first size that has
    any. `among`: the attributes that may change (all). Within a size, sets that leave alone what was said and cannot be
    changed come first, then those that only answer what is open.
    """
    answers = different_answers(many, profile)
    if among is not None:
        answers = {attribute: found for attribute, found in answers.items() if attribute in among}
    wanted = np.array([verdict in targets for verdict in many.verdicts])
    found: list[Flip] = []
    minimal: set[frozenset[tuple[str, tuple[str, ...]]]] = set()
    reached = 0
    for size in range(1, min(up_to, MAX_SIZE) + 1):
        sets = sum(prod(len(answers[name]) for name in names) for names in combinations(answers, size))
        if sets * many.everything.size > MAX_WORDS:
            break
        picks, verdicts = _outcomes(many, profile, answers, size)
        for index in np.flatnonzero(wanted[verdicts]).tolist():
            picked = picks[index]
            if not any(frozenset(part) in minimal for n in range(1, size) for part in combinations(picked, n)):
                minimal.add(frozenset(picked))
                found.append(Flip(tuple(AnswerChange(*change) for change in picked), many.verdicts[verdicts[index]]))
        if size == 1:
            answers = {
                name: {values: mask for values, mask in choices.items() if frozenset({(name, values)}) not in minimal}
                for name, choices in answers.items()
            }
        reached = size
        if smallest_only and found:
            break
    return Flips(_in_order(many, profile, found), reached)


def _outcomes(
    many: ManyProfiles, profile: Profile, answers: Mapping[str, Answers], size: int
) -> tuple[list[Pick], Codes]:
    """Every set of `size` changes, and the verdicts that they lead to."""
    masks = {name: many.mask(name, profile.get(name, frozenset())) for name in many.attributes}
    picks: list[Pick] = []
    batch: list[Bits] = [np.zeros((0, many.everything.size), np.uint64)]
    for names in combinations(answers, size):
        fixed = many.everything
        for name, mask in masks.items():
            if name not in names:
                fixed = fixed & mask
        block = fixed[None, :]
        for name in names:
            choices = np.array(list(answers[name].values()), np.uint64).reshape(-1, fixed.size)
            block = (block[:, None, :] & choices[None, :, :]).reshape(-1, fixed.size)
        batch.append(block)
        picks += product(*([(name, values) for values in answers[name]] for name in names))
    return picks, many.concluded(np.concatenate(batch)).verdicts


def _in_order(many: ManyProfiles, profile: Profile, found: Sequence[Flip]) -> tuple[Flip, ...]:
    """Smaller sets first; then those that alter less of what is fixed, then less of what was said; else in order."""

    def effort(flip: Flip) -> tuple[int, int, int]:
        said = [change.attribute for change in flip.changes if profile.get(change.attribute)]
        fixed = sum(not many.pack.attributes[attribute].changeable for attribute in said)
        return len(flip.changes), fixed, len(said)

    return tuple(sorted(found, key=effort))
