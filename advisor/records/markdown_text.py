"""Text as Markdown that renders as exactly that text, wherever a template puts it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from advisor.text import clean

# A transcript entry longer than this is cut in Markdown, which GitHub would not show otherwise; the JSON has all of it.
_SHOWN_CHARACTERS = 20_000
_URL_SAFE = "%/:?#@!$&'*+,;=~-._"


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


def source_markdown(source: Any) -> Markdown:
    """A source as a link, if it has a web address, with its date."""
    title = escape_markdown(" ".join(source.title.split()))
    if source.url and urlsplit(source.url).scheme in ("http", "https"):
        title = Markdown(f"[{title}]({quote(source.url, safe=_URL_SAFE)})")
    return Markdown(f"{title} ({escape_markdown(source.date or 'undated')})")
