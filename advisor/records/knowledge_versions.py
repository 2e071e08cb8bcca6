"""Versions of a knowledge pack: what each consists of, what differs between two, and copies to replay records with."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from advisor.knowledge_base.pack import KNOWLEDGE_SUFFIXES, KnowledgePack
from advisor.knowledge_base.schema import Part

_DIGEST_LENGTH = 16
# Examples only test a rule; the ways to ask for an FAQ entry have a digest of their own.
_APART = {"examples", "phrasings"}
_PACK, _ENGLISH = "pack", "english"
_OTHER_FILES = ("pack.yaml", "names.yaml", "out_of_scope.yaml")

Contents = Mapping[str, Mapping[str, str]]
"""A digest of every part of a pack, by kind and id."""


@dataclass(frozen=True, slots=True, order=True)
class ChangedPart:
    """A part of the knowledge that differs between two versions; `kind` is a rule, claim, phrases and so on."""

    kind: str
    id: str
    how: Literal["added", "changed", "removed"]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.how})"


def pack_contents(pack: KnowledgePack) -> dict[str, dict[str, str]]:
    """A digest of every part of a pack, by kind and id; for the FAQ, the ways to ask are apart from the answer."""
    kinds: dict[str, Mapping[str, Part]] = {
        "criterion": pack.criteria,
        "attribute": pack.attributes,
        "rule": pack.rules,
        "claim": pack.claims,
        "source": pack.sources,
        "faq": pack.entries,
    }
    contents = {kind: {name: _part_digest(part) for name, part in parts.items()} for kind, parts in kinds.items()}
    contents["phrasings"] = {name: _digest("\n".join(entry.phrasings)) for name, entry in pack.entries.items()}
    phrases = sorted((pack.directory / "phrases").glob("*.yaml"))
    others = [path for name in _OTHER_FILES if (path := pack.directory / name).is_file()]
    contents["phrases"] = {path.stem: _file_digest(path) for path in phrases}
    contents["file"] = {path.name: _file_digest(path) for path in (*others, *sorted(pack.english.glob("*.yaml")))}
    return contents


def _part_digest(part: Part) -> str:
    text = json.dumps(part.model_dump(mode="json", exclude=_APART), sort_keys=True)
    return _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH]


def _file_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:_DIGEST_LENGTH]


def changed_parts(then: Contents, now: Contents) -> tuple[ChangedPart, ...]:
    """What differs between two versions of a pack, in a fixed order."""
    found = []
    for kind in dict.fromkeys([*then, *now]):
        old, new = then.get(kind, {}), now.get(kind, {})
        found += [ChangedPart(kind, name, "removed") for name in old if name not in new]
        found += [ChangedPart(kind, name, "added") for name in new if name not in old]
        found += [ChangedPart(kind, name, "changed") for name in old if new.get(name, old[name]) != old[name]]
    return tuple(sorted(found))


def keep_copy(pack: KnowledgePack, archive: Path) -> Path:
    """Keeps the files of a pack under its fingerprint in `archive`, unless they are there. Raises OSError."""
    kept = archive / pack.fingerprint
    if kept.is_dir():
        return kept
    draft = archive / f".{pack.fingerprint[:16]}-{secrets.token_hex(4)}.tmp"
    try:
        for source, name in ((pack.directory, _PACK), (pack.english, _ENGLISH)):
            shutil.copytree(source, draft / name, ignore=_only_knowledge)
        draft.rename(kept)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return kept


def kept_copy(fingerprint: str, archive: Path) -> tuple[Path, Path] | None:
    """The directories of a kept pack and of its English, or None if that version is not there."""
    kept = archive / fingerprint
    if not re.fullmatch("[0-9a-f]{64}", fingerprint) or not kept.is_dir():
        return None
    return kept / _PACK, kept / _ENGLISH


def _only_knowledge(directory: str, names: list[str]) -> list[str]:
    """What is no part of the knowledge, for copytree to leave out."""
    paths = [Path(directory) / name for name in names]
    return [path.name for path in paths if not path.is_dir() and path.suffix not in KNOWLEDGE_SUFFIXES]
