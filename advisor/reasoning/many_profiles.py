"""One reading's verdict for many profiles at once: what makes exact what-ifs over thousands of profiles affordable.

Each rule is a bit. What an attribute's state says of every rule's conditions is a row of bits, and the rules that hold
on a profile are the bitwise "and" of the rows of its attributes; derived attributes follow in the order in which they
depend on each other. The same meaning as `fixpoint` followed by `Reasoner`, checked against both in the tests.

Bits are kept in words of 64; for many profiles there is one array per word, with a column for each profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Role
from advisor.reasoning.inference import InferenceRule
from advisor.reasoning.recommendation import INSUFFICIENT, SPLIT, ReadingId, Reasoner, overridden, verdict_of

_WORD = 64
_ACTING: tuple[Role, Role] = ("rules_out", "keeps")
_ALL = np.uint64(2**64 - 1)

Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What many profiles lead to: for each a verdict and the leans of its rows, as indices into the reading's."""

    verdicts: Codes
    leans: Mapping[str, Codes]


class ManyProfiles:
    """A reading of a pack, compiled. Attributes that no rule of the reading reads play no part in it."""

    def __init__(self, reasoner: Reasoner, reading: ReadingId) -> None:
        self.pack: KnowledgePack = reasoner.pack
        self.reasoner = reasoner
        self.reading = reading
        self.rules: tuple[InferenceRule, ...] = tuple(
            rule for stratum in reasoner.engines[reading].strata for rule in stratum
        )
        self.leans = (*self.pack.options, NEUTRAL, UNKNOWN)
        self.verdicts = (*self.pack.options, SPLIT, INSUFFICIENT)
        self._words = -(-len(self.rules) // _WORD)
        self._concluded = dict.fromkeys(rule.conclusion.name for rule in self.rules)
        read = dict.fromkeys(name for rule in self.rules for name, _ in rule.conditions)
        self.attributes = tuple(
            name for name, attribute in self.pack.attributes.items() if name in read and not attribute.derived
        )
        derived = dict.fromkeys(name for name in (*self._concluded, *read) if self._is_derived(name))
        self._orders = _dependency_groups(self.rules, list(derived))
        self._concluding = {
            name: {
                value: self._mask(
                    i for i, r in enumerate(self.rules) if (r.conclusion.name, r.conclusion.value) == (name, value)
                )
                for value in dict.fromkeys(r.conclusion.value for r in self.rules if r.conclusion.name == name)
            }
            for name in (*self._concluded, *derived)
        }
        defeats = [(i, self.pack.rules[rule.id].defeats) for i, rule in enumerate(self.rules)]
        self._defeats = [
            (self._mask([i]), ~self._mask(j for j, rule in enumerate(self.rules) if rule.id in defeated))
            for i, defeated in defeats
            if defeated
        ]
        self._verdict_table = self._tabulate_verdicts()
        self._override_table = self._tabulate_overrides()
        self._masks: dict[tuple[str, frozenset[str]], Bits] = {}
        self.everything = self._mask(range(len(self.rules)))

    def _is_derived(self, name: str) -> bool:
        return name in self.pack.attributes and self.pack.attributes[name].derived

    def mask(self, attribute: str, values: frozenset[str]) -> Bits:
        """For every rule, whether its conditions on this attribute hold when it has these values (none: unknown)."""
        found = self._masks.get((attribute, values))
        if found is None:
            held = values or {UNKNOWN}
            found = self._mask(
                i
                for i, rule in enumerate(self.rules)
                if all(not held.isdisjoint(allowed) for name, allowed in rule.conditions if name == attribute)
            )
            self._masks[attribute, values] = found
        return found

    def concluded(self, held: Bits) -> Outcomes:
        """What follows where these rules hold as far as stated attributes go; one column for each profile."""
        held = held.copy()
        for group in self._orders:
            self._settle(held, group)
        fired = [_any_of(held, defeater) for defeater, _ in self._defeats]
        for flag, (_, kept) in zip(fired, self._defeats, strict=True):
            for word in np.flatnonzero(kept != _ALL):
                held[word] &= np.where(flag, kept[word], _ALL)
        leans = {name: self._leans(held, name) for name in self.pack.criteria}
        return Outcomes(self._verdicts(held, leans), leans)

    def _settle(self, held: Bits, group: tuple[str, ...]) -> None:
        """Clears the rules whose conditions on these derived names fail; the names of a group may need each other."""
        conditions = [
            (i, name, allowed)
            for i, rule in enumerate(self.rules)
            for name, allowed in rule.conditions
            if name in group
        ]
        if not conditions:
            return
        before = held.copy()
        inside = any(self.rules[i].conclusion.name in group for i, _, _ in conditions)
        nothing: Flags = np.zeros(held.shape[1], np.bool_)
        values: dict[str, dict[str, Flags]] = {name: dict.fromkeys(self._concluding[name], nothing) for name in group}
        while True:
            held[:] = before
            for i, name, allowed in conditions:
                flags = [flag for value, flag in values[name].items() if value in allowed]
                if UNKNOWN in allowed:
                    flags.append(~np.logical_or.reduce([nothing, *values[name].values()]))
                satisfied = np.logical_or.reduce(flags) if flags else nothing
                word, bit = divmod(i, _WORD)
                held[word] &= np.where(satisfied, _ALL, ~np.uint64(1 << bit))
            found = {name: self._flags(before if not inside else held, name) for name in group}
            if all(np.array_equal(found[n][v], values[n][v]) for n in group for v in values[n]):
                return
            values = found

    def _flags(self, held: Bits, name: str) -> dict[str, Flags]:
        return {value: _any_of(held, mask) for value, mask in self._concluding[name].items()}

    def _leans(self, held: Bits, criterion: str) -> Codes:
        flags = self._flags(held, criterion) if criterion in self._concluding else {}
        favoured = np.zeros(held.shape[1], np.int16)
        which = np.zeros(held.shape[1], np.int16)
        concluded = np.zeros(held.shape[1], np.bool_)
        for value, flag in flags.items():
            concluded |= flag
            if value in self.pack.options:
                favoured += flag
                which[flag] = self.pack.options.index(value)
        neutral, unknown = len(self.pack.options), len(self.pack.options) + 1
        return np.where(favoured == 1, which, np.where(concluded, neutral, unknown)).astype(np.int16)

    def _verdicts(self, held: Bits, leans: Mapping[str, Codes]) -> Codes:
        rows = np.stack(list(leans.values()))
        base = len(rows) + 1
        first, second, unknown = ((rows == code).sum(axis=0) for code in (0, 1, len(self.leans) - 1))
        found: Codes = self._verdict_table[(first * base + second) * base + unknown]
        flags = [self._role_flags(held, role, option) for role in _ACTING for option in self.pack.options]
        acting = sum(flag.astype(np.int16) << bit for bit, flag in enumerate(flags))
        after: Codes = self._override_table[found, acting]
        return after

    def _role_flags(self, held: Bits, role: str, option: str) -> Flags:
        masks = [
            values[option]
            for name, values in self._concluding.items()
            if self.pack.role(name) == role and option in values
        ]
        flags: Flags = np.zeros(held.shape[1], np.bool_)
        for mask in masks:
            flags |= _any_of(held, mask)
        return flags

    def _mask(self, rules: Iterable[int]) -> Bits:
        words = [0] * self._words
        for i in rules:
            words[i // _WORD] |= 1 << (i % _WORD)
        return np.array(words, np.uint64)

    def _tabulate_verdicts(self) -> Codes:
        """The verdict for every number of rows leaning to the first option, to the second, and unknown."""
        count = len(self.pack.criteria)
        table = np.zeros((count + 1) ** 3, np.int16)
        for first in range(count + 1):
            for second in range(count + 1 - first):
                for unknown in range(count + 1 - first - second):
                    neutral = count - first - second - unknown
                    leans = [
                        *(
                            lean
                            for lean, n in zip(self.leans, (first, second, neutral, unknown), strict=True)
                            for _ in range(n)
                        )
                    ]
                    verdict = verdict_of(leans, self.pack.options, self.pack.manifest.decisive_rows)
                    table[(first * (count + 1) + second) * (count + 1) + unknown] = self.verdicts.index(verdict)
        return table

    def _tabulate_overrides(self) -> Codes:
        """For each verdict by tally and each set of options ruled out and kept, as bits, the verdict in the end."""
        options = self.pack.options
        table = np.zeros((len(self.verdicts), 1 << 2 * len(options)), np.int16)
        for acting in range(table.shape[1]):
            out = [option for bit, option in enumerate(options) if acting >> bit & 1]
            kept = [option for bit, option in enumerate(options, len(options)) if acting >> bit & 1]
            for by_tally, verdict in enumerate(self.verdicts):
                table[by_tally, acting] = self.verdicts.index(overridden(verdict, out, kept, options))
        return table


def _any_of(held: Bits, mask: Bits) -> Flags:
    """For each profile, whether any of the rules in the mask holds."""
    found: Flags = np.zeros(held.shape[1], np.bool_)
    for word in np.flatnonzero(mask):
        found |= (held[word] & mask[word]) != 0
    return found


def _dependency_groups(rules: Sequence[InferenceRule], names: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Derived names so ordered that each depends on earlier ones only; names that need each other come together."""
    needs = {
        name: {n for r in rules if r.conclusion.name == name for n, _ in r.conditions if n in names} for name in names
    }
    reach = {name: set(found) for name, found in needs.items()}
    for via in names:
        for name in names:
            if via in reach[name]:
                reach[name] |= reach[via]
    groups: list[tuple[str, ...]] = []
    placed: set[str] = set()
    while len(placed) < len(names):
        for name in names:
            together = {name} | {other for other in reach[name] if name in reach[other]}
            if name not in placed and reach[name] <= placed | together:
                groups.append(tuple(sorted(together)))
                placed |= together
    return tuple(groups)
