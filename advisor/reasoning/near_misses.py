"""Why not: every rule that would have supported a conclusion and did not, with the state of each of its premises."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.explanation import derivation
from advisor.reasoning.inference import Fact, InferenceRule, Profile
from advisor.reasoning.recommendation import ReadingId, Reasoner, Recommendation

State = Literal["holds", "contradicted", "unknown"]


@dataclass(frozen=True, slots=True)
class Premise:
    """A condition of a rule on a profile.

    `facts`: the stated facts that make it hold or contradict it. `via`: for a condition on a derived attribute that
    does not hold, the rules that would have concluded one of its values.
    """

    name: str
    values: tuple[str, ...]
    state: State
    facts: tuple[Fact, ...] = ()
    via: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rule that does not count. `defeated_by`: rules that hold it down although it fired."""

    rule: str
    premises: tuple[Premise, ...]
    defeated_by: tuple[str, ...] = ()

    @property
    def contradicted(self) -> int:
        """How many premises something said contradicts."""
        return sum(premise.state == "contradicted" for premise in self.premises)

    @property
    def unknown(self) -> int:
        """How many premises wait for an answer."""
        return sum(premise.state == "unknown" for premise in self.premises)


def near_misses(
    reasoner: Reasoner,
    reading: ReadingId,
    profile: Profile,
    recommendation: Recommendation,
    supports: Callable[[Fact], bool],
) -> tuple[NearMiss, ...]:
    """The rules of a reading whose conclusion is among `supports` and which do not count there, the nearest first.

    Rules that only wait for answers come before those that are contradicted; fewer unmet premises come first.
    """
    rules = [rule for stratum in reasoner.engines[reading].strata for rule in stratum]
    context = _Context(rules, profile, recommendation)
    counted = {f.rule for row in recommendation.rows.values() for f in row.firings}
    counted |= {firing.rule for firing in recommendation.derived}
    missed = [context.miss(rule) for rule in rules if supports(rule.conclusion) and rule.id not in counted]
    order = list(reasoner.pack.rules)
    return tuple(sorted(missed, key=lambda miss: (*_distance(miss), order.index(miss.rule))))


def _distance(miss: NearMiss) -> tuple[int, int]:
    return miss.contradicted, miss.unknown


@dataclass(frozen=True, slots=True)
class _Context:
    rules: list[InferenceRule]
    profile: Profile
    recommendation: Recommendation

    def miss(self, rule: InferenceRule, path: tuple[str, ...] = ()) -> NearMiss:
        premises = tuple(self.premise(name, values, (*path, rule.id)) for name, values in rule.conditions)
        return NearMiss(rule.id, premises, self.recommendation.defeated.get(rule.id, ()))

    def premise(self, name: str, values: tuple[str, ...], path: tuple[str, ...]) -> Premise:
        concluding = [rule for rule in self.rules if rule.conclusion.name == name]
        if not concluding:
            return self._stated(name, values)
        firings = [firing for firing in self.recommendation.derived if firing.conclusion.name == name]
        holding = [firing for firing in firings if firing.conclusion.value in values]
        if holding:
            return Premise(name, values, "holds", self._leaves(holding))
        if UNKNOWN in values:
            return (
                Premise(name, values, "contradicted", self._leaves(firings))
                if firings
                else Premise(name, values, "holds")
            )
        via = [self.miss(rule, path) for rule in concluding if rule.conclusion.value in values and rule.id not in path]
        via.sort(key=_distance)
        waiting = [miss for miss in via if not miss.contradicted]
        state: State = "unknown" if waiting else "contradicted"
        facts = () if waiting else _contradictions(via[:1])
        return Premise(name, values, state, facts, tuple(via))

    def _stated(self, name: str, values: tuple[str, ...]) -> Premise:
        said = sorted(self.profile.get(name, frozenset()))
        matching = [value for value in said if value in values]
        if matching:
            return Premise(name, values, "holds", tuple(Fact(name, value) for value in matching))
        if said:
            return Premise(name, values, "contradicted", tuple(Fact(name, value) for value in said))
        return Premise(name, values, "holds" if UNKNOWN in values else "unknown")

    def _leaves(self, firings: Iterable[object]) -> tuple[Fact, ...]:
        derived = self.recommendation.derived
        found = (leaf for firing in derived if firing in firings for leaf in derivation(derived, firing).leaves)
        return tuple(dict.fromkeys(found))


def _contradictions(misses: Iterable[NearMiss]) -> tuple[Fact, ...]:
    facts = (fact for miss in misses for p in miss.premises if p.state == "contradicted" for fact in p.facts)
    return tuple(dict.fromkeys(facts))
