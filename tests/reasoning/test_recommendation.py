"""Verdicts against a table written by hand, and rows against the article's wording."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.reasoning.explanation import derivations, evidence
from advisor.reasoning.inference import Fact
from advisor.reasoning.next_question import next_question, outlook
from advisor.reasoning.recommendation import Reasoner, lean_of, verdict_of
from advisor.reasoning.sensitivity import smallest_flips

# Rows leaning to PyTorch, to TensorFlow, neutral, unknown: the verdict. Written down by hand, case by case.
_TABLE = """
5 0 0 0 pytorch
4 1 0 0 pytorch
4 0 1 0 pytorch
4 0 0 1 pytorch
3 2 0 0 pytorch
3 1 1 0 pytorch
3 1 0 1 pytorch
3 0 2 0 pytorch
3 0 1 1 pytorch
3 0 0 2 pytorch
2 3 0 0 tensorflow
2 2 1 0 split
2 2 0 1 split
2 1 2 0 split
2 1 1 1 insufficient
2 1 0 2 insufficient
2 0 3 0 split
2 0 2 1 insufficient
2 0 1 2 insufficient
2 0 0 3 insufficient
1 4 0 0 tensorflow
1 3 1 0 tensorflow
1 3 0 1 tensorflow
1 2 2 0 split
1 2 1 1 insufficient
1 2 0 2 insufficient
1 1 3 0 split
1 1 2 1 split
1 1 1 2 insufficient
1 1 0 3 insufficient
1 0 4 0 split
1 0 3 1 split
1 0 2 2 insufficient
1 0 1 3 insufficient
1 0 0 4 insufficient
0 5 0 0 tensorflow
0 4 1 0 tensorflow
0 4 0 1 tensorflow
0 3 2 0 tensorflow
0 3 1 1 tensorflow
0 3 0 2 tensorflow
0 2 3 0 split
0 2 2 1 insufficient
0 2 1 2 insufficient
0 2 0 3 insufficient
0 1 4 0 split
0 1 3 1 split
0 1 2 2 insufficient
0 1 1 3 insufficient
0 1 0 4 insufficient
0 0 5 0 split
0 0 4 1 split
0 0 3 2 split
0 0 2 3 insufficient
0 0 1 4 insufficient
0 0 0 5 insufficient
"""
_VERDICTS = {tuple(int(number) for number in line.split()[:4]): line.split()[4] for line in _TABLE.strip().splitlines()}
_STATES = ("pytorch", "tensorflow", "neutral", "unknown")
_PACK = load_pack()
_PROFILES = st.dictionaries(
    st.sampled_from([a.id for a in _PACK.attributes.values() if not a.derived]),
    st.integers(0, 9),
    max_size=12,
).map(
    lambda chosen: {
        name: frozenset({list(_PACK.attributes[name].values)[index % len(_PACK.attributes[name].values)]})
        for name, index in chosen.items()
    }
)
_REASONER = Reasoner(_PACK)


@pytest.fixture(scope="module")
def reasoner(pack: KnowledgePack) -> Reasoner:
    return Reasoner(pack)


def test_all_1024_combinations_of_leans(reasoner: Reasoner) -> None:
    criteria = list(reasoner.pack.criteria)
    for leans in product(_STATES, repeat=5):
        expected = _VERDICTS[tuple(leans.count(state) for state in _STATES)]
        given_leans = dict(zip(criteria, leans, strict=True))
        for recommendation in reasoner.from_leans(given_leans).values():
            assert recommendation.verdict == expected, leans
            assert recommendation.tally == {o: leans.count(o) for o in ("pytorch", "tensorflow")}


@pytest.mark.parametrize(
    ("said", "criterion", "lean"),
    [
        ({"team.skill": "python"}, "engineering", "pytorch"),
        ({"team.skill": "mixed"}, "engineering", "tensorflow"),
        ({"team.skill": "python,other_languages"}, "engineering", "tensorflow"),
        ({"team.framework": "keras"}, "engineering", "tensorflow"),
        ({"team.framework": "keras", "team.skill": "python"}, "engineering", "tensorflow"),
        ({"team.framework": "keras", "team.retraining": "willing"}, "engineering", "neutral"),
        ({"team.framework": "keras", "team.retraining": "willing", "team.skill": "python"}, "engineering", "pytorch"),
        ({"existing_code": "keras"}, "engineering", "tensorflow"),
        ({"existing_code": "keras", "team.framework": "pytorch"}, "engineering", "pytorch"),
        ({"existing_code": "pytorch"}, "engineering", "pytorch"),
        ({"team.framework": "jax"}, "engineering", "neutral"),
        ({"stage": "research"}, "maturity", "pytorch"),
        ({"stage": "established"}, "maturity", "tensorflow"),
        ({"stage": "early_stage", "regulation": "regulated"}, "maturity", "neutral"),
        ({"risk_tolerance": "low"}, "maturity", "tensorflow"),
        ({"work_style": "repeatable"}, "maturity", "tensorflow"),
        ({"serving.kind": "api"}, "deployment", "pytorch"),
        ({"serving.kind": "api", "serving.scale": "large"}, "deployment", "tensorflow"),
        ({"serving.stack": "tf_serving"}, "deployment", "tensorflow"),
        ({"serving.stack": "torchserve"}, "deployment", "pytorch"),
        ({"serving.kind": "batch"}, "deployment", "neutral"),
        ({"device.target": "phone"}, "mobile", "tensorflow"),
        ({"device.target": "none"}, "mobile", "pytorch"),
        ({"device.target": "browser"}, "mobile", "neutral"),
        ({"cloud.provider": "aws"}, "vendor", "pytorch"),
        ({"cloud.provider": "google_cloud"}, "vendor", "tensorflow"),
        ({"cloud.provider": "azure"}, "vendor", "neutral"),
        ({"cloud.provider": "aws,google_cloud"}, "vendor", "neutral"),
        ({"cloud.provider": "azure", "model_source": "hugging_face"}, "vendor", "pytorch"),
        ({"accelerator": "tpu"}, "vendor", "tensorflow"),
        ({"accelerator": "nvidia_gpu"}, "vendor", "unknown"),
        ({}, "vendor", "unknown"),
    ],
)
def test_rows_follow_the_article(reasoner: Reasoner, said: dict[str, str], criterion: str, lean: str) -> None:
    profile = {attribute: frozenset(values.split(",")) for attribute, values in said.items()}
    assert reasoner.recommend(profile)["article"].rows[criterion].lean == lean


def test_a_row_is_explained_down_to_what_was_said(reasoner: Reasoner) -> None:
    profile = {"team.skill": frozenset({"python", "other_languages"}), "cloud.provider": frozenset({"aws"})}
    article = reasoner.recommend(profile)["article"]
    support, *others = derivations(article, "engineering")
    assert support.firing.rule == "engineering-mixed-skills"
    assert {below.firing.rule for below in support.supports} == {"mixed-skills", "python-beside-other-languages"}
    assert not others
    assert set(evidence(article, "engineering")) == {
        Fact("team.skill", "python"),
        Fact("team.skill", "other_languages"),
    }


@pytest.mark.parametrize(
    ("said", "criterion", "article", "amended", "erratum"),
    [
        ({"team.framework": "keras"}, "engineering", "tensorflow", "neutral", "E1"),
        ({"existing_code": "keras"}, "engineering", "tensorflow", "neutral", "E1"),
        (
            {"team.framework": "keras", "existing_code.ties": "tensorflow_stack"},
            "engineering",
            "tensorflow",
            "tensorflow",
            "",
        ),
        ({"team.framework": "tensorflow"}, "engineering", "tensorflow", "tensorflow", ""),
        ({"stage": "established", "existing_code": "tensorflow"}, "maturity", "tensorflow", "tensorflow", "E2a"),
        ({"stage": "early_stage", "risk_tolerance": "low"}, "maturity", "neutral", "pytorch", "E2b"),
        ({"stage": "early_stage", "regulation": "regulated"}, "maturity", "neutral", "pytorch", "E2b"),
        ({"risk_tolerance": "low"}, "maturity", "tensorflow", "tensorflow", ""),
        ({"serving.scale": "large"}, "deployment", "tensorflow", "neutral", "E3b"),
        ({"serving.scale": "large", "serving.stack": "tf_serving"}, "deployment", "tensorflow", "tensorflow", ""),
        ({"serving.scale": "large", "workload": "llm"}, "deployment", "tensorflow", "pytorch", "E3b"),
        ({"device.target": "phone"}, "mobile", "tensorflow", "neutral", "E4a"),
        ({"device.target": "phone", "device.assets": "tflite"}, "mobile", "tensorflow", "tensorflow", ""),
        ({"device.target": "microcontroller"}, "mobile", "tensorflow", "tensorflow", "E4b"),
        ({"device.target": "none"}, "mobile", "pytorch", "neutral", "E4c"),
        ({"accelerator": "tpu"}, "vendor", "tensorflow", "neutral", "E5a"),
        (
            {"accelerator": "tpu", "accelerator.tpu_generation": "v6e_or_newer"},
            "vendor",
            "tensorflow",
            "pytorch",
            "E5a",
        ),
        (
            {"accelerator": "tpu", "accelerator.tpu_generation": "v5e_or_older", "existing_code": "tensorflow"},
            "vendor",
            "tensorflow",
            "tensorflow",
            "",
        ),
        ({"cloud.provider": "google_cloud"}, "vendor", "tensorflow", "neutral", "E5c"),
        ({"cloud.provider": "google_cloud", "model_source": "hugging_face"}, "vendor", "neutral", "pytorch", "E5c"),
        ({"cloud.provider": "aws"}, "vendor", "pytorch", "pytorch", ""),
    ],
)
def test_errata_move_rows_of_the_amended_reading_only(
    reasoner: Reasoner, said: dict[str, str], criterion: str, article: str, amended: str, erratum: str
) -> None:
    recommendations = reasoner.recommend({attribute: frozenset({value}) for attribute, value in said.items()})
    assert recommendations["article"].rows[criterion].lean == article
    assert recommendations["amended"].rows[criterion].lean == amended
    fired = {reasoner.pack.rules[firing.rule].erratum for firing in recommendations["amended"].rows[criterion].firings}
    assert fired - {None} == ({erratum} if erratum else set())


def test_the_worked_case_keras_team_phones_and_tpus(reasoner: Reasoner) -> None:
    """The article decides for TensorFlow by three rows; amended, none of them speaks for it."""
    said = {"team.framework": "keras", "device.target": "phone", "accelerator": "tpu"}
    profile = {attribute: frozenset({value}) for attribute, value in said.items()}
    before = reasoner.recommend(profile)
    assert before["article"].verdict == "tensorflow"
    assert before["amended"].tally == {"pytorch": 0, "tensorflow": 0}
    after = reasoner.recommend({**profile, "accelerator.tpu_generation": frozenset({"v6e_or_newer"})})
    assert after["article"].verdict == "tensorflow"
    assert after["amended"].tally == {"pytorch": 1, "tensorflow": 0}
    assert set(after["amended"].defeated) == {"engineering-keras-first", "mobile-on-device", "vendor-tpu"}


@given(_PROFILES)
def test_the_fast_way_foresees_what_the_engine_recommends(profile: dict[str, frozenset[str]]) -> None:
    recommended = _REASONER.recommend(profile)
    assert {reading: _REASONER.foresee(reading, profile) for reading in recommended} == recommended


def test_dissent_is_kept(reasoner: Reasoner) -> None:
    profile = {"stage": frozenset({"early_stage"}), "risk_tolerance": frozenset({"low"})}
    article = reasoner.recommend(profile)["article"]
    assert {d.firing.conclusion.value for d in derivations(article, "maturity")} == {"pytorch", "tensorflow"}


def test_wrong_leans_are_refused(reasoner: Reasoner) -> None:
    with pytest.raises(ValueError, match="colour: no such criterion"):
        reasoner.from_leans({"colour": "pytorch"})
    with pytest.raises(ValueError, match="mobile: maybe is not a lean"):
        reasoner.from_leans({"mobile": "maybe"})


@given(_PROFILES)
def test_the_next_question_can_still_matter(reasoner_profile: dict[str, frozenset[str]]) -> None:
    reasoner = _REASONER
    leans = reasoner.recommend(reasoner_profile)["article"].leans
    view = outlook(_PACK, leans)
    assert sum(view.ways.values()) == 3 ** list(leans.values()).count("unknown")
    attribute = next_question(reasoner, reasoner_profile, leans, declined=())
    if view.settled:
        if attribute is not None:
            now = reasoner.foresee("amended", reasoner_profile)
            assert now.verdict not in _PACK.options
            answers = [{**reasoner_profile, attribute.id: frozenset({value})} for value in attribute.values]
            assert any(reasoner.foresee("amended", answered).leans != now.leans for answered in answers)
    elif attribute is not None:
        assert attribute.id not in reasoner_profile
        assert leans[attribute.criterion or ""] == "unknown"


@pytest.mark.parametrize("leans", list(product(("pytorch", "tensorflow", "neutral"), repeat=5))[::7])
def test_smallest_flips_turn_the_verdict_and_nothing_smaller_does(leans: tuple[str, ...]) -> None:
    now = dict(zip(_PACK.criteria, leans, strict=True))
    verdict = verdict_of(now.values(), _PACK.options, 3)
    flips = smallest_flips(_PACK, now)
    assert flips
    for flip in flips:
        assert verdict_of({**now, **flip}.values(), _PACK.options, 3) in set(_PACK.options) - {verdict}
        for row in flip:
            part = {name: lean for name, lean in flip.items() if name != row}
            assert verdict_of({**now, **part}.values(), _PACK.options, 3) not in set(_PACK.options) - {verdict}


def test_lean_of_a_row() -> None:
    options = ("pytorch", "tensorflow")
    assert lean_of([], options) == "unknown"
    assert lean_of(["neutral"], options) == "neutral"
    assert lean_of(["neutral", "pytorch"], options) == "pytorch"
    assert lean_of(["tensorflow", "pytorch"], options) == "neutral"
