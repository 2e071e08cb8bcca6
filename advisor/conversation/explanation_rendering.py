"""The blocks that explain as plain text. What is many is cut after a few lines, and says how much was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import singledispatch

from advisor.conversation.explanation_blocks import (
    Advice,
    Change,
    ChangeSet,
    Difference,
    Explanation,
    NearMiss,
    Override,
    PremiseState,
    ReadingChanges,
    ReadingSureness,
    RowExplanation,
    Split,
    Step,
    Sureness,
    WhatWouldChange,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.parts import Observation, Part, SourceRef
from advisor.conversation.quotes import widest
from advisor.text import shorten

Say = Callable[[str], str]
"""How to say an option, lean or verdict by its id."""

_FEW = 6
_TITLE_LIMIT = 70
_OPEN = {"split": "a split", "insufficient": "still open"}


@singledispatch
def explanation_lines(block: Part, say: Say) -> Iterator[str]:
    """The lines of one block. Raises TypeError for a block that does not explain."""
    raise TypeError(f"no plain text for {type(block).__name__}")


@explanation_lines.register
def _(block: Explanation, say: Say) -> Iterator[str]:
    for row in block.rows:
        yield from _row_lines(row, say)
    for override in block.overrides:
        yield f"Beyond the rows, in the amended reading: {override.text}"
        for step in override.steps:
            yield from _step_lines(step, "  ")


def _row_lines(row: RowExplanation, say: Say) -> Iterator[str]:
    reading = " (amended reading)" if row.reading == "amended" else ""
    yield f"{row.title}: {say(row.lean)}{reading}"
    if row.missing:
        yield f"  {row.missing}"
    for step in row.steps:
        yield from _step_lines(step, "  ")
    for defeated in row.defeated:
        yield f"  No longer counts: {defeated.because} (rule {defeated.rule}, by {', '.join(defeated.by)})"


def _step_lines(step: Step, indent: str) -> Iterator[str]:
    erratum = f", {step.erratum}" if step.erratum else ""
    strength = f", evidence {step.strength}" if step.strength else ""
    yield f"{indent}{step.conclusion} (rule {step.rule}{erratum}{strength})"
    yield f"{indent}  Why: {step.because}"
    for premise in step.premises:
        words = "; ".join(f"you said “{o.quote}” in message {o.turn}" for o in premise.evidence)
        yield f"{indent}  From: {premise.text}" + (f" ({words})" if words else "")
    yield f"{indent}  Source: {cited(step.sources)}"
    for caveat in step.caveats:
        yield f"{indent}  Today this is {caveat.status}: {caveat.truth} [{cited(caveat.sources)}]"
    for below in step.steps:
        yield from _step_lines(below, indent + "  ")


def cited(sources: Iterable[SourceRef]) -> str:
    """Sources by title and date."""
    return "; ".join(f"{source.title} ({source.date or 'undated'})" for source in sources)


def override_line(override: Override) -> str:
    """A conclusion beyond the rows with its reasons, in a line."""
    reasons = " ".join(dict.fromkeys(step.because for step in override.steps))
    errata = ", ".join(dict.fromkeys(step.erratum for step in override.steps if step.erratum))
    return f"{override.text[:1].upper()}{override.text[1:]} ({errata}): {reasons}"


def settled_by(overrides: Iterable[Override]) -> str:
    """What settles a verdict beyond its rows, as a phrase; empty when the rows do."""
    acting = [override for override in overrides if override.effect != "beyond"]
    decisive = [o for o in acting if o.effect == "rules_out"] or acting
    return f"settled beyond the rows: {'; '.join(o.text for o in decisive)}" if decisive else ""


def changes_in_words(found: ChangeSet) -> str:
    """A set of answers given otherwise, as a phrase."""
    return " and ".join(_change_in_words(change) for change in found.changes)


def _change_in_words(change: Change) -> str:
    quotes = _quotes(change.said)
    return f"{change.title}: {_any_of(change.labels)} ({f'not {quotes}' if quotes else 'still open'})"


@explanation_lines.register
def _(block: WhatWouldChange, say: Say) -> Iterator[str]:
    towards = f" to {say(block.towards)}" if block.towards else ""
    yield f"What would turn the verdict{towards}, the smallest changes first:"
    for reading in block.readings:
        yield from _reading_change_lines(reading, say)


def _reading_change_lines(reading: ReadingChanges, say: Say) -> Iterator[str]:
    yield f"{reading.title} reading, now {_verdict(reading.verdict, say)}:"
    for found in reading.sets[:_FEW]:
        yield f"- {changes_in_words(found)}; then {_verdict(found.verdict, say)}"
    yield from _left_out(reading.sets)
    if not reading.sets:
        yield f"- No change of up to {reading.tried_up_to} answers does it."
    else:
        yield f"  Every change of up to {counted(reading.tried_up_to, 'answer')} was tried, one value for each."


@explanation_lines.register
def _(block: WhyAsked, say: Say) -> Iterator[str]:
    yield f"I ask “{block.question}” because these rules wait for the answer:"
    for rule in block.rules[:_FEW]:
        reading = " in the amended reading" if rule.readings == ("amended",) else ""
        also = f" It waits for {', '.join(rule.also_open)} too." if rule.also_open else ""
        yield f"- {_any_of(rule.values)}: {rule.conclusion}{reading}. {rule.because}{also}"
    yield from _left_out(block.rules)
    yield "Where each answer leads (article; amended):"
    for answer in block.answers:
        verdicts = "; ".join(_verdict(verdict, say) for verdict in answer.verdicts.values())
        yield f"- {answer.label}: {verdicts}"
    if block.how_to_find_out:
        yield f"To find out: {block.how_to_find_out}"


@explanation_lines.register
def _(block: WhyNot, say: Say) -> Iterator[str]:
    option = say(block.option)
    rows = f"{block.tallies['article']} of the {block.needed} rows it needs (amended: {block.tallies['amended']})"
    if block.verdicts["article"] == block.option:
        yield f"{option} is the article's verdict, with {rows}."
    else:
        yield f"{option} has {rows}."
    yield from listed("For it", (reason.text for reason in block.rows_for))
    yield from listed("Against it", (reason.text for reason in block.rows_against))
    yield from listed("Beyond the rows", (override_line(override) for override in block.ruled_out))
    if block.near_misses:
        yield "Rules that would speak for it, the nearest first:"
        for miss in block.near_misses[:_FEW]:
            yield from _miss_lines(miss, "")
        yield from _left_out(block.near_misses)
    for reading in block.smallest:
        if reading.sets:
            changes = changes_in_words(reading.sets[0])
            yield f"Smallest change that would make it win ({reading.title.lower()} reading): {changes}."


def _miss_lines(miss: NearMiss, indent: str) -> Iterator[str]:
    erratum = f", {miss.erratum}" if miss.erratum else ""
    yield f"{indent}- {miss.conclusion} (rule {miss.rule}{erratum}). {miss.because}"
    if miss.defeated_by:
        yield f"{indent}  It holds, but does not count in the amended reading: {', '.join(miss.defeated_by)}"
    for premise in miss.premises:
        if premise.state == "holds" and not premise.evidence:
            continue
        yield f"{indent}  {_premise_in_words(premise)}"
        for below in premise.via[:1]:
            yield from _miss_lines(below, indent + "    ")


def _premise_in_words(premise: PremiseState) -> str:
    wanted = f"{premise.text}: {_any_of(premise.wanted)}"
    words = "; ".join(f"you said “{o.quote}” in message {o.turn}" for o in premise.evidence)
    if premise.state == "holds":
        return f"holds: {wanted}" + (f" ({words})" if words else "")
    if premise.state == "contradicted":
        return f"against it: {wanted} was needed" + (f" ({words})" if words else "")
    found_out = f" To find out: {premise.how_to_find_out}" if premise.how_to_find_out else ""
    return f"not known: {wanted}.{found_out}"


@explanation_lines.register
def _(block: Sureness, say: Say) -> Iterator[str]:
    yield "How sure, in counts:"
    for reading in block.readings:
        yield from _sureness_lines(reading, say)


def _sureness_lines(reading: ReadingSureness, say: Say) -> Iterator[str]:
    tally = ", ".join(f"{say(option)} {count}" for option, count in reading.tally.items())
    margin = f"a margin of {counted(reading.margin, 'row')}"
    why = "settled beyond the rows" if reading.overridden else margin
    yield f"{reading.title} reading: {_verdict(reading.verdict, say)} ({tally}), {why}."
    ways = sum(reading.row_ways.values())
    if ways > 1:
        endings = ", ".join(f"{_verdict(verdict, say)} in {count}" for verdict, count in reading.row_ways.items())
        yield f"- The open rows can turn out in {ways} ways: {endings}."
    if reading.answers_ways is None:
        yield f"- The open questions can be answered in more than {reading.answers_bound:,} ways; not all were tried."
    elif reading.answers_ways > 1:
        yield (
            f"- {counted(len(reading.open_attributes), 'open question')} can be answered in {reading.answers_ways:,} "
            f"ways; it stays so in {reading.answers_hold:,} of them."
        )
    if not reading.single:
        yield "- No single answer can end it."
        return
    yield f"- {counted(len(reading.single), 'single answer')} would end it:"
    for found in reading.single[:_FEW]:
        yield f"  - {changes_in_words(found)}; then {_verdict(found.verdict, say)}"
    yield from _left_out(reading.single, "  ")


@explanation_lines.register
def _(block: Split, say: Say) -> Iterator[str]:
    sides = ", ".join(f"{say(option)} {len(reasons)}" for option, reasons in block.tied.items())
    yield f"What pulls both ways in the {block.title.lower()} reading ({sides}):"
    for reasons in block.tied.values():
        yield from (f"- {reason.text}" for reason in reasons)
    if not block.breakers:
        yield "No single answer settles it."
        return
    yield "A single answer would settle it, if it turned out so:"
    for breaker in block.breakers[:_FEW]:
        through = f", through {', '.join(breaker.rows)}" if breaker.rows else ""
        yield f"- {_change_in_words(breaker.change)}: {say(breaker.verdict)}{through}"
        if breaker.change.how_to_find_out:
            yield f"  To find out this week: {breaker.change.how_to_find_out}"
    yield from _left_out(block.breakers)


@explanation_lines.register
def _(block: Difference, say: Say) -> Iterator[str]:
    start = f"message {block.from_turn}" if block.from_turn else "the start"
    titles = {fact.attribute: fact.title for fact in block.facts}
    yield f"What changed from {start} to message {block.to_turn}:"
    for fact in block.facts:
        before, after = (", ".join(labels) or "not known" for labels in (fact.before, fact.after))
        yield f"- {fact.title}: {before} became {after}" + (
            f", from {_quotes(fact.said_after)}" if fact.said_after else ""
        )
    for row in block.rows:
        reading = " (amended)" if row.reading == "amended" else ""
        rules = "; ".join(
            f"{what} {', '.join(names)}" for what, names in (("now", row.gained), ("no longer", row.lost)) if names
        )
        causes = _any_of([titles[name] for name in row.causes], "and")
        because = f", because of {causes}" if causes else ""
        yield f"- {row.row}{reading}: {say(row.before)} became {say(row.after)}{because} ({rules})"
    for verdict in block.verdicts:
        tally = ", ".join(f"{say(option)} {count}" for option, count in verdict.tally_after.items())
        was, now = _verdict(verdict.before, say), _verdict(verdict.after, say)
        yield f"- {verdict.title} reading: {f'stays {now}' if was == now else f'{was} became {now}'} ({tally})"


@explanation_lines.register
def _(block: Advice, say: Say) -> Iterator[str]:
    yield f"What follows for {' or '.join(say(option) for option in block.choice)}:"
    for item in block.items:
        only = f"{say(item.option)}, " if item.option and len(block.choice) > 1 else ""
        grounds = f"{', '.join(item.rules)}; {_first_cited(item.sources)}"
        yield f"- {only}{item.area}: {item.text} {' '.join(item.because)} [{grounds}]"
    if block.more:
        yield f"{block.more} more: /advice"


def _first_cited(sources: Sequence[SourceRef]) -> str:
    more = f"; and {len(sources) - 1} more" if len(sources) > 1 else ""
    return "".join(f"{shorten(s.title, _TITLE_LIMIT)} ({s.date or 'undated'})" for s in sources[:1]) + more


def listed(heading: str, points: Iterable[str]) -> Iterator[str]:
    """A list under a heading; nothing when it is empty."""
    points = list(points)
    if points:
        yield f"{heading}:"
        yield from (f"- {point}" for point in points)


def _left_out(items: Sequence[object], indent: str = "") -> Iterator[str]:
    if len(items) > _FEW:
        yield f"{indent}- and {len(items) - _FEW} more"


def _verdict(verdict: str, say: Say) -> str:
    return _OPEN.get(verdict) or say(verdict)


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural unless it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _any_of(labels: Sequence[str], word: str = "or") -> str:
    return f" {word} ".join(part for part in (", ".join(labels[:-1]), *labels[-1:]) if part)


def _quotes(observations: Iterable[Observation]) -> str:
    return "; ".join(f"“{quote}”" for quote in dict.fromkeys(o.quote for o in widest(observations)))
