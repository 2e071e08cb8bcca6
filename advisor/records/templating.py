"""The Jinja environments of the exports: in each, whatever is inserted is escaped for its format unasked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from advisor.conversation.explanation_rendering import changes_in_words, explanation_lines, override_line
from advisor.conversation.rendering import STANCES
from advisor.records.derivation_graph import derivation_graph
from advisor.records.drawing import drawing
from advisor.records.highlighting import anchor, anchors, segments
from advisor.records.markdown_text import Markdown, escape_markdown, prose_markdown, quoted_markdown, source_markdown
from advisor.records.record_model import DecisionRecord
from advisor.text import clean

_TEMPLATES = Path(__file__).parent / "templates"
_SHOWN_CHANGES = 10
# Characters of a diagram's text that Mermaid and a fenced block take as they are; all others are written by number.
_PLAIN_IN_MERMAID = frozenset(" ,.-()“”’…")
_MERMAID_TEXT = 90


def render(template: str, record: DecisionRecord, **more: Any) -> str:
    """A template filled in with a record, in the environment of its format (the suffix before `.j2`)."""
    environment = _environment(template.split(".")[-2], record)
    text = environment.get_template(template).render(
        record=record, stances=STANCES, shown_changes=_SHOWN_CHANGES, graph=derivation_graph(record), **more
    )
    # Sections that may be empty leave their empty lines behind.
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def _environment(kind: str, record: DecisionRecord) -> Environment:
    html = kind == "html"
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=html,  # noqa: S701  (what is written without it is not HTML; see finalize)
        # Every value that a template inserts passes through here; only what is of the format already is left alone.
        finalize=_FINALIZE[kind],
    )
    names = {option.id: option.name for option in record.options}
    environment.filters |= {
        "say": lambda lean_or_verdict: names.get(lean_or_verdict, lean_or_verdict),
        "capital": lambda text: text[:1].upper() + text[1:],
        "line": lambda text: " ".join(str(text).split()),
        "mermaid": _mermaid,
        "changes": changes_in_words,
        "override": override_line,
        "explained": lambda blocks: [
            line for block in blocks for line in explanation_lines(block, lambda name: names.get(name, name))
        ],
        "anchor": partial(anchor, places=anchors(record)),
        "segments": partial(segments, record=record),
        **_FILTERS[kind],
    }
    return environment


def _finalize_markdown(value: Any) -> str:
    return value if isinstance(value, Markdown) else escape_markdown(str(value))


def _finalize_html(value: Any) -> Any:
    return value if isinstance(value, Markup) else clean(str(value))


def _finalize_text(value: Any) -> str:
    return clean(str(value))


def _mermaid(text: str) -> Markdown:
    """Text inside the quotes of a Mermaid label."""
    line = " ".join(clean(text).split())
    cut = line if len(line) <= _MERMAID_TEXT else line[: _MERMAID_TEXT - 1] + "…"
    return Markdown("".join(c if c.isalnum() or c in _PLAIN_IN_MERMAID else f"#{ord(c)};" for c in cut))


def _indented(text: str, prefix: str) -> str:
    return "\n".join(f"{prefix}{line}".rstrip() for line in clean(text).strip("\n").split("\n"))


def _yaml(text: str) -> Markdown:
    """Text as a YAML scalar between double quotes."""
    line = " ".join(clean(text).split())
    return Markdown('"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"')


def _prose_html(text: str) -> Markup:
    """Text of the pack, of whose Markdown only paragraphs, lists and code between backticks are kept."""
    prose = MarkdownIt("zero", {"html": False}).enable(["list", "backticks"])
    return Markup(prose.render(clean(text)))  # noqa: S704  (html is off: what is no Markdown is escaped)


def _web_address(url: str | None) -> str | None:
    """An address that a link may lead to."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


_FINALIZE: Mapping[str, Callable[[Any], Any]] = {
    "md": _finalize_markdown,
    "html": _finalize_html,
    "txt": _finalize_text,
}
_FILTERS: Mapping[str, dict[str, Callable[..., Any]]] = {
    "md": {"quoted": quoted_markdown, "prose": prose_markdown, "source": source_markdown, "yaml": _yaml},
    "html": {
        "prose": _prose_html,
        "web_address": _web_address,
        "drawing": drawing,
    },
    "txt": {"indented": _indented},
}
