"""What changed between two states of knowledge: the rows that moved, the rules that came and went, and the cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.reasoning.inference import InferenceRule, Profile
from advisor.reasoning.recommendation import READINGS, ReadingId, Recommendation


@dataclass(frozen=True, slots=True)
class RowMove:
    """A row that leans otherwise. `causes`: the attributes that differ and that its rules, before or now, rest on."""

    criterion: str
    reading: ReadingId
    before: str
    after: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    causes: tuple[str, ...]


def changed_attributes(before: Profile, after: Profile) -> tuple[str, ...]:
    """The attributes whose values differ, in the order in which they are known now, then before."""
    names = dict.fromkeys((*after, *before))
    return tuple(name for name in names if before.get(name) != after.get(name))


def row_moves(
    before: Mapping[ReadingId, Recommendation],
    after: Mapping[ReadingId, Recommendation],
    changed: tuple[str, ...],
    rules: Iterable[InferenceRule],
) -> tuple[RowMove, ...]:
    """The rows that lean otherwise, for each reading. `changed`: the attributes that differ."""
    read_by = names_read(rules)
    moves = []
    for reading in READINGS:
        for criterion, row in after[reading].rows.items():
            was = before[reading].rows[criterion]
            if was.lean == row.lean:
                continue
            rules_before = {firing.rule for firing in was.firings}
            rules_after = {firing.rule for firing in row.firings}
            gained = tuple(dict.fromkeys(f.rule for f in row.firings if f.rule not in rules_before))
            lost = tuple(dict.fromkeys(f.rule for f in was.firings if f.rule not in rules_after))
            touching = frozenset[str]().union(*(read_by[rule] for rule in (*gained, *lost)))
            causes = tuple(name for name in changed if name in touching)
            moves.append(RowMove(criterion, reading, was.lean, row.lean, gained, lost, causes))
    return tuple(moves)


def names_read(rules: Iterable[InferenceRule]) -> dict[str, frozenset[str]]:
    """For each rule all names that it reads, itself or through the rules that conclude what it reads."""
    rules = tuple(rules)
    found = {rule.id: frozenset(name for name, _ in rule.conditions) for rule in rules}
    while True:
        further = {
            rule.id: found[rule.id].union(*(found[r.id] for r in rules if r.conclusion.name in found[rule.id]))
            for rule in rules
        }
        if further == found:
            return found
        found = further
