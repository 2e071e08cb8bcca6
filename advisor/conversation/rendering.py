"""Reply blocks as plain text, for line mode and wherever no richer form is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import singledispatch

from advisor.conversation.blocks import (
    Answer,
    Block,
    Choices,
    Matrix,
    NoAnswer,
    Note,
    Part,
    Question,
    ReadingName,
    ReadingState,
    Rejected,
    SetAside,
    Understood,
    Verdict,
    WhatIf,
)
from advisor.conversation.explanation_rendering import (
    Say,
    changes_in_words,
    cited,
    counted,
    explanation_lines,
    listed,
    override_line,
    settled_by,
)
from advisor.conversation.quotes import widest
from advisor.text import shorten

STANCES = {
    "hedged": "as a maybe",
    "past": "as something past",
    "other_party": "about someone else",
    "hypothetical": "as a what-if",
    "denied": "as not so",
    "minority": "of a few only",
    "retracted": "as taken back",
    "asked": "in a question",
    "stated": "earlier in the same message",
    "contradicted": "in contradiction to other words of the message",
}

OBTAINED = {"said": "", "inferred": " (inferred)", "confirmed": " (your answer)", "assumed": " (assumed)"}


def plain_text(blocks: Iterable[Block], say: Say) -> str:
    """The reply as plain text, one paragraph or list for each block."""
    return "\n\n".join("\n".join(_lines(block, say)) for block in blocks)


@singledispatch
def _lines(block: Part, say: Say) -> Iterator[str]:
    return explanation_lines(block, say)


@_lines.register
def _(block: Understood, say: Say) -> Iterator[str]:
    yield "I understood:"
    for item in block.items:
        instead = f", instead of {item.replaces}" if item.replaces else ""
        observation = item.observation
        yield f"- {item.title}: {item.label}{instead}, from “{observation.quote}”{OBTAINED[observation.obtained]}"


@_lines.register
def _(block: SetAside, say: Say) -> Iterator[str]:
    yield "Noticed, but not counted:"
    for item in block.items:
        yield f"- {item.title}: {item.label}, said {STANCES[item.stance]} (“{item.quote}”)"


@_lines.register
def _(block: Answer, say: Say) -> Iterator[str]:
    yield f"I read this as: {block.topic.question}"
    yield block.text
    if block.caution:
        yield f"Note: {block.caution}"
    yield f"As of {block.as_of}. Sources: {cited(block.sources)}"
    if block.related:
        yield "Related: " + " / ".join(topic.question for topic in block.related)
    if block.follow_ups:
        yield "People go on to ask: " + " / ".join(block.follow_ups)


@_lines.register
def _(block: Choices, say: Say) -> Iterator[str]:
    yield "Did you mean one of these? Answer with its number."
    for number, topic in enumerate(block.topics, 1):
        yield f"{number}. {topic.question}"


@_lines.register
def _(block: NoAnswer, say: Say) -> Iterator[str]:
    yield block.text


@_lines.register
def _(block: Rejected, say: Say) -> Iterator[str]:
    yield f"Noted: “{shorten(block.asked, 120)}” is still without a good answer. You can put it in other words."


@_lines.register
def _(block: Matrix, say: Say) -> Iterator[str]:
    width = max(len(row.short) for row in block.rows)
    yield "The matrix as it stands:"
    for row in block.rows:
        article, amended = (say(row.leans[reading]) for reading in ("article", "amended"))
        lean = article if article == amended else f"{article} (amended: {amended})"
        quotes = "; ".join(f"“{quote}”" for quote in dict.fromkeys(o.quote for o in widest(row.evidence)))
        yield f"  {row.short:<{width}}  {lean}" + (f"  {quotes}" if quotes else "")
        if article != amended:
            yield from (f"  {'':<{width}}  {a.erratum}: {a.because}" for a in row.amendments)
    for reading in block.readings:
        tally = ", ".join(f"{say(option)} {count}" for option, count in reading.tally.items())
        remark = " (no errata applied yet: as the article)" if reading.reading == "amended" and block.same_rules else ""
        yield f"{reading.title} reading: {say(reading.verdict)} ({tally}){_settled(reading)}{remark}"


def _settled(reading: ReadingState) -> str:
    beyond = settled_by(reading.overrides)
    return f"; {beyond}" if beyond else ""


@_lines.register
def _(block: Verdict, say: Say) -> Iterator[str]:
    yield block.headline
    if block.amended:
        yield block.amended
    decided = bool(block.deciding)
    yield from listed("Because", (reason.text for reason in block.deciding) if decided else block.points)
    if decided and len(block.points) > len(block.deciding):
        yield f"- and {counted(len(block.points) - len(block.deciding), 'more row')} the same way"
    yield from listed("Against it", block.dissent)
    if block.smallest:
        yield f"Smallest change that would flip it: {changes_in_words(block.smallest)}."
    yield from listed("What the errata move", block.moves)
    yield from listed("Beyond the rows (amended reading)", (override_line(o) for o in block.overrides))
    yield from listed("Still unknown, and how to find out", block.unknown)


@_lines.register
def _(block: WhatIf, say: Say) -> Iterator[str]:
    assumed = ", ".join(f"{item.title}: {item.label}" for item in block.assumptions)
    yield f"Assuming {assumed}:"
    if block.set_aside:
        yield f"- Set aside while you assume that: {'; '.join(item.in_words for item in block.set_aside)}"
    for before, after in zip(block.now.rows, block.then.rows, strict=True):
        if before.leans != after.leans:
            yield f"- {before.short}: {_leans(before.leans, say)} becomes {_leans(after.leans, say)}"
    for now, then in zip(block.now.readings, block.then.readings, strict=True):
        change = (
            f"stays {say(now.verdict)}"
            if now.verdict == then.verdict
            else f"{say(now.verdict)} becomes {say(then.verdict)}"
        )
        yield f"- {now.title} reading: {change}{_settled(then)}"


def _leans(leans: Mapping[ReadingName, str], say: Say) -> str:
    return " / ".join(dict.fromkeys(say(lean) for lean in leans.values()))


@_lines.register
def _(block: Question, say: Say) -> Iterator[str]:
    if block.again:
        yield f"Still open: {block.text}"
        return
    yield f"{block.text} ({block.why})"
    yield "  " + "  ".join(f"{number}. {choice.label}" for number, choice in enumerate(block.choices, 1))


@_lines.register
def _(block: Note, say: Say) -> Iterator[str]:
    yield block.text
