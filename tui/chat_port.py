"""What the chat needs of the engine. Light to import: the engine itself is loaded behind the first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix
    from advisor.conversation.transcript import Turn


class FaceError(Exception):
    """Something that could not be done; the message tells the user what happened and what to do."""


class ResumeError(FaceError):
    """The conversation to go on with cannot be read."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the pack decides. `options`: names by id. `decisive_rows`: leans that decide a reading."""

    title: str
    options: Mapping[str, str]
    decisive_rows: int

    def say(self, word: str) -> str:
        """How to say an option, a lean or a verdict by its id."""
        return self.options.get(word, word)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A conversation that can be resumed."""

    id: str
    title: str
    updated: datetime
    turns: int


class ChatPort(Protocol):
    """One conversation, stored as it goes. Used by one thread only; every call may take a while."""

    @property
    def decision(self) -> Decision:
        """What is decided, and between what."""

    @property
    def blank(self) -> Matrix:
        """The matrix before anything was said."""

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""

    @property
    def session_id(self) -> str | None:
        """The id to resume by; None while nothing is stored."""

    @property
    def trouble(self) -> str | None:
        """Why turns cannot be stored, if they cannot."""

    def say(self, utterance: str) -> Turn:
        """Replies to an utterance and stores the turn. Raises FaceError when it cannot reply."""

    def export(self, name: str) -> str:
        """Writes the rationale to the file of that name ('' for the usual one) and returns its path.

        Raises FaceError.
        """

    def sessions(self) -> Sequence[StoredSession]:
        """The stored conversations, latest first. Raises FaceError."""


Load = Callable[[], ChatPort]
"""Loads everything. Raises ResumeError, FaceError, or anything else if the program is at fault."""
