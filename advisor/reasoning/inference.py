"""What rules are to the reasoner, and the plain fixpoint that defines what they mean.

A rule holds when every one of its conditions holds; it then supports its conclusion. Rules chain forward: a conclusion
may satisfy conditions of further rules. `unknown` in a condition means that the attribute has no value at all, which is
only decided once every rule that could give it one has been tried (stratified negation, as in Datalog).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from advisor.errors import AdvisorError

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """An attribute, derived attribute or criterion has a value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class InferenceRule:
    """`conditions`: for each, a name and the values of which any will do. `conclusion`: what then holds."""

    id: str
    conditions: tuple[tuple[str, tuple[str, ...]], ...]
    conclusion: Fact


@dataclass(frozen=True, slots=True, order=True)
class Firing:
    """A rule held on exactly these premises and supports this conclusion."""

    rule: str
    premises: tuple[Fact, ...]
    conclusion: Fact


class RulebaseError(AdvisorError):
    """Rules that cannot be evaluated: a cycle through `unknown`, or more than the engine can carry."""


Profile = Mapping[str, frozenset[str]]
"""The values of each attribute that has any."""


def stratify(rules: Iterable[InferenceRule]) -> tuple[tuple[InferenceRule, ...], ...]:
    """Groups rules into strata so that whatever a stratum tests for `unknown` is settled by the strata before it.

    Raises RulebaseError when a name depends on itself through `unknown`: no order of evaluation is then right.
    """
    rules = tuple(rules)
    concluded = {rule.conclusion.name for rule in rules}
    level = dict.fromkeys(concluded, 0)
    for _ in range(len(concluded) + 1):
        changed = False
        for rule in rules:
            needed = max(
                (level[name] + (UNKNOWN in values) for name, values in rule.conditions if name in concluded), default=0
            )
            if needed > level[rule.conclusion.name]:
                level[rule.conclusion.name] = needed
                changed = True
        if not changed:
            break
    else:
        circular = sorted(name for name in concluded if level[name] >= len(concluded))
        raise RulebaseError(f"these conclusions depend on themselves being unknown: {', '.join(circular)}")
    strata = sorted(set(level.values()))
    return tuple(tuple(rule for rule in rules if level[rule.conclusion.name] == stratum) for stratum in strata)


def negated_names(rules: Iterable[InferenceRule]) -> frozenset[str]:
    """The names that some condition tests for `unknown`."""
    return frozenset(name for rule in rules for name, values in rule.conditions if UNKNOWN in values)


def fixpoint(strata: Sequence[Sequence[InferenceRule]], profile: Profile) -> tuple[Firing, ...]:
    """All firings of the rules on a profile, sorted; the meaning that every engine here has to reproduce."""
    holding = {name: set(values) for name, values in profile.items() if values}
    firings: set[Firing] = set()
    for rules in strata:
        absent = {name for name in negated_names(rules) if not holding.get(name)}
        growing = True
        while growing:
            growing = False
            for rule in rules:
                choices = [
                    [
                        Fact(name, value)
                        for value in values
                        if value in holding.get(name, ()) or (value == UNKNOWN and name in absent)
                    ]
                    for name, values in rule.conditions
                ]
                for premises in product(*choices):
                    firing = Firing(rule.id, premises, rule.conclusion)
                    if firing not in firings:
                        firings.add(firing)
                        values_held = holding.setdefault(rule.conclusion.name, set())
                        growing = growing or rule.conclusion.value not in values_held
                        values_held.add(rule.conclusion.value)
    return tuple(sorted(firings))
