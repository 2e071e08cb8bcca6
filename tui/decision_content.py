"""The decision as it stands, as the panel beside the transcript and as the one line that replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from advisor.text import shorten
from tui.block_content import quotes_of, verdict_in_words
from tui.chat_port import Decision
from tui.paragraphs import BLANK, Paragraph
from tui.text_styles import FIRST_OPTION, MUTED, QUOTE, SECOND_OPTION, STRONG, WARNING

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix, MatrixRow, ReadingState

_LEAN_WIDTH = 11
_CELLS_PER_ROW = 3
_UNDECIDED = "insufficient"
_SHORT_VERDICTS = {"insufficient": "undecided"}


def panel_paragraphs(matrix: Matrix, decision: Decision, width: int, assumed: int = 0) -> list[Paragraph]:
    """All rows with both leans and a quote, then each reading's tally and verdict, for `width` cells.

    `assumed`: how many what-if assumptions are in play without being part of the matrix.
    """
    return [
        *_rows(matrix, decision, width),
        *(paragraph for reading in matrix.readings for paragraph in (BLANK, *_reading(matrix, reading, decision))),
        BLANK,
        Paragraph(Content.styled(f"{decision.decisive_rows} rows decide a reading.", MUTED)),
        *([Paragraph(Content.styled(f"{assumed} what-if assumed, not counted.", WARNING))] if assumed else []),
    ]


def _rows(matrix: Matrix, decision: Decision, width: int) -> Iterator[Paragraph]:
    name_width = max(width - 2 * (_LEAN_WIDTH + 1), 4)
    heads = [_fitted(reading.title, _LEAN_WIDTH, MUTED) for reading in matrix.readings]
    yield Paragraph(Content(" ").join([Content(" " * name_width), *heads]))
    for row in matrix.rows:
        leans = [_lean(row, reading.reading, decision) for reading in matrix.readings]
        yield Paragraph(Content(" ").join([_fitted(row.short, name_width, STRONG), *leans]))
        quote = "; ".join(quotes_of(row))
        if quote:
            yield Paragraph(Content.styled(f"“{shorten(quote, max(width - 4, 8))}”", QUOTE), Content("  "))


def _lean(row: MatrixRow, reading: str, decision: Decision) -> Content:
    lean = next(value for name, value in row.leans.items() if name == reading)
    return _fitted(
        decision.say(lean), _LEAN_WIDTH, f"bold {_colour(lean, decision)}" if lean in decision.options else MUTED
    )


def _reading(matrix: Matrix, reading: ReadingState, decision: Decision) -> Iterator[Paragraph]:
    remark = "  (as the article)" if reading.reading == "amended" and matrix.same_rules else ""
    verdict = Content.styled(verdict_in_words(reading.verdict, decision.say), STRONG)
    yield Paragraph(Content.assemble((f"{reading.title} reading", STRONG), (remark, MUTED)))
    for option, count in reading.tally.items():
        bar = Content.assemble(
            ("█" * (count * _CELLS_PER_ROW), _colour(option, decision)),
            ("░" * ((len(matrix.rows) - count) * _CELLS_PER_ROW), MUTED),
        )
        yield Paragraph(Content.assemble(_fitted(decision.say(option), _LEAN_WIDTH), " ", bar, f" {count}"))
    yield Paragraph(verdict, Content("→ "))
    possible = [decision.say(end) for end, ways in reading.ways.items() if ways and end != _UNDECIDED]
    if reading.verdict == _UNDECIDED and any(reading.tally.values()):
        yield Paragraph(Content.styled(f"can still become {', '.join(possible)}", MUTED), Content("  "))


def summary_line(matrix: Matrix, decision: Decision, width: int) -> Content:
    """The decision on one line of `width` cells."""
    article, amended = matrix.readings
    tally = ", ".join(f"{decision.say(option)} {count}" for option, count in article.tally.items())
    open_rows = sum(row.leans["article"] == "unknown" for row in matrix.rows)
    verdicts = [_SHORT_VERDICTS.get(reading.verdict) or decision.say(reading.verdict) for reading in (article, amended)]
    outcome = f"{verdicts[0]} in both" if verdicts[0] == verdicts[1] else f"{verdicts[0]}, amended {verdicts[1]}"
    line = Content.assemble(tally, (f", {open_rows} open ", MUTED), ("→ " + outcome, STRONG))
    return line.truncate(width, ellipsis=True)


def _colour(option: str, decision: Decision) -> str:
    """Colours tell the options apart for the eye; their names always stand beside."""
    return FIRST_OPTION if option == next(iter(decision.options), None) else SECOND_OPTION


def _fitted(text: str, width: int, style: str = "") -> Content:
    return Content.styled(text, style).truncate(width, ellipsis=True, pad=True)
