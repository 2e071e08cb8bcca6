"""A turn in the making: what the policy and the explanations fill in."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.conversation.blocks import Block, Note, Observation, TopicRef
from advisor.conversation.transcript import State


@dataclass
class Draft:
    """The next turn: what held before, what holds now, and the reply so far."""

    number: int
    before: State
    state: State
    utterance: str
    acts: list[str] = field(default_factory=list)
    topics: list[TopicRef] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    show_matrix: bool = False
    show_verdict: bool = False
    contested: str | None = None
    """An attribute about which the message contradicts itself."""
    undone: tuple[Observation, ...] = ()
    """What the message took back of what was known."""

    def note(self, text: str, warning: bool = False) -> None:
        self.blocks.append(Note(text=text, level="warning" if warning else "info"))

    def act(self, name: str) -> None:
        if name not in self.acts:
            self.acts.append(name)

    def change(self, **fields: object) -> None:
        self.state = self.state.model_copy(update=fields)
