"""Whole conversations: what is taken, what is answered, what is asked next, and what must never change anything."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.assistant import Assistant, load_assistant
from advisor.conversation import replies
from advisor.conversation.blocks import Question, WhatIf
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import Turn
from advisor.settings import Settings
from advisor.understanding.interpretation import Interpretation, Interpreter
from advisor.understanding.mentions import Mention
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


def test_a_what_if_never_sticks_unless_committed(talk: Talk) -> None:
    talk.say("Python team, early prototype, hosted on AWS.")
    profile = talk.profile
    turn = talk.say("/whatif it had to run on a phone")
    (what_if,) = [block for block in turn.blocks if block.kind == "what_if"]
    assert {row.criterion: row.leans["article"] for row in what_if.then.rows}["mobile"] == "tensorflow"
    assert talk.profile == profile
    talk.say("/forget")
    assert talk.conversation.state.assumptions == ()
    talk.say("/whatif it had to run on a phone")
    talk.say("/commit")
    assert talk.profile == {**profile, "device.target": {"phone"}}


def test_undo_goes_back_further_each_time(talk: Talk) -> None:
    talk.say("We are a Python team.")
    talk.say("Everything is on AWS.")
    talk.say("undo")
    assert talk.profile == {"team.skill": {"python"}}
    talk.say("undo")
    assert talk.profile == {}
    turn = talk.say("undo")
    assert "nothing to undo" in talk.text(turn)
    talk.say("Everything is on AWS.")
    talk.say("start over")
    talk.say("undo")
    assert talk.profile == {"cloud.provider": {"aws"}}


def test_what_was_taken_back_by_name_comes_back_on_undo(talk: Talk) -> None:
    talk.say("Everything is on AWS.")
    talk.say("forget what I said about AWS")
    assert talk.profile == {}
    talk.say("undo")
    assert talk.profile == {"cloud.provider": {"aws"}}


def test_what_was_only_assumed_is_undone_before_what_is_known(talk: Talk) -> None:
    talk.say("We are a Python team.")
    talk.say("what if it were only a prototype?")
    assert talk.conversation.state.assumptions
    talk.say("Drop that.")
    assert not talk.conversation.state.assumptions
    assert talk.profile == {"team.skill": {"python"}}


def test_picking_where_nothing_is_offered_picks_nothing(talk: Talk) -> None:
    for words in ("last", "the last one", "first", "3"):
        talk.say(words)
    assert talk.profile == {}


def test_an_assumption_sets_aside_what_leans_its_row_the_other_way(talk: Talk) -> None:
    talk.say("It is an early prototype, and all of us write Python.")
    turn = talk.say("what if it were a regulated medical device?")
    (block,) = [block for block in turn.blocks if isinstance(block, WhatIf)]
    leans = {row.criterion: row.leans["article"] for row in block.then.rows}
    assert (leans["maturity"], leans["engineering"]) == ("tensorflow", "pytorch")
    assert [aside.observation.attribute for aside in block.set_aside] == ["stage"]
    assert f"Set aside while you assume that: {block.set_aside[0].in_words}" in talk.text(turn)
    talk.say("ok, drop that idea")
    assert talk.profile == {"stage": {"early_stage"}, "team.skill": {"python"}}
    talk.say("what if it were a regulated medical device?")
    turn = talk.say("let's go with that")
    assert "It replaces what you said before: " in talk.text(turn)
    assert talk.profile == {"regulation": {"regulated"}, "team.skill": {"python"}}


def test_what_is_assumed_is_not_asked_about_while_it_is_tried_out(talk: Talk) -> None:
    talk.say("All of us write Python, and it is an early prototype.")
    asked = talk.conversation.state.pending
    assert asked is not None
    row = talk.conversation.pack.attributes[asked].criterion
    tried = {
        "deployment": "we served a million requests a second",
        "mobile": "it ran on phones",
        "vendor": "we used AWS",
    }
    talk.say(f"what if {tried[row or '']}?")
    assert talk.conversation.state.assumptions
    pending = talk.conversation.state.pending
    assert pending is None or talk.conversation.pack.attributes[pending].criterion != row


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


class _Wondering:
    """An interpreter to which every message also seems to be about an early stage, surely enough to ask."""

    def __init__(self, interpreter: Interpreter, inferred: bool = False) -> None:
        """`inferred`: the facts of the message are taken for inferred, so that they could be disputed too."""
        self._interpreter = interpreter
        self._inferred = inferred

    def interpret(self, utterance: str, context: str | None, *, assuming: bool, under_way: bool) -> Interpretation:
        meaning = self._interpreter.interpret(utterance, context, assuming=assuming, under_way=under_way)
        quote = utterance.strip()
        seeming = Mention("stage", "early_stage", 0, len(quote), quote, "stated", "inferred", "like “x”")
        facts = meaning.extraction.observations
        if self._inferred:
            facts = tuple(replace(fact, obtained="inferred") for fact in facts)
        return replace(meaning, extraction=replace(meaning.extraction, observations=facts, unsure=(seeming,)))


def test_what_words_only_seem_to_say_is_asked_and_counts_once_confirmed(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = talk.conversation._interpreter
    monkeypatch.setattr(talk.conversation, "_interpreter", _Wondering(plain))
    turn = talk.say("All of us write Python. There is a lot to say about that.")
    monkeypatch.setattr(talk.conversation, "_interpreter", plain)
    assert talk.profile == {"team.skill": {"python"}}
    assert "Does that mean “Stage of the project: early-stage or prototype”?" in talk.text(turn)
    turn = talk.say("is there an LTS version?")
    assert "Still open: You wrote “All of us write Python." in talk.text(turn)
    turn = talk.say("yes")
    assert talk.profile == {"team.skill": {"python"}, "stage": {"early_stage"}}
    confirmed = next(o for o in turn.state.observations if o.attribute == "stage")
    assert (confirmed.turn, confirmed.obtained) == (1, "confirmed"), "its words are those of the first message"
    assert turn.state.unsure == ()
    talk.say("undo")
    assert talk.profile == {"team.skill": {"python"}}


@pytest.mark.parametrize("denial", ["no", "no, that's wrong"])
def test_what_words_only_seem_to_say_is_forgotten_when_denied(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, denial: str
) -> None:
    plain = talk.conversation._interpreter
    monkeypatch.setattr(talk.conversation, "_interpreter", _Wondering(plain, inferred=True))
    talk.say("All of us write Python. There is a lot to say about that.")
    monkeypatch.setattr(talk.conversation, "_interpreter", plain)
    turn = talk.say(denial)
    assert talk.profile == {"team.skill": {"python"}}
    assert turn.state.unsure == ()
    assert isinstance(turn.blocks[-1], Question)
    assert turn.blocks[-1].suggestion is None


def test_who_greets_and_describes_is_not_asked_to_describe(talk: Talk) -> None:
    assert "Tell me about your project" in talk.text(talk.say("hello"))
    told = talk.text(talk.say("hi, all of us write Python"))
    assert "Hello." in told
    assert "Tell me about your project" not in told


def test_an_answer_names_no_further_question_twice(talk: Talk) -> None:
    for entry in talk.conversation.pack.entries.values():
        shown = replies.answer(talk.conversation.pack, entry, entry.question, None)
        assert not {topic.question for topic in shown.related} & set(shown.follow_ups), entry.id


def test_undo_and_reset(talk: Talk) -> None:
    talk.say("We host on AWS.")
    talk.say("The team writes Python.")
    talk.say("/undo")
    assert talk.profile == {"cloud.provider": {"aws"}}
    talk.say("/reset")
    assert talk.profile == {}
    assert len(talk.conversation.turns) == 4, "nothing is lost from the transcript"


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
    text = "We host on AWS. " + "more " * 200_000
    turn = talk.say(text)
    assert turn.utterance == text
    assert talk.profile == {"cloud.provider": {"aws"}}
    assert "1,000,016 characters" in talk.text(turn)


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


@pytest.mark.parametrize("words", ["no, not AWS", "we dropped AWS", "we don't use AWS any more"])
def test_a_denial_puts_what_was_known_back_to_unknown(talk: Talk, words: str) -> None:
    talk.say("We host on AWS.")
    turn = talk.say(words)
    assert "cloud.provider" not in talk.profile
    assert "answer" not in _kinds(turn), "a denial is no question"


@pytest.mark.parametrize(
    "words",
    ["forget what I said about the SLA", "the bit about the SLA is wrong, delete it", "scrap the penalties"],
)
def test_a_retraction_finds_the_words_that_were_quoted(talk: Talk, words: str) -> None:
    talk.say("We have an SLA with penalties. The team writes Python.")
    talk.say(words)
    assert set(talk.profile) == {"team.skill"}


def test_what_was_inferred_is_confirmed_in_words(talk: Talk) -> None:
    talk.say("We use SageMaker for everything.")
    talk.say("yes, that's right")
    (observation,) = talk.conversation.state.observations
    assert observation.obtained == "confirmed"
    assert observation.quote == "We use SageMaker for everything"


def test_what_was_inferred_is_put_back_when_it_is_called_wrong(talk: Talk) -> None:
    talk.say("We use SageMaker for everything.")
    talk.say("no, that's wrong")
    assert talk.profile == {}


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


def test_a_supposition_about_growth_is_adopted_with_a_reason(talk: Talk) -> None:
    talk.say("What happens if traffic grows to 100,000 requests per second?")
    assert not talk.profile
    turn = talk.say("Let's go with that, it's what sales has promised.")
    assert "commit" in turn.acts
    assert talk.profile == {"serving.scale": {"large"}}


def test_what_is_taken_back_takes_its_details_along(talk: Talk) -> None:
    talk.say("The model answers through an internal web API, low traffic.")
    assert talk.profile == {"serving.kind": {"api"}, "serving.scale": {"ordinary"}}
    talk.say("Actually scrap what I said about the API, that's not settled.")
    assert not talk.profile


def test_what_is_taken_back_leaves_other_values_alone(talk: Talk) -> None:
    talk.say("We run on AWS and on Google Cloud.")
    talk.say("Forget the AWS part.")
    assert talk.profile == {"cloud.provider": {"google_cloud"}}


def test_a_no_with_an_explanation_answers_the_open_question(talk: Talk) -> None:
    talk.say("Python team, an established product. It is served by an API.")
    assert talk.conversation.state.pending == "device.target"
    talk.say("no, just a dashboard")
    assert talk.profile["device.target"] == {"none"}


def test_asking_why_not_reports_nothing_as_noticed(talk: Talk) -> None:
    talk.say("We're a Keras team on Google Cloud.")
    turn = talk.say("Why not PyTorch?")
    assert "set_aside" not in _kinds(turn)


@pytest.mark.parametrize(
    "refusal",
    [
        "They won't pay for it.",
        "he said no, so drop it",
        "haha no, not doing that",
        "Leave that out again, too expensive.",
        "Right, ignore that, the number is what I said at first.",
        "We aren't hiring. Cancel that.",
    ],
)
def test_what_refuses_an_assumption_drops_it_and_nothing_else(talk: Talk, refusal: str) -> None:
    talk.say("Everything is on AWS.")
    talk.say("What if we moved to Google Cloud?")
    turn = talk.say(refusal)
    assert turn.state.assumptions == ()
    assert {o.value for o in turn.state.observations} == {"aws"}


@pytest.mark.parametrize("words", ["They won't.", "That's not an option.", "Too expensive."])
def test_what_refuses_nothing_says_nothing(talk: Talk, words: str) -> None:
    talk.say("Everything is on AWS.")
    assert {o.value for o in talk.say(words).state.observations} == {"aws"}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("what if we needed mobile?", "phone"),
        ("what if we needed phones?", "phone"),
        ("what if we needed it on watches?", "device"),
        ("/whatif we needed a phone app", "phone"),
    ],
)
def test_what_is_needed_in_a_supposition_is_assumed(talk: Talk, words: str, value: str) -> None:
    assert {o.value for o in talk.say(words).state.assumptions} == {value}


def test_what_an_assumption_replaces_is_not_assumed(talk: Talk) -> None:
    talk.say("Everything is on Google Cloud.")
    turn = talk.say("Suppose we dropped Google and went to AWS instead.")
    assert {o.value for o in turn.state.assumptions} == {"aws"}


def test_a_fact_ends_an_assumption_about_the_same(talk: Talk) -> None:
    talk.say("What if we used AWS?")
    turn = talk.say("We are moving to Azure.")
    assert turn.state.assumptions == ()
    assert {o.value for o in turn.state.observations} == {"azure"}


def test_a_bare_never_mind_reaches_no_further_than_the_last_message(talk: Talk) -> None:
    talk.say("Everything is on AWS.")
    talk.say("Is PyTorch faster?")
    assert {o.value for o in talk.say("never mind").state.observations} == {"aws"}
