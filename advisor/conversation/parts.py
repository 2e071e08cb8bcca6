"""The small parts that reply blocks share: observations with their evidence, and sources as they are cited."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Obtained = Literal["said", "inferred", "confirmed", "assumed"]
Stance = Literal["stated", "denied", "hedged", "past", "other_party", "hypothetical", "asked", "retracted"]
ReadingName = Literal["article", "amended"]


class Part(BaseModel):
    """Base of all reply parts: immutable and strict."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Observation(Part):
    """An attribute's value with its evidence: the exact quote and its place in the utterance of `turn` (from 1).

    `start` and `end` count characters of that utterance; `obtained` tells how the value came to be known; `reason`
    names the phrase or rule of the pack that recognised it.
    """

    attribute: str
    value: str
    quote: str
    turn: int
    start: int
    end: int
    obtained: Obtained
    reason: str


class SourceRef(Part):
    """A source as it is cited: `date` says when it was written, or when it was checked."""

    id: str
    title: str
    url: str | None
    date: str | None
