"""A conversation that is easy to write down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from advisor.assistant import Assistant
from advisor.conversation.conversation import Conversation
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import Turn

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Talk:
    """A conversation with the shipped assistant, at one moment."""

    def __init__(self, assistant: Assistant) -> None:
        self.conversation: Conversation = assistant.conversation()
        self._say = assistant.pack.say

    def say(self, utterance: str) -> Turn:
        return self.conversation.respond(utterance, AT)

    def text(self, turn: Turn) -> str:
        return plain_text(turn.blocks, self._say)

    @property
    def profile(self) -> dict[str, set[str]]:
        return {name: set(values) for name, values in self.conversation.state.profile.items()}


@pytest.fixture
def talk(assistant: Assistant) -> Talk:
    return Talk(assistant)
