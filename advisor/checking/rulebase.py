"""A pack's rules as analyses take them: by reading, with what each defeats, and when each holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_

from advisor.checking.truth_tables import (
    MAX_STATES,
    State,
    TruthTable,
    cone,
    table_size,
    telling_states,
    truth_table,
)
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.inference import Fact, InferenceRule, Profile, fixpoint, stratify
from advisor.reasoning.recommendation import READINGS, ReadingId, inference_rules


@dataclass(frozen=True)
class Rulebase:
    """The rules of one reading. `defeats`: for each rule that defeats others, which; `owned`: the reading's own rules.

    Rules of advice belong to the amended reading here. They rest on it, and nothing rests on them.
    """

    reading: ReadingId
    rules: Mapping[str, InferenceRule]
    defeats: Mapping[str, tuple[str, ...]]
    owned: frozenset[str]
    _cones: dict[str, tuple[InferenceRule, ...]] = field(default_factory=dict, compare=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Whatever the rules conclude, each once."""
        return tuple(dict.fromkeys(rule.conclusion.name for rule in self.rules.values()))

    @cached_property
    def defeated_by(self) -> dict[str, tuple[str, ...]]:
        """For each rule that others defeat, which."""
        found: dict[str, tuple[str, ...]] = {}
        for rule, defeated in self.defeats.items():
            for other in defeated:
                found[other] = (*found.get(other, ()), rule)
        return found

    def bearing_on(self, name: str) -> tuple[InferenceRule, ...]:
        """The rules that conclude a name, and all that they rest on."""
        if name not in self._cones:
            self._cones[name] = cone(self.rules.values(), [name])
        return self._cones[name]

    def outcome(self, profile: Profile, name: str) -> tuple[frozenset[str], frozenset[str]]:
        """On a profile: the rules about a name that fire, and what those conclude that are not defeated."""
        firings = fixpoint(stratify(self.bearing_on(name)), profile)
        about = {firing.rule: firing.conclusion.value for firing in firings if firing.conclusion.name == name}
        counting = {rule for rule in about if about.keys().isdisjoint(self.defeated_by.get(rule, ()))}
        return frozenset(about), frozenset(about[rule] for rule in counting)

    def narrowed(self, name: str) -> Rulebase:
        """Only the rules that bear on a name."""
        return replace(self, rules={rule.id: rule for rule in self.bearing_on(name)}, _cones={})

    def without(self, rule: str) -> Rulebase:
        """The same without a rule."""
        rules = {id: other for id, other in self.rules.items() if id != rule}
        return replace(self, rules=rules, defeats={**self.defeats, rule: ()}, _cones={})

    def with_rule(self, rule: InferenceRule, defeats: Sequence[str]) -> Rulebase:
        """The same with a rule in place of the one that has its id."""
        defeated = {**self.defeats, rule.id: tuple(defeats)}
        return replace(self, rules={**self.rules, rule.id: rule}, defeats=defeated, _cones={})


@dataclass(frozen=True)
class NameTable:
    """When the rules about one name hold, over every profile that they can tell apart."""

    rulebase: Rulebase
    table: TruthTable

    def counts(self, rule: str) -> int:
        """The profiles in which a rule holds and is not defeated."""
        defeaters = self.rulebase.defeated_by.get(rule, ())
        return self.table.fired[rule] & ~reduce(or_, (self.table.fired.get(other, 0) for other in defeaters), 0)

    def concluded(self, name: str, value: str) -> int:
        """The profiles in which rules that are not defeated conclude this."""
        rules = (rule for rule in self.rulebase.rules.values() if rule.conclusion == Fact(name, value))
        return reduce(or_, (self.counts(rule.id) for rule in rules), 0)


def rulebases(pack: KnowledgePack) -> dict[ReadingId, Rulebase]:
    """The rulebase of each reading."""
    found = {}
    for reading in READINGS:
        rules = [rule for rule in pack.rules.values() if reading in ("amended", rule.reading)]
        found[reading] = Rulebase(
            reading,
            {rule.id: rule for rule in inference_rules(rules)},
            {rule.id: rule.defeats for rule in rules if rule.defeats},
            frozenset(rule.id for rule in rules if rule.reading == reading),
        )
    return found


def name_table(pack: KnowledgePack, rulebase: Rulebase, name: str) -> NameTable | None:
    """The table of a name, or None when it would have too many profiles."""
    rules = rulebase.bearing_on(name)
    return _table(rulebase, rules, telling_states(rules, pack.attributes))


def _table(
    rulebase: Rulebase, rules: Iterable[InferenceRule], states: Mapping[str, Sequence[State]]
) -> NameTable | None:
    if table_size(states) > MAX_STATES:
        return None
    return NameTable(rulebase, truth_table(rules, states))
