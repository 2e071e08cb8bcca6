"""The decision as it stands, as the panel beside the transcript and as the one line that replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from advisor.text import shorten
from tui.chat_port import Decision, Standing
from tui.content_parts import changes_content, evidence_of, quoted, verdict_in_words
from tui.paragraphs import BLANK, EMPTY, Paragraph
from tui.targets import Row, Send, link
from tui.text_styles import ASSUMED, FIRST_OPTION, HEADING, MUTED, QUOTE, SECOND_OPTION, STRONG, WARNING

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix, MatrixRow, ReadingName, ReadingState

_LEAN_WIDTH = 11
_CELLS_PER_ROW = 3
_WIDEST_NAME = 24
_UNDECIDED = "insufficient"
_SHORT_VERDICTS = {"insufficient": "undecided"}


def panel_paragraphs(standing: Standing, decision: Decision, width: int, chosen: str | None = None) -> list[Paragraph]:
    """All rows with both leans and a quote, then each reading's tally and verdict, for `width` cells.

    The quotes of the `chosen` row are shown in full. Under assumptions, the rows are those that would then hold.
    """
    matrix = standing.supposed or standing.matrix
    return [
        *_assumed(standing, width),
        *_rows(matrix, standing.matrix, decision, width, chosen),
        *(paragraph for reading in matrix.readings for paragraph in (BLANK, *_reading(matrix, reading, decision))),
        BLANK,
        Paragraph(
            Content.styled(f"{decision.decisive_rows} rows decide a reading. Click or Enter opens a row.", MUTED)
        ),
    ]


def _assumed(standing: Standing, width: int) -> Iterator[Paragraph]:
    if standing.supposed is None:
        return
    yield Paragraph(Content.styled("What if, not part of your project:", ASSUMED))
    for assumption in standing.assumptions:
        yield Paragraph(Content.styled(shorten(assumption, 2 * width), STRONG), Content("• "))
    if standing.set_aside:
        set_aside = shorten(f"set aside: {'; '.join(standing.set_aside)}", 2 * width)
        yield Paragraph(Content.styled(set_aside, MUTED), Content("  "))
    keep = link("[keep it]", Send("/commit"), STRONG)
    drop = link("[drop it]", Send("/forget"), STRONG)
    yield Paragraph(Content.assemble(drop, "  ", keep))
    yield BLANK


def _rows(matrix: Matrix, now: Matrix, decision: Decision, width: int, chosen: str | None) -> Iterator[Paragraph]:
    name_width = min(max(width - 2 * (_LEAN_WIDTH + 1), 4), _WIDEST_NAME)
    heads = [_fitted(reading.title, _LEAN_WIDTH, MUTED) for reading in matrix.readings]
    yield Paragraph(Content(" ").join([Content(" " * name_width), *heads]))
    for row, before in zip(matrix.rows, now.rows, strict=True):
        leans = [_lean(row, reading.reading, decision) for reading in matrix.readings]
        moved = row.leans != before.leans
        name = shorten(row.short, name_width - moved)
        mark = Content.styled("*" if moved else "", ASSUMED)
        space = Content(" " * max(name_width - Content(name).cell_length - moved, 0))
        head = Content.assemble(link(name, Row(row.criterion), STRONG), mark, space)
        yield Paragraph(Content(" ").join([head, *leans]))
        yield from _words(row, width, chosen == row.criterion)


def _words(row: MatrixRow, width: int, full: bool) -> Iterator[Paragraph]:
    found = evidence_of(row)
    if full:
        yield Paragraph(Content.styled(row.title, MUTED), Content("  "))
        for observation in found:
            yield Paragraph(quoted(observation), Content("  "))
    elif found:
        words = shorten("; ".join(observation.quote for observation in found), max(width - 4, 8))
        yield Paragraph(Content.styled(f"“{words}”", QUOTE), Content("  "))


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
    yield Paragraph(verdict, Content.styled("→ ", HEADING))
    if any(reading.tally.values()) or reading.verdict != _UNDECIDED:
        yield from _reachable(matrix, reading, decision)
        yield from _beyond(reading, decision)


def _open_rows(matrix: Matrix, reading: ReadingName) -> int:
    return sum(row.leans[reading] == "unknown" for row in matrix.rows)


def _reachable(matrix: Matrix, reading: ReadingState, decision: Decision) -> Iterator[Paragraph]:
    possible = [decision.say(end) for end, ways in reading.ways.items() if ways and end != _UNDECIDED]
    if reading.verdict == _UNDECIDED:
        yield Paragraph(Content.styled(f"can still become {', '.join(possible)}", MUTED), Content("  "))
    elif _open_rows(matrix, reading.reading) and sum(bool(ways) for ways in reading.ways.values()) == 1:
        yield Paragraph(Content.styled("whatever the open rows bring", MUTED), Content("  "))


def _beyond(reading: ReadingState, decision: Decision) -> Iterator[Paragraph]:
    """What settles a reading beyond its rows, and the smallest change that would turn it."""
    if reading.by_tally is not None and reading.by_tally != reading.verdict:
        by_tally = f"its rows alone: {verdict_in_words(reading.by_tally, decision.say)}"
        yield Paragraph(Content.styled(by_tally, MUTED), Content("  "))
    for override in reading.overrides:
        yield Paragraph(Content(override.text), Content.styled("! ", WARNING))
    if reading.smallest is not None:
        told = changes_content(reading.smallest.changes)
        outcome = f" → {verdict_in_words(reading.smallest.verdict, decision.say)}"
        turns = link("would turn with ", Send("/flip"), MUTED)
        yield Paragraph(Content.assemble(turns, told, outcome), Content("  "))


def summary_line(standing: Standing, decision: Decision, width: int) -> Content:
    """The decision on one line of `width` cells."""
    matrix = standing.supposed or standing.matrix
    article, amended = matrix.readings
    tally = ", ".join(f"{decision.say(option)} {count}" for option, count in article.tally.items())
    open_rows = _open_rows(matrix, "article")
    verdicts = [_SHORT_VERDICTS.get(reading.verdict) or decision.say(reading.verdict) for reading in (article, amended)]
    outcome = f"{verdicts[0]} in both" if verdicts[0] == verdicts[1] else f"{verdicts[0]}, amended {verdicts[1]}"
    supposed = Content.styled("What if: ", ASSUMED) if standing.supposed else EMPTY
    line = Content.assemble(
        supposed, tally, (f", {open_rows} open " if open_rows else " ", MUTED), ("→ " + outcome, STRONG)
    )
    return line.truncate(width, ellipsis=True)


def _colour(option: str, decision: Decision) -> str:
    """Colours tell the options apart for the eye; their names always stand beside."""
    return FIRST_OPTION if option == next(iter(decision.options), None) else SECOND_OPTION


def _fitted(text: str, width: int, style: str = "") -> Content:
    return Content.styled(text, style).truncate(width, ellipsis=True, pad=True)
