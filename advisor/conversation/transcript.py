"""Turns: the plain list that a conversation is. Screens, exports and replay are views of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from advisor.conversation.blocks import Block, Observation, Part, TopicRef


class State(Part):
    """What holds after a turn.

    `observations`: the current profile. `pending`: the attribute that was asked about and not answered yet.
    `declined`: attributes the user could not answer; they are not asked again. `offered`: FAQ topics offered as
    choices. `last_topic`: the FAQ topic answered last. `assumptions`: what-if observations that were not committed.
    `unsure`: what some words seemed to say, of rows that are open; it counts only once it is confirmed.
    """

    observations: tuple[Observation, ...] = ()
    pending: str | None = None
    declined: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    last_topic: str | None = None
    assumptions: tuple[Observation, ...] = ()
    unsure: tuple[Observation, ...] = ()

    @property
    def suggestion(self) -> Observation | None:
        """The answer to the open question that earlier words seemed to give: yes confirms it."""
        return next((o for o in self.unsure if o.attribute == self.pending), None)

    @property
    def profile(self) -> dict[str, frozenset[str]]:
        """The values of each attribute that has any."""
        return profile_of(self.observations)


def profile_of(observations: tuple[Observation, ...]) -> dict[str, frozenset[str]]:
    """The values of each observed attribute."""
    profile: dict[str, frozenset[str]] = {}
    for observation in observations:
        profile[observation.attribute] = profile.get(observation.attribute, frozenset()) | {observation.value}
    return profile


class Turn(Part):
    """One utterance and the reply to it. `number` counts from 1; `at` carries its time zone."""

    number: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    utterance: str
    acts: tuple[str, ...]
    topics: tuple[TopicRef, ...] = ()
    blocks: tuple[Block, ...]
    state: State
