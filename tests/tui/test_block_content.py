from __future__ import annotations

import typing

import pytest

from advisor.conversation.blocks import Block, Choices, Note, TopicRef, Understood, UnderstoodItem
from tests.tui.driving import HOSTILE
from tests.tui.samples import (
    ALL_TURNS,
    ANSWER,
    BLANK,
    DECIDED,
    DECISION,
    DESCRIBED,
    EARLY,
    QUESTION,
    RECAP,
    TOPICS,
    UNSURE,
    observation,
    turn,
)
from tui.block_content import offered, reply_paragraphs
from tui.decision_content import panel_paragraphs, summary_line
from tui.paragraphs import Paragraphs


def drawn(shown_turn: typing.Any, open_choices: bool = False, width: int = 80) -> str:
    return Paragraphs(reply_paragraphs(shown_turn, DECISION.say, open_choices)).at(width).plain


def test_the_samples_hold_every_kind_of_block() -> None:
    union, *_ = typing.get_args(Block)
    assert {type(block) for shown in ALL_TURNS for block in shown.blocks} == set(typing.get_args(union))


@pytest.mark.parametrize("width", [20, 56, 120])
@pytest.mark.parametrize("shown", ALL_TURNS)
def test_every_block_is_drawn_within_any_width(shown: typing.Any, width: int) -> None:
    text = drawn(shown, width=width)
    assert text.strip()
    assert max(map(len, text.split("\n"))) <= width


def test_understood_names_quote_value_and_what_it_replaces() -> None:
    text = drawn(DESCRIBED)
    assert "Devices the model runs on: phones, instead of no devices" in text
    assert "“five Python developers”" in text
    assert "Google Cloud, said about someone else" in text


def test_the_matrix_is_shown_in_full_when_it_was_asked_for() -> None:
    assert "The matrix as it stands" in drawn(RECAP)
    assert "The matrix as it stands" not in drawn(DESCRIBED)
    assert "Article reading: not enough known yet (PyTorch 2, TensorFlow 1)" in drawn(DESCRIBED)
    assert "Amended reading: as the article" in drawn(DESCRIBED)


def test_options_are_text_unless_they_are_offered_below() -> None:
    assert "2. batch jobs" in drawn(DESCRIBED)
    assert "batch jobs" not in drawn(DESCRIBED, open_choices=True).replace(QUESTION.text, "")
    assert drawn(UNSURE, open_choices=True).endswith("Did you mean one of these?")


def test_only_what_the_conversation_still_takes_is_offered() -> None:
    assert offered(DESCRIBED) == ((), ("behind a server-side API", "batch jobs", "notebooks or analysis"))
    assert offered(UNSURE)[0] == tuple(topic.question for topic in TOPICS)
    assert offered(turn(1, "x", Choices(asked="x", topics=TOPICS), QUESTION)) == ((), ())


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_markup(text: str) -> None:
    item = UnderstoodItem(observation=observation(text), title=text, label=text, replaces=text)
    topic = TopicRef(id="t", question=text)
    blocks = (
        Understood(items=(item,)),
        ANSWER.model_copy(update={"text": text, "topic": topic}),
        Choices(asked=text, topics=(topic,)),
        Note(text=text, level="warning"),
    )
    plain = "".join(drawn(turn(1, text, *blocks)).split())
    visible = "".join(character for character in text if character.isprintable() and not character.isspace())
    assert visible[:100] in "".join(character for character in plain if character.isprintable())


def test_the_panel_shows_both_readings_and_fits() -> None:
    text = Paragraphs(panel_paragraphs(EARLY, DECISION, 39)).at(39).plain
    assert text.count("unknown") == 4
    assert text.count("██████░░░░░░░░░ 2") == 2
    assert "Amended reading  (as the article)" in text
    assert "“has to run on phones”" in text
    assert max(map(len, text.split("\n"))) <= 39


def test_the_panel_tells_of_assumptions() -> None:
    assert "1 what-if assumed" in Paragraphs(panel_paragraphs(BLANK, DECISION, 39, assumed=1)).at(39).plain


def test_the_summary_fits_on_one_line() -> None:
    assert summary_line(DECIDED, DECISION, 58).plain == "PyTorch 3, TensorFlow 1, 1 open → PyTorch in both"
    assert summary_line(BLANK, DECISION, 30).cell_length == 30
