"""What-ifs: what is assumed, kept and dropped, and what it sets aside meanwhile."""

from __future__ import annotations

import pytest

from advisor.conversation.blocks import WhatIf
from tests.conversation.conftest import Talk


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


def test_what_was_only_assumed_is_undone_before_what_is_known(talk: Talk) -> None:
    talk.say("We are a Python team.")
    talk.say("what if it were only a prototype?")
    assert talk.conversation.state.assumptions
    talk.say("Drop that.")
    assert not talk.conversation.state.assumptions
    assert talk.profile == {"team.skill": {"python"}}


def test_suppositions_and_adopting_may_be_put_as_nobody_foresaw(talk: Talk) -> None:
    talk.say("The wine is judged by hand, and we are on AWS.")
    talk.say("Picture it on a certified line that all the cellars rely on each day.")
    assert talk.profile == {"cloud.provider": {"aws"}}
    assert {o.attribute for o in talk.conversation.state.assumptions} == {"regulation", "stage"}
    turn = talk.say("Good, so we do it. Take that over please.")
    assert "commit" in turn.acts
    assert set(talk.profile) == {"cloud.provider", "regulation", "stage"}


def test_what_a_no_has_dropped_is_not_dropped_again(talk: Talk) -> None:
    talk.say("We are a Python team.")
    talk.say("what if it were only a prototype?")
    text = talk.text(talk.say("No. Drop that."))
    assert not talk.conversation.state.assumptions
    assert talk.profile == {"team.skill": {"python"}}
    assert "There were no assumptions" not in text


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


def test_a_supposition_about_growth_is_adopted_with_a_reason(talk: Talk) -> None:
    talk.say("What happens if traffic grows to 100,000 requests per second?")
    assert not talk.profile
    turn = talk.say("Let's go with that, it's what sales has promised.")
    assert "commit" in turn.acts
    assert talk.profile == {"serving.scale": {"large"}}


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


def test_a_supposition_goes_on_without_a_question_mark(talk: Talk) -> None:
    talk.say("We serve it behind a small REST API.")
    talk.say("what if we also had the model on the phone?")
    turn = talk.say("and with like 2 million requests per second on top of that lol")
    assert {o.attribute for o in turn.state.assumptions} == {"device.target", "serving.scale"}
    assert talk.profile == {"serving.kind": {"api"}}


def test_what_is_not_to_be_assumed_is_dropped(talk: Talk) -> None:
    talk.say("Our developers write Java.")
    talk.say("Suppose we hired four Python engineers, would that change the answer?")
    turn = talk.say("No, let's not assume that.")
    assert talk.profile == {"team.skill": {"other_languages"}}
    assert turn.state.assumptions == ()


def test_an_agreement_may_be_followed_by_its_reason(talk: Talk) -> None:
    talk.say("what if everything ran in the cloud behind an API?")
    turn = talk.say("ya lets go with that, the boards were eating our battery anyway")
    assert talk.profile["serving.kind"] == {"api"}
    assert turn.state.assumptions == ()


def test_what_a_supposition_leads_to_says_nothing_by_itself(talk: Talk) -> None:
    talk.say("everything runs on aws")
    talk.say("what if we moved over to google cloud? they offer us credits")
    assert talk.profile == {"cloud.provider": {"aws"}}


@pytest.mark.parametrize(
    "words",
    ["What if the images went to an API on AWS and we got rid of the boxes?", "what if the boxes were dropped?"],
)
def test_what_a_supposition_does_without_is_gone_once_adopted(talk: Talk, words: str) -> None:
    talk.say("The model runs on an edge box at every gate.")
    talk.say(words)
    talk.say("Sounds good, let's go with that.")
    assert talk.profile["device.target"] == {"none"}


def test_what_is_agreed_on_comes_before_what_its_message_adds(talk: Talk) -> None:
    talk.say("What would change if the model sat behind a cloud API?")
    talk.say("Yes, let's go with that, and we host on AWS.")
    assert talk.profile["serving.kind"] == {"api"}
    assert talk.profile["cloud.provider"] == {"aws"}


@pytest.mark.parametrize(
    ("words", "adopted"),
    [
        ("Let's go with the phones.", {"device.target"}),
        ("ok adopt the phones, leave AWS out", {"device.target"}),
        ("ok take the first one as given. The second one, no.", {"cloud.provider"}),
        ("We adopt both points; the committee has agreed.", {"cloud.provider", "device.target"}),
        ("Let's go with that, phones and all.", {"cloud.provider", "device.target"}),
        ("yeah let's go with that, everyone agrees", {"cloud.provider", "device.target"}),
    ],
)
def test_some_of_what_is_assumed_may_be_adopted(talk: Talk, words: str, adopted: set[str]) -> None:
    talk.say("We write Java.")
    talk.say("What if we were on AWS?")
    talk.say("and what if it had to run on phones?")
    turn = talk.say(words)
    assert set(talk.profile) == {"team.skill", *adopted}
    assert {o.attribute for o in talk.conversation.state.assumptions} == {"cloud.provider", "device.target"} - adopted
    assert ("Still only assumed: " in talk.text(turn)) == (len(adopted) == 1)


def test_agreeing_answers_no_question(talk: Talk) -> None:
    talk.say("Our model runs on phones.")
    talk.say("What if it were audited?")
    talk.say("Alright, the board says yes. Let's go with all of that.")
    assert set(talk.profile) == {"device.target", "regulation"}


def test_what_is_adopted_replaces_what_leaned_the_other_way_although_it_came_too(talk: Talk) -> None:
    talk.say("Pure research, with a new kind of attention layer I made up myself.")
    talk.say("What if it had to pass the agency's audit every year too?")
    talk.say("let's go with that")
    assert talk.profile == {"regulation": {"regulated"}}


def test_what_is_said_of_those_who_are_supposed_is_supposed(talk: Talk) -> None:
    talk.say("We write Java.")
    talk.say("What if my granddaughter wrote it? She is all Python.")
    assert talk.profile == {"team.skill": {"other_languages"}}
    assert {o.value for o in talk.conversation.state.assumptions} == {"python"}


def test_deciding_where_nothing_is_assumed_tells(talk: Talk) -> None:
    turn = talk.say("Now it is decided: the model will run on the nacelle controller.")
    assert "commit" not in turn.acts
    assert "device.target" in talk.profile


def test_asking_for_advice_keeps_what_is_assumed(talk: Talk) -> None:
    talk.say("Everything is experimental.")
    talk.say("Suppose we needed the model in the car's ECU.")
    turn = talk.say("What do you recommend under those assumptions?")
    assert "forget_assumptions" not in turn.acts
    assert talk.conversation.state.assumptions


def test_a_supposition_may_leave_open_what_was_known(talk: Talk) -> None:
    talk.say("All of us write Python, and everything is on AWS.")
    turn = talk.say("What if we left AWS?")
    (block,) = [block for block in turn.blocks if isinstance(block, WhatIf)]
    assert {row.criterion: row.leans["article"] for row in block.then.rows}["vendor"] == "unknown"
    assert talk.profile["cloud.provider"] == {"aws"}
    turn = talk.say("ok, let's go with that")
    assert "cloud.provider" not in talk.profile
    assert talk.text(turn).count("Open again: Cloud.") == 1
    assert talk.profile == {"team.skill": {"python"}}


def test_a_command_supposes_as_words_do(talk: Talk) -> None:
    talk.say("All of us write Python, and everything is on AWS.")
    talk.say("/whatif we left AWS")
    (opened,) = talk.conversation.state.assumptions
    assert (opened.attribute, opened.value, opened.quote) == ("cloud.provider", "unknown", "we left AWS")
    assert "/whatif we left AWS"[opened.start : opened.end] == opened.quote


def test_what_ends_a_supposition_may_tell_what_is_so(talk: Talk) -> None:
    talk.say("All of us write Python.")
    talk.say("what if it had to be on phones?")
    talk.say("Works council has said no, so phones are ruled out for good.")
    assert not talk.conversation.state.assumptions
    assert talk.profile == {"team.skill": {"python"}, "device.target": {"none"}}


def test_a_few_words_go_on_with_what_was_just_tried(talk: Talk) -> None:
    talk.say("We are js devs only.")
    talk.say("what if it was a cloud api instead?")
    talk.say("on aws")
    assert talk.profile == {"team.skill": {"other_languages"}}
    assert {o.attribute for o in talk.conversation.state.assumptions} == {"serving.kind", "cloud.provider"}
    talk.say("thanks")
    talk.say("on aws")
    assert talk.profile["cloud.provider"] == {"aws"}, "no longer right after it"


def test_what_is_adopted_replaces_what_was_known_though_it_says_as_well(talk: Talk) -> None:
    talk.say("Scala and Java mostly.")
    talk.say("what if we were all on AWS?")
    talk.say("and what if the whole team became python people as well?")
    talk.say("Let's go with that.")
    assert talk.profile == {"team.skill": {"python"}, "cloud.provider": {"aws"}}


def test_a_supposition_may_go_on_in_the_next_sentence(talk: Talk) -> None:
    talk.say("No internet in a bear, so it's all on the chip. C mostly.")
    known = talk.profile
    talk.say("What if the bear could talk to a server? Then we'd need a normal cloud API.")
    assert talk.profile == known
    assert "serving.kind" in {o.attribute for o in talk.conversation.state.assumptions}
