"""How often each verdict wins, against counting every profile one by one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.checking.bias import bias_remarks, verdicts_of_leans, verdicts_of_profiles
from advisor.checking.rulebase import rulebases
from advisor.checking.truth_tables import read_names
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.reasoning.recommendation import Reasoner
from tests.checking.small_packs import TEA, VALUES, attribute, pack_of, random_packs, rule

_OPTIONS = {"tea": "tea", "coffee": "coffee"}


def _with_roles(pack: KnowledgePack, acting: list[tuple[str, str, str, str]]) -> KnowledgePack:
    """A pack in which one more rule for each of these rules an option out, or keeps it."""
    more = [
        rule(f"acting{number}", {tested: value}, {name: option}, reading="amended")
        for number, (tested, value, name, option) in enumerate(acting)
    ]
    roles = [attribute(name, derived=True, role=role, values=_OPTIONS) for name, role in _ROLES.items()]
    return pack_of([*pack.rules.values(), *more], *roles)


_ROLES = {"out": "rules_out", "stay": "keeps"}
_ACTING = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(VALUES), st.sampled_from([*_ROLES]), st.sampled_from([*_OPTIONS])
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(random_packs(), _ACTING)
def test_each_reading_is_counted_right(plain: KnowledgePack, acting: list[tuple[str, str, str, str]]) -> None:
    pack = _with_roles(plain, acting)
    reasoner = Reasoner(pack)
    for reading, base in rulebases(pack).items():
        bearing = {
            name
            for target in (*pack.criteria, *_ROLES)
            for name in read_names(base.bearing_on(target))
            if not pack.attributes[name].derived
        }
        profiles = [
            {name: frozenset({value}) for name, value in zip(sorted(bearing), chosen, strict=True) if value}
            for chosen in product(("", *VALUES), repeat=len(bearing))
        ]
        expected = Counter(reasoner.foresee(reading, profile).verdict for profile in profiles)
        counts = verdicts_of_profiles(pack, base)
        assert counts is not None
        assert {verdict: count for verdict, count in counts.items() if count} == expected


def test_every_profile_of_the_shipped_pack_is_counted_once(pack: KnowledgePack) -> None:
    for base in rulebases(pack).values():
        targets = [*pack.criteria, *(name for name in base.names if pack.role(name) in ("rules_out", "keeps"))]
        bearing = {name for target in targets for name in read_names(base.bearing_on(target))}
        profiles = 1
        for name in bearing:
            profiles *= 1 if pack.attributes[name].derived else 1 + len(pack.attributes[name].values)
        counts = verdicts_of_profiles(pack, base)
        assert counts is not None
        assert sum(counts.values()) == profiles


def test_leans_are_counted_as_the_table_of_verdicts_has_them(pack: KnowledgePack) -> None:
    counts = verdicts_of_leans(pack)
    assert sum(counts.values()) == 4**5
    assert counts["pytorch"] == counts["tensorflow"]


def test_an_option_that_cannot_win_is_an_error() -> None:
    rules = [rule(f"r{row}", {"a": "x"}, {row: "tea"}) for row in ("hour", "taste", "gear")]
    pack = pack_of([*rules, rule("one", {"c": "x"}, {"hour": "coffee"})])
    kinds = {(remark.kind, remark.subject) for remark in bias_remarks(pack, rulebases(pack))}
    assert ("side-cannot-win", "article coffee") in kinds
    assert ("side-cannot-win", "article tea") not in kinds


def test_a_reading_that_favours_one_side_is_told() -> None:
    rules = [rule(f"t{row}", {"a": ["x", "y"]}, {row: "tea"}) for row in ("hour", "taste", "gear")]
    fair = [rule(f"c{row}", {"a": "z"}, {row: "coffee"}) for row in ("hour", "taste", "gear")]
    lopsided = [
        *rules,
        *(one.model_copy(update={"when": (*one.when, *rule("w", {"c": "x"}, {"hour": "tea"}).when)}) for one in fair),
    ]
    for given_rules, expected in (([*rules, *fair], set()), (lopsided, {"article", "amended"})):
        pack = pack_of(given_rules)
        remarks = bias_remarks(pack, rulebases(pack))
        assert {remark.subject for remark in remarks if remark.kind == "lopsided-reading"} == expected


def test_where_counting_would_take_too_long_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.checking.bias.MAX_STATES", 2)
    pack = load_pack(TEA)
    remarks = list(bias_remarks(pack, rulebases(pack)))
    assert {(remark.kind, remark.subject) for remark in remarks} == {
        ("not-exact", "article verdicts"),
        ("not-exact", "amended verdicts"),
    }
    without = replace(pack, rules={id: one for id, one in pack.rules.items() if id not in ("kettle", "mild")})
    lost = {remark.subject for remark in bias_remarks(without, rulebases(without)) if remark.kind == "side-cannot-win"}
    assert lost == {"article tea", "amended tea"}
