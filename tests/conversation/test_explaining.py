"""Explanations in a conversation: short first, everything one step further, and always down to the words."""

from __future__ import annotations

from typing import TypeVar

import pytest

from advisor.conversation.blocks import Block, Explanation, Matrix, Note, Verdict
from advisor.conversation.explanation_blocks import (
    Advice,
    Difference,
    Split,
    Sureness,
    WhatWouldChange,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.transcript import Turn
from tests.conversation.conftest import Talk

_WORKED_CASE = "A Keras team, it must run on phones, and we train on Google TPUs."
_PYTORCH = "Three Python developers, an early prototype. It will sit behind an API on AWS, and no mobile app is needed."
BlockT = TypeVar("BlockT", bound=Block)


def _only(turn: Turn, kind: type[BlockT]) -> BlockT:
    (block,) = [block for block in turn.blocks if isinstance(block, kind)]
    return block


def test_the_worked_case_leads_with_the_difference_in_two_sentences(talk: Talk) -> None:
    turn = talk.say(_WORKED_CASE)
    verdict = _only(turn, Verdict)
    assert verdict.headline == "TensorFlow, by the article's matrix (PyTorch 0, TensorFlow 3)."
    assert verdict.amended == (
        "Today's evidence leaves it split (PyTorch 0, TensorFlow 0), because errata move Team, Devices and Vendor; "
        "before you commit, check TPU generation (look at the accelerator type of your TPU quota)."
    )
    assert [override.value for override in verdict.overrides] == ["keras_any_backend"]
    assert turn.state.pending == "accelerator.tpu_generation", "what would settle it is asked first"
    matrix = _only(turn, Matrix)
    errata = {row.short: [amendment.erratum for amendment in row.amendments] for row in matrix.rows}
    assert (errata["Team"], errata["Devices"], errata["Vendor"]) == (["E1"], ["E4a"], ["E5a"])


def test_the_worked_case_on_new_tpus_is_settled_beyond_the_rows(talk: Talk) -> None:
    talk.say(_WORKED_CASE)
    turn = talk.say("TPU v6e")
    article, amended = _only(turn, Matrix).readings
    assert (article.verdict, amended.verdict, amended.by_tally) == ("tensorflow", "pytorch", "insufficient")
    verdict = _only(turn, Verdict)
    assert verdict.amended is not None
    assert verdict.amended.startswith(
        "Today's evidence says PyTorch (PyTorch 1, TensorFlow 0), because TensorFlow is ruled"
    )
    assert [(o.effect, o.value) for o in verdict.overrides] == [
        ("rules_out", "tensorflow"),
        ("beyond", "keras_any_backend"),
        ("beyond", "jax"),
    ]


def test_why_is_short_and_contrastive_first_and_everything_when_asked_again(talk: Talk) -> None:
    talk.say(_PYTORCH)
    short = talk.say("why?")
    verdict = _only(short, Verdict)
    assert len(verdict.deciding) == 3
    assert all(reason.quotes for reason in verdict.deciding)
    assert verdict.smallest is not None
    assert not [block for block in short.blocks if isinstance(block, Explanation)]
    again = _only(talk.say("why?"), Explanation)
    assert {row.criterion for row in again.rows} == {"engineering", "maturity", "deployment", "mobile", "vendor"}
    assert _only(talk.say("/why all"), Explanation) == again


def test_how_shows_both_readings_and_what_no_longer_counts(talk: Talk) -> None:
    talk.say(_WORKED_CASE)
    explanation = _only(talk.say("/why devices"), Explanation)
    article, amended = explanation.rows
    assert (article.reading, article.lean, amended.reading, amended.lean) == (
        "article",
        "tensorflow",
        "amended",
        "neutral",
    )
    assert [(defeated.rule, defeated.by) for defeated in amended.defeated] == [
        ("mobile-on-device", ("erratum-devices-favour-neither",))
    ]
    (step,) = amended.steps
    assert (step.erratum, step.strength) == ("E4a", "strong")
    assert step.sources


def test_every_support_and_the_dissent_are_shown(talk: Talk) -> None:
    talk.say("An early prototype, and our risk tolerance is low, but we like to build custom models.")
    text = talk.text(talk.say("/why maturity"))
    for rule in ("maturity-early-stage", "maturity-custom-work", "maturity-low-risk", "erratum-new-low-risk-product"):
        assert rule in text


def test_dissenting_rows_are_always_shown(talk: Talk) -> None:
    turn = talk.say("Python team, an early prototype, behind an API, and it must run on phones and on Google Cloud.")
    verdict = _only(turn, Verdict)
    assert verdict.verdict == "pytorch"
    assert verdict.against is not None
    assert len(verdict.dissent) == 2
    assert all(line in talk.text(turn) for line in verdict.dissent)


def test_why_not_names_what_holds_and_the_words_against_it(talk: Talk) -> None:
    talk.say(_PYTORCH)
    turn = talk.say("why not TensorFlow?")
    block = _only(turn, WhyNot)
    assert (block.option, block.tallies["article"], block.needed) == ("tensorflow", 0, 3)
    device = next(miss for miss in block.near_misses if miss.rule == "mobile-on-device")
    (premise,) = device.premises
    assert premise.state == "contradicted"
    assert [observation.quote for observation in premise.evidence] == ["no mobile app is needed"]
    counts = [(miss.contradicted, miss.unknown) for miss in block.near_misses]
    assert counts == sorted(counts)
    assert "not known" in talk.text(turn)


def test_why_not_names_a_blocker(talk: Talk) -> None:
    talk.say(_WORKED_CASE)
    talk.say("TPU v6e")
    block = _only(talk.say("/whynot tensorflow"), WhyNot)
    (blocker,) = block.ruled_out
    assert blocker.text == "TensorFlow is ruled out"
    assert [o.quote for step in blocker.steps for premise in step.premises for o in premise.evidence]


def test_what_would_change_it(talk: Talk) -> None:
    talk.say(_PYTORCH)
    block = _only(talk.say("what would change your mind?"), WhatWouldChange)
    article = block.readings[0]
    assert article.tried_up_to == 3
    assert article.sets
    assert {found.verdict for found in article.sets} == {"tensorflow"}
    assert _only(talk.say("/flip pytorch"), WhatWouldChange).readings[0].sets == ()


def test_how_sure_in_counts_and_never_in_percentages(talk: Talk) -> None:
    talk.say(_PYTORCH)
    turn = talk.say("how sure are you?")
    article = _only(turn, Sureness).readings[0]
    assert (article.margin, article.row_ways) == (5, {"pytorch": 1})
    assert article.single == ()
    assert "No single answer can end it." in talk.text(turn)
    assert "%" not in talk.text(turn)


def test_a_split_names_the_fact_that_breaks_it_and_how_to_find_out(talk: Talk) -> None:
    turn = talk.say("Python team, behind an API, an established product that runs on phones, on Azure.")
    split = _only(turn, Split)
    assert {option: len(rows) for option, rows in split.tied.items()} == {"pytorch": 2, "tensorflow": 2}
    assert all(breaker.change.how_to_find_out for breaker in split.breakers)
    assert "To find out this week" in talk.text(turn)


def test_what_changed_names_the_cause(talk: Talk) -> None:
    talk.say("Python team, an early prototype, hosted on AWS.")
    talk.say("Is TorchServe still maintained?")
    talk.say("Sorry, we host on Google Cloud.")
    talk.say("thanks")
    block = _only(talk.say("what changed?"), Difference)
    assert (block.from_turn, block.to_turn) == (2, 3)
    assert [(fact.attribute, fact.before, fact.after) for fact in block.facts] == [
        ("cloud.provider", ("AWS",), ("Google Cloud",))
    ]
    assert {(row.criterion, row.reading, row.before, row.after) for row in block.rows} == {
        ("vendor", "article", "pytorch", "tensorflow"),
        ("vendor", "amended", "pytorch", "neutral"),
    }
    assert {row.causes for row in block.rows} == {("cloud.provider",)}
    since = _only(talk.say("/changed 0"), Difference)
    assert since.from_turn == 0
    assert len(since.facts) == 3


@pytest.mark.parametrize("wrong", ["/changed 99", "/changed soon", "/changed -1", "/changed ²"])
def test_what_changed_since_a_message_that_is_none(talk: Talk, wrong: str) -> None:
    talk.say("We host on AWS.")
    assert "number of an earlier message" in _only(talk.say(wrong), Note).text


def test_why_a_question_is_asked(talk: Talk) -> None:
    talk.say(_WORKED_CASE)
    block = _only(talk.say("why do you ask?"), WhyAsked)
    assert block.attribute == "accelerator.tpu_generation"
    assert "vendor" in block.rows
    assert {answer.value: answer.verdicts["amended"] for answer in block.answers}["v6e_or_newer"] == "pytorch"


def test_advice_follows_the_verdict_and_names_what_never_to_start_on(talk: Talk) -> None:
    first = _only(talk.say(_PYTORCH), Advice)
    assert first.more
    everything = _only(talk.say("/advice"), Advice)
    assert everything.more == 0
    assert len(everything.items) == len(first.items) + first.more
    nevers = {item.text for item in everything.items if item.never}
    assert {"Never start on TorchServe.", "Never start on TorchScript."} <= nevers
    assert all(item.sources and item.rules and item.because for item in everything.items)
    assert {item.option for item in everything.items} <= {"pytorch", None}


def test_advice_in_plain_words(talk: Talk) -> None:
    talk.say(_PYTORCH)
    turn = talk.say("which tools should we use?")
    assert "advise" in turn.acts
    assert "Never start on TorchServe." in talk.text(turn)


@pytest.mark.parametrize(
    "command", ["/sure", "/tie", "/changed", "/advice", "/whyask", "/flip", "/whynot", "/why all", "/why team"]
)
def test_every_explanation_replies_when_nothing_is_known(talk: Talk, command: str) -> None:
    turn = talk.say(command)
    assert talk.text(turn).strip()
    assert Turn.model_validate_json(turn.model_dump_json()) == turn


def test_quotes_stay_text(talk: Talk) -> None:
    talk.say("[/] we host on AWS [red]\x1b[2J")
    for command in ("/why all", "/whynot tensorflow", "/sure", "/flip", "/changed", "/advice"):
        turn = talk.say(command)
        assert "\x1b" not in talk.text(turn)
        assert Turn.model_validate_json(turn.model_dump_json()) == turn
