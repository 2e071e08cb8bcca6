"""What a message says about the project beside the acts it performs."""

from __future__ import annotations

import pytest

from advisor.understanding.interpretation import Interpreter


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    """The interpreter of the shipped knowledge."""
    from advisor.assistant import load_assistant
    from advisor.settings import Settings

    return load_assistant(Settings()).interpreter


@pytest.mark.parametrize(
    ("utterance", "act", "said"),
    [
        ("forget AWS, we're on Azure", "retract", {("cloud.provider", "azure")}),
        ("withdraw the Google Cloud statement, the contract fell through", "retract", set()),
        ("the phone requirement has been withdrawn, it's unclear what comes now", "retract", set()),
        ("actually no, drop the ESP32, no device needed", "retract", {("device.target", "none")}),
        ("end of the experiment, back to the facts", "forget_assumptions", set()),
        ("so why pytorch and not the other one?", "why", set()),
    ],
)
def test_what_takes_back_or_asks_tells_only_what_is_new(
    interpreter: Interpreter, utterance: str, act: str, said: set[tuple[str, str]]
) -> None:
    meaning = interpreter.interpret(utterance)
    assert act in [performed.act for performed in meaning.acts]
    assert {(o.attribute, o.value) for o in meaning.extraction.observations} == said


@pytest.mark.parametrize(
    ("utterance", "assumed"),
    [
        ("what if we also had to run it on rangers' phones", ("device.target", "phone")),
        ("say we dropped the phones", ("device.target", "none")),
        ("would it be different with a Java team?", ("team.skill", "other_languages")),
        ("let's play through moving to Google", ("cloud.provider", "google_cloud")),
    ],
)
def test_a_bare_name_is_enough_to_suppose(interpreter: Interpreter, utterance: str, assumed: tuple[str, str]) -> None:
    meaning = interpreter.interpret(utterance)
    assert assumed in {(o.attribute, o.value) for o in meaning.assumptions.observations}
    assert not meaning.extraction.observations


def test_two_sure_questions_in_one_sentence_are_both_answered(interpreter: Interpreter) -> None:
    questions = interpreter.interpret("does it run on Windows and is there an LTS version?").questions
    assert [asked.match.topics[0].id for asked in questions] == ["windows-gpu", "long-term-support"]


def test_one_question_with_an_and_stays_one(interpreter: Interpreter) -> None:
    assert len(interpreter.interpret("what is the difference between PyTorch and TensorFlow?").questions) == 1


def test_how_two_products_differ_states_neither(interpreter: Interpreter) -> None:
    for words in ("How is TF Serving different from TorchServe?", "How TF Serving differs from TorchServe?"):
        assert not interpreter.interpret(words).extraction.observations
