"""Turns as paragraphs: one pure function for each kind of reply block. Nothing here reads markup from data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from advisor.conversation.blocks import (
    Answer,
    Block,
    Choices,
    Matrix,
    MatrixRow,
    NoAnswer,
    Note,
    Question,
    Rejected,
    SetAside,
    SetAsideItem,
    Understood,
    UnderstoodItem,
    Verdict,
    WhatIf,
)
from advisor.conversation.explanation_rendering import settled_by
from advisor.conversation.parts import Observation
from advisor.conversation.rendering import OBTAINED, STANCES
from advisor.conversation.transcript import Turn
from advisor.text import shorten
from tui.content_parts import (
    QUOTE_LIMIT,
    Say,
    changes_content,
    cited,
    evidence_of,
    heading,
    item,
    listed,
    plain_quote,
    quoted,
    verdict_in_words,
    warning,
    words_of,
)
from tui.explanation_content import explanation_paragraphs, override_paragraph, reason_content
from tui.paragraphs import BLANK, Paragraph, answer_prose, joined, prose
from tui.targets import Chip, Row, Send, Words, link
from tui.text_styles import ASSUMED, HEADING, MUTED, STRONG

# The acts that ask for the whole matrix; elsewhere the reply only tells its state, for the panel shows the rows.
_ASKS_FOR_MATRIX = frozenset({"recap", "recommend"})


def reply_paragraphs(turn: Turn, say: Say, open_choices: bool) -> list[Paragraph]:
    """The reply of a turn. With `open_choices` what can be picked is left out, for it is offered below the reply."""
    paragraphs: list[Paragraph] = []
    for block in _in_order(turn) if open_choices else turn.blocks:
        if isinstance(block, SetAside):
            drawn = list(_set_aside(block, turn))
        elif isinstance(block, Matrix) and not _ASKS_FOR_MATRIX.intersection(turn.acts):
            drawn = list(_state_of(block, say))
        else:
            drawn = list(_lines(block, say))
        recalled = isinstance(block, Question) and block.again
        if isinstance(block, Choices | Question) and not recalled and not (open_choices and _is_open(block, turn)):
            drawn += _options(block)
        paragraphs += [BLANK, *drawn] if paragraphs and drawn else drawn
    return paragraphs or prose("Noted.")


def chips_of(turn: Turn) -> list[Chip]:
    """What a turn took from the user's words, and what it noticed without counting it."""
    chips: list[Chip] = []
    for block in turn.blocks:
        if isinstance(block, Understood):
            chips += [_understood_chip(taken) for taken in block.items]
        elif isinstance(block, SetAside):
            chips += [_aside_chip(noted, turn) for noted in block.items]
    return chips


def _understood_chip(taken: UnderstoodItem) -> Chip:
    observation = taken.observation
    return Chip(
        attribute=observation.attribute,
        title=taken.title,
        value=observation.value,
        label=taken.label + OBTAINED[observation.obtained],
        quote=observation.quote,
        words=words_of(observation),
    )


def _aside_chip(noted: SetAsideItem, turn: Turn) -> Chip:
    start = turn.utterance.find(noted.quote)
    words = Words(turn.number, start, start + len(noted.quote)) if start >= 0 else None
    return Chip(noted.attribute, noted.title, "", noted.label, noted.quote, words, counted=False)


def _in_order(turn: Turn) -> list[Block]:
    """The blocks with the topics that can be picked at the end, where they are offered."""
    return sorted(turn.blocks, key=lambda block: isinstance(block, Choices) and _is_open(block, turn))


def offered(turn: Turn) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What can be picked after a turn: FAQ questions, and answers to the advisor's own question."""
    topics: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    for block in turn.blocks:
        if isinstance(block, Choices) and _is_open(block, turn):
            topics = tuple(topic.question for topic in block.topics)
        elif isinstance(block, Question) and _is_open(block, turn):
            answers = tuple(choice.label for choice in block.choices)
    return topics, answers


def _is_open(block: Choices | Question, turn: Turn) -> bool:
    """Whether the conversation still takes a pick from this block."""
    if isinstance(block, Question):
        return block.attribute == turn.state.pending
    return bool(block.topics) and tuple(topic.id for topic in block.topics) == turn.state.offered


def _options(block: Choices | Question) -> list[Paragraph]:
    """What could be picked, as text."""
    if isinstance(block, Choices):
        labels = [topic.question for topic in block.topics]
    else:
        labels = [choice.label for choice in block.choices]
    return [item(Content.styled(label, MUTED), number) for number, label in enumerate(labels, 1)]


def _lines(block: Block, say: Say) -> Iterable[Paragraph]:
    match block:
        case Understood():
            return _understood(block)
        case SetAside():
            return ()
        case Answer():
            return _answer(block)
        case Choices():
            return [heading("Did you mean one of these?")]
        case NoAnswer():
            return prose(block.text)
        case Rejected():
            asked = shorten(block.asked, QUOTE_LIMIT)
            return prose(f"Noted: “{asked}” is still without a good answer. You can put it in other words.")
        case Matrix():
            return _matrix(block, say)
        case Verdict():
            return _verdict(block)
        case WhatIf():
            return _what_if(block, say)
        case Question():
            return _question(block)
        case Note(level="warning"):
            return [warning(block.text)]
        case Note():
            return prose(block.text)
        case _:
            return explanation_paragraphs(block, say)


def _understood(block: Understood) -> Iterator[Paragraph]:
    """Only what changed: the rest stands as chips below the message."""
    for taken in block.items:
        if taken.replaces:
            yield item(Content.assemble(f"{taken.title}: ", (taken.label, STRONG), f", instead of {taken.replaces}"))


def _set_aside(block: SetAside, turn: Turn) -> Iterator[Paragraph]:
    yield heading("Noticed, but not counted")
    for taken in block.items:
        shown = f"{taken.title}: {taken.label}"
        how = f", said {STANCES[taken.stance]}  "
        yield item(Content.assemble(link(shown, _aside_chip(taken, turn)), how, plain_quote(taken.quote)))


def _answer(block: Answer) -> Iterator[Paragraph]:
    yield heading(block.topic.question)
    yield from answer_prose(block.text)
    if block.caution:
        yield warning(block.caution)
    yield Paragraph(Content.assemble((f"As of {block.as_of}. ", MUTED), cited(block.sources)))
    if block.related:
        related = [link(topic.question, Send(topic.question), MUTED) for topic in block.related]
        yield Paragraph(joined(related, " / "), Content.styled("Related: ", MUTED))
    if block.follow_ups:
        asked = [link(question, Send(question), MUTED) for question in block.follow_ups]
        yield Paragraph(joined(asked, " / "), Content.styled("People go on to ask: ", MUTED))


def _matrix(block: Matrix, say: Say) -> Iterator[Paragraph]:
    yield heading("The matrix as it stands")
    width = max((Content(row.short).cell_length for row in block.rows), default=0)
    for row in block.rows:
        name = link(row.short, Row(row.criterion), STRONG)
        lead = name + Content(" " * (width - Content(row.short).cell_length + 2))
        quotes = [part for observation in evidence_of(row) for part in (Content("  "), quoted(observation))]
        yield Paragraph(Content.assemble(_leans(row, say), *quotes), Content("  ") + lead)
        if len(set(row.leans.values())) > 1:
            margin = Content(" " * (width + 4))
            for amendment in row.amendments:
                yield Paragraph(Content.styled(f"{amendment.erratum}: {amendment.because}", MUTED), margin)
    yield from _state_of(block, say)


def _verdict(block: Verdict) -> Iterator[Paragraph]:
    yield Paragraph(Content.styled(block.headline, STRONG), Content.styled("► ", HEADING))
    if block.amended:
        yield Paragraph(Content.styled(block.amended, STRONG), Content("  "))
    yield from listed("What the errata move", block.moves)
    yield from listed("Because", map(reason_content, block.deciding) if block.deciding else block.points)
    yield from listed("Against it", block.dissent)
    if block.smallest:
        smallest = changes_content(block.smallest.changes)
        yield Paragraph(Content.assemble(("Would be flipped by ", MUTED), smallest))
    yield from map(override_paragraph, block.overrides)
    yield from listed("Still unknown, and how to find out", block.unknown)


def _what_if(block: WhatIf, say: Say) -> Iterator[Paragraph]:
    yield Paragraph(Content.styled("What if (nothing of this is kept)", ASSUMED))
    for taken in block.assumptions:
        yield item(Content.assemble(f"{taken.title}: ", (taken.label, STRONG)))
    if block.set_aside:
        set_aside = "; ".join(taken.in_words for taken in block.set_aside)
        yield Paragraph(Content.assemble(("Set aside while you assume that: ", MUTED), set_aside))
    for before, after in zip(block.now.rows, block.then.rows, strict=True):
        if before.leans != after.leans:
            yield Paragraph(Content(f"Row {after.short}: {_leans(before, say)} → {_leans(after, say)}"))
    for now, then in zip(block.now.readings, block.then.readings, strict=True):
        was, would = verdict_in_words(now.verdict, say), verdict_in_words(then.verdict, say)
        outcome = f"stays {was}" if was == would else f"{was} → {would}"
        yield Paragraph(Content.assemble(f"{now.title} reading: ", (outcome, STRONG)))


def _question(block: Question) -> Iterator[Paragraph]:
    asked = Content(block.text) if block.again else Content.styled(block.text, STRONG)
    if block.suggestion is not None:
        asked = _with_quote(asked, block.suggestion.observation)
    if block.again:
        yield Paragraph(Content.assemble(("Still open: ", MUTED), asked), Content.styled("? ", HEADING))
        return
    yield Paragraph(asked, Content.styled("? ", HEADING))
    yield Paragraph(Content.styled(block.why, MUTED), Content("  "))


def _with_quote(text: Content, observation: Observation) -> Content:
    """A text whose quote leads to the user's words, where it is there in full."""
    quote = f"“{observation.quote}”"
    start = text.plain.find(quote)
    end = start + len(quote)
    return (
        text if start < 0 else Content.assemble(text[:start], link(text[start:end], words_of(observation)), text[end:])
    )


def _state_of(matrix: Matrix, say: Say) -> Iterator[Paragraph]:
    """Verdict and tally of each reading."""
    for reading in matrix.readings:
        if reading.reading == "amended" and matrix.same_rules:
            yield Paragraph(Content.assemble(f"{reading.title} reading: ", ("as the article; no errata yet", MUTED)))
            continue
        tally = ", ".join(f"{say(option)} {count}" for option, count in reading.tally.items())
        verdict = verdict_in_words(reading.verdict, say)
        settled = f"; {beyond}" if (beyond := settled_by(reading.overrides)) else ""
        yield Paragraph(
            Content.assemble(f"{reading.title} reading: ", (verdict, STRONG), (f" ({tally}){settled}", MUTED))
        )


def _leans(row: MatrixRow, say: Say) -> str:
    article, amended = say(row.leans["article"]), say(row.leans["amended"])
    return article if article == amended else f"{article} (amended: {amended})"
