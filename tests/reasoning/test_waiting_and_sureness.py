"""Why a question is asked, how sure a verdict is, and what changed: each against trying it out."""

from __future__ import annotations

from itertools import product
from math import prod

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from advisor.reasoning import sureness
from advisor.reasoning.difference import changed_attributes, names_read, row_moves
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.recommendation import READINGS, ReadingId
from advisor.reasoning.sureness import answer_ways, firmness
from advisor.reasoning.waiting import waiting_rules, where_answers_lead
from tests.reasoning.profiles import PACK, PROFILES, REASONER, SAID, Profile, profile

_MANY = {reading: ManyProfiles(REASONER, reading) for reading in READINGS}


@given(PROFILES, st.sampled_from(SAID))
def test_waiting_rules_are_those_that_an_answer_brings_in(said: Profile, asked: str) -> None:
    """Over rules without derived premises, which other answers may still bring in or keep away."""
    before = {name: values for name, values in said.items() if name != asked}
    plain = {
        rule.id
        for rule in PACK.rules.values()
        if not any(PACK.attributes[condition.attribute].derived for condition in rule.when)
    }
    waiting = {rule.rule: rule for rule in waiting_rules(REASONER, before, asked)}
    for reading in READINGS:
        for value in PACK.attributes[asked].values:
            fired = _fired(reading, {**before, asked: frozenset({value})}) - _fired(reading, before)
            ready = {
                rule.rule
                for rule in waiting.values()
                if value in rule.values and not rule.also_open and reading in rule.readings
            }
            assert (fired & plain) == (ready & plain)


def _fired(reading: ReadingId, said: Profile) -> set[str]:
    recommendation = REASONER.foresee(reading, said)
    rows = {firing.rule for row in recommendation.rows.values() for firing in row.firings}
    return rows | {firing.rule for firing in recommendation.derived} | set(recommendation.defeated)


def test_why_a_question_is_asked() -> None:
    said = profile(accelerator="tpu")
    waiting = waiting_rules(REASONER, said, "accelerator.tpu_generation")
    assert [rule.rule for rule in waiting] == [
        "erratum-new-tpus",
        "erratum-older-tpus-new-work",
        "new-tpus-rule-tensorflow-out",
        "new-tpus-favour-jax",
    ]
    assert {rule.readings for rule in waiting} == {("amended",)}
    assert waiting[0].rows == ("vendor",)
    leads = where_answers_lead(REASONER, said, "accelerator.tpu_generation")
    assert leads["v6e_or_newer"] == {"article": "insufficient", "amended": "pytorch"}


@settings(max_examples=15, deadline=None)
@given(st.data(), st.sampled_from(READINGS))
def test_ways_to_answer_are_counted_exactly(data: st.DataObject, reading: ReadingId) -> None:
    many = _MANY[reading]
    left_open = data.draw(st.sets(st.sampled_from(many.attributes), min_size=1, max_size=3))
    said = {
        name: frozenset({data.draw(st.sampled_from(list(PACK.attributes[name].values)))})
        for name in many.attributes
        if name not in left_open
    }
    unanswered = [name for name in many.attributes if name not in said]
    assume(prod(len(PACK.attributes[name].values) for name in unanswered) <= 300)
    now = REASONER.foresee(reading, said)
    found = answer_ways(many, said, now)
    assert found is not None
    verdicts = [
        REASONER.foresee(
            reading, {**said, **{n: frozenset({v}) for n, v in zip(unanswered, values, strict=True)}}
        ).verdict
        for values in product(*(PACK.attributes[name].values for name in unanswered))
    ]
    assert (found.attributes, found.ways, found.hold) == (
        tuple(unanswered),
        len(verdicts),
        verdicts.count(now.verdict),
    )


def test_too_many_ways_are_not_counted_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sureness, "MAX_WAYS", 100)
    now = REASONER.foresee("article", {})
    assert answer_ways(_MANY["article"], {}, now) is None


@settings(max_examples=25, deadline=None)
@given(PROFILES, st.sampled_from(READINGS))
def test_firmness_in_counts(said: Profile, reading: ReadingId) -> None:
    now = REASONER.recommend(said)[reading]
    found = firmness(_MANY[reading], said, now)
    assert sum(found.row_ways.values()) == 3 ** list(now.leans.values()).count("unknown")
    assert found.margin == abs(now.tally["pytorch"] - now.tally["tensorflow"])
    for flip in found.single:
        (change,) = flip.changes
        then = REASONER.foresee(reading, {**said, change.attribute: frozenset({change.values[0]})})
        assert then.verdict == flip.verdict != now.verdict


@given(PROFILES, PROFILES)
def test_every_row_that_moved_is_named_with_its_cause(before: Profile, after: Profile) -> None:
    was, now = REASONER.recommend(before), REASONER.recommend(after)
    changed = changed_attributes(before, after)
    rules = [rule for stratum in REASONER.engines["amended"].strata for rule in stratum]
    moves = row_moves(was, now, changed, rules)
    assert {(move.reading, move.criterion) for move in moves} == {
        (reading, row)
        for reading in READINGS
        for row in PACK.criteria
        if was[reading].leans[row] != now[reading].leans[row]
    }
    for move in moves:
        assert move.causes
        assert set(move.causes) <= set(changed)


def test_names_read_reach_through_what_rules_conclude() -> None:
    rules = [rule for stratum in REASONER.engines["article"].strata for rule in stratum]
    assert names_read(rules)["engineering-keras-first"] >= {"team.fit", "team.framework", "existing_code"}
