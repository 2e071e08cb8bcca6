"""Paragraphs with hanging indents: the one form in which the chat lays out text, without any markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content, Span
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from tui.targets import Target, target_of
from tui.text_styles import CODE, CURSOR, FOUND

_NARROWEST = 8
_CODE = re.compile(r"`([^`\n]+)`")
_NUMBER = "number"


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


@dataclass(frozen=True, slots=True)
class Flow:
    """Items beside `lead`, as many on a line as fit; none is broken unless it is wider than the line."""

    items: tuple[Content, ...]
    lead: Content = EMPTY
    between: int = 1

    def lines(self, width: int) -> list[Content]:
        """The lines, none wider than `width` cells (at least 8 are used for the items)."""
        room = max(width - self.lead.cell_length, _NARROWEST)
        rows: list[list[Content]] = [[]]
        used = 0
        for item in self.items:
            if rows[-1] and used + self.between + item.cell_length > room:
                rows.append([])
            used = item.cell_length + (used + self.between if rows[-1] else 0)
            rows[-1].append(item)
        gap, margin = Content(" " * self.between), Content(" " * self.lead.cell_length)
        wrapped = [line.rstrip() for row in rows for line in gap.join(row).wrap(room)]
        return [self.lead + wrapped[0], *(margin + line for line in wrapped[1:])] if wrapped else [self.lead]


Block = Paragraph | Flow


class Paragraphs(Visual):
    """Paragraphs as one visual: a message is one widget however long it is.

    `targets` are what its links open, in reading order; one of them may stand out as the cursor, and words that were
    looked for.
    """

    def __init__(self, paragraphs: Iterable[Block]) -> None:
        self.targets: list[Target] = []
        self._paragraphs = tuple(self._numbered(paragraph) for paragraph in paragraphs)
        self._cursor: int | None = None
        self._found = ""
        self._laid_out: tuple[int, Content] | None = None

    def marked(self, cursor: int | None, found: str = "") -> Paragraphs:
        """The same text with the cursor on a target, and with these words standing out."""
        same = Paragraphs(())
        same.targets, same._paragraphs, same._cursor, same._found = self.targets, self._paragraphs, cursor, found
        return same

    def at(self, width: int) -> Content:
        """The text as laid out for `width` cells; the last width is remembered."""
        if self._laid_out is None or self._laid_out[0] != width:
            lines = [line for paragraph in self._paragraphs for line in paragraph.lines(width)]
            text = Content("\n").join(lines)
            for span in _spans(text, self._cursor):
                text = text.stylize(CURSOR, span.start, span.end)
            for hit in _finditer(self._found, text.plain):
                text = text.stylize(FOUND, *hit.span())
            self._laid_out = width, text
        return self._laid_out[1]

    def line_of(self, index: int, width: int) -> int:
        """The line of the laid-out text, from 0, in which the target of this index begins."""
        text = self.at(width)
        starts = [span.start for span in _spans(text, index)]
        return text.plain.count("\n", 0, min(starts)) if starts else 0

    def line_with(self, words: str, width: int) -> int:
        """The first line of the laid-out text, from 0, in which words stand; 0 if they stand nowhere."""
        text = self.at(width).plain
        hit = next(_finditer(words, text), None)
        return text.count("\n", 0, hit.start()) if hit else 0

    def _numbered(self, block: Block) -> Block:
        lead = self._with_numbers(block.lead)
        if isinstance(block, Flow):
            return Flow(tuple(map(self._with_numbers, block.items)), lead, block.between)
        return Paragraph(self._with_numbers(block.content), lead)

    def _with_numbers(self, content: Content) -> Content:
        if not any(target_of(span.style) for span in content.spans):
            return content
        spans: list[Span] = []
        for span in sorted(content.spans, key=lambda span: span.start):
            target = target_of(span.style)
            if target is not None:
                self.targets.append(target)
                span = Span(span.start, span.end, Style.from_meta({_NUMBER: len(self.targets) - 1}))
            spans.append(span)
        return Content(content.plain, spans)

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Part of the Visual protocol."""
        return self.at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Part of the Visual protocol."""
        return self.at(container_width).get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Part of the Visual protocol. Lines that fit are counted, because wrapping them once more takes as long."""
        text = self.at(width)
        fits = all(block.lead.cell_length + _NARROWEST <= width for block in self._paragraphs)
        return text.plain.count("\n") + 1 if fits and text else text.get_height(rules, width)


def _finditer(words: str, text: str) -> Iterator[re.Match[str]]:
    """Where words stand in a text, however it is wrapped."""
    parts = words.split()
    return re.finditer(r"\s+".join(map(re.escape, parts)), text, re.IGNORECASE) if parts else iter(())


def _spans(text: Content, index: int | None) -> list[Span]:
    if index is None:
        return []
    return [
        span
        for span in text.spans
        if not isinstance(span.style, str) and span.style.meta and span.style.meta.get(_NUMBER) == index
    ]


def clicked(meta: dict[str, object]) -> int | None:
    """The index of the target under the mouse, from the meta data of its style."""
    number = meta.get(_NUMBER)
    return number if isinstance(number, int) else None


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


def joined(parts: Sequence[Content], between: str) -> Content:
    """Parts with a separator between them."""
    return Content(between).join(parts)


def _with_code(line: str) -> Content:
    parts = _CODE.split(line)
    return Content.assemble(*((part, CODE) if index % 2 else part for index, part in enumerate(parts)))
