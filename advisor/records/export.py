"""Writes a session as a decision record in one of several formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from advisor.errors import AdvisorError
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.inference import RulebaseError
from advisor.reasoning.recommendation import Reasoner
from advisor.reasoning.rule_engine import EngineError
from advisor.records.decision_record import decision_record
from advisor.records.integrity import sealed
from advisor.records.matrix_csv import matrix_csv
from advisor.records.provenance import provenance
from advisor.records.record_model import SealedRecord
from advisor.records.redaction import Redaction, RedactionError, cleaned
from advisor.records.session import Session
from advisor.text import clean, shorten


class ExportError(AdvisorError):
    """A session that could not be exported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its id, the suffix that tells its files from those of the others, and what it is good for."""

    id: str
    suffix: str
    description: str
    write: Callable[[SealedRecord, str], str] = field(repr=False)
    """Takes the record and the name of the file that it is for, empty if there is none."""
    numbered: bool = False
    """Whether its files lie in one directory under numbers, as 0007-framework.adr.md."""


def export(
    session: Session, pack: KnowledgePack, format: str, *, redact: Iterable[str] | None = None, file_name: str = ""
) -> str:
    """The decision record of a session as text. The same session and pack give the same text, whenever it is written.

    `redact`: words to leave out, and with them every e-mail address, web address and telephone number that the user
    wrote; None leaves everything in. `file_name`: where a format numbers its files, the number is taken from it.

    Raises ExportError for an unknown format, for a session held with another pack, for words that cannot be left out,
    and when the rules cannot be run.
    """
    chosen = _format(format)
    return chosen.write(record_of(session, pack, redact=redact), file_name)


def record_of(session: Session, pack: KnowledgePack, *, redact: Iterable[str] | None = None) -> SealedRecord:
    """The decision record of a session, with its hashes. Raises ExportError."""
    if session.info.pack_id != pack.manifest.id:
        raise ExportError(
            f"session {session.info.id} was held with the knowledge pack {session.info.pack_id}, not with "
            f"{pack.manifest.id}; name its directory with --knowledge"
        )
    try:
        reasoner = Reasoner(pack)
        try:
            record = cleaned(decision_record(session, reasoner))
        finally:
            for engine in reasoner.engines.values():
                engine.close()
    except (EngineError, RulebaseError) as error:
        raise ExportError(f"the rules could not be run: {error}") from error
    if redact is not None:
        try:
            record = Redaction(redact, record).redacted(record)
        except RedactionError as error:
            raise ExportError(str(error)) from error
    return sealed(record)


def format_for(file_name: str) -> str | None:
    """The format that a file's name asks for by its ending, the longest that fits; None if there is none."""
    fitting = [chosen for chosen in FORMATS.values() if file_name.casefold().endswith(chosen.suffix)]
    return max(fitting, key=lambda chosen: len(chosen.suffix)).id if fitting else None


def number_of(file_name: str) -> int | None:
    """The number that a record's file name begins with, as in 0007-framework.md; None if it has none."""
    number = re.match(r"0*(\d{1,6})-", Path(file_name).name)
    return int(number[1]) if number else None


def _format(name: str) -> ExportFormat:
    chosen = FORMATS.get(name)
    if chosen is None:
        raise ExportError(f"there is no format “{shorten(clean(name), 40)}”; the formats are {', '.join(FORMATS)}")
    return chosen


def _template(name: str) -> Callable[[SealedRecord, str], str]:
    return partial(_rendered, name)


def _rendered(template: str, record: SealedRecord, file_name: str) -> str:
    # Jinja takes a tenth of a second to import.
    from advisor.records.templating import render

    number = number_of(file_name)
    return render(template, record, number=None if number is None else str(number))


def _json(record: SealedRecord, file_name: str) -> str:
    return _json_text(record.model_dump(mode="json"))


def _prov(record: SealedRecord, file_name: str) -> str:
    return _json_text(provenance(record))


def _csv(record: SealedRecord, file_name: str) -> str:
    return matrix_csv(record)


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        chosen.id: chosen
        for chosen in (
            ExportFormat(
                "markdown",
                ".md",
                "the whole rationale, readable on GitHub, with a diagram",
                _template("decision_record.md.j2"),
            ),
            ExportFormat("madr", ".madr.md", "a decision record in MADR 4", _template("madr.md.j2")),
            ExportFormat(
                "nygard", ".adr.md", "a decision record for adr-tools", _template("nygard.md.j2"), numbered=True
            ),
            ExportFormat(
                "log4brains", ".log4brains.md", "a decision record for log4brains", _template("log4brains.md.j2")
            ),
            ExportFormat(
                "html",
                ".html",
                "one page to read and print, with the conversation and a drawing",
                _template("decision_record.html.j2"),
            ),
            ExportFormat("text", ".txt", "plain text", _template("decision_record.txt.j2")),
            ExportFormat("json", ".json", "for programs and for replay, by a published schema", _json),
            ExportFormat("prov", ".prov.json", "the derivation as W3C PROV-JSON", _prov),
            ExportFormat("csv", ".csv", "the matrix for a spreadsheet", _csv),
        )
    }
)
