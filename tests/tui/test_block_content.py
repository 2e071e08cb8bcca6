from __future__ import annotations

import re
import typing

import pytest
from textual.content import Content

from advisor.conversation.blocks import Block, Choices, Matrix, Note, TopicRef, Understood, UnderstoodItem
from advisor.conversation.explanation_blocks import Change, ChangeSet
from advisor.conversation.explanation_rendering import explanation_lines
from tests.tui.driving import HOSTILE
from tests.tui.explanation_samples import EXPLANATIONS
from tests.tui.samples import (
    ALL_TURNS,
    ANSWER,
    BLANK,
    DECIDED,
    DECISION,
    DESCRIBED,
    EARLY,
    EXPLANATION,
    QUESTION,
    RECAP,
    TOPICS,
    UNDERSTOOD,
    UNSURE,
    WHAT_IF,
    observation,
    turn,
)
from tui.block_content import offered, reply_paragraphs
from tui.chat_port import RowDetail, Standing
from tui.decision_content import panel_paragraphs, summary_line
from tui.paragraphs import Flow, Paragraph, Paragraphs
from tui.row_content import row_paragraphs, source_paragraphs
from tui.targets import Source, Words, link


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


def test_a_reply_tells_only_what_changed_and_what_does_not_count() -> None:
    text = drawn(DESCRIBED)
    assert "Devices the model runs on: phones, instead of no devices" in text
    assert "five Python developers" not in text, "the chips below the message tell that"
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


def test_a_question_asked_again_is_a_reminder_without_options() -> None:
    again = turn(1, "x", QUESTION.model_copy(update={"again": True}))
    assert " ".join(drawn(again).split()) == f"? Still open: {QUESTION.text}"


def test_a_suggested_answer_leads_to_the_words_that_suggest_it() -> None:
    suggested = observation("we rewrite it weekly [/]")
    question = QUESTION.model_copy(
        update={
            "text": f"You wrote “{suggested.quote}”. Does that mean “Stage: early”?",
            "suggestion": UnderstoodItem(observation=suggested, title="Stage", label="early"),
        }
    )
    shown = Paragraphs(reply_paragraphs(turn(1, "x", question), str, open_choices=True))
    assert f"You wrote “{suggested.quote}”" in shown.at(200).plain
    assert shown.targets == [Words(suggested.turn, suggested.start, suggested.end)]


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


def panel(matrix: Matrix, width: int = 39, chosen: str | None = None, **more: typing.Any) -> str:
    return Paragraphs(panel_paragraphs(Standing(matrix, **more), DECISION, width, chosen)).at(width).plain


def test_the_panel_shows_both_readings_and_fits() -> None:
    text = panel(EARLY)
    assert text.count("unknown") == 4
    assert text.count("██████░░░░░░░░░ 2") == 2
    assert "Amended reading  (as the article)" in text
    assert "“has to run on phones”" in text
    assert max(map(len, text.split("\n"))) <= 39


def test_the_panel_shows_the_words_of_the_chosen_row_in_full() -> None:
    long = EARLY.model_copy(
        update={"rows": tuple(r.model_copy(update={"evidence": (observation("word " * 20),)}) for r in EARLY.rows)}
    )
    assert panel(long).count("word") < 60
    assert " ".join(panel(long, chosen="mobile").split()).count("word") == panel(long).count("word") // 5 * 4 + 20


def test_the_panel_tells_of_assumptions() -> None:
    text = panel(BLANK, supposed=DECIDED, assumptions=("Cloud: AWS",), set_aside=("Azure (Cloud of [/])",))
    assert "set aside: Azure (Cloud of [/])" in text
    assert "What if, not part of your project:" in text
    assert "• Cloud: AWS" in text
    assert "Vendor*" in text, "moved rows are marked"
    assert "[drop it]" in text


def test_a_what_if_names_what_does_not_count_under_it() -> None:
    assert "Set aside" not in drawn(turn(1, "x", WHAT_IF))
    aside = WHAT_IF.model_copy(update={"set_aside": UNDERSTOOD.items})
    text = " ".join(drawn(turn(1, "x", aside)).split())
    assert f"Set aside while you assume that: {UNDERSTOOD.items[0].in_words}" in text


def test_open_rows_are_spoken_of_only_where_there_are_any() -> None:
    rows = tuple(row.model_copy(update={"leans": {"article": "neutral", "amended": "neutral"}}) for row in BLANK.rows)
    closed = DECIDED.model_copy(update={"rows": rows})
    assert "whatever the open rows bring" in panel(DECIDED)
    assert "open rows" not in panel(closed)
    assert summary_line(Standing(closed), DECISION, 58).plain == "PyTorch 3, TensorFlow 1 → PyTorch in both"


def test_the_panel_tells_what_would_turn_a_reading() -> None:
    change = Change(attribute="cloud.provider", title="Cloud", values=("gcp",), labels=("Google Cloud",))
    smallest = ChangeSet(changes=(change,), verdict="split")
    readings = tuple(reading.model_copy(update={"smallest": smallest}) for reading in DECIDED.readings)
    text = " ".join(panel(DECIDED.model_copy(update={"readings": readings})).split())
    assert "would turn with Cloud: Google Cloud (still open) → split" in text


@pytest.mark.parametrize("block", EXPLANATIONS, ids=lambda block: block.kind)
def test_what_explains_says_all_that_the_plain_text_says(block: Block) -> None:
    pictured = " ".join(drawn(turn(1, "x", block), width=500).split())
    quotes = {word for line in explanation_lines(block, DECISION.say) for word in re.findall("“[^”]+”", line)}
    assert quotes <= set(re.findall("“[^”]+”", pictured)) | {f"“{getattr(block, 'question', '')}”"}
    assert "[/]" in pictured or "[/]" not in "".join(explanation_lines(block, DECISION.say))


def test_the_summary_fits_on_one_line() -> None:
    assert summary_line(Standing(DECIDED), DECISION, 58).plain == "PyTorch 3, TensorFlow 1, 1 open → PyTorch in both"
    assert summary_line(Standing(BLANK), DECISION, 30).cell_length == 30
    assert summary_line(Standing(BLANK, supposed=DECIDED), DECISION, 70).plain.startswith("What if: PyTorch 3")


def test_a_row_opens_down_to_words_and_dated_sources() -> None:
    explained = {"article": EXPLANATION.rows[0], "amended": EXPLANATION.rows[0]}
    shown = Paragraphs(row_paragraphs(RowDetail(EARLY.rows[0], explained), DECISION, frozenset()))  # type: ignore[arg-type]
    text = shown.at(39).plain
    assert "Both readings: PyTorch" in text
    assert "rule team-python" in " ".join(text.split())
    assert "“five Python developers”" in " ".join(text.split())
    assert any(isinstance(target, Words) and target.turn == 1 for target in shown.targets)
    sources = [target for target in shown.targets if isinstance(target, Source)]
    assert (sources[0].id, sources[0].date) == ("AWS", "2026-08")
    folded = Paragraphs(row_paragraphs(RowDetail(EARLY.rows[0], explained), DECISION, frozenset({"article.0"})))  # type: ignore[arg-type]
    assert "because" not in folded.at(39).plain


def test_a_source_tells_its_date_its_status_and_its_claim() -> None:
    source = Source("AWS", "A [/] policy", "https://aws.example", "2026-08", "outdated", "It is so.", "It was so.")
    text = Paragraphs(source_paragraphs(source)).at(60).plain
    for part in ("A [/] policy", "2026-08", "https://aws.example", "It is so.", "is out of date", "It was so."):
        assert part in text
    assert "not dated" in Paragraphs(source_paragraphs(Source("X", "x", None, None))).at(60).plain


def test_links_count_as_one_however_they_wrap() -> None:
    target = Words(1, 0, 5)
    shown = Paragraphs([Paragraph(link("word " * 30, target)), Paragraph(link("more", target))])
    assert shown.targets == [target, target]
    assert shown.line_of(1, 20) == shown.at(20).plain.split("\n").index("more")


def test_chips_flow_without_being_broken() -> None:
    items = tuple(Content(f"[{'x' * n}]") for n in (10, 10, 10, 40))
    lines = [line.plain for line in Flow(items, Content("  ")).lines(28)]
    assert lines[0] == f"  [{'x' * 10}] [{'x' * 10}]"
    assert lines[1] == f"  [{'x' * 10}]"
    assert max(map(len, lines)) <= 28
