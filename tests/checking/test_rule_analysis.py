"""What is said about rules, against brute force over every profile."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings

from advisor.checking.findings import KINDS, Remark
from advisor.checking.rule_analysis import circles, rule_remarks
from advisor.checking.rulebase import Rulebase, rulebases
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.inference import fixpoint, stratify
from tests.checking.small_packs import attribute, every_profile, pack_of, random_packs, rule


def _remarks(pack: KnowledgePack) -> list[Remark]:
    return list(rule_remarks(pack, rulebases(pack)))


def _subjects(pack: KnowledgePack, kind: str) -> set[str]:
    return {remark.subject for remark in _remarks(pack) if remark.kind == kind}


def _fired(base: Rulebase) -> dict[str, set[int]]:
    """For each rule the profiles in which it fires, by the plain fixpoint."""
    strata = stratify(base.rules.values())
    found: dict[str, set[int]] = {id: set() for id in base.rules}
    for number, profile in enumerate(every_profile()):
        for firing in fixpoint(strata, profile):
            found[firing.rule].add(number)
    return found


def _counting(base: Rulebase, fired: dict[str, set[int]]) -> dict[str, set[int]]:
    """The same without the profiles in which it is defeated."""
    return {id: mask.difference(*(fired[d] for d in base.defeated_by.get(id, ()))) for id, mask in fired.items()}


@settings(max_examples=60, deadline=None)
@given(random_packs())
def test_unreachable_and_subsumed_rules_are_those_that_brute_force_finds(pack: KnowledgePack) -> None:
    expected: dict[str, set[str]] = defaultdict(set)
    for base in rulebases(pack).values():
        fired = _fired(base)
        counting = _counting(base, fired)
        expected["unreachable-rule"] |= {id for id in base.owned if not fired[id]}
        for narrow in base.owned:
            for wide in base.rules.keys() - {narrow}:
                alike = base.rules[narrow].conclusion == base.rules[wide].conclusion
                same = fired[narrow] == fired[wide]
                mine, its = set(base.defeats.get(narrow, ())), set(base.defeats.get(wide, ()))
                if not alike or not fired[narrow] or (same and mine == its):
                    continue
                if mine <= its and fired[narrow] <= fired[wide] and counting[narrow] <= counting[wide]:
                    expected["subsumed-rule"].add(narrow)
    for kind in ("unreachable-rule", "subsumed-rule"):
        assert _subjects(pack, kind) == expected[kind]


@settings(max_examples=60, deadline=None)
@given(random_packs())
def test_contradictions_and_sides_are_those_that_brute_force_finds(pack: KnowledgePack) -> None:
    outvoted, sideless = set(), set()
    for reading, base in rulebases(pack).items():
        counting = _counting(base, _fired(base))
        for criterion in pack.criteria:
            leaning = {
                option: [
                    id
                    for id, one in base.rules.items()
                    if one.conclusion.name == criterion and one.conclusion.value == option
                ]
                for option in pack.options
            }
            cases = {option: set().union(*(counting[id] for id in ids)) for option, ids in leaning.items()}
            tea, coffee = (cases[option] for option in pack.options)
            if not tea - coffee or not coffee - tea:
                sideless.add(f"{reading} {criterion}")
            for option, ids in leaning.items():
                against = [other for o, others in leaning.items() if o != option for other in others]
                for id in base.owned & set(ids):
                    opposed = set().union(*(counting[other] for other in against))
                    equal = any(counting[other] == counting[id] for other in against)
                    if counting[id] and counting[id] <= opposed and not equal:
                        outvoted.add(id)
    assert _subjects(pack, "outvoted-rule") == outvoted
    assert _subjects(pack, "one-sided-row") == sideless


@settings(max_examples=30, deadline=None)
@given(random_packs())
def test_removing_the_cause_removes_the_finding(pack: KnowledgePack) -> None:
    for kind in ("unreachable-rule", "subsumed-rule", "duplicate-rule", "contradictory-rules", "outvoted-rule"):
        for subject in _subjects(pack, kind):
            rules = {
                id: one.model_copy(update={"defeats": tuple(d for d in one.defeats if d != subject)})
                for id, one in pack.rules.items()
                if id != subject
            }
            assert subject not in _subjects(replace(pack, rules=rules), kind)


@settings(max_examples=30, deadline=None)
@given(random_packs())
def test_where_exactness_ends_it_is_said_and_nothing_untrue_is_found(pack: KnowledgePack) -> None:
    exact = {(remark.kind, remark.subject) for remark in _remarks(pack)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("advisor.checking.rulebase.MAX_STATES", 0)
        rough = _remarks(pack)
    names = {one.then.name for one in pack.rules.values()}
    assert names == {remark.subject.split()[1] for remark in rough if remark.kind == "not-exact"}
    for remark in rough:
        if remark.kind in ("unreachable-rule", "duplicate-rule"):
            # What holds in the same cases by its conditions may hold in none at all.
            assert {(remark.kind, remark.subject), ("unreachable-rule", remark.subject)} & exact


def test_the_kinds_of_trouble_by_example() -> None:
    pack = pack_of(
        [
            rule("wide", {"a": ["x", "y"]}, {"hour": "tea"}),
            rule("narrow", {"a": "x", "c": "y"}, {"hour": "tea"}),
            rule("again", {"a": ["y", "x"]}, {"hour": "tea"}),
            rule("against", {"a": ["x", "y"]}, {"hour": "coffee"}),
            rule("never", [{"a": "x"}, {"a": "y"}], {"taste": "tea"}),
            rule("nobody", {"d": "x"}, {"taste": "coffee"}),
            rule("both", [{"b": "x"}, {"b": "y"}], {"taste": "coffee"}),
        ]
    )
    assert _subjects(pack, "duplicate-rule") == {"again"}
    assert _subjects(pack, "subsumed-rule") == {"narrow"}
    assert _subjects(pack, "contradictory-rules") == {"against"}
    assert _subjects(pack, "unreachable-rule") == {"never", "nobody"}
    assert _subjects(pack, "one-sided-row") == {
        f"{reading} {row}" for reading in ("article", "amended") for row in ("hour", "taste", "gear")
    }
    assert {remark.kind for remark in _remarks(pack)} <= KINDS.keys()


def test_a_defeated_rule_does_not_contradict_what_defeats_it() -> None:
    pack = pack_of(
        [
            rule("old", {"a": "x"}, {"hour": "tea"}),
            rule("new", {"a": "x"}, {"hour": "coffee"}, defeats=["old"]),
        ]
    )
    assert not _subjects(pack, "contradictory-rules") | _subjects(pack, "outvoted-rule")


def test_a_rule_that_defeats_others_or_outlives_the_wider_one_adds_something() -> None:
    old = rule("old", {"c": "x"}, {"hour": "coffee"})
    wide = rule("wide", {"a": ["x", "y"]}, {"hour": "tea"})
    narrow = rule("narrow", {"a": "x"}, {"hour": "tea"}, reading="amended")
    assert _subjects(pack_of([old, wide, narrow]), "subsumed-rule") == {"narrow"}
    defeating = rule("narrow", {"a": "x"}, {"hour": "tea"}, defeats=["old"])
    assert _subjects(pack_of([old, wide, defeating]), "subsumed-rule") == set()
    defeater = rule("defeater", {"b": "x"}, {"hour": "neutral"}, defeats=["wide"])
    assert _subjects(pack_of([old, wide, narrow, defeater]), "subsumed-rule") == set()


def test_circles_are_named_once_and_a_chain_is_none() -> None:
    chain = [rule("up", {"d": "x"}, {"e": "x"}), rule("start", {"a": "x"}, {"d": "x"})]
    round_trip = [*chain, rule("down", {"e": "x"}, {"d": "x"})]
    derived = attribute("e", derived=True)
    assert list(circles(rulebases(pack_of(chain, derived))["amended"])) == []
    (remark,) = circles(rulebases(pack_of(round_trip, derived))["amended"])
    assert remark.what == "d and e rest on each other"


def test_a_remark_counts_what_it_does_not_name() -> None:
    rules = [rule(f"tea{n}", {"b": "x", "c": value}, {"hour": "tea"}) for n, value in enumerate("xyz")]
    rules += [rule("tea3", {"b": "x", "c": "unknown"}, {"hour": "tea"}), rule("lone", {"b": ["x"]}, {"hour": "coffee"})]
    (remark,) = [r for r in _remarks(pack_of(rules)) if r.kind == "outvoted-rule" and r.subject == "lone"]
    assert remark.what == "whenever lone counts, tea0, tea1, tea2 and 1 more lean hour the other way"
