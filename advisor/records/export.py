"""Writes a session as a decision record in one of several formats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

from advisor.conversation.rendering import STANCES
from advisor.errors import AdvisorError
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.inference import RulebaseError
from advisor.reasoning.recommendation import Reasoner
from advisor.reasoning.rule_engine import EngineError
from advisor.records.decision_record import DecisionRecord, decision_record
from advisor.records.store import Session
from advisor.text import clean, shorten

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN_CHANGES = 10
# A transcript entry longer than this is cut in Markdown, which GitHub would not show otherwise; the JSON has all of it.
_SHOWN_CHARACTERS = 20_000


class ExportError(AdvisorError):
    """A session that could not be exported; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its id, the usual suffix of its files, and what it is good for."""

    id: str
    suffix: str
    description: str
    write: Callable[[DecisionRecord], str] = field(repr=False)


def export(session: Session, pack: KnowledgePack, format: str) -> str:
    """The decision record of a session as text. The same session and pack give the same text, whenever it is written.

    Raises ExportError for an unknown format, for a session held with another pack, and when the rules cannot be run.
    """
    chosen = FORMATS.get(format)
    if chosen is None:
        raise ExportError(f"there is no format “{shorten(clean(format), 40)}”; the formats are {', '.join(FORMATS)}")
    if session.info.pack_id != pack.manifest.id:
        raise ExportError(
            f"session {session.info.id} was held with the knowledge pack {session.info.pack_id}, not with "
            f"{pack.manifest.id}; name its directory with --knowledge"
        )
    try:
        reasoner = Reasoner(pack)
        try:
            record = decision_record(session, reasoner)
        finally:
            for engine in reasoner.engines.values():
                engine.close()
    except (EngineError, RulebaseError) as error:
        raise ExportError(f"the rules could not be run: {error}") from error
    return chosen.write(record)


# JSON -------------------------------------------------------------------------------------------------------------


def _json(record: DecisionRecord) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"


# Markdown ---------------------------------------------------------------------------------------------------------


def _markdown(record: DecisionRecord) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(  # noqa: S701  (what is written is not HTML; see finalize)
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Every value that a template inserts passes through here; only what is already Markdown is left alone.
        finalize=lambda value: value if isinstance(value, Markdown) else escape_markdown(str(value)),
    )
    names = {option.id: option.name for option in record.options}
    environment.filters |= {
        "quoted": quoted_markdown,
        "prose": prose_markdown,
        "source": _source,
        "say": lambda lean_or_verdict: names.get(lean_or_verdict, lean_or_verdict),
    }
    template = environment.get_template("decision_record.md.j2")
    text = template.render(record=record, stances=STANCES, shown_changes=_SHOWN_CHANGES)
    # Sections that may be empty leave their empty lines behind.
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


class Markdown(str):
    """Text that is Markdown already, so that it is not escaped again."""

    __slots__ = ()


# What has a meaning anywhere in a line (a colon can make an address a link), and at its beginning: lists and rules.
_SPECIAL = re.compile(
    r"""(?P<entity>[&<>|\n\t])
    | [\\`*_\[\]\#~$^]
    | (?<=[a-z]):(?=\S)
    | (?<=www)\.
    | \A[-+=]
    | (?P<number>\A\d{1,9}(?=[.)](?:\s|\Z)))""",
    re.IGNORECASE | re.VERBOSE,
)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape_markdown(text: str) -> Markdown:
    """Text as one run of Markdown that renders as exactly that text, wherever in a line or table it is put."""
    text = clean(text)
    body = text.strip()
    start = text.index(body) if body else len(text)
    lead, tail = text[:start], text[start + len(body) :]
    return Markdown(_by_number(lead) + _SPECIAL.sub(_escaped, body) + _by_number(tail))


def _escaped(special: re.Match[str]) -> str:
    character = special[0]
    if special["entity"]:
        return _ENTITIES.get(character) or _by_number(character)
    return f"{character}\\" if special["number"] else f"\\{character}"


def _by_number(space: str) -> str:
    """White space that a reader of Markdown would otherwise strip."""
    return "".join(f"&#{ord(character)};" for character in space)


def quoted_markdown(text: str) -> Markdown:
    """Text as a block quote that keeps its lines; empty lines separate paragraphs."""
    shown = clean(text)
    cut = len(shown) - _SHOWN_CHARACTERS
    if cut > 0:
        shown = f"{shown[:_SHOWN_CHARACTERS]}… ({cut:,} more characters; the JSON export has all of it)"
    lines = [line if line.strip() else "" for line in shown.strip("\n").split("\n")]
    quoted = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        hard_break = "\\" if line and following else ""
        quoted.append(f"> {escape_markdown(line)}{hard_break}".rstrip())
    return Markdown("\n".join(quoted))


_CODE = re.compile(r"(`[^`\n]+`)")
_LIST_MARKER = re.compile(r"(?:-|\d{1,2}\.) ")


def prose_markdown(text: str) -> Markdown:
    """Text of the pack, of whose Markdown only paragraphs, plain lists and code between backticks are kept."""
    return Markdown("\n".join(_prose_line(line.strip()) for line in clean(text).strip().split("\n")))


def _prose_line(line: str) -> str:
    marker = _LIST_MARKER.match(line)
    start = marker.end() if marker else 0
    parts = _CODE.split(line[start:].lstrip())
    kept = (part if _CODE.fullmatch(part) else _SPECIAL.sub(_escaped, part) for part in parts)
    return line[:start] + "".join(kept)


def _source(source: Any) -> Markdown:
    """A source as a link, if it has a web address, with its date."""
    title = escape_markdown(" ".join(source.title.split()))
    if source.url and urlsplit(source.url).scheme in ("http", "https"):
        title = Markdown(f"[{title}]({quote(source.url, safe=_URL_SAFE)})")
    return Markdown(f"{title} ({escape_markdown(source.date or 'undated')})")


_URL_SAFE = "%/:?#@!$&'*+,;=~-._"

FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        chosen.id: chosen
        for chosen in (
            ExportFormat("markdown", ".md", "A decision record to read and to keep beside the code", _markdown),
            ExportFormat("json", ".json", "The same record for programs, with stable field names", _json),
        )
    }
)
