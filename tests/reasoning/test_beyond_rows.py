"""What the amended reading concludes beyond its rows: blockers, estates to keep, and ways that are neither option."""

from __future__ import annotations

import pytest
from hypothesis import given

from advisor.reasoning.next_question import reachable
from advisor.reasoning.recommendation import overridden, proposed, tally_of
from tests.reasoning.profiles import PACK, PROFILES, REASONER, Profile, profile

OPTIONS = ("pytorch", "tensorflow")


def _concluded(said: Profile) -> set[tuple[str, str]]:
    amended = REASONER.recommend(said)["amended"]
    return {(firing.conclusion.name, firing.conclusion.value) for firing in amended.overrides}


@pytest.mark.parametrize(
    ("said", "conclusion"),
    [
        (profile(required_model="pytorch_only"), ("ruled_out", "tensorflow")),
        (profile(required_model="tensorflow_only"), ("ruled_out", "pytorch")),
        (profile(platform__os="windows", accelerator="nvidia_gpu"), ("ruled_out", "tensorflow")),
        (profile(accelerator="apple_gpu"), ("ruled_out", "tensorflow")),
        (profile(python__version="py314_or_newer"), ("ruled_out", "tensorflow")),
        (profile(accelerator="tpu", accelerator__tpu_generation="v6e_or_newer"), ("ruled_out", "tensorflow")),
        (profile(stage="established", existing_code="tensorflow"), ("keep", "tensorflow")),
        (
            profile(stage="established", existing_code="keras", existing_code__ties="tensorflow_stack"),
            ("keep", "tensorflow"),
        ),
        (profile(stage="established", existing_code="pytorch"), ("keep", "pytorch")),
        (
            profile(device__target="microcontroller", device__assets="tflite", regulation="regulated"),
            ("beyond", "litert_micro"),
        ),
        (profile(team__framework="keras"), ("beyond", "keras_any_backend")),
        (profile(existing_code="keras"), ("beyond", "keras_any_backend")),
        (profile(team__framework="none"), ("beyond", "keras_any_backend")),
        (profile(accelerator="tpu", accelerator__tpu_generation="v6e_or_newer"), ("beyond", "jax")),
        (profile(workload="numerical", stage="research"), ("beyond", "jax")),
    ],
)
def test_each_conclusion_with_its_own_derivation(said: Profile, conclusion: tuple[str, str]) -> None:
    assert conclusion in _concluded(said)
    for left_out in said:
        assert conclusion not in _concluded({name: values for name, values in said.items() if name != left_out})
    article = REASONER.recommend(said)["article"]
    assert not article.overrides


@pytest.mark.parametrize(
    ("said", "conclusion"),
    [
        (profile(platform__os="windows", accelerator="cpu"), "ruled_out"),
        (profile(platform__os="windows,linux", accelerator="nvidia_gpu"), "ruled_out"),
        (profile(accelerator="apple_gpu,nvidia_gpu"), "ruled_out"),
        (profile(python__version="py313_or_older"), "ruled_out"),
        (profile(accelerator="tpu", accelerator__tpu_generation="v5e_or_older"), "ruled_out"),
        (profile(stage="established", existing_code="tensorflow", team__retraining="willing"), "keep"),
        (profile(stage="established", existing_code="tensorflow", python__version="py314_or_newer"), "keep"),
        (profile(stage="established", existing_code="keras"), "keep"),
        (profile(team__framework="keras", existing_code__ties="tensorflow_stack"), "beyond"),
        (profile(team__framework="none", existing_code="tensorflow"), "beyond"),
    ],
)
def test_what_keeps_a_conclusion_away(said: Profile, conclusion: str) -> None:
    assert conclusion not in {name for name, _ in _concluded(said)}


@pytest.mark.parametrize(
    ("out", "kept", "expected"),
    [
        ((), (), "by_tally"),
        (("tensorflow",), (), "pytorch"),
        (("tensorflow",), ("tensorflow",), "pytorch"),
        (("pytorch", "tensorflow"), (), "split"),
        (("pytorch", "tensorflow"), ("pytorch",), "split"),
        ((), ("tensorflow",), "tensorflow"),
        ((), ("pytorch", "tensorflow"), "by_tally"),
    ],
)
def test_how_conclusions_act_on_the_verdict(out: tuple[str, ...], kept: tuple[str, ...], expected: str) -> None:
    for by_tally in (*OPTIONS, "split", "insufficient"):
        wanted = by_tally if expected == "by_tally" else expected
        assert overridden(by_tally, out, kept, OPTIONS) == wanted


def test_an_override_leaves_both_tallies_as_they_are() -> None:
    rows = profile(team__framework="keras", device__target="phone", cloud__provider="google_cloud")
    plain = REASONER.recommend(rows)
    blocked = REASONER.recommend({**rows, **profile(required_model="pytorch_only")})
    assert blocked["article"] == plain["article"]
    assert blocked["article"].verdict == "tensorflow"
    assert blocked["amended"].tally == plain["amended"].tally
    assert blocked["amended"].by_tally == plain["amended"].verdict
    assert blocked["amended"].verdict == "pytorch"
    assert [firing.rule for firing in blocked["amended"].decisive] == ["needed-model-exists-in-pytorch-only"]
    assert set(reachable(PACK, blocked["amended"]).ways) == {"pytorch"}


@given(PROFILES)
def test_the_verdict_is_the_tallys_unless_something_decisive_says_otherwise(said: Profile) -> None:
    recommendations = REASONER.recommend(said)
    for recommendation in recommendations.values():
        assert recommendation.tally == tally_of(recommendation.leans.values(), OPTIONS)
        if not recommendation.decisive:
            assert recommendation.verdict == recommendation.by_tally
        for firing in recommendation.decisive:
            assert firing in recommendation.overrides
    out = {f.conclusion.value for f in recommendations["amended"].overrides if f.conclusion.name == "ruled_out"}
    assert recommendations["amended"].verdict not in out


@given(PROFILES)
def test_advice_fits_the_choice(said: Profile) -> None:
    recommendations = REASONER.recommend(said)
    choice = proposed(PACK, recommendations)
    for firing in REASONER.advise(said, recommendations):
        assert {p.value for p in firing.premises if p.name == "choice"} <= set(choice)
        assert PACK.role(firing.conclusion.name) in ("advises", "warns")
    assert choice == () or set(choice) <= set(OPTIONS)


def test_every_advice_and_every_conclusion_can_be_reached() -> None:
    concluded = {(rule.then.name, rule.then.value) for rule in PACK.rules.values()}
    for attribute in PACK.attributes.values():
        if attribute.role and attribute.role != "choice":
            for value in attribute.values:
                assert (attribute.id, value) in concluded, (attribute.id, value)


def test_nothing_old_is_advised_to_start_on() -> None:
    for verdict, dead in (("pytorch", "torchserve"), ("pytorch", "torchscript"), ("tensorflow", "tfdbg")):
        said = profile(required_model=f"{verdict}_only", device__target="phone", serving__kind="api")
        firings = REASONER.advise(said, REASONER.recommend(said))
        values = {firing.conclusion.value for firing in firings}
        assert dead in values
        assert "tf_lite_namespace" in values


def test_torchaudio_is_named_to_audio_projects_only() -> None:
    for workload in ("audio", "vision"):
        said = profile(required_model="pytorch_only", workload=workload)
        values = {f.conclusion.value for f in REASONER.advise(said, REASONER.recommend(said))}
        assert ("torchaudio" in values) == (workload == "audio")
