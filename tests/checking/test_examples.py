"""Examples beside rules: they hold, each rule has enough of them, and a changed rule breaks one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from advisor.checking.allow_list import load_allow_list
from advisor.checking.examples import example_remarks, failure, mutants, noticed
from advisor.checking.rulebase import rulebases
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.knowledge_base.schema import Example, Rule
from advisor.reasoning.recommendation import Reasoner, inference_rules
from tests.checking.small_packs import TEA, pack_of, rule

_PACK = load_pack()
_BASES = rulebases(_PACK)


@pytest.mark.parametrize("id", list(_PACK.rules))
def test_every_rule_is_fired_by_an_example_and_kept_from_firing_by_one(id: str) -> None:
    assert {example.fires for example in _PACK.rules[id].examples} == {True, False}


@pytest.mark.parametrize("id", list(_PACK.rules))
def test_every_example_comes_out_as_written(id: str) -> None:
    one = _PACK.rules[id]
    assert [failure(_PACK, _BASES[one.reading], one, example) for example in one.examples] == [None] * len(one.examples)


@pytest.mark.parametrize("id", list(_PACK.rules))
def test_every_change_to_a_rule_breaks_an_example(id: str) -> None:
    answered = {s for a in load_allow_list(_PACK.directory).answers if a.kind == "unnoticed-change" for s in a.of}
    one = _PACK.rules[id]
    base = _BASES[one.reading]
    changes = list(mutants(_PACK, base.rules[id], one))
    assert len(changes) >= 2
    for mutant in changes:
        assert noticed(_PACK, base, mutant) != (f"{id} {mutant.change}" in answered), mutant.change


def test_examples_about_rows_agree_with_the_rule_engine() -> None:
    """The examples are run by the plain fixpoint; the reasoner, with durable_rules, must come to the same."""
    reasoner = Reasoner(_PACK)
    about_rows = [one for one in _PACK.rules.values() if one.then.name in _PACK.criteria]
    assert about_rows
    for one in about_rows:
        for example in one.examples:
            profile = {name: frozenset(values) for name, values in example.given.items()}
            recommendation = reasoner.recommend(profile)[one.reading]
            if example.then:
                assert recommendation.leans[one.then.name] == example.then
            fired = {firing.rule for firing in recommendation.rows[one.then.name].firings} | {*recommendation.defeated}
            assert (one.id in fired) == example.fires


def _examples(*examples: dict[str, Any]) -> dict[str, Any]:
    return {"examples": list(examples)}


def _remarks(pack: KnowledgePack) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for remark in example_remarks(pack, rulebases(pack)):
        found.setdefault(remark.kind, []).append(remark.what)
    return found


_X, _Y = {"given": {"a": "x"}, "fires": True, "then": "tea"}, {"given": {"a": "y"}, "fires": False}


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ({"given": {"a": "y"}, "fires": True, "then": "tea"}, "r does not fire"),
        ({"given": {"a": "x"}, "fires": False}, "r fires"),
        ({"given": {"a": "x"}, "fires": True, "then": "coffee"}, "hour comes out tea, not coffee"),
        ({"given": {"d": "x"}, "fires": False}, "d is concluded by rules and cannot be given"),
        ({"given": {"a": ["x", "y"]}, "fires": True, "then": "tea"}, "a has one value at a time"),
        ({"given": {"a": []}, "fires": False}, "a has no value; leave out what is not stated"),
    ],
)
def test_an_example_that_is_wrong_is_named(example: dict[str, Any], message: str) -> None:
    pack = pack_of([rule("r", {"a": "x"}, {"hour": "tea"}, **_examples(_X, _Y, example))])
    assert _remarks(pack) == {"failing-example": [f"example 3 of r: {message}"]}


def test_other_rules_count_for_what_comes_of_an_example() -> None:
    tea = rule("tea", {"a": "x"}, {"hour": "tea"}, **_examples(_X, _Y))
    coffee = rule("coffee", {"c": "x"}, {"hour": "coffee"})
    both = Example.model_validate({"given": {"a": "x", "c": "x"}, "fires": True, "then": "neutral"})
    pack = pack_of([tea, coffee])
    assert failure(pack, rulebases(pack)["article"], tea, both) is None
    assert failure(pack, rulebases(pack_of([tea]))["article"], tea, both) == "hour comes out tea, not neutral"


def test_lacking_examples_are_told() -> None:
    pack = pack_of(
        [
            rule("none", {"a": "x"}, {"hour": "tea"}),
            rule("half", {"a": "x"}, {"taste": "tea"}, **_examples(_X)),
        ]
    )
    assert _remarks(pack)["no-example"] == [
        "none has no example in which it fires and none in which it does not fire",
        "half has no example in which it does not fire",
    ]


def test_a_condition_that_no_example_needs_is_told() -> None:
    one = rule("r", {"a": "x", "c": ["y", "unknown"]}, {"hour": "tea"}, **_examples(_X, _Y))
    assert _remarks(pack_of([one])) == {
        "unnoticed-change": ["r without its condition on c: no example comes out differently"]
    }
    third = {"given": {"a": "x", "c": "z"}, "fires": False}
    whole = rule("r", {"a": "x", "c": ["y", "unknown"]}, {"hour": "tea"}, **_examples(_X, _Y, third))
    assert _remarks(pack_of([whole])) == {}


def test_a_rule_that_rests_on_another_notices_its_change() -> None:
    """The inner rule's own examples do not tell that its conclusion matters; the outer rule's do."""
    outer = rule("outer", {"d": "x"}, {"hour": "tea"}, **_examples(_X, _Y))
    inner = rule("inner", {"a": "x"}, {"d": "x"})
    pack = pack_of([inner, outer])
    base = rulebases(pack)["article"]
    removed = next(mutants(pack, base.rules["inner"], pack.rules["inner"]))
    assert removed.change == "removed"
    assert noticed(pack, base, removed)
    alone = pack_of([inner, rule("outer", {"d": "x"}, {"hour": "tea"})])
    assert not noticed(alone, rulebases(alone)["article"], removed)


def test_the_second_pack_has_examples_too() -> None:
    assert _remarks(load_pack(TEA)) == {}


def test_a_firing_example_says_what_comes_of_it() -> None:
    with pytest.raises(ValidationError, match="says what comes of it"):
        Example.model_validate({"given": {"a": "x"}, "fires": True})
    with pytest.raises(ValidationError, match="attribute: value"):
        Example.model_validate({"given": ["a"], "fires": False})


def test_mutants_change_one_thing_each() -> None:
    old = rule("old", {"a": "x"}, {"hour": "coffee"})
    new = rule("new", [{"a": "x"}, {"b": "y"}], {"hour": "tea"}, defeats=["old"])
    pack = pack_of([old, new])
    (plain,) = inference_rules([new])
    changes = {mutant.change: mutant for mutant in mutants(pack, plain, new)}
    assert list(changes) == [
        "removed",
        "concluding coffee",
        "without its condition on a",
        "without its condition on b",
        "not defeating old",
    ]
    assert changes["not defeating old"].defeats == ()
    assert changes["without its condition on a"].plain == replace(plain, conditions=plain.conditions[1:])


def test_an_inverted_neutral_rule_leans_to_either_side() -> None:
    neutral: Rule = rule("r", {"a": "x"}, {"hour": "neutral"})
    (plain,) = inference_rules([neutral])
    changes = [mutant.change for mutant in mutants(pack_of([neutral]), plain, neutral)]
    assert changes == ["removed", "concluding tea", "concluding coffee", "without its condition on a"]
