"""In how many of all profiles each verdict comes out: whether a rulebase is fair, counted and not sampled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product
from operator import or_

import numpy as np
import numpy.typing as npt

from advisor.checking.findings import Remark
from advisor.checking.rulebase import NameTable, Rulebase
from advisor.checking.truth_tables import MAX_STATES, State, cone, single_states, table_size, truth_table
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN
from advisor.reasoning.recommendation import INSUFFICIENT, SPLIT, ReadingId, overridden, verdict_of

_LOPSIDED = 2
"""How many times as many profiles one side may win before a reading is called lopsided."""


@dataclass(frozen=True, slots=True)
class _Acting:
    """What is concluded beyond the rows: the options ruled out, and those to be kept."""

    ruled_out: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def beside(self, role: str, option: str) -> _Acting:
        """This and one more option of a role."""
        if role == "rules_out":
            return replace(self, ruled_out=self.ruled_out | {option})
        return replace(self, kept=self.kept | {option})


_Outcome = str | _Acting
"""What comes of a component: the lean of a row, or what acts beyond the rows."""


@dataclass(frozen=True)
class _Component:
    """A row, or all that acts beyond the rows: in how many profiles each outcome comes of it.

    `names`: the attributes it rests on and shares with other components, in order. `outcomes`: all that can come of it.
    `counts`: one row for each joint state of these attributes (the first varying fastest), one column for each outcome.
    """

    names: tuple[str, ...]
    outcomes: tuple[_Outcome, ...]
    counts: npt.NDArray[np.int64]


def verdicts_of_leans(pack: KnowledgePack) -> dict[str, int]:
    """How many of all combinations of leans lead to each verdict; empty when there are more than MAX_STATES."""
    states = (*pack.options, NEUTRAL, UNKNOWN)
    if len(states) ** len(pack.criteria) > MAX_STATES:
        return {}
    decisive = pack.manifest.decisive_rows
    return Counter(verdict_of(leans, pack.options, decisive) for leans in product(states, repeat=len(pack.criteria)))


def verdicts_of_profiles(pack: KnowledgePack, rulebase: Rulebase) -> dict[str, int] | None:
    """How many profiles lead to each verdict, of all in which every attribute has one value or is unknown.

    Attributes that bear on no row and no verdict are left out; each would multiply all counts alike. None when rows
    share so many attributes, or rest on so many, that counting would take more than MAX_STATES steps.
    """
    acting = [name for name in rulebase.names if pack.role(name) in ("rules_out", "keeps")]
    groups = [*([criterion] for criterion in pack.criteria), *([acting] if acting else [])]
    rules = [cone(rulebase.rules.values(), group) for group in groups]
    states = [single_states(some, pack.attributes) for some in rules]
    everything = {name: values for some in states for name, values in some.items()}
    shared = {name: values for name, values in everything.items() if sum(name in some for some in states) > 1}
    if max(map(table_size, [*states, shared])) > MAX_STATES:
        return None
    components = []
    for group, some, known in zip(groups, rules, states, strict=True):
        names = tuple(name for name in shared if name in known)
        ordered = {name: known[name] for name in (*(n for n in known if n not in shared), *names)}
        table = NameTable(rulebase, truth_table(some, ordered))
        masks = _acting(pack, table, group) if group is acting else _leans(pack, table, group[0])
        components.append(_counted(names, masks, table.table.size, table_size({n: known[n] for n in names})))
    return _joined(pack, components, shared, has_acting=bool(acting))


def _leans(pack: KnowledgePack, table: NameTable, criterion: str) -> dict[_Outcome, int]:
    """For each lean of a row the profiles in which it comes out."""
    everything = (1 << table.table.size) - 1
    sides = {option: table.concluded(criterion, option) for option in pack.options}
    alone = {
        option: mask & ~reduce(or_, (other for name, other in sides.items() if name != option), 0)
        for option, mask in sides.items()
    }
    said = reduce(or_, sides.values(), table.concluded(criterion, NEUTRAL))
    neutral = said & ~reduce(or_, alone.values(), 0)
    found: dict[_Outcome, int] = {NEUTRAL: neutral, UNKNOWN: everything & ~said}
    found.update(alone)
    return found


def _acting(pack: KnowledgePack, table: NameTable, names: Sequence[str]) -> Mapping[_Acting, int]:
    """For each way of acting beyond the rows the profiles in which it comes about."""
    flags = [
        (role, option, reduce(or_, (table.concluded(name, option) for name in names if pack.role(name) == role), 0))
        for role in ("rules_out", "keeps")
        for option in pack.options
    ]
    found = {_Acting(): (1 << table.table.size) - 1}
    for role, option, mask in flags:
        parts = [
            part
            for acting, where in found.items()
            for part in ((acting, where & ~mask), (acting.beside(role, option), where & mask))
        ]
        found = {acting: where for acting, where in parts if where}
    return found


def _counted(
    names: tuple[str, ...], masks: Mapping[_Outcome, int] | Mapping[_Acting, int], size: int, blocks: int
) -> _Component:
    """Counts each outcome's profiles in every block of profiles that agree on the shared attributes."""
    columns = []
    for mask in masks.values():
        packed = np.frombuffer(mask.to_bytes(-(-size // 8), "little"), np.uint8)
        bits = np.unpackbits(packed, count=size, bitorder="little")
        columns.append(bits.reshape(blocks, -1).sum(axis=1, dtype=np.int64))
    return _Component(names, tuple(masks), np.stack(columns, axis=1))


def _joined(
    pack: KnowledgePack, components: Sequence[_Component], shared: Mapping[str, Sequence[State]], has_acting: bool
) -> dict[str, int]:
    """Adds up the verdicts over every joint state of the shared attributes, given which components are independent."""
    shape = tuple(len(states) for states in shared.values())
    kinds = []
    spread = []
    for component in components:
        distinct, which = np.unique(component.counts, axis=0, return_inverse=True)
        kinds.append([[int(count) for count in row] for row in distinct])
        own = tuple(len(shared[name]) if name in component.names else 1 for name in shared)
        spread.append(np.broadcast_to(which.reshape(own, order="F"), shape).ravel())
    combinations, times = np.unique(np.stack(spread), axis=1, return_counts=True)
    verdict = _verdict_function(pack)
    total: Counter[str] = Counter()
    for combination, repeated in zip(combinations.T, times, strict=True):
        ways: Counter[tuple[int, ...]] = Counter({(0, 0, 0): 1})
        last: Mapping[_Outcome, int] = {_Acting(): 1}
        for component, found, chosen in zip(components, kinds, combination, strict=True):
            counts = dict(zip(component.outcomes, found[chosen], strict=True))
            if has_acting and component is components[-1]:
                last = counts
            else:
                ways = _added(pack, ways, counts)
        for tally, count in ways.items():
            for acting, weight in last.items():
                total[verdict(tally, acting)] += count * weight * int(repeated)
    return {name: total[name] for name in (*pack.options, SPLIT, INSUFFICIENT)}


def _added(
    pack: KnowledgePack, ways: Mapping[tuple[int, ...], int], counts: Mapping[_Outcome, int]
) -> Counter[tuple[int, ...]]:
    """The numbers of rows leaning to each option and unknown, with one more row."""
    columns = [*pack.options, UNKNOWN]
    found: Counter[tuple[int, ...]] = Counter()
    for tally, count in ways.items():
        for lean, weight in counts.items():
            if weight:
                found[tuple(n + (lean == column) for n, column in zip(tally, columns, strict=True))] += count * weight
    return found


def _verdict_function(pack: KnowledgePack) -> Callable[[tuple[int, ...], _Outcome], str]:
    """The verdict of numbers of rows and of what acts beyond them."""
    columns = (*pack.options, UNKNOWN)

    def verdict(tally: tuple[int, ...], acting: _Outcome) -> str:
        leans = [lean for lean, count in zip(columns, tally, strict=True) for _ in range(count)]
        leans += [NEUTRAL] * (len(pack.criteria) - len(leans))
        by_tally = verdict_of(leans, pack.options, pack.manifest.decisive_rows)
        if isinstance(acting, str):
            return by_tally
        return overridden(by_tally, acting.ruled_out, acting.kept, pack.options)

    return verdict


def bias_remarks(pack: KnowledgePack, rulebases: Mapping[ReadingId, Rulebase]) -> Iterator[Remark]:
    """How often each verdict wins, which sides cannot win at all, and which reading favours one of them."""
    leans = verdicts_of_leans(pack)
    if leans:
        yield Remark("bias", "rows", f"of all combinations of leans: {_said(pack, leans)}")
    for reading, rulebase in rulebases.items():
        counts = verdicts_of_profiles(pack, rulebase)
        if counts is None:
            what = f"how often each verdict wins in the {reading} reading was not counted: too many attributes interact"
            yield Remark("not-exact", f"{reading} verdicts", what)
            yield from (_cannot_win(pack, reading, option) for option in _without_rules(pack, rulebase))
            continue
        what = f"of all profiles with at most one value for each attribute, in the {reading} reading: "
        yield Remark("bias", reading, what + _said(pack, counts))
        for option in pack.options:
            if not counts[option]:
                yield _cannot_win(pack, reading, option)
        fewest, most = sorted(pack.options, key=lambda option: counts[option])
        if counts[fewest] and counts[most] > _LOPSIDED * counts[fewest]:
            what = f"in the {reading} reading {pack.say(most)} wins in more than {_LOPSIDED} times as many profiles"
            yield Remark("lopsided-reading", reading, what + f" as {pack.say(fewest)}")


def _cannot_win(pack: KnowledgePack, reading: ReadingId, option: str) -> Remark:
    what = f"{pack.say(option)} can never win in the {reading} reading"
    return Remark("side-cannot-win", f"{reading} {option}", what)


def _without_rules(pack: KnowledgePack, rulebase: Rulebase) -> Iterator[str]:
    """Options that too few rows have a rule for, where nothing beyond the rows could help."""
    if any(pack.role(name) in ("rules_out", "keeps") for name in rulebase.names):
        return
    for option in pack.options:
        rows = {rule.conclusion.name for rule in rulebase.rules.values() if rule.conclusion.value == option}
        if len(rows & pack.criteria.keys()) < pack.manifest.decisive_rows:
            yield option


def _said(pack: KnowledgePack, counts: Mapping[str, int]) -> str:
    total = sum(counts.values())
    return ", ".join(f"{pack.say(verdict)} {count:,}" for verdict, count in counts.items()) + f", of {total:,}"
