"""Why not: the rules that did not count, against an evaluator written independently."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from advisor.reasoning.inference import Fact
from advisor.reasoning.near_misses import NearMiss, near_misses
from advisor.reasoning.recommendation import READINGS, ReadingId
from tests.reasoning.naive import naive_firings
from tests.reasoning.profiles import PACK, PROFILES, REASONER, Profile, profile

_OPTIONS = st.sampled_from(PACK.options)


def _missed(reading: ReadingId, said: Profile, option: str) -> tuple[NearMiss, ...]:
    recommendation = REASONER.recommend(said)[reading]
    return near_misses(
        REASONER, reading, said, recommendation, lambda fact: fact.name in PACK.criteria and fact.value == option
    )


@given(PROFILES, st.sampled_from(READINGS), _OPTIONS)
def test_every_rule_that_did_not_count_is_named_and_no_other(said: Profile, reading: ReadingId, option: str) -> None:
    rules = [rule for stratum in REASONER.engines[reading].strata for rule in stratum]
    fired = {firing.rule for firing in naive_firings(rules, said)}
    defeated = {other for rule in fired for other in PACK.rules[rule].defeats}
    concluding = {r.id for r in rules if r.conclusion.name in PACK.criteria and r.conclusion.value == option}
    missed = _missed(reading, said, option)
    assert {miss.rule for miss in missed} == concluding - (fired - defeated)
    for miss in missed:
        held = miss.rule in fired
        assert held == (not miss.unknown and not miss.contradicted)
        assert bool(miss.defeated_by) == held


@given(PROFILES, st.sampled_from(READINGS), _OPTIONS)
def test_the_state_of_each_premise(said: Profile, reading: ReadingId, option: str) -> None:
    rules = [rule for stratum in REASONER.engines[reading].strata for rule in stratum]
    concluded: dict[str, set[str]] = {name: set(values) for name, values in said.items()}
    for firing in naive_firings(rules, said):
        if firing.conclusion.name not in PACK.criteria:
            concluded.setdefault(firing.conclusion.name, set()).add(firing.conclusion.value)
    for miss in _missed(reading, said, option):
        for premise in miss.premises:
            known = concluded.get(premise.name) or {"unknown"}
            assert (premise.state == "holds") == bool(known & set(premise.values))
            assert all(fact.value in said.get(fact.name, ()) for fact in premise.facts)
            if premise.state == "contradicted":
                assert premise.facts, "a contradiction names what was said"


@given(PROFILES, _OPTIONS)
def test_answering_what_is_unknown_makes_a_rule_fire(said: Profile, option: str) -> None:
    """A rule that only waits for answers to stated attributes fires once they are given."""
    for miss in _missed("article", said, option):
        open_premises = [premise for premise in miss.premises if premise.state == "unknown"]
        derived = any(PACK.attributes[premise.name].derived for premise in miss.premises)
        if not miss.contradicted and open_premises and not derived:
            answers = {premise.name: frozenset({premise.values[0]}) for premise in open_premises}
            article = REASONER.foresee("article", {**said, **answers})
            criterion = PACK.rules[miss.rule].then.name
            assert miss.rule in {firing.rule for firing in article.rows[criterion].firings}


@given(PROFILES, st.sampled_from(READINGS), _OPTIONS)
def test_the_nearest_come_first(said: Profile, reading: ReadingId, option: str) -> None:
    distances = [(miss.contradicted, miss.unknown) for miss in _missed(reading, said, option)]
    assert distances == sorted(distances)


def test_a_contradiction_through_a_derived_attribute_leads_to_the_words() -> None:
    said = profile(team__framework="keras", team__skill="python")
    miss = next(m for m in _missed("article", said, "pytorch") if m.rule == "engineering-fluent-python")
    assert [(premise.name, premise.state) for premise in miss.premises] == [
        ("team.skill", "holds"),
        ("team.fit", "contradicted"),
    ]
    assert miss.premises[1].facts == (Fact("team.framework", "keras"),)


def test_what_would_conclude_a_missing_premise_is_shown() -> None:
    said = profile(team__retraining="willing", team__framework="keras")
    miss = next(m for m in _missed("article", said, "tensorflow") if m.rule == "engineering-keras-first")
    (premise,) = miss.premises
    assert premise.state == "contradicted"
    assert {below.rule for below in premise.via} == {"keras-first-team", "keras-code-shows-keras-team"}
    assert premise.via[0].rule == "keras-first-team"
    assert premise.facts == (Fact("team.retraining", "willing"),)


def test_an_erratum_that_holds_a_rule_down_is_named() -> None:
    missed = _missed("amended", profile(device__target="phone"), "tensorflow")
    assert [(m.rule, m.defeated_by) for m in missed if m.defeated_by] == [
        ("mobile-on-device", ("erratum-devices-favour-neither",))
    ]
