"""Turns as paragraphs: one pure function for each kind of reply block. Nothing here reads markup from data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from textual.content import Content

from advisor.conversation.blocks import (
    Answer,
    Block,
    Caveat,
    Choices,
    Explanation,
    Matrix,
    MatrixRow,
    NoAnswer,
    Note,
    Observation,
    Question,
    Rejected,
    SetAside,
    SetAsideItem,
    SourceRef,
    Step,
    Understood,
    UnderstoodItem,
    Verdict,
    WhatIf,
)
from advisor.conversation.explanation_rendering import changes_in_words, explanation_lines, override_line, settled_by
from advisor.conversation.rendering import OBTAINED, STANCES
from advisor.conversation.transcript import Turn
from advisor.text import shorten
from tui.paragraphs import BLANK, EMPTY, Paragraph, answer_prose, joined, prose
from tui.targets import Chip, Row, Send, Source, Words, link
from tui.text_styles import ASSUMED, HEADING, MUTED, QUOTE, STRONG, WARNING

Say = Callable[[str], str]
"""How to say an option, lean or verdict by its id."""

_QUOTE_LIMIT = 160
_TITLE_LIMIT = 70
_VERDICTS = {"split": "split", "insufficient": "not enough known yet"}
# The acts that ask for the whole matrix; elsewhere the reply only tells its state, for the panel shows the rows.
_ASKS_FOR_MATRIX = frozenset({"recap", "recommend"})


def verdict_in_words(verdict: str, say: Say) -> str:
    """A verdict as it is shown."""
    return _VERDICTS.get(verdict) or say(verdict)


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
        if isinstance(block, Choices | Question) and not (open_choices and _is_open(block, turn)):
            drawn += _options(block)
        paragraphs += [BLANK, *drawn] if paragraphs and drawn else drawn
    return paragraphs or prose("Noted.")


def chips_of(turn: Turn) -> list[Chip]:
    """What a turn took from the user's words, and what it noticed without counting it."""
    chips: list[Chip] = []
    for block in turn.blocks:
        if isinstance(block, Understood):
            chips += [_understood_chip(item) for item in block.items]
        elif isinstance(block, SetAside):
            chips += [_aside_chip(item, turn) for item in block.items]
    return chips


def _understood_chip(item: UnderstoodItem) -> Chip:
    observation = item.observation
    return Chip(
        attribute=observation.attribute,
        title=item.title,
        value=observation.value,
        label=item.label + OBTAINED[observation.obtained],
        quote=observation.quote,
        words=words_of(observation),
    )


def _aside_chip(item: SetAsideItem, turn: Turn) -> Chip:
    start = turn.utterance.find(item.quote)
    words = Words(turn.number, start, start + len(item.quote)) if start >= 0 else None
    return Chip(item.attribute, item.title, "", item.label, item.quote, words, counted=False)


def words_of(observation: Observation) -> Words:
    """Where an observation's quote stands."""
    return Words(observation.turn, observation.start, observation.end)


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
    return [_item(Content.styled(label, MUTED), number) for number, label in enumerate(labels, 1)]


def _lines(block: Block, say: Say) -> Iterable[Paragraph]:
    match block:
        case Understood():
            return _understood(block)
        case SetAside():
            return ()
        case Answer():
            return _answer(block)
        case Choices():
            return [_heading("Did you mean one of these?")]
        case NoAnswer():
            return prose(block.text)
        case Rejected():
            asked = shorten(block.asked, _QUOTE_LIMIT)
            return prose(f"Noted: “{asked}” is still without a good answer. You can put it in other words.")
        case Matrix():
            return _matrix(block, say)
        case Verdict():
            return _verdict(block)
        case Explanation():
            return _explanation(block, say)
        case WhatIf():
            return _what_if(block, say)
        case Question():
            return _question(block)
        case Note(level="warning"):
            return [_warning(block.text)]
        case Note():
            return prose(block.text)
        case _:
            return (Paragraph(Content(line)) for line in explanation_lines(block, say))


def _understood(block: Understood) -> Iterator[Paragraph]:
    """Only what changed: the rest stands as chips below the message."""
    for item in block.items:
        if item.replaces:
            yield _item(Content.assemble(f"{item.title}: ", (item.label, STRONG), f", instead of {item.replaces}"))


def _set_aside(block: SetAside, turn: Turn) -> Iterator[Paragraph]:
    yield _heading("Noticed, but not counted")
    for item in block.items:
        shown = f"{item.title}: {item.label}"
        how = f", said {STANCES[item.stance]}  "
        yield _item(Content.assemble(link(shown, _aside_chip(item, turn)), how, _quoted(item.quote)))


def _answer(block: Answer) -> Iterator[Paragraph]:
    yield _heading(block.topic.question)
    yield from answer_prose(block.text)
    if block.caution:
        yield _warning(block.caution)
    yield Paragraph(Content.assemble((f"As of {block.as_of}. ", MUTED), cited(block.sources)))
    if block.related:
        related = [link(topic.question, Send(topic.question), MUTED) for topic in block.related]
        yield Paragraph(joined(related, " / "), Content.styled("Related: ", MUTED))
    if block.follow_ups:
        asked = [link(question, Send(question), MUTED) for question in block.follow_ups]
        yield Paragraph(joined(asked, " / "), Content.styled("People go on to ask: ", MUTED))


def _matrix(block: Matrix, say: Say) -> Iterator[Paragraph]:
    yield _heading("The matrix as it stands")
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
    yield from _listed("What the errata move", block.moves)
    yield from _listed("Because", (reason.text for reason in block.deciding) if block.deciding else block.points)
    yield from _listed("Against it", block.dissent)
    if block.smallest:
        yield from prose(f"Smallest change that would flip it: {changes_in_words(block.smallest)}.")
    yield from _listed("Beyond the rows (amended reading)", (override_line(o) for o in block.overrides))
    yield from _listed("Still unknown, and how to find out", block.unknown)


def _explanation(block: Explanation, say: Say) -> Iterator[Paragraph]:
    for row in block.rows:
        reading = " (amended reading)" if row.reading == "amended" else ""
        yield Paragraph(Content.assemble((f"{row.title}: ", HEADING), (say(row.lean), STRONG), (reading, MUTED)))
        if row.missing:
            yield from prose(row.missing, indent=2)
        for step in row.steps:
            yield from _step(step, 2)
    for override in block.overrides:
        yield Paragraph(Content.assemble(("Beyond the rows: ", HEADING), (override.text, STRONG)))
        for step in override.steps:
            yield from _step(step, 2)


def _what_if(block: WhatIf, say: Say) -> Iterator[Paragraph]:
    yield Paragraph(Content.styled("What if (nothing of this is kept)", ASSUMED))
    for item in block.assumptions:
        yield _item(Content.assemble(f"{item.title}: ", (item.label, STRONG)))
    for before, after in zip(block.now.rows, block.then.rows, strict=True):
        if before.leans != after.leans:
            yield Paragraph(Content(f"Row {after.short}: {_leans(before, say)} → {_leans(after, say)}"))
    for now, then in zip(block.now.readings, block.then.readings, strict=True):
        was, would = verdict_in_words(now.verdict, say), verdict_in_words(then.verdict, say)
        outcome = f"stays {was}" if was == would else f"{was} → {would}"
        yield Paragraph(Content.assemble(f"{now.title} reading: ", (outcome, STRONG)))


def _question(block: Question) -> Iterator[Paragraph]:
    yield Paragraph(Content.styled(block.text, STRONG), Content.styled("? ", HEADING))
    yield Paragraph(Content.styled(block.why, MUTED), Content("  "))


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


def _step(step: Step, indent: int) -> Iterator[Paragraph]:
    margin = Content(" " * indent)
    yield Paragraph(Content.assemble(step.conclusion, (f"  rule {step.rule}", MUTED)), margin + "└ ")
    yield Paragraph(Content.assemble(("because ", MUTED), step.because), margin + "  ")
    for premise in step.premises:
        said = [part for observation in premise.evidence for part in _said(observation)]
        yield Paragraph(Content.assemble(("from ", MUTED), premise.text, *said), margin + "  ")
    if step.sources:
        yield Paragraph(cited(step.sources), margin + "  ")
    for caveat in step.caveats:
        yield Paragraph(caveat_content(caveat), margin + "  ")
    for below in step.steps:
        yield from _step(below, indent + 2)


def _said(observation: Observation) -> tuple[Content, ...]:
    where = Content.styled(f" in your message {observation.turn}", MUTED)
    return Content("  "), quoted(observation), where


def caveat_content(caveat: Caveat) -> Content:
    """What today's evidence says against a claim, with its sources."""
    today = f"Today this is {caveat.status}: "
    sources = cited(caveat.sources, caveat.status, caveat.claim, caveat.truth)
    return Content.assemble((today, STRONG), caveat.truth, "  ", sources)


def evidence_of(row: MatrixRow) -> tuple[Observation, ...]:
    """The observations behind a row, each quote once."""
    return tuple({observation.quote: observation for observation in reversed(row.evidence)}.values())[::-1]


def _leans(row: MatrixRow, say: Say) -> str:
    article, amended = say(row.leans["article"]), say(row.leans["amended"])
    return article if article == amended else f"{article} (amended: {amended})"


def cited(sources: Sequence[SourceRef], status: str = "", claim: str = "", truth: str = "") -> Content:
    """Sources that can be opened, each with its date."""
    links = [
        link(
            f"{shorten(source.title, _TITLE_LIMIT)} ({source.date or 'undated'})",
            Source(source.id, source.title, source.url, source.date, status, claim, truth),
            MUTED,
        )
        for source in sources
    ]
    return Content.assemble(("Sources: ", MUTED), joined(links, "; ")) if links else EMPTY


def _heading(text: str) -> Paragraph:
    return Paragraph(Content.styled(text, HEADING))


def _warning(text: str) -> Paragraph:
    return Paragraph(Content(text), Content.styled("! ", WARNING))


def _item(content: Content, number: int | None = None) -> Paragraph:
    return Paragraph(content, Content("• " if number is None else f"{number}. "))


def _listed(heading: str, points: Iterable[str]) -> Iterator[Paragraph]:
    items = [_item(Content(point)) for point in points]
    if items:
        yield Paragraph(Content.styled(heading, MUTED))
        yield from items


def _quoted(quote: str) -> Content:
    return Content.styled(f"“{shorten(quote, _QUOTE_LIMIT)}”", QUOTE)


def quoted(observation: Observation) -> Content:
    """The user's words, which lead to where they were said."""
    return link(_quoted(observation.quote), words_of(observation))
