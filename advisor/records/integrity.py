"""Hashes over a record's canonical JSON, so that an alteration shows and can be named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from advisor.records.record_model import DecisionRecord, Integrity, SealedRecord

_SEAL = "integrity"


def sealed(record: DecisionRecord) -> SealedRecord:
    """The record with its hashes."""
    data = record.model_dump(mode="json", exclude={_SEAL})
    integrity = Integrity(
        algorithm="sha256",
        canonical_form="RFC 8785",
        parts={name: _hash(value) for name, value in data.items()},
        record=_hash(data),
    )
    return SealedRecord(**{**dict(record), _SEAL: integrity})


def altered_parts(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a record's JSON that are not as they were written; `integrity` when the hashes themselves are not.

    Raises ValueError when there is no canonical form (numbers or text that JSON between programs cannot carry).
    """
    claimed = Integrity.model_validate(data[_SEAL])
    body = {name: value for name, value in data.items() if name != _SEAL}
    altered = [name for name, value in body.items() if claimed.parts.get(name) != _hash(value)]
    missing = [name for name in claimed.parts if name not in body]
    if not altered and not missing and claimed.record != _hash(body):
        return (_SEAL,)
    return (*altered, *missing)


def _hash(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
