"""Rules that cannot fire, say the same twice, add nothing or contradict others; rows that cannot lean to a side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import combinations
from operator import or_

from advisor.checking.findings import Remark
from advisor.checking.rulebase import NameTable, Rulebase, name_table
from advisor.checking.truth_tables import MAX_STATES
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN, Criterion, Rule
from advisor.reasoning.inference import InferenceRule
from advisor.reasoning.recommendation import ReadingId

_NAMED = 3
"""Rules that a remark names before it only counts them."""


def rule_remarks(pack: KnowledgePack, rulebases: Mapping[ReadingId, Rulebase]) -> Iterator[Remark]:
    """Everything about single rules, pairs of rules and rows, in both readings.

    Exact over every profile that the rules about a name can tell apart. Where there are too many of them a remark says
    so, and only what the conditions themselves show is found.
    """
    for rulebase in rulebases.values():
        for name in rulebase.names:
            table = name_table(pack, rulebase, name)
            if table is None:
                yield _not_exact(pack, rulebase, name)
                yield from _shown_by_conditions(pack, rulebase, name)
                continue
            yield from _unreachable(rulebase, name, table)
            yield from _pairs(rulebase, name, table)
            if name in pack.criteria:
                yield from _contradictions(pack, rulebase, name, table)
                yield from _sides(pack, rulebase, name, table)
        for name in pack.criteria.keys() - set(rulebase.names):
            yield _sideless(pack, rulebase, name, pack.options)


def circles(rulebase: Rulebase) -> Iterator[Remark]:
    """Names that rest on each other; through `unknown` this is an error that `stratify` raises."""
    rests_on: dict[str, set[str]] = {name: set() for name in rulebase.names}
    for rule in rulebase.rules.values():
        rests_on[rule.conclusion.name] |= {name for name, _ in rule.conditions if name in rests_on}
    for via in rests_on:
        for name in rests_on:
            if via in rests_on[name]:
                rests_on[name] |= rests_on[via]
    circular = sorted(name for name in rests_on if name in rests_on[name])
    for group in sorted({tuple(o for o in circular if o in rests_on[n] and n in rests_on[o]) for n in circular}):
        rules = [r for r in rulebase.rules.values() if r.conclusion.name in group and _tests(r, group)]
        what = f"{_listed(group)} {'rest on each other' if len(group) > 1 else 'rests on itself'}"
        yield Remark("cycle", ",".join(group), what, (Rule, rules[0].id), ("when",))


def _tests(rule: InferenceRule, names: tuple[str, ...]) -> bool:
    return any(name in names for name, _ in rule.conditions)


def _own(rulebase: Rulebase, name: str) -> list[InferenceRule]:
    """The reading's rules about a name."""
    return [rule for rule in rulebase.rules.values() if rule.conclusion.name == name]


def _unreachable(rulebase: Rulebase, name: str, table: NameTable) -> Iterator[Remark]:
    for rule in _own(rulebase, name):
        if rule.id in rulebase.owned and not table.table.fired[rule.id]:
            yield Remark("unreachable-rule", rule.id, f"{rule.id} can never fire", (Rule, rule.id), ("when",))


def _pairs(rulebase: Rulebase, name: str, table: NameTable) -> Iterator[Remark]:
    """Rules with the same conclusion of which one holds whenever the other does."""
    fired = table.table.fired
    alive = [rule for rule in _own(rulebase, name) if fired[rule.id]]
    for one, other in combinations(alive, 2):
        if one.conclusion != other.conclusion or not rulebase.owned & {one.id, other.id}:
            continue
        if fired[one.id] == fired[other.id] and _defeat_alike(rulebase, one, other):
            yield _duplicate(one, other)
            continue
        for narrow, wide in ((one, other), (other, one)):
            if narrow.id in rulebase.owned and _adds_nothing(rulebase, table, narrow, wide):
                yield _subsumed(narrow, wide)


def _defeat_alike(rulebase: Rulebase, one: InferenceRule, other: InferenceRule) -> bool:
    return set(rulebase.defeats.get(one.id, ())) == set(rulebase.defeats.get(other.id, ()))


def _adds_nothing(rulebase: Rulebase, table: NameTable, narrow: InferenceRule, wide: InferenceRule) -> bool:
    """Whether `wide` holds, and counts, whenever `narrow` does, and defeats at least what it defeats."""
    defeats = set(rulebase.defeats.get(narrow.id, ())) - set(rulebase.defeats.get(wide.id, ()))
    fired = table.table.fired
    return (
        not defeats and not fired[narrow.id] & ~fired[wide.id] and not table.counts(narrow.id) & ~table.counts(wide.id)
    )


def _duplicate(one: InferenceRule, other: InferenceRule) -> Remark:
    what = f"{other.id} holds exactly when {one.id} does, and concludes the same"
    return Remark("duplicate-rule", other.id, what, (Rule, other.id), ("when",))


def _subsumed(narrow: InferenceRule, wide: InferenceRule) -> Remark:
    what = f"whenever {narrow.id} holds, {wide.id} holds too and concludes the same"
    return Remark("subsumed-rule", narrow.id, what, (Rule, narrow.id), ("when",))


def _contradictions(pack: KnowledgePack, rulebase: Rulebase, name: str, table: NameTable) -> Iterator[Remark]:
    """Rules that lean a row to opposite sides: always, for one of them, or in some profiles."""
    rules = [rule for rule in _own(rulebase, name) if rule.conclusion.value in pack.options]
    counts = {rule.id: table.counts(rule.id) for rule in rules}
    tense: list[tuple[str, str]] = []
    for one, other in combinations(rules, 2):
        if one.conclusion == other.conclusion or not counts[one.id] & counts[other.id]:
            continue
        if counts[one.id] == counts[other.id] and rulebase.owned & {one.id, other.id}:
            what = f"{one.id} and {other.id} hold in the same cases and lean {name} to opposite sides"
            yield Remark("contradictory-rules", other.id, what, (Rule, other.id), ("then",))
        elif rulebase.owned & {one.id, other.id}:
            tense.append((one.id, other.id))
    for rule in rules:
        against = [r for r in rules if r.conclusion != rule.conclusion and counts[rule.id] & counts[r.id]]
        opposed = reduce(or_, (counts[other.id] for other in against), 0)
        same = any(counts[other.id] == counts[rule.id] for other in against)
        if rule.id in rulebase.owned and counts[rule.id] and not counts[rule.id] & ~opposed and not same:
            what = f"whenever {rule.id} counts, {_listed([r.id for r in against])} lean {name} the other way"
            yield Remark("outvoted-rule", rule.id, what, (Rule, rule.id), ("then",))
    if tense:
        first = " and ".join(tense[0])
        what = f"in the {rulebase.reading} reading {first} can lean {name} to opposite sides at once"
        if len(tense) > 1:
            what += f", and {len(tense) - 1} more such pairs of rules can"
        yield Remark("tension", f"{rulebase.reading} {name}", what, (Criterion, name))


def _sides(pack: KnowledgePack, rulebase: Rulebase, name: str, table: NameTable) -> Iterator[Remark]:
    concluded = {option: table.concluded(name, option) for option in pack.options}
    missing = [
        option
        for option, mask in concluded.items()
        if not mask & ~reduce(or_, (other for o, other in concluded.items() if o != option), 0)
    ]
    if missing:
        yield _sideless(pack, rulebase, name, missing)


def _sideless(pack: KnowledgePack, rulebase: Rulebase, name: str, options: list[str] | tuple[str, ...]) -> Remark:
    sides = " or ".join(pack.say(option) for option in options)
    what = f"in the {rulebase.reading} reading nothing can let {name} lean to {sides}"
    return Remark("one-sided-row", f"{rulebase.reading} {name}", what, (Criterion, name))


def _not_exact(pack: KnowledgePack, rulebase: Rulebase, name: str) -> Remark:
    what = (
        f"the {rulebase.reading} rules about {name} can tell more than {MAX_STATES:,} profiles apart; only what their "
        "conditions show by themselves was looked for"
    )
    part = (Criterion, name) if name in pack.criteria else (Rule, _own(rulebase, name)[0].id)
    return Remark("not-exact", f"{rulebase.reading} {name}", what, part)


def _shown_by_conditions(pack: KnowledgePack, rulebase: Rulebase, name: str) -> Iterator[Remark]:
    """Pairs of which one's conditions contain the other's, and rules whose conditions exclude each other."""
    rules = _own(rulebase, name)
    for rule in rules:
        if rule.id in rulebase.owned and _excluded(pack, rule):
            yield Remark("unreachable-rule", rule.id, f"{rule.id} can never fire", (Rule, rule.id), ("when",))
    for one, other in combinations(rules, 2):
        if not rulebase.owned & {one.id, other.id} or not _defeat_alike(rulebase, one, other):
            continue
        forth, back = _contains(one, other), _contains(other, one)
        same = one.conclusion == other.conclusion
        if forth and back and not same and {one.conclusion.value, other.conclusion.value} == set(pack.options):
            what = f"{one.id} and {other.id} hold in the same cases and lean {name} to opposite sides"
            yield Remark("contradictory-rules", other.id, what, (Rule, other.id), ("then",))
        elif same and forth and back:
            yield _duplicate(one, other)
        elif same and (forth or back):
            narrow, wide = (one, other) if forth else (other, one)
            if narrow.id in rulebase.owned and not rulebase.defeated_by.get(wide.id):
                yield _subsumed(narrow, wide)


def _contains(narrow: InferenceRule, wide: InferenceRule) -> bool:
    """Whether each condition of `wide` follows from one of `narrow`."""
    return all(
        any(name == tested and set(values) <= set(allowed) for name, values in narrow.conditions)
        for tested, allowed in wide.conditions
    )


def _excluded(pack: KnowledgePack, rule: InferenceRule) -> bool:
    """Whether two conditions on one attribute cannot hold together."""
    for (name, values), (other, allowed) in combinations(rule.conditions, 2):
        if name != other or set(values) & set(allowed):
            continue
        attribute = pack.attributes[name]
        one_value = not (attribute.multiple or attribute.derived)
        if one_value or {UNKNOWN} in (set(values), set(allowed)):
            return True
    return False


def _listed(names: tuple[str, ...] | list[str]) -> str:
    shown = list(names[:_NAMED])
    if len(names) > _NAMED:
        shown.append(f"{len(names) - _NAMED} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
