"""Whole conversations: what is taken, what is answered, what is asked next, and what must never change anything."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.assistant import Assistant, load_assistant
from advisor.conversation import replies
from advisor.conversation.blocks import Question
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import Turn
from advisor.settings import Settings
from tests.conversation.conftest import AT, Talk


def _kinds(turn: Turn) -> list[str]:
    return [block.kind for block in turn.blocks]


def test_a_description_is_understood_quoted_and_counted(talk: Talk) -> None:
    utterance = (
        "Three Python developers, an early prototype. It will sit behind an API on AWS, and no mobile app is needed."
    )
    turn = talk.say(utterance)
    assert _kinds(turn)[0] == "understood"
    for observation in turn.state.observations:
        assert utterance[observation.start : observation.end] == observation.quote
    (matrix,) = [block for block in turn.blocks if block.kind == "matrix"]
    assert {row.criterion: row.leans["article"] for row in matrix.rows} == dict.fromkeys(
        ["engineering", "maturity", "deployment", "mobile", "vendor"], "pytorch"
    )
    (verdict,) = [block for block in turn.blocks if block.kind == "verdict"]
    assert verdict.verdict == "pytorch"
    assert "question" not in _kinds(turn), "nothing left to ask can change the verdict"


def test_one_question_at_a_time_and_only_while_it_matters(talk: Talk) -> None:
    turn = talk.say("Our team writes Python all day.")
    assert _kinds(turn).count("question") == 1
    assert turn.state.pending is not None


def test_a_question_in_between_is_answered_and_the_open_question_survives(talk: Talk) -> None:
    talk.say("Our team writes Python all day.")
    pending = talk.conversation.state.pending
    profile = talk.profile
    turn = talk.say("is TorchServe still maintained?")
    (answer,) = [block for block in turn.blocks if block.kind == "answer"]
    assert answer.topic.id == "torchserve-status"
    assert answer.sources
    assert turn.state.pending == pending
    assert talk.profile == profile
    assert _kinds(turn)[-1] == "question"


def test_describing_and_asking_in_one_message(talk: Talk) -> None:
    turn = talk.say("We run everything on AWS. Can I use TensorBoard with PyTorch?")
    assert talk.profile["cloud.provider"] == {"aws"}
    assert [block.topic.id for block in turn.blocks if block.kind == "answer"] == ["tensorboard-with-pytorch"]
    assert set(turn.acts) >= {"describe", "ask"}


def test_the_last_statement_wins_and_the_earlier_one_is_named(talk: Talk) -> None:
    talk.say("We host on AWS.")
    turn = talk.say("Sorry, we host on Google Cloud.")
    assert talk.profile["cloud.provider"] == {"google_cloud"}
    (understood,) = [block for block in turn.blocks if block.kind == "understood"]
    assert understood.items[0].replaces == "AWS"


def test_a_question_states_nothing(talk: Talk) -> None:
    talk.say("Does PyTorch run on phones?")
    assert talk.profile == {}


def test_a_hedge_is_set_aside_and_said(talk: Talk) -> None:
    turn = talk.say("We might need an Android app one day, nothing is decided.")
    assert "device.target" not in talk.profile
    assert "set_aside" in _kinds(turn)


def test_they_are_those_whom_the_first_message_introduced(talk: Talk) -> None:
    talk.say("Consultant here, my client is a regional waterworks.")
    talk.say("They use AWS.")
    assert talk.profile == {"cloud.provider": {"aws"}}


def test_who_they_are_that_a_conversation_begins_with_is_not_known(talk: Talk) -> None:
    talk.say("They use AWS.")
    assert talk.profile == {}


def test_picking_where_nothing_is_offered_picks_nothing(talk: Talk) -> None:
    for words in ("last", "the last one", "first", "3"):
        talk.say(words)
    assert talk.profile == {}


def test_a_question_that_stays_open_is_only_recalled(talk: Talk) -> None:
    asked = talk.say("All of us write Python, and it is an early prototype.").blocks[-1]
    assert isinstance(asked, Question)
    turn = talk.say("is there an LTS version?")
    recalled = turn.blocks[-1]
    assert isinstance(recalled, Question)
    assert (recalled.attribute, recalled.again) == (asked.attribute, True)
    assert f"Still open: {asked.text}" in talk.text(turn)
    assert asked.choices[0].label not in talk.text(turn)
    turn = talk.say("yes")
    assert asked.choices[0].label in talk.text(turn), "who answers it amiss sees the answers again"


def test_who_greets_and_describes_is_not_asked_to_describe(talk: Talk) -> None:
    assert "Tell me about your project" in talk.text(talk.say("hello"))
    told = talk.text(talk.say("hi, all of us write Python"))
    assert "Hello." in told
    assert "Tell me about your project" not in told


def test_an_answer_names_no_further_question_twice(talk: Talk) -> None:
    for entry in talk.conversation.pack.entries.values():
        shown = replies.answer(talk.conversation.pack, entry, entry.question, None)
        assert not {topic.question for topic in shown.related} & set(shown.follow_ups), entry.id


def test_bare_answers_reply_to_the_open_question(talk: Talk) -> None:
    talk.say("Python team, early prototype.")
    while talk.conversation.state.pending != "device.target":
        assert talk.conversation.state.pending is not None
        talk.say("no idea")
    turn = talk.say("no")
    assert talk.profile["device.target"] == {"none"}
    (observation,) = [o for o in turn.state.observations if o.attribute == "device.target"]
    assert (observation.quote, observation.obtained) == ("no", "confirmed")


def test_no_idea_is_not_asked_again(talk: Talk) -> None:
    talk.say("Python team.")
    asked = talk.conversation.state.pending
    turn = talk.say("no idea")
    assert asked in turn.state.declined
    assert turn.state.pending != asked


def test_picking_an_answer_by_its_number(talk: Talk) -> None:
    turn = talk.say("Python team.")
    (question,) = [block for block in turn.blocks if block.kind == "question"]
    talk.say("1")
    assert talk.profile[question.attribute] == {question.choices[0].value}


def test_why_leads_to_the_words(talk: Talk) -> None:
    talk.say("Hello.")
    talk.say("Our team writes Python all day.")
    turn = talk.say("/why engineering")
    (explanation,) = [block for block in turn.blocks if block.kind == "explanation"]
    (row,) = explanation.rows
    (step,) = row.steps
    evidence = [o for premise in step.premises for o in premise.evidence]
    assert [o.turn for o in evidence] == [2]
    assert step.sources
    assert "you said" in talk.text(turn)


def test_off_topic_changes_nothing_and_is_said_kindly(talk: Talk) -> None:
    talk.say("We host on AWS.")
    profile = talk.profile
    turn = talk.say("how long do I boil an egg?")
    assert talk.profile == profile
    assert "off_topic" in turn.acts
    assert not [block for block in turn.blocks if block.kind == "answer"]


@pytest.mark.parametrize(
    "command",
    "/help /recap /why /whynot /flip /topics /sources /undo /forget /commit /reset /whatif /ask /zzz /export".split(),
)
def test_every_command_replies_even_when_there_is_nothing(talk: Talk, command: str) -> None:
    turn = talk.say(command)
    assert talk.text(turn).strip()
    assert talk.profile == {}


def test_an_unknown_command_names_the_nearest(talk: Talk) -> None:
    assert "Did you mean /recap?" in talk.text(talk.say("/recpa"))


def test_empty_and_blank_messages(talk: Talk) -> None:
    for nothing in ("", "   \n\t", "\x1b[2J\x00"):
        assert "nothing to read" in talk.text(talk.say(nothing))


def test_a_megabyte_is_kept_whole_and_read_in_part(talk: Talk) -> None:
    text = "We host on AWS. " + "Nothing else matters here. " * 40_000
    turn = talk.say(text)
    assert turn.utterance == text
    assert talk.profile == {"cloud.provider": {"aws"}}
    assert "1,080,016 characters" in talk.text(turn)


def test_markup_and_escape_sequences_are_only_text(talk: Talk) -> None:
    turn = talk.say("[/] [red]We host on AWS\x1b]52;c;aGk=\x07[/red] <script>alert(1)</script>")
    assert talk.profile == {"cloud.provider": {"aws"}}
    assert "\x1b" not in turn.model_dump_json()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=4))
def test_no_words_break_a_conversation(utterances: list[str]) -> None:
    assistant = _assistant()
    conversation = assistant.conversation()
    for utterance in utterances:
        turn = conversation.respond(utterance, AT)
        for observation in turn.state.observations:
            said = conversation.turns[observation.turn - 1].utterance
            assert said[observation.start : observation.end] == observation.quote
        assert Turn.model_validate_json(turn.model_dump_json()) == turn
        assert plain_text(turn.blocks, assistant.pack.say)


@cache
def _assistant() -> Assistant:
    """Not a fixture: Hypothesis would print it with every failing example."""
    return load_assistant(Settings())


def test_the_same_words_give_the_same_bytes(assistant: Assistant) -> None:
    words = ["Two Python people, hosted on Azure.", "what is keras 3?", "why?", "no phones", "/recap", "/flip"]

    def transcript() -> list[str]:
        conversation = assistant.conversation()
        return [conversation.respond(utterance, AT).model_dump_json() for utterance in words]

    assert transcript() == transcript()


def test_a_resumed_conversation_goes_on_as_if_it_had_not_stopped(assistant: Assistant) -> None:
    before = assistant.conversation()
    before.respond("Python team, early prototype.", AT)
    resumed = assistant.conversation(before.turns)
    assert resumed.respond("we use AWS", AT) == before.respond("we use AWS", AT)


def test_a_contradiction_is_pointed_out_and_asked_about(talk: Talk) -> None:
    turn = talk.say("It is a prototype. It has been in production since 2015.")
    assert "stage" not in talk.profile
    assert turn.state.pending == "stage"
    notes = " ".join(block.text for block in turn.blocks if block.kind == "note")
    assert "contradict each other" in notes
    assert "in production since 2015" in notes


def test_a_message_that_says_a_thing_twice_in_other_words_keeps_it(talk: Talk) -> None:
    talk.say("It is a research prototype for a thesis.")
    assert "stage" in talk.profile


def test_a_correction_inside_a_message_keeps_what_is_said_anew(talk: Talk) -> None:
    talk.say("We are on AWS, no wait, Google Cloud.")
    assert talk.profile["cloud.provider"] == {"google_cloud"}


@pytest.mark.parametrize("words", ["2", "2.", "number 2", "option 2", "the second one", "early-stage or prototype"])
def test_an_answer_is_picked_by_its_number_place_or_label(talk: Talk, words: str) -> None:
    talk.say("Our team writes Python all day.")
    assert talk.conversation.state.pending == "stage"
    talk.say(words)
    (observation,) = [o for o in talk.conversation.state.observations if o.attribute == "stage"]
    assert observation.value == "early_stage"
    assert observation.quote == words
    assert "prototype" in observation.in_words


def test_who_says_goodbye_is_not_asked_and_can_answer_later(talk: Talk) -> None:
    asked = talk.say("Three Python developers")
    assert "question" in _kinds(asked)
    left = talk.say("thanks, bye")
    assert "question" not in _kinds(left)
    assert left.state.pending == asked.state.pending


def test_a_no_with_an_explanation_answers_the_open_question(talk: Talk) -> None:
    talk.say("Python team, an established product. It is served by an API.")
    assert talk.conversation.state.pending == "device.target"
    talk.say("no, just a dashboard")
    assert talk.profile["device.target"] == {"none"}


def test_asking_why_not_reports_nothing_as_noticed(talk: Talk) -> None:
    talk.say("We're a Keras team on Google Cloud.")
    turn = talk.say("Why not PyTorch?")
    assert "set_aside" not in _kinds(turn)


def test_for_whom_somebody_speaks_is_remembered_until_a_new_project(talk: Talk) -> None:
    talk.say("I'm advising a ministry of transport. They want vehicles counted in motorway video.")
    talk.say("The client's IT runs entirely in AWS.")
    assert talk.profile["cloud.provider"] == {"aws"}
    talk.say("start over")
    talk.say("The client's IT runs entirely in AWS.")
    assert "cloud.provider" not in talk.profile
