"""Truth tables mean what the plain fixpoint means, on every profile."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.checking.truth_tables import cone, single_states, table_size, telling_states, truth_table
from advisor.knowledge_base.schema import UNKNOWN, Attribute
from advisor.reasoning.inference import Fact, InferenceRule, fixpoint, stratify

VALUES = ("x", "y", "z")


def attribute(name: str, multiple: bool = False) -> Attribute:
    """An attribute that can be stated, with three values."""
    labels = dict.fromkeys(VALUES, "label")
    return Attribute(id=name, title=name, question="?", how_to_find_out="!", multiple=multiple, values=labels)


ATTRIBUTES = {"a": attribute("a"), "b": attribute("b", multiple=True), "c": attribute("c")}


@st.composite
def rulebases(draw: st.DrawFn, most: int = 8) -> list[InferenceRule]:
    """Rules in three layers, of which the last concludes a row; within a layer they may rest on each other."""
    rules = []
    for number in range(draw(st.integers(1, most))):
        layer = draw(st.integers(0, 2))
        below = [*ATTRIBUTES, *(f"d{lower}" for lower in range(layer))]
        conditions = tuple(
            (name, tuple(draw(st.lists(st.sampled_from([*VALUES, UNKNOWN]), min_size=1, max_size=3, unique=True))))
            for name in draw(st.lists(st.sampled_from(below), min_size=1, max_size=3))
        )
        if layer and draw(st.booleans()):
            conditions = (*conditions, (f"d{layer}", (draw(st.sampled_from(VALUES)),)))
        rules.append(InferenceRule(f"r{number}", conditions, Fact(f"d{layer}", draw(st.sampled_from(VALUES)))))
    return rules


def every_profile() -> list[dict[str, frozenset[str]]]:
    """All profiles of the attributes: one value or several, or nothing said."""
    single = [frozenset[str](), *(frozenset({value}) for value in VALUES)]
    several = [frozenset(state) for count in range(4) for state in combinations(VALUES, count)]
    return [dict(zip("abc", states, strict=True)) for states in product(single, several, single)]


@settings(max_examples=60, deadline=None)
@given(rulebases())
def test_each_profile_of_a_table_fires_what_the_fixpoint_fires(rules: list[InferenceRule]) -> None:
    table = truth_table(rules, telling_states(rules, ATTRIBUTES))
    strata = stratify(rules)
    for index in range(table.size):
        expected = {firing.rule for firing in fixpoint(strata, table.profile(1 << index))}
        assert {id for id, mask in table.fired.items() if mask >> index & 1} == expected


@settings(max_examples=25, deadline=None)
@given(rulebases())
def test_the_telling_states_leave_no_case_out(rules: list[InferenceRule]) -> None:
    table = truth_table(rules, telling_states(rules, ATTRIBUTES))
    strata = stratify(rules)
    found = {frozenset(id for id, mask in table.fired.items() if mask >> index & 1) for index in range(table.size)}
    assert found == {frozenset(firing.rule for firing in fixpoint(strata, profile)) for profile in every_profile()}


@settings(max_examples=25, deadline=None)
@given(rulebases())
def test_single_states_count_every_profile_of_one_value_each(rules: list[InferenceRule]) -> None:
    states = single_states(rules, ATTRIBUTES)
    table = truth_table(rules, states)
    assert table.size == table_size(states) == 4 ** len(states)
    strata = stratify(rules)
    profiles = [dict(zip(states, chosen, strict=True)) for chosen in product(*states.values())]
    fired = [{firing.rule for firing in fixpoint(strata, profile)} for profile in profiles]
    for id, mask in table.fired.items():
        assert mask.bit_count() == sum(id in some for some in fired)


def test_a_cone_holds_what_its_names_rest_on() -> None:
    rules = [
        InferenceRule("first", (("a", ("x",)),), Fact("d0", "x")),
        InferenceRule("beside", (("b", ("x",)),), Fact("d1", "x")),
        InferenceRule("last", (("d0", ("x",)), ("c", (UNKNOWN,))), Fact("row", "x")),
    ]
    assert [rule.id for rule in cone(rules, ["row"])] == ["first", "last"]
    assert list(telling_states(cone(rules, ["row"]), ATTRIBUTES)) == ["a", "c"]


def test_what_is_tested_for_unknown_rests_on_all_that_could_give_a_value() -> None:
    rules = [
        InferenceRule("x", (("a", ("x",)),), Fact("d0", "x")),
        InferenceRule("y", (("b", ("x",)),), Fact("d0", "y")),
        InferenceRule("said", (("d0", ("x",)),), Fact("row", "x")),
        InferenceRule("unsaid", (("d0", (UNKNOWN,)),), Fact("other", "x")),
    ]
    assert [rule.id for rule in cone(rules, ["row"])] == ["x", "said"]
    assert [rule.id for rule in cone(rules, ["other"])] == ["x", "y", "unsaid"]
