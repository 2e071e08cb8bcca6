"""Undo, retractions and starting over."""

from __future__ import annotations

import pytest

from tests.conversation.conftest import Talk


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


def test_undo_and_reset(talk: Talk) -> None:
    talk.say("We host on AWS.")
    talk.say("The team writes Python.")
    talk.say("/undo")
    assert talk.profile == {"cloud.provider": {"aws"}}
    talk.say("/reset")
    assert talk.profile == {}
    assert len(talk.conversation.turns) == 4, "nothing is lost from the transcript"


@pytest.mark.parametrize("words", ["no, not AWS", "we dropped AWS", "we don't use AWS any more"])
def test_a_denial_puts_what_was_known_back_to_unknown(talk: Talk, words: str) -> None:
    talk.say("We host on AWS.")
    turn = talk.say(words)
    assert "cloud.provider" not in talk.profile
    assert "answer" not in [block.kind for block in turn.blocks], "a denial is no question"


@pytest.mark.parametrize(
    "words",
    ["forget what I said about the SLA", "the bit about the SLA is wrong, delete it", "scrap the penalties"],
)
def test_a_retraction_finds_the_words_that_were_quoted(talk: Talk, words: str) -> None:
    talk.say("We have an SLA with penalties. The team writes Python.")
    talk.say(words)
    assert set(talk.profile) == {"team.skill"}


def test_what_is_taken_back_takes_its_details_along(talk: Talk) -> None:
    talk.say("The model answers through an internal web API, low traffic.")
    assert talk.profile == {"serving.kind": {"api"}, "serving.scale": {"ordinary"}}
    talk.say("Actually scrap what I said about the API, that's not settled.")
    assert not talk.profile


def test_what_is_taken_back_leaves_other_values_alone(talk: Talk) -> None:
    talk.say("We run on AWS and on Google Cloud.")
    talk.say("Forget the AWS part.")
    assert talk.profile == {"cloud.provider": {"google_cloud"}}


def test_a_bare_never_mind_reaches_no_further_than_the_last_message(talk: Talk) -> None:
    talk.say("Everything is on AWS.")
    talk.say("Is PyTorch faster?")
    assert {o.value for o in talk.say("never mind").state.observations} == {"aws"}


def test_a_part_that_was_dropped_in_other_words(talk: Talk) -> None:
    talk.say("The model runs on the scanner of each driver.")
    turn = talk.say("Turned out the scanner is too weak, so it only sends the picture now.")
    assert talk.profile == {"device.target": {"none"}}
    assert "instead of edge boxes and handhelds" in talk.text(turn)
    assert "(inferred)" in talk.text(turn)
    talk.say("undo")
    assert talk.profile == {"device.target": {"edge_box"}}


def test_what_is_said_plainly_is_not_taken_for_a_change(talk: Talk) -> None:
    talk.say("The model runs on the scanner of each driver.")
    talk.say("It has to run on the scanner, nothing is sent.")
    assert "none" not in talk.profile["device.target"]


def test_what_is_said_now_replaces_what_leaned_away_before(talk: Talk) -> None:
    talk.say("It's an early prototype.")
    turn = talk.say("Since this month the health authority inspects every release of it.")
    assert talk.profile == {"regulation": {"regulated"}}
    assert "It replaces what you said before: early-stage or prototype" in talk.text(turn)


def test_what_is_said_to_be_so_too_replaces_nothing(talk: Talk) -> None:
    talk.say("The health authority inspects every release of it.")
    talk.say("It is also an early prototype.")
    assert talk.profile == {"regulation": {"regulated"}, "stage": {"early_stage"}}


@pytest.mark.parametrize(
    "words",
    [
        "Scratch my last message.",
        "scratch my last message, that was last year's plan",
        "scratch my last message, that plan has just been rejected",
        "Never mind my last message, I confused us with the group next door.",
        "oh no, forget what I just wrote, it was only a letter of intent...",
        "Reverse the last thing I told you.",
        "wait, delete that statement, it's from a competitor's talk",
    ],
)
def test_a_message_can_be_taken_back_in_many_words(talk: Talk, words: str) -> None:
    talk.say("The team writes Python.")
    talk.say("The model runs on the drivers' tablets.")
    talk.say(words)
    assert talk.profile == {"team.skill": {"python"}}


def test_something_new_may_follow_what_is_taken_back(talk: Talk) -> None:
    talk.say("running it as a small web api on render")
    talk.say("scratch my last message. the model goes on a raspberry pi under the board")
    assert set(talk.profile) == {"device.target"}


def test_what_a_sentence_says_of_one_row_is_taken_back_together(talk: Talk) -> None:
    talk.say("We are on AWS. It is a certified medical device, every release is documented and low risk comes first.")
    assert {"regulation", "risk_tolerance"} <= set(talk.profile)
    talk.say("The bit about certification was wrong, please remove it.")
    assert set(talk.profile) == {"cloud.provider"}


def test_whose_it_was_is_not_taken_back_with_it(talk: Talk) -> None:
    talk.say("The team writes Python.")
    talk.say("We are audited every year.")
    talk.say("forget what I said about the audit, that's only for the card team")
    assert talk.profile == {"team.skill": {"python"}}


@pytest.mark.parametrize("words", ["Back. What is ONNX?", "ok news. The office has moved.", "is AWS dead?"])
def test_what_only_looks_like_taking_back_changes_nothing(talk: Talk, words: str) -> None:
    talk.say("We host on AWS.")
    talk.say(words)
    assert talk.profile == {"cloud.provider": {"aws"}}


def test_a_wish_replaces_nothing(talk: Talk) -> None:
    talk.say("Our developers are all PHP people.")
    talk.say("I wish we had somebody fluent in Python!")
    assert talk.profile == {"team.skill": {"other_languages"}}


def test_what_is_left_out_before_it_was_in_is_a_fact(talk: Talk) -> None:
    turn = talk.say("let's leave phones out, it's definitely not needed")
    assert talk.profile == {"device.target": {"none"}}
    assert "describe" in turn.acts


def test_a_new_project_may_be_described_at_once(talk: Talk) -> None:
    talk.say("We host on AWS.")
    talk.say("New project: a badge with an ESP32 that recognises a wake word by itself. I write C, no Python.")
    assert {"device.target", "team.skill"} <= set(talk.profile)
    assert "cloud.provider" not in talk.profile


@pytest.mark.parametrize(
    "words",
    [
        "please forget what I told you about the cloud provider and about the team",
        "forget the AWS and Python parts",
        "I was wrong about the hosting and the skills",
    ],
)
def test_several_things_are_taken_back_at_once(talk: Talk, words: str) -> None:
    talk.say("It's on AWS. We write Python. It's a prototype.")
    talk.say(words)
    assert set(talk.profile) == {"stage"}


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ("Forget the bit about the inspector.", "regulation"),
        ("forget the thing abt languages pls, mate is quitting", "team.skill"),
    ],
)
def test_what_is_taken_back_may_be_told_by_other_words(talk: Talk, words: str, gone: str) -> None:
    talk.say("The ministry audits us every year. Two Java people build it. It serves 40,000 requests a second.")
    known = set(talk.profile)
    talk.say(words)
    assert set(talk.profile) == known - {gone}


def test_what_only_points_is_told_by_what_stands_before_it(talk: Talk) -> None:
    talk.say("My grandson would do it all by himself, and Python is what he knows best. We host on AWS.")
    talk.say("Oh dear, my grandson has declined. Forget the bit about him.")
    assert set(talk.profile) == {"cloud.provider"}


def test_what_is_called_nonsense_before_it_is_dropped(talk: Talk) -> None:
    talk.say("A shirt with a sensor, it runs on the chip in the shirt.")
    talk.say("It's only an idea so far.")
    talk.say("My husband says the chip in the shirt is nonsense. Drop that, nothing on devices.")
    assert talk.profile == {"device.target": {"none"}, "stage": {"early_stage"}}


def test_what_is_taken_back_may_be_named_by_another_sentence_of_its_message(talk: Talk) -> None:
    talk.say("The picker carries a Jetson. It runs the model on board.")
    talk.say("We host on AWS.")
    talk.say("That was the other robot, so forget what I said about the picker.")
    assert set(talk.profile) == {"cloud.provider"}


@pytest.mark.parametrize("words", ["Sorry, so ignore the Fortran remark.", "forget the Fortran bit"])
def test_a_clause_says_what_is_taken_back(talk: Talk, words: str) -> None:
    talk.say("I do the coding in Fortran. We host on AWS.")
    talk.say(words)
    assert set(talk.profile) == {"cloud.provider"}


@pytest.mark.parametrize("words", ["Correction, the buoys just record.", "The buoys will merely send the sound."])
def test_what_only_serves_runs_nothing(talk: Talk, words: str) -> None:
    talk.say("We count whales with buoys that run the model on board. The team writes Python.")
    talk.say(words)
    assert set(talk.profile) == {"team.skill"}


def test_what_was_said_of_the_old_project_does_not_begin_the_new_one(talk: Talk) -> None:
    talk.say("We write Python.")
    talk.say("The old thing ran on AWS. Start over. It's on Google Cloud.")
    assert talk.profile == {"cloud.provider": {"google_cloud"}}


def test_a_story_of_the_past_changes_nothing(talk: Talk) -> None:
    talk.say("We host on AWS.")
    talk.say("my previous job was on Google Cloud fwiw")
    assert talk.profile == {"cloud.provider": {"aws"}}


@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("It has to run on the Jetson on the robot.", set[str]()),
        ("It has to run on the Jetson and on phones.", {"phone"}),
    ],
)
def test_one_thing_goes_with_all_that_its_words_say_of_it(talk: Talk, told: str, left: set[str]) -> None:
    talk.say(told)
    talk.say("Forget the Jetson, I haven't ordered it.")
    assert talk.profile.get("device.target", set()) == left


def test_what_opens_with_new_begins_no_new_project(talk: Talk) -> None:
    talk.say("Everything is on AWS.")
    talk.say("New, but customers pay for it.")
    assert talk.profile["cloud.provider"] == {"aws"}


@pytest.mark.parametrize(
    ("said", "alike"),
    [
        ("It has to run on a Jetson.", "do you think the spores kill the camera"),
        ("All of us write C++.", "It isn't any more."),
    ],
)
def test_what_only_sounds_like_taking_back_takes_nothing_back(talk: Talk, said: str, alike: str) -> None:
    talk.say(said)
    known = talk.profile
    assert known
    turn = talk.say(alike)
    assert "retract" not in turn.acts
    assert talk.profile == known


@pytest.mark.parametrize(
    "words",
    ["could you forget everything about AWS please", "About AWS, please forget that.", "drop everything I said on AWS"],
)
def test_everything_about_one_thing_is_not_everything(talk: Talk, words: str) -> None:
    talk.say("All of us write Python, and everything is on AWS.")
    talk.say(words)
    assert talk.profile == {"team.skill": {"python"}}


def test_what_is_taken_back_may_be_replaced_in_the_same_sentence(talk: Talk) -> None:
    talk.say("It is a pilot with two schools.")
    talk.say("Scrap the pilot, the whole district uses it daily and depends on it.")
    assert talk.profile == {"stage": {"established"}}


def test_what_corrects_another_row_does_not_undo_the_last_message(talk: Talk) -> None:
    talk.say("At peak we serve 6,000 requests per second.")
    talk.say("All of us write Python.")
    talk.say("Oops, wrong figure: 6,000 per hour, not per second. So an ordinary little API.")
    assert talk.profile["team.skill"] == {"python"}
    assert talk.profile["serving.kind"] == {"api"}


def test_what_leads_a_sentence_tells_what_it_takes_back(talk: Talk) -> None:
    talk.say("All of us write Python. A press council audits us. It has to run on phones.")
    talk.say("hmm, the press council: scratch that one, I was getting ahead of myself")
    assert talk.profile == {"team.skill": {"python"}, "device.target": {"phone"}}
