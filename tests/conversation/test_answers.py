"""Short turns that take back, add and drop, over the shipped knowledge."""

from __future__ import annotations

import pytest

from advisor.assistant import Assistant
from advisor.conversation.transcript import Turn
from tests.conversation.conftest import AT


@pytest.mark.parametrize(
    ("turns", "known"),
    [
        (["Our only developer knows Java.", "He has quit."], set()),
        (["We use AWS.", "AWS belongs to our sister company, not us"], set()),
        (["We use AWS.", "my friend used it. He quit."], {"cloud.provider=aws"}),
        (["my nephew is doing it, he know only python"], {"team.skill=python"}),
        (["my other client is on TPUs"], set()),
        (["We are on AWS.", "We're also on Google Cloud."], {"cloud.provider=aws", "cloud.provider=google_cloud"}),
        (["We are on AWS.", "We're on Google Cloud."], {"cloud.provider=google_cloud"}),
        (["The team knows Java.", "I was wrong about Java: that's the web team."], set()),
    ],
)
def test_short_turns_leave_what_still_holds(assistant: Assistant, turns: list[str], known: set[str]) -> None:
    conversation = assistant.conversation()
    for said in turns:
        conversation.respond(said, AT)
    assert {f"{o.attribute}={o.value}" for o in conversation.state.observations} == known


def test_a_what_if_that_drops_a_thing_assumes_there_is_none(assistant: Assistant) -> None:
    conversation = assistant.conversation()
    conversation.respond("yes on the pedal, an arm chip", AT)
    turn = conversation.respond("what if we dropped the pedal and did it as a cloud api?", AT)
    assert "device.target=none" in {f"{o.attribute}={o.value}" for o in turn.state.assumptions}
    assert Turn.model_validate_json(turn.model_dump_json()) == turn, "it can be stored and read again"
