"""Which answers, given otherwise, would turn a verdict: all minimal sets of up to three, exactly.

An answer is given otherwise by one value for its attribute; an open attribute counts as one that can be answered.
Values that no rule of the reading tells apart are tried once and reported together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from advisor.reasoning.inference import Profile
from advisor.reasoning.many_profiles import Bits, ManyProfiles

MAX_SIZE = 3
MAX_WORK = 8_000_000
"""How many sets of changes may be tried at once, times the rules that each is tried on: a few tenths of a second."""

Indices = npt.NDArray[np.intp]
_ALL = np.uint64(2**64 - 1)


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


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that would make a difference; `attribute` is its place among those of the reading."""

    attribute: int
    change: AnswerChange
    mask: Bits


def different_answers(many: ManyProfiles, profile: Profile) -> tuple[Answer, ...]:
    """The answers other than those of the profile that can make a difference, by attribute.

    Values that no rule tells apart are one answer.
    """
    found = []
    for at, name in enumerate(many.attributes):
        now = many.mask(name, profile.get(name, frozenset())).tobytes()
        alike: dict[bytes, list[str]] = {}
        for value in many.pack.attributes[name].values:
            alike.setdefault(many.mask(name, frozenset({value})).tobytes(), []).append(value)
        found += [
            Answer(at, AnswerChange(name, tuple(values)), many.mask(name, frozenset({values[0]})))
            for mask, values in alike.items()
            if mask != now
        ]
    return tuple(found)


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
    answers = [
        answer for answer in different_answers(many, profile) if among is None or answer.change.attribute in among
    ]
    wanted = np.array([verdict in targets for verdict in many.verdicts])
    found: list[Flip] = []
    minimal: set[frozenset[AnswerChange]] = set()
    reached = 0
    for size in range(1, min(up_to, MAX_SIZE) + 1):
        if _number_of_sets(answers, size) * len(many.rules) > MAX_WORK:
            break
        sets = _combinations(np.array([answer.attribute for answer in answers], np.intp), size)
        verdicts = many.concluded(_held(many, profile, answers, sets)).verdicts
        for index in np.flatnonzero(wanted[verdicts]).tolist():
            picked = tuple(answers[at].change for at in sets[:, index].tolist())
            if not any(frozenset(part) in minimal for n in range(1, size) for part in combinations(picked, n)):
                minimal.add(frozenset(picked))
                found.append(Flip(picked, many.verdicts[verdicts[index]]))
        if size == 1:
            answers = [answer for answer in answers if frozenset({answer.change}) not in minimal]
        reached = size
        if smallest_only and found:
            break
    return Flips(_in_order(many, profile, found), reached)


def _number_of_sets(answers: Sequence[Answer], size: int) -> int:
    """How many sets of `size` answers about different attributes there are."""
    ways = [1] + [0] * size
    for count in Counter(answer.attribute for answer in answers).values():
        ways = [1, *(ways[n] + ways[n - 1] * count for n in range(1, size + 1))]
    return ways[size]


def _combinations(attributes: Indices, size: int) -> Indices:
    """All sets of `size` answers about different attributes, as columns.

    `attributes`: for each answer the number of its attribute, in ascending order.
    """
    following = np.searchsorted(attributes, attributes, side="right")
    sets = np.arange(len(attributes), dtype=np.intp)[None, :]
    for _ in range(size - 1):
        counts = len(attributes) - following[sets[-1]]
        longer = np.repeat(sets, counts, axis=1)
        starts = np.repeat(following[sets[-1]] - (np.cumsum(counts) - counts), counts)
        sets = np.concatenate([longer, (starts + np.arange(longer.shape[1]))[None, :]])
    return sets


def _held(many: ManyProfiles, profile: Profile, answers: Sequence[Answer], sets: Indices) -> Bits:
    """The rules that hold as far as stated attributes go, for every set of answers."""
    size, words = len(sets), many.everything.size
    if not sets.size:
        return np.zeros((words, 0), np.uint64)
    shape = (len(many.attributes),) * size
    kinds = _combinations(np.arange(len(many.attributes), dtype=np.intp), size)
    fixed = np.repeat(many.everything[:, None], kinds.shape[1], axis=1)
    for at, name in enumerate(many.attributes):
        now = many.mask(name, profile.get(name, frozenset()))[:, None]
        fixed &= np.where((kinds == at).any(axis=0), _ALL, now)
    number = np.zeros(shape, np.intp)
    number[tuple(kinds)] = np.arange(kinds.shape[1])
    masks = np.stack([answer.mask for answer in answers], axis=1)
    changed = np.array([answer.attribute for answer in answers], np.intp)[sets]
    held: Bits = fixed[:, number[tuple(changed)]]
    for column in sets:
        held &= masks[:, column]
    return held


def _in_order(many: ManyProfiles, profile: Profile, found: Sequence[Flip]) -> tuple[Flip, ...]:
    """Smaller sets first; then those that alter less of what is fixed, then less of what was said; else in order."""

    def effort(flip: Flip) -> tuple[int, int, int]:
        said = [change.attribute for change in flip.changes if profile.get(change.attribute)]
        fixed = sum(not many.pack.attributes[attribute].changeable for attribute in said)
        return len(flip.changes), fixed, len(said)

    return tuple(sorted(found, key=effort))
