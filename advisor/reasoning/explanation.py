"""Why a row leans as it does: the rules that fired for it, down to the attributes they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from advisor.reasoning.inference import UNKNOWN, Fact, Firing
from advisor.reasoning.recommendation import Recommendation


@dataclass(frozen=True, slots=True)
class Derivation:
    """One support of a conclusion: the firing, and for each premise that rules concluded, all of its own supports."""

    firing: Firing
    supports: tuple[Derivation, ...]

    @property
    def leaves(self) -> tuple[Fact, ...]:
        """The stated attributes that this support rests on, each once; premises about what is unknown are left out."""
        return tuple(dict.fromkeys(self._leaves()))

    def _leaves(self) -> Iterator[Fact]:
        concluded = {support.firing.conclusion for support in self.supports}
        for premise in self.firing.premises:
            if premise.value != UNKNOWN and premise not in concluded:
                yield premise
        for support in self.supports:
            yield from support._leaves()


def derivations(recommendation: Recommendation, criterion: str) -> tuple[Derivation, ...]:
    """Every support of a row, those for the row's lean first; rules that concluded otherwise follow as dissent."""
    row = recommendation.rows[criterion]
    ordered = sorted(row.firings, key=lambda firing: firing.conclusion.value != row.lean)
    return tuple(derivation(recommendation.derived, firing) for firing in ordered)


def evidence(recommendation: Recommendation, criterion: str) -> tuple[Fact, ...]:
    """The stated attributes behind a row, each once."""
    found = (leaf for derivation in derivations(recommendation, criterion) for leaf in derivation.leaves)
    return tuple(dict.fromkeys(found))


def derivation(derived: Sequence[Firing], firing: Firing, above: tuple[Firing, ...] = ()) -> Derivation:
    """A firing with all it rests on. `derived`: firings that may conclude its premises; `above`: those it supports."""
    path = (*above, firing)
    supports = [below for below in derived if below.conclusion in firing.premises and below not in path]
    return Derivation(firing, tuple(derivation(derived, below, path) for below in supports))


def rules_used(supports: Iterable[Derivation]) -> tuple[str, ...]:
    """The rules in these derivations, each once, the concluding ones before those they rest on."""

    def rules(derivations: Iterable[Derivation]) -> Iterator[str]:
        for derivation in derivations:
            yield derivation.firing.rule
            yield from rules(derivation.supports)

    return tuple(dict.fromkeys(rules(supports)))
