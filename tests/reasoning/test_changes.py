"""What would turn a verdict: every set of answers found by brute force, and no other."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.reasoning import changes
from advisor.reasoning.changes import AnswerChange, Flip, flips
from advisor.reasoning.many_profiles import ManyProfiles
from advisor.reasoning.recommendation import READINGS, ReadingId
from advisor.reasoning.splits import tie
from tests.reasoning.profiles import PACK, PROFILES, REASONER, Profile, profile

_MANY = {reading: ManyProfiles(REASONER, reading) for reading in READINGS}
_READINGS = st.sampled_from(READINGS)


def _brute_force(
    reading: ReadingId, said: Profile, targets: set[str], up_to: int, among: list[str]
) -> dict[frozenset[tuple[str, str]], str]:
    """All minimal sets of single values that lead to one of the targets, tried one profile at a time."""
    found: dict[frozenset[tuple[str, str]], str] = {}
    for size in range(1, up_to + 1):
        for names in combinations(among, size):
            for values in product(*(PACK.attributes[name].values for name in names)):
                picked = frozenset(zip(names, values, strict=True))
                if any(part < picked for part in found):
                    continue
                then = {**said, **{name: frozenset({value}) for name, value in picked}}
                verdict = REASONER.foresee(reading, then).verdict
                if verdict in targets and any(said.get(name) != frozenset({value}) for name, value in picked):
                    found[picked] = verdict
    return found


def _spelled_out(found: tuple[Flip, ...]) -> dict[frozenset[tuple[str, str]], str]:
    return {
        frozenset(zip((change.attribute for change in flip.changes), values, strict=True)): flip.verdict
        for flip in found
        for values in product(*(change.values for change in flip.changes))
    }


@settings(max_examples=12, deadline=None)
@given(PROFILES, _READINGS, st.lists(st.sampled_from(_MANY["amended"].attributes), min_size=4, max_size=5, unique=True))
def test_flips_are_exactly_those_of_brute_force(said: Profile, reading: ReadingId, among: list[str]) -> None:
    now = REASONER.foresee(reading, said).verdict
    targets = set(_MANY[reading].verdicts) - {now}
    found = flips(_MANY[reading], said, targets, among=among)
    assert found.tried_up_to == 3
    expected = _brute_force(reading, said, targets, 3, among)
    assert _spelled_out(found.flips) == expected


@settings(max_examples=8, deadline=None)
@given(PROFILES, _READINGS)
def test_single_answers_are_exact_over_all_attributes(said: Profile, reading: ReadingId) -> None:
    targets = {option for option in PACK.options if option != REASONER.foresee(reading, said).verdict}
    found = flips(_MANY[reading], said, targets, up_to=1)
    among = [attribute.id for attribute in PACK.attributes.values() if not attribute.derived]
    assert _spelled_out(found.flips) == _brute_force(reading, said, targets, 1, among)


@given(PROFILES, _READINGS)
def test_every_flip_leads_where_it_says_and_no_part_of_it_does(said: Profile, reading: ReadingId) -> None:
    now = REASONER.foresee(reading, said).verdict
    targets = {option for option in PACK.options if option != now}
    for flip in flips(_MANY[reading], said, targets).flips[:20]:
        for size in range(len(flip.changes) + 1):
            for part in combinations(flip.changes, size):
                then = {**said, **{change.attribute: frozenset({change.values[-1]}) for change in part}}
                verdict = REASONER.foresee(reading, then).verdict
                assert (verdict in targets) == (size == len(flip.changes))
                assert size < len(flip.changes) or verdict == flip.verdict


@given(PROFILES, _READINGS)
def test_the_smallest_are_among_all_and_come_first(said: Profile, reading: ReadingId) -> None:
    every = flips(_MANY[reading], said, PACK.options)
    smallest = flips(_MANY[reading], said, PACK.options, smallest_only=True)
    assert every.flips[: len(smallest.flips)] == smallest.flips
    sizes = [len(flip.changes) for flip in every.flips]
    assert sizes == sorted(sizes)


def test_what_cannot_be_changed_is_left_alone_where_possible() -> None:
    said = profile(team__skill="python", stage="early_stage", serving__kind="api")
    found = flips(_MANY["article"], said, ["tensorflow", "split", "insufficient"], up_to=1).flips
    fixed = [
        bool(said.get(f.changes[0].attribute)) and not PACK.attributes[f.changes[0].attribute].changeable for f in found
    ]
    assert fixed == sorted(fixed)
    assert any(fixed)
    assert not all(fixed)


def test_values_that_no_rule_tells_apart_are_one_answer() -> None:
    said = profile(team__framework="keras", cloud__provider="google_cloud")
    found = flips(_MANY["article"], said, ["tensorflow"], up_to=1).flips
    devices = next(flip for flip in found if flip.changes[0].attribute == "device.target")
    assert {"phone", "tablet", "vehicle"} <= set(devices.changes[0].values)
    assert "browser" not in devices.changes[0].values


def test_where_exactness_ends_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "MAX_WORK", 160_000)
    found = flips(_MANY["amended"], {}, ["tensorflow"])
    assert found.tried_up_to == 2
    assert max(len(flip.changes) for flip in found.flips) <= 2


def test_a_tie_names_its_rows_and_what_breaks_it() -> None:
    said = profile(
        team__skill="python", stage="established", serving__kind="api", device__target="phone", cloud__provider="azure"
    )
    article = REASONER.recommend(said)["article"]
    assert article.verdict == "split"
    found = tie(_MANY["article"], said, article)
    assert found.rows == {"pytorch": ("engineering", "deployment"), "tensorflow": ("maturity", "mobile")}
    assert found.undecided == ("vendor",)
    first = found.breakers[0]
    assert first.criteria
    assert not said.get(first.flip.changes[0].attribute), "what is open comes first"
    aws = AnswerChange("cloud.provider", ("aws",))
    assert any(
        breaker.flip == Flip((aws,), "pytorch") and breaker.criteria == ("vendor",) for breaker in found.breakers
    )
