"""The small parts that reply blocks share: observations with their evidence, and sources as they are cited."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from advisor.understanding.mentions import Stance as Stance

Obtained = Literal["said", "inferred", "confirmed", "assumed"]
ReadingName = Literal["article", "amended"]


class Part(BaseModel):
    """Base of all reply parts: immutable and strict."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Observation(Part):
    """An attribute's value with its evidence: the exact quote and its place in the utterance of `turn` (from 1).

    `start` and `end` count characters of that utterance; `obtained` tells how the value came to be known; `reason`
    names the phrase or rule of the pack that recognised it. `meaning`: what the quote stands for,
    when it only answers a question ("2", "no").
    """

    attribute: str
    value: str
    quote: str
    turn: int
    start: int
    end: int
    obtained: Obtained
    reason: str
    meaning: str = ""

    @property
    def in_words(self) -> str:
        """The quote, with what it stands for when it says little itself: "2 (a prototype)"."""
        return f"{self.quote} ({self.meaning})" if self.meaning else self.quote


class SourceRef(Part):
    """A source as it is cited: `date` says when it was written, or when it was checked."""

    id: str
    title: str
    url: str | None
    date: str | None
