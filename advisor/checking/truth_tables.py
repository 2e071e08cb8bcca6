"""When rules hold, over every profile at once.

A truth table has one bit for each profile of the attributes that matter to some rules; where a rule holds is a number
with the bits of those profiles set. Comparing two rules over millions of profiles is then a single "and". The meaning
is that of `fixpoint`, checked against it in the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_, or_

from advisor.knowledge_base.schema import UNKNOWN, Attribute
from advisor.reasoning.inference import Fact, InferenceRule, stratify

MAX_STATES = 1 << 22
"""Profiles in one table; where more would be needed, nothing is counted and the caller says so."""

State = frozenset[str]
"""The values that an attribute has in a profile; empty when nothing was said."""


@dataclass(frozen=True, slots=True)
class TruthTable:
    """`fired`: for each rule the profiles in which it holds. `facts`: the same for whatever rules conclude.

    `states`: the states of each attribute; profile i has state number `i // stride % len(states)` of an attribute,
    where the stride is the product of the numbers of states of the attributes before it.
    """

    states: Mapping[str, Sequence[State]]
    size: int
    fired: Mapping[str, int]
    facts: Mapping[Fact, int]

    def profile(self, mask: int) -> dict[str, State]:
        """The first profile of a mask that is not empty; attributes of which nothing was said are left out."""
        index = (mask & -mask).bit_length() - 1
        found = {}
        for name, states in self.states.items():
            index, state = divmod(index, len(states))
            if states[state]:
                found[name] = states[state]
        return found


def cone(rules: Iterable[InferenceRule], names: Iterable[str]) -> tuple[InferenceRule, ...]:
    """The rules that conclude these names, and those that conclude what they rest on, in the given order.

    A rule rests on what concludes a value that it tests; testing for `unknown`, on all that could give a value.
    """
    rules = tuple(rules)
    concluding: dict[str, list[InferenceRule]] = {}
    for rule in rules:
        concluding.setdefault(rule.conclusion.name, []).append(rule)
    reached: dict[str, InferenceRule] = {}
    waiting = [rule for name in names for rule in concluding.get(name, ())]
    while waiting:
        rule = waiting.pop()
        if reached.setdefault(rule.id, rule) is rule:
            waiting += [
                below
                for name, values in rule.conditions
                for below in concluding.get(name, ())
                if below.id not in reached and (UNKNOWN in values or below.conclusion.value in values)
            ]
    return tuple(rule for rule in rules if rule.id in reached)


def read_names(rules: Iterable[InferenceRule]) -> tuple[str, ...]:
    """The names that these rules test and none of them concludes, each once."""
    rules = tuple(rules)
    concluded = {rule.conclusion.name for rule in rules}
    return tuple(dict.fromkeys(name for rule in rules for name, _ in rule.conditions if name not in concluded))


def telling_states(rules: Iterable[InferenceRule], attributes: Mapping[str, Attribute]) -> dict[str, tuple[State, ...]]:
    """Every state that the rules can tell apart, for each attribute they read: one value stands for all like it."""
    rules = tuple(rules)
    return {name: _telling(name, rules, attributes.get(name)) for name in read_names(rules)}


def _telling(name: str, rules: Iterable[InferenceRule], attribute: Attribute | None) -> tuple[State, ...]:
    if attribute is None or (attribute.derived and attribute.role != "choice"):
        return (frozenset(),)  # what no rule concludes and nobody can say
    tests = [set(values) for rule in rules for test, values in rule.conditions if test == name]
    alike: dict[tuple[bool, ...], str] = {}
    for value in attribute.values:
        alike.setdefault(tuple(value in test for test in tests), value)
    most = len(alike) if attribute.multiple or attribute.role == "choice" else 1
    return tuple(frozenset(state) for count in range(most + 1) for state in combinations(alike.values(), count))


def single_states(rules: Iterable[InferenceRule], attributes: Mapping[str, Attribute]) -> dict[str, tuple[State, ...]]:
    """Nothing, or one value: for each attribute that the rules read and somebody can state."""
    return {
        name: (frozenset(), *(frozenset({value}) for value in attributes[name].values))
        for name in read_names(rules)
        if name in attributes and not attributes[name].derived
    }


def table_size(states: Mapping[str, Sequence[State]]) -> int:
    """How many profiles a table over these states has."""
    return reduce(lambda product, some: product * len(some), states.values(), 1)


def truth_table(rules: Iterable[InferenceRule], states: Mapping[str, Sequence[State]]) -> TruthTable:
    """Evaluates rules on every profile made of these states.

    `rules` must be complete: whatever they test is concluded by them, has states, or is never known. Raises
    RulebaseError as `stratify` does.
    """
    rules = tuple(rules)
    size = table_size(states)
    everything = (1 << size) - 1
    facts: dict[Fact, int] = {}
    stride = 1
    for name, some in states.items():
        for position, state in enumerate(some):
            mask = _periodic(((1 << stride) - 1) << (position * stride), stride * len(some), size)
            for value in state:
                facts[Fact(name, value)] = facts.get(Fact(name, value), 0) | mask
        stride *= len(some)
    known: dict[str, int] = {}
    for fact, mask in facts.items():
        known[fact.name] = known.get(fact.name, 0) | mask
    fired = dict.fromkeys((rule.id for rule in rules), 0)
    for stratum in stratify(rules):
        absent = {name: everything & ~known.get(name, 0) for rule in stratum for name, _ in rule.conditions}
        growing = True
        while growing:
            growing = False
            for rule in stratum:
                mask = _holds(rule, facts, absent, everything)
                if mask != fired[rule.id]:
                    fired[rule.id] = mask
                    facts[rule.conclusion] = facts.get(rule.conclusion, 0) | mask
                    known[rule.conclusion.name] = known.get(rule.conclusion.name, 0) | mask
                    growing = True
    concluded = {rule.conclusion: facts.get(rule.conclusion, 0) for rule in rules}
    return TruthTable(states, size, fired, concluded)


def _holds(rule: InferenceRule, facts: Mapping[Fact, int], absent: Mapping[str, int], everything: int) -> int:
    conditions = (
        reduce(or_, (absent[name] if value == UNKNOWN else facts.get(Fact(name, value), 0) for value in values), 0)
        for name, values in rule.conditions
    )
    return reduce(and_, conditions, everything)


def _periodic(pattern: int, period: int, size: int) -> int:
    """`pattern` repeated every `period` bits, `size` bits in all."""
    width = period
    while width < size:
        pattern |= pattern << width
        width *= 2
    return pattern & ((1 << size) - 1)
