"""Why a question is asked: the rules that its answer could still make fire, and where each answer leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.inference import Fact, InferenceRule, Profile
from advisor.reasoning.recommendation import READINGS, ReadingId, Reasoner


@dataclass(frozen=True, slots=True)
class Waiting:
    """A rule that waits for an attribute.

    `values`: the answers that it waits for. `holds`: facts that it has already. `also_open`: other stated attributes
    that it waits for too. `rows`: the criteria that it bears on, itself or through what it concludes.
    """

    rule: str
    readings: tuple[ReadingId, ...]
    values: tuple[str, ...]
    holds: tuple[Fact, ...]
    also_open: tuple[str, ...]
    rows: tuple[str, ...]


def waiting_rules(reasoner: Reasoner, profile: Profile, attribute: str) -> tuple[Waiting, ...]:
    """The rules of either reading that an answer about `attribute` could still make fire, in the pack's order."""
    found: dict[str, Waiting] = {}
    for reading in READINGS:
        concluded: dict[str, set[str]] = {}
        for firing in reasoner.foresee(reading, profile).derived:
            concluded.setdefault(firing.conclusion.name, set()).add(firing.conclusion.value)
        known = {**profile, **{name: frozenset(values) for name, values in concluded.items()}}
        rules = [rule for stratum in reasoner.engines[reading].strata for rule in stratum]
        for rule in rules:
            waiting = _waiting(reasoner, rules, rule, known, attribute, reading)
            if waiting is not None:
                earlier = found.get(rule.id)
                readings = (*earlier.readings, reading) if earlier else (reading,)
                found[rule.id] = Waiting(
                    waiting.rule, readings, waiting.values, waiting.holds, waiting.also_open, waiting.rows
                )
    return tuple(found[rule] for rule in reasoner.pack.rules if rule in found)


def _waiting(
    reasoner: Reasoner,
    rules: list[InferenceRule],
    rule: InferenceRule,
    known: Profile,
    attribute: str,
    reading: ReadingId,
) -> Waiting | None:
    wanted = [values for name, values in rule.conditions if name == attribute]
    if not wanted or any(UNKNOWN in values for values in wanted):
        return None
    holds: list[Fact] = []
    also_open: list[str] = []
    for name, values in rule.conditions:
        said = known.get(name, frozenset())
        derived = reasoner.pack.attributes[name].derived
        if name == attribute:
            continue
        if said:
            matching = [Fact(name, value) for value in values if value in said]
            if not matching:
                return None
            holds += matching
        elif UNKNOWN not in values and not derived:
            also_open.append(name)
    rows = tuple(name for name in reasoner.pack.criteria if name in _bears_on(rules, rule))
    values = tuple(value for value in reasoner.pack.attributes[attribute].values if all(value in w for w in wanted))
    return Waiting(rule.id, (reading,), values, tuple(holds), tuple(also_open), rows)


def _bears_on(rules: list[InferenceRule], rule: InferenceRule) -> set[str]:
    """The names that a rule's conclusion reaches through rules that read it."""
    reached = {rule.conclusion.name}
    while True:
        further = {r.conclusion.name for r in rules if any(name in reached for name, _ in r.conditions)} - reached
        if not further:
            return reached
        reached |= further


def where_answers_lead(reasoner: Reasoner, profile: Profile, attribute: str) -> Mapping[str, Mapping[ReadingId, str]]:
    """For each value of an attribute, the verdict of each reading once it is given."""
    return {
        value: {
            reading: reasoner.foresee(reading, {**profile, attribute: frozenset({value})}).verdict
            for reading in READINGS
        }
        for value in reasoner.pack.attributes[attribute].values
    }
