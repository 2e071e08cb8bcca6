"""Runs a recorded conversation again and tells what comes out differently."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from advisor.conversation.conversation import Conversation
from advisor.conversation.rendering import plain_text
from advisor.errors import AdvisorError
from advisor.text import clean

MAX_BYTES = 50_000_000


class ReplayError(AdvisorError):
    """A record that cannot be read; the message says what is wrong with it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class RecordedTurn(_Part):
    """One turn of a record's transcript, as far as replay needs it."""

    turn: int
    at: AwareDatetime
    utterance: str
    acts: tuple[str, ...]
    reply: str


class RecordedPack(_Part):
    """The knowledge that a record was made with."""

    id: str
    version: str
    fingerprint: str


class Record(_Part):
    """What replay reads of an exported JSON record; other fields are left alone."""

    pack: RecordedPack
    encoder: str
    transcript: tuple[RecordedTurn, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that came out differently: where, then and now."""

    where: str
    recorded: str
    now: str


def read_record(path: Path) -> Record:
    """Reads an exported JSON record. Raises ReplayError."""
    name = clean(str(path))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReplayError(f"{name} is larger than any record ({MAX_BYTES:,} bytes)")
        return Record.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ReplayError(f"{name} cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ReplayError(f"{name} is not JSON; replay takes what `advisor export --format json` wrote") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(step) for step in first["loc"])
        raise ReplayError(f"{name} is not a record of a conversation: {field}: {first['msg']}") from error


def replay(record: Record, conversation: Conversation, encoder: str) -> Iterator[Difference]:
    """Says every recorded utterance again to an empty conversation and yields what differs.

    A changed pack or encoder is reported first: it explains the rest. `encoder`: the fingerprint of today's.
    """
    pack = conversation.pack
    if record.pack.fingerprint != pack.fingerprint:
        then = f"{record.pack.id} {record.pack.version} ({record.pack.fingerprint[:12]})"
        now = f"{pack.manifest.id} {pack.manifest.version} ({pack.fingerprint[:12]})"
        yield Difference("knowledge", then, now)
    if record.encoder != encoder:
        yield Difference("encoder", record.encoder[:12], encoder[:12])
    for recorded in record.transcript:
        turn = conversation.respond(recorded.utterance, recorded.at)
        if turn.acts != recorded.acts:
            yield Difference(f"message {recorded.turn}, acts", ", ".join(recorded.acts), ", ".join(turn.acts))
        reply = plain_text(turn.blocks, pack.say)
        if reply != recorded.reply:
            then, now = _first_difference(recorded.reply, reply)
            yield Difference(f"message {recorded.turn}, reply", then, now)


def _first_difference(then: str, now: str) -> tuple[str, str]:
    """The first lines that differ; an empty line stands for one that is missing."""
    old, new = then.splitlines(), now.splitlines()
    length = max(len(old), len(new))
    pairs = zip([*old, *[""] * (length - len(old))], [*new, *[""] * (length - len(new))], strict=True)
    return next((a, b) for a, b in pairs if a != b)
