"""Holds recorded conversations again: with the knowledge they were held with, with today's, or with two packs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from advisor.assistant import Assistant, assistant_over, load_assistant
from advisor.errors import AdvisorError
from advisor.knowledge_base.pack import load_pack
from advisor.records.differences import Comparison, Difference
from advisor.records.knowledge_versions import kept_copy
from advisor.records.record_file import RecordError, RecordFile, read_record
from advisor.records.replay import Replay, replay
from advisor.settings import Settings

_SHOWN_PARTS = 20


@dataclass(frozen=True)
class Rechecked:
    """A record held again. `note` tells with which knowledge."""

    file: RecordFile
    replay: Replay
    note: str

    @property
    def sound(self) -> bool:
        """Whether nothing differs and nothing was altered."""
        return not self.replay.differences and not self.file.altered


def recheck(file: RecordFile, settings: Settings, archive: Path, today: bool = False) -> Rechecked:
    """Holds a record again: with the pack of the settings if there is one, with the recorded version of the knowledge
    if it was kept, and otherwise, or with `today`, with the shipped one.

    Raises AdvisorError when the conversation cannot be held.
    """
    assistant = _assistant_for(file, settings, archive, today)
    pack, recorded = assistant.pack, file.record.pack
    if pack.manifest.id != recorded.id:
        raise AdvisorError(
            f"{file.name} is about the knowledge pack {recorded.id}, not {pack.manifest.id}; name its directory with "
            "--knowledge"
        )
    if pack.fingerprint == recorded.session_fingerprint:
        note = f"with the recorded knowledge, {pack.manifest.version} ({pack.fingerprint[:12]})"
    else:
        note = (
            f"with other knowledge, {pack.manifest.version} ({pack.fingerprint[:12]}), than was recorded, "
            f"{recorded.session_version} ({recorded.session_fingerprint[:12]})"
        )
    found = replay(file.record, assistant.conversation(), assistant.reasoner, assistant.encoder.fingerprint)
    return Rechecked(file, found, note)


def _assistant_for(file: RecordFile, settings: Settings, archive: Path, today: bool) -> Assistant:
    if settings.knowledge is not None or today:
        return load_assistant(settings)
    pack = load_pack()
    recorded = file.record.pack.session_fingerprint
    kept = kept_copy(recorded, archive) if recorded != pack.fingerprint else None
    return assistant_over(load_pack(*kept) if kept else pack, settings)


def rechecked_lines(found: Rechecked) -> Iterator[str]:
    """What came of holding a record again, in words."""
    if found.file.altered:
        yield f"This record was altered after it was written: {', '.join(found.file.altered)}."
    messages = len(found.file.record.transcript)
    if not found.replay.differences:
        yield f"The same: {messages} messages, every act and reply."
    for difference in found.replay.differences:
        yield from difference_lines(difference, "recorded", "now")
    yield f"Held again {found.note}."
    yield from _other_circumstances(found)
    if found.replay.differences:
        yield from changed_lines(found.replay.comparison)


def _other_circumstances(found: Rechecked) -> Iterator[str]:
    then, now = found.replay.then, found.replay.now
    if then.encoder != now.encoder:
        yield f"The encoder is another one: {then.encoder[:12]} then, {now.encoder[:12]} now."
    if then.tool != now.tool:
        yield f"The program is another one: {then.tool.version} then, {now.tool.version} now."
    if then.redacted:
        yield "The record is redacted; placeholders may be read otherwise than the words that they stand for."


def difference_lines(difference: Difference, then: str, now: str) -> Iterator[str]:
    """A difference in words; `then` and `now` name the two sides."""
    width = max(len(then), len(now), len("because")) + 1
    yield f"{difference.where}:"
    yield f"  {then + ':':<{width}} {difference.then}"
    yield f"  {now + ':':<{width}} {difference.now}"
    for cause in difference.because:
        yield f"  {'because:':<{width}} {cause}"


def changed_lines(comparison: Comparison) -> Iterator[str]:
    """What differs between the two versions of the knowledge."""
    if not comparison.changed:
        return
    yield f"Parts of the knowledge that differ: {len(comparison.changed)}."
    for part in comparison.changed[:_SHOWN_PARTS]:
        yield f"  {part}"
    if len(comparison.changed) > _SHOWN_PARTS:
        yield f"  and {len(comparison.changed) - _SHOWN_PARTS} more"


def rechecked_json(found: Rechecked) -> dict[str, Any]:
    """The same as one JSON object."""
    return {
        "record": found.file.name,
        "same": not found.replay.differences,
        "altered": list(found.file.altered),
        "knowledge": found.note,
        "differences": [asdict(difference) for difference in found.replay.differences],
        "changed": [asdict(part) for part in found.replay.comparison.changed],
    }


# Two packs over a folder of records ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PackDifference:
    """One record under two packs; `differences` are those of facts, rows and verdicts."""

    name: str
    differences: tuple[Difference, ...]

    @property
    def changed(self) -> bool:
        """Whether the decision would be another one, or rest on other rows."""
        return any(difference.kind in ("row", "verdict") for difference in self.differences)


def records_in(folder: Path) -> tuple[list[RecordFile], list[str]]:
    """The records in a folder, by name, and what is wrong with files that are none. Raises RecordError for a folder
    that cannot be read or holds no record.
    """
    if not folder.is_dir():
        raise RecordError(f"{folder} is not a directory; give a folder of records that `export --format json` wrote")
    records, problems = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            records.append(read_record(path))
        except RecordError as error:
            problems.append(str(error))
    if not records:
        raise RecordError("; ".join([f"{folder} holds no record of a conversation", *problems[:1]]))
    return records, problems


def differing_packs(
    first: Path, second: Path, records: Sequence[RecordFile], settings: Settings
) -> Iterator[PackDifference]:
    """Holds every record again with both packs. Raises AdvisorError when a pack or a record does not fit."""
    assistants = [load_assistant(Settings(path, settings.encoder, settings.data_dir)) for path in (first, second)]
    for file in records:
        for assistant in assistants:
            if assistant.pack.manifest.id != file.record.pack.id:
                raise AdvisorError(
                    f"{file.name} is about the knowledge pack {file.record.pack.id}, not {assistant.pack.manifest.id}"
                )
        then, now = (
            replay(file.record, one.conversation(), one.reasoner, one.encoder.fingerprint).now for one in assistants
        )
        yield PackDifference(file.name, Comparison(then, now).differences())
