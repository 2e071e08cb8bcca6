"""Paragraphs with hanging indents: the one form in which the chat lays out text, without any markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from tui.text_styles import CODE

_NARROWEST = 8
_CODE = re.compile(r"`([^`\n]+)`")


EMPTY = Content("")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text that wraps beside `lead`, which precedes its first line; further lines start below the text."""

    content: Content
    lead: Content = EMPTY

    def lines(self, width: int) -> list[Content]:
        """The paragraph's lines, none wider than `width` cells (at least 8 are used for the text)."""
        indent = self.lead.cell_length
        wrapped = [line.rstrip() for line in self.content.wrap(max(width - indent, _NARROWEST))] or [EMPTY]
        margin = Content(" " * indent)
        return [self.lead + wrapped[0], *(margin + line for line in wrapped[1:])]


BLANK = Paragraph(EMPTY)


class Paragraphs(Visual):
    """Paragraphs as one visual: a message is one widget however long it is."""

    def __init__(self, paragraphs: Iterable[Paragraph]) -> None:
        self._paragraphs = tuple(paragraphs)
        self._laid_out: tuple[int, Content] | None = None

    def at(self, width: int) -> Content:
        """The text as laid out for `width` cells; the last width is remembered."""
        if self._laid_out is None or self._laid_out[0] != width:
            lines = [line for paragraph in self._paragraphs for line in paragraph.lines(width)]
            self._laid_out = width, Content("\n").join(lines)
        return self._laid_out[1]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Part of the Visual protocol."""
        return self.at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Part of the Visual protocol."""
        return self.at(container_width).get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Part of the Visual protocol."""
        return self.at(width).get_height(rules, width)


def prose(text: str, style: str = "", indent: int = 0) -> list[Paragraph]:
    """Plain text as paragraphs, one for each of its lines; lines that start with a dash hang below it."""
    margin = " " * indent
    paragraphs = []
    for line in text.split("\n"):
        if line.startswith("- "):
            paragraphs.append(Paragraph(Content.styled(line[2:], style), Content(f"{margin}• ")))
        else:
            paragraphs.append(Paragraph(Content.styled(line, style), Content(margin)))
    return paragraphs


def answer_prose(text: str) -> list[Paragraph]:
    """An FAQ answer as paragraphs; what it writes between backticks is styled as code and shown without them."""
    return [Paragraph(_with_code(paragraph.content.plain), paragraph.lead) for paragraph in prose(text)]


def _with_code(line: str) -> Content:
    parts = _CODE.split(line)
    return Content.assemble(*((part, CODE) if index % 2 else part for index, part in enumerate(parts)))
