"""What the chat needs of the engine. Light to import: the engine itself is loaded behind the first screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix, MatrixRow, ReadingName, RowExplanation
    from advisor.conversation.transcript import Turn


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
class Standing:
    """The decision as it stands.

    `supposed`: the matrix under the what-if assumptions in play, which `assumptions` names; None when there are none.
    `set_aside` names what is known and does not count under them.
    """

    matrix: Matrix
    supposed: Matrix | None = None
    assumptions: Sequence[str] = ()
    set_aside: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RowDetail:
    """A row with its derivation in each reading."""

    row: MatrixRow
    readings: Mapping[ReadingName, RowExplanation]


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that can be known about the project: its title, and the labels of its values by id."""

    title: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Format:
    """A format to export in."""

    id: str
    suffix: str
    description: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that the chat can complete and offer: rows and attributes by id, FAQ questions, export formats."""

    rows: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    topics: Sequence[str] = ()
    formats: Sequence[Format] = ()


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A conversation that can be resumed."""

    id: str
    title: str
    updated: datetime
    turns: int


class ChatPort(Protocol):
    """One conversation at a time, stored as it goes. Used by one thread only; every call may take a while.

    Every method raises FaceError when it cannot do what it is asked.
    """

    @property
    def decision(self) -> Decision:
        """What is decided, and between what."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the chat can complete and offer."""

    @property
    def standing(self) -> Standing:
        """The decision as it stands."""

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""

    @property
    def session_id(self) -> str | None:
        """The id to resume by; None while nothing is stored."""

    @property
    def trouble(self) -> str | None:
        """Why turns cannot be stored, if they cannot."""

    @property
    def notice(self) -> str | None:
        """What has to be told about the conversation's place in the store, after the last turn."""

    def say(self, utterance: str) -> Turn:
        """Replies to an utterance and stores the turn."""

    def explain(self, criterion: str) -> RowDetail:
        """A row with its derivations."""

    def preview(self, format_id: str, file_name: str = "") -> str:
        """The record of the conversation in a format, for a file of this name."""

    def export(self, name: str, format_id: str = "") -> str:
        """Writes the record to the file of that name ('' for the usual one) and returns its path.

        Without a format the name's suffix tells which; a format's own name stands for the usual file in that format.
        """

    def suggested_name(self, format_id: str) -> str:
        """A file name for an export that is not taken yet."""

    def sessions(self, search: str = "") -> Sequence[StoredSession]:
        """The stored conversations that match, latest first."""

    def open(self, session_id: str | None) -> None:
        """Goes on with a stored conversation, or with a new one."""

    def rewind(self, turn: int) -> None:
        """Goes on in a new conversation that begins with the turns before `turn`; the present one stays stored."""

    def rename(self, session_id: str, title: str) -> None:
        """Gives a stored conversation another title."""

    def delete(self, session_id: str) -> None:
        """Takes a stored conversation out of the list."""

    def restore(self, session_id: str) -> None:
        """Puts a deleted conversation back."""


Load = Callable[[], ChatPort]
"""Loads everything. Raises ResumeError, FaceError, or anything else if the program is at fault."""
