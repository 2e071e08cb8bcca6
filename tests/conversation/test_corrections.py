"""Corrections by hand, as the chips of the chat send them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advisor.assistant import Assistant
from advisor.conversation.transcript import Turn

AT = datetime(2026, 11, 22, tzinfo=UTC)


def said(assistant: Assistant, *utterances: str) -> Turn:
    conversation = assistant.conversation()
    return [conversation.respond(utterance, AT) for utterance in utterances][-1]


def notes(turn: Turn) -> str:
    return " ".join(block.text for block in turn.blocks if block.kind == "note")


@pytest.mark.parametrize("typed", ["/set Cloud: Google Cloud", "/set cloud.provider = google cloud"])
def test_a_value_is_set_with_the_entry_as_its_evidence(assistant: Assistant, typed: str) -> None:
    turn = said(assistant, "We are on AWS.", typed)
    (observation,) = [o for o in turn.state.observations if o.attribute == "cloud.provider"]
    assert assistant.pack.value_label("cloud.provider", observation.value) == "Google Cloud"
    assert observation.obtained == "confirmed"
    assert typed[observation.start : observation.end] == observation.quote


def test_every_value_can_be_set_by_its_title_and_label(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    for attribute in assistant.pack.attributes.values():
        if attribute.derived:
            continue
        for value, label in attribute.values.items():
            turn = conversation.respond(f"/set {attribute.title}: {label}", AT)
            assert value in turn.state.profile[attribute.id], (attribute.title, label)


def test_withdrawing_makes_unknown_again(assistant: Assistant) -> None:
    turn = said(assistant, "We are on AWS and have no phones.", "/withdraw Cloud")
    assert "cloud.provider" not in turn.state.profile
    assert "device.target" in turn.state.profile
    assert "Open again" in notes(turn)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/set", "Write something after it"),
        ("/set Cloud AWS", "with a colon between"),
        ("/set Weather: rain", "nothing called “Weather”"),
        ("/set Cloud: rain", "can be:"),
        ("/withdraw Weather [/]", "nothing called"),
        ("/withdraw Cloud", "Nothing is known"),
    ],
)
def test_what_cannot_be_read_is_told(assistant: Assistant, typed: str, told: str) -> None:
    turn = said(assistant, typed)
    assert told in notes(turn)
    assert not turn.state.observations


def test_an_assumption_by_command_points_to_its_words(assistant: Assistant) -> None:
    typed = "/whatif it had to run on a phone"
    (assumed,) = said(assistant, typed).state.assumptions
    assert typed[assumed.start : assumed.end] == assumed.quote
