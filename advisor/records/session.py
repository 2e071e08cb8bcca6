"""Conversations as the store knows them: entry in a list, turns, title, and the words they are found by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from pydantic import AwareDatetime

from advisor.conversation.blocks import Answer, Note, Part, Verdict
from advisor.conversation.commands import parse_command
from advisor.conversation.transcript import Turn
from advisor.text import clean, shorten

UNTITLED = "(no title yet)"

_TITLE_LENGTH = 60
_COPY = " (copy)"


class SessionInfo(Part):
    """A conversation in a list. `turns` counts its turns; `pack_…` and `encoder` tell what it was held with.

    `title` is the beginning of the first message that is not a command, unless the conversation was renamed;
    `updated` is the time of the last turn.
    """

    id: str
    created: AwareDatetime
    updated: AwareDatetime
    title: str
    turns: int
    pack_id: str
    pack_version: str
    pack_fingerprint: str
    encoder: str


class Session(Part):
    """A stored conversation with its turns, in order."""

    info: SessionInfo
    turns: tuple[Turn, ...]


def title_of(turns: Sequence[Turn]) -> str:
    """A conversation's title: the beginning of its first message that is not a command."""
    return first_title(turns) or UNTITLED


def first_title(turns: Sequence[Turn]) -> str:
    """The beginning of the first message that is not a command; empty if there is none."""
    return next(filter(None, (_beginning(turn.utterance) for turn in turns)), "")


def chosen_title(text: str) -> str:
    """A title that somebody typed, on one line and no longer than any other."""
    return shorten(clean(text), _TITLE_LENGTH)


def copy_title(title: str) -> str:
    """The title of a copy; a copy of a copy is named like its original."""
    if not title or title.endswith(_COPY):
        return title
    return shorten(title, _TITLE_LENGTH - len(_COPY)) + _COPY


def searchable(turn: Turn) -> str:
    """What a turn is found by: the message, and the answers, remarks and verdicts of the reply."""
    return folded("\n".join((turn.utterance, *_prose(turn))))


def folded(text: str) -> str:
    """Text as it is compared in a search: case, spacing and the ways to write one letter make no difference."""
    return " ".join(unicodedata.normalize("NFKC", clean(text)).casefold().split())


def _beginning(utterance: str) -> str:
    text = clean(utterance)
    return "" if parse_command(text) is not None else shorten(text, _TITLE_LENGTH)


def _prose(turn: Turn) -> Iterator[str]:
    for block in turn.blocks:
        match block:
            case Answer():
                yield block.topic.question
                yield block.text
            case Verdict():
                yield block.headline
            case Note():
                yield block.text
