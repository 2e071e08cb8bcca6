"""Dialogue acts: accuracy on sentences kept apart, exact cases, hostile text, and errors in the data."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.knowledge_base.acts_schema import ActId, expanded, load_acts, load_names
from advisor.knowledge_base.pack import DEFAULT_PACK, KNOWLEDGE_DIR, load_pack
from advisor.knowledge_base.yaml_document import PackError
from advisor.understanding.dialogue_acts import ActRecognizer, RecognizedAct
from tests.evaluate_acts import HELD, Outcome, outcomes, shipped_encoder, shipped_recognizer

ACTS_FILE = KNOWLEDGE_DIR / "english" / "acts.yaml"

RECOGNIZERS = {
    "encoder": shipped_recognizer(shipped_encoder()),
    "letters": shipped_recognizer(None),
}


@pytest.fixture(params=sorted(RECOGNIZERS))
def recognizer(request: pytest.FixtureRequest) -> ActRecognizer:
    """The recogniser, with and without an encoder."""
    return RECOGNIZERS[request.param]


def _share(results: Sequence[Outcome]) -> float:
    return sum(result.act_is_right for result in results) / len(results)


@pytest.mark.parametrize(("name", "found", "details"), [("encoder", 0.83, 0.82), ("letters", 0.78, 0.76)])
def test_accuracy_on_sentences_kept_apart(name: str, found: float, details: float) -> None:
    results = outcomes(RECOGNIZERS[name], HELD)
    acting = [result for result in results if result.expected["act"] is not None]
    assert len(results) >= 150
    assert _share(acting) >= found
    assert sum(result.details_are_right for result in acting) / len(acting) >= details


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
def test_descriptions_and_questions_are_no_acts(name: str) -> None:
    idle = [result for result in outcomes(RECOGNIZERS[name], HELD) if result.expected["act"] is None]
    assert len(idle) >= 60
    assert sum(not result.act_is_right for result in idle) <= len(idle) * 0.04


@pytest.mark.parametrize("name", sorted(RECOGNIZERS))
def test_what_is_taken_for_an_act_is_that_act(name: str) -> None:
    assert _share([result for result in outcomes(RECOGNIZERS[name], HELD) if result.found is not None]) >= 0.95


@pytest.mark.parametrize(
    ("sentence", "act", "option", "criterion", "argument"),
    [
        ("Hi!", "greeting", None, None, ""),
        ("thanks", "thanks", None, None, ""),
        ("yes", "yes", None, None, ""),
        ("NO!!!", "no", None, None, ""),
        ("no idea", "dont_know", None, None, ""),
        ("none of those, we host with OVH", "none_of_these", None, None, "we host with OVH"),
        ("why?", "why", None, None, ""),
        ("why not TF?", "why_not", "tensorflow", None, ""),
        ("why not tensorflwo", "why_not", "tensorflow", None, ""),
        ("why pytorhc and not tensorflow?", "why", "pytorch", None, ""),
        ("great, why not torch?", "why_not", "pytorch", None, ""),
        ("What if we needed mobile?", "what_if", None, None, "we needed mobile"),
        ("ok, and what if we needed Mobile on top?", "what_if", None, None, "we needed Mobile on top"),
        ("and with an auditor as well?", "what_if", None, None, "an auditor"),
        ("Suppose we moved to AWS.", "what_if", None, None, "we moved to AWS"),
        ("let's go with that", "commit", None, None, ""),
        ("make it so", "commit", None, None, ""),
        ("forget those assumptions", "forget_assumptions", None, None, ""),
        ("what would make you say PyTorch?", "what_would_change", "pytorch", None, ""),
        ("what changed your mind?", "what_changed", None, None, ""),
        ("forget what I said about the cloud", "retract", None, "vendor", "the cloud"),
        ("scrap the mobile thing", "retract", None, "mobile", "mobile"),
        ("the cloud thing is open again", "retract", None, "vendor", "cloud"),
        ("no wait, take back the watch, that point is open again.", "retract", None, None, "the watch"),
        ("forget AWS, we're on Azure", "retract", None, None, "AWS"),
        ("drop that assumption again", "forget_assumptions", None, None, ""),
        ("would it be different without phones?", "what_if", None, None, "without phones"),
        ("ignore that", "retract", None, None, ""),
        ("take that back", "undo", None, None, ""),
        ("so what's the verdict", "recommend", None, None, ""),
        ("pytorch or tensorflow?", "recommend", None, None, ""),
        ("write it up as a decision record", "export", None, None, "madr"),
        ("export as HTML", "export", None, None, "html"),
        ("are you human", "small_talk", None, None, ""),
    ],
)
def test_exact_cases(
    recognizer: ActRecognizer,
    sentence: str,
    act: str,
    option: str | None,
    criterion: str | None,
    argument: str,
) -> None:
    found = recognizer.recognize(sentence)
    assert found is not None
    assert (found.act, found.option, found.criterion, found.argument) == (act, option, criterion, argument)


@pytest.mark.parametrize(
    "sentence",
    [
        "why is training slow",
        "what if my GPU is not detected",
        "thanks to keras 3 this is easy",
        "no Google Cloud here",
        "yes we use AWS",
        "how sure is the PyTorch roadmap",
        "we don't need mobile",
        "If the pilot works we'll ship it to 400 stores.",
        "And with three data scientists we write mostly Python.",
    ],
)
def test_look_alikes_are_no_acts(recognizer: ActRecognizer, sentence: str) -> None:
    assert recognizer.recognize(sentence) is None


def test_faq_questions_are_hardly_ever_taken_for_acts(recognizer: ActRecognizer) -> None:
    phrasings = [phrasing for entry in load_pack().entries.values() for phrasing in entry.phrasings]
    taken = [phrasing for phrasing in phrasings if recognizer.recognize(phrasing) is not None]
    assert len(taken) <= len(phrasings) / 200


def test_every_example_is_its_own_act(recognizer: ActRecognizer) -> None:
    for act in load_acts(ACTS_FILE):
        for example in act.examples:
            if "{" not in example and "(" not in example:
                found = recognizer.recognize(example)
                assert found is not None, example
                assert (found.act, found.score) == (act.id, 1.0), example


HOSTILE = [
    "",
    " ",
    "\x00",
    "\ud800",
    "why\udfff?",
    "?" * 100_000,
    "why " * 100_000,
    "{option}",
    "[/]",
    "\x1b[31mhi",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(recognizer: ActRecognizer, text: str) -> None:
    found = recognizer.recognize(text)
    assert found is None or isinstance(found, RecognizedAct)


WORDS = st.sampled_from(
    "what if suppose forget why not TF , ? none of those and with \ud800 as well export {thing}".split()
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(st.characters()), st.lists(WORDS, max_size=70).map(" ".join)))
def test_never_raises_and_is_deterministic(text: str) -> None:
    recognizer = RECOGNIZERS["encoder"]
    found = recognizer.recognize(text)
    assert found == recognizer.recognize(text)
    if found is not None:
        assert 0 <= found.score <= 1


def test_works_with_other_options_and_no_names() -> None:
    recognizer = ActRecognizer(load_acts(ACTS_FILE), {"tea": ["tea"], "coffee": ["coffee"]}, {}, None)
    found = recognizer.recognize("why not tea?")
    assert found is not None
    assert (found.act, found.option) == ("why_not", "tea")


def test_shipped_files_are_complete() -> None:
    acts, names, pack = load_acts(ACTS_FILE), load_names(DEFAULT_PACK / "names.yaml"), load_pack()
    assert {act.id for act in acts} == set(get_args(ActId))
    assert all(len(act.examples) >= 20 and act.contrast for act in acts)
    assert set(names.options) == set(pack.options)
    assert set(names.criteria) == set(pack.criteria)


WHY = "- id: why\n  description: d\n  examples:"


def test_choices_are_expanded() -> None:
    assert expanded("(scrap|drop) (|all of )that") == (
        "scrap that",
        "scrap all of that",
        "drop that",
        "drop all of that",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: why", "acts.yaml:1: must be a list of acts"),
        ("- id: fly\n  description: d\n  examples: [x]", "acts.yaml:1: [0].id"),
        (WHY + " []", "acts.yaml:3: [0].examples"),
        (WHY + "\n  - why\n  - why {colour}", "acts.yaml:5: [0].examples[1]: no such slot"),
        (WHY + " ['{thing} is']", "acts.yaml:3: [0].examples[0]: an example that begins"),
        (WHY + " ['why {thing} and {rest}']", "acts.yaml:3: [0].examples[0]: at most one slot"),
        (WHY + " ['why {']", "acts.yaml:3: [0].examples[0]: a brace"),
        (WHY + " ['why (a|b']", "acts.yaml:3: [0].examples[0]: choices"),
        (WHY + " [x]\n  contrast: ['not {thing}']", "acts.yaml:4: [0].contrast[0]: write out"),
        (WHY + " [x]\n  contrast: [x]", "acts.yaml:3: [0].examples[0]: is a contrast"),
        (WHY + " [x]\n  exmples: [x]", "acts.yaml:4: [0].exmples"),
        (WHY + " [x]\n" + WHY + " [y]", "acts.yaml:1: [0].id: why is defined 2 times"),
        (
            WHY + " [x]\n" + WHY.replace("why", "recap") + " [X]",
            "acts.yaml:6: [1].examples[0]: is an example of why",
        ),
    ],
)
def test_mistakes_in_the_file_are_pointed_at(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "acts.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_acts(file)
    assert any(str(problem).startswith(message) for problem in caught.value.problems), str(caught.value)


def test_mistakes_in_the_names_are_pointed_at(tmp_path: Path) -> None:
    file = tmp_path / "names.yaml"
    file.write_text("options:\n  tea: []\ncriteria: {}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"names\.yaml:2: options\.tea"):
        load_names(file)
