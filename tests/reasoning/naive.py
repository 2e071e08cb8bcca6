"""An evaluator of rules written independently of the engine: by recursion on names, from the meaning of a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product

from advisor.reasoning.inference import Fact, Firing, InferenceRule


def naive_firings(rules: Sequence[InferenceRule], profile: Mapping[str, frozenset[str]]) -> set[Firing]:
    """Every firing of rules that do not depend on themselves."""

    @cache
    def values(name: str) -> frozenset[str]:
        said = profile.get(name, frozenset())
        concluded = {r.conclusion.value for r in rules if r.conclusion.name == name and supports(r)}
        return said | concluded

    @cache
    def supports(rule: InferenceRule) -> tuple[tuple[Fact, ...], ...]:
        choices = []
        for name, allowed in rule.conditions:
            held = values(name) or frozenset({"unknown"})
            choices.append([Fact(name, value) for value in allowed if value in held])
        return tuple(product(*choices))

    return {Firing(rule.id, premises, rule.conclusion) for rule in rules for premises in supports(rule)}
