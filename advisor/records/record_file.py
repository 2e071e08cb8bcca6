"""Reads an exported JSON record back, and tells whether it is as it was written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from advisor.errors import AdvisorError
from advisor.records.integrity import altered_parts
from advisor.records.record_model import SCHEMA_VERSION, SealedRecord
from advisor.text import clean, shorten

MAX_BYTES = 50_000_000


class RecordError(AdvisorError):
    """A record that cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A record as read. `altered`: the fields that are not as they were written; empty for a sound record."""

    name: str
    record: SealedRecord
    altered: tuple[str, ...]


def read_record(path: Path) -> RecordFile:
    """Reads an exported JSON record. Raises RecordError."""
    name = clean(str(path))
    data = _json(path, name)
    version = data.get("schema_version") if isinstance(data, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        raise RecordError(
            f"{name} is a record of schema version {version}, and this program reads version {SCHEMA_VERSION}; export "
            "the conversation again, or use the program that wrote it"
        )
    try:
        record = SealedRecord.model_validate(data)
        altered = altered_parts(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = clean(".".join(str(step) for step in first["loc"]))
        raise RecordError(
            f"{name} is not a record of a conversation: {shorten(field, 80)}: {shorten(clean(first['msg']), 120)}"
        ) from error
    except ValueError as error:
        raise RecordError(f"{name} is not a record of a conversation: {shorten(clean(str(error)), 120)}") from error
    return RecordFile(name, record, altered)


def _json(path: Path, name: str) -> Any:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordError(f"{name} is larger than any record ({MAX_BYTES:,} bytes)")
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecordError(f"{name} cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{name} is not JSON; give what `advisor export --format json` wrote") from error
