"""The blocks that explain, as paragraphs whose quotes, changes and sources can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import singledispatch

from textual.content import Content

from advisor.conversation.explanation_blocks import (
    Advice,
    ChangeSet,
    Difference,
    Explanation,
    NearMiss,
    Override,
    PremiseState,
    ReadingChanges,
    ReadingSureness,
    Reason,
    Split,
    Step,
    Sureness,
    WhatWouldChange,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.parts import Part
from tui.content_parts import (
    Say,
    caveat_content,
    change_content,
    changes_content,
    cited,
    heading,
    item,
    listed,
    said,
    verdict_in_words,
)
from tui.paragraphs import Paragraph, joined, prose
from tui.targets import Row, Send, link
from tui.text_styles import HEADING, MUTED, STRONG, WARNING

_FEW = 6


@singledispatch
def explanation_paragraphs(block: Part, _: Say) -> Iterator[Paragraph]:
    """One block as paragraphs. Raises TypeError for a block that does not explain."""
    raise TypeError(f"no picture of {type(block).__name__}")


@explanation_paragraphs.register
def _(block: Explanation, say: Say) -> Iterator[Paragraph]:
    for row in block.rows:
        reading = " (amended reading)" if row.reading == "amended" else ""
        title = link(f"{row.title}: ", Row(row.criterion), HEADING)
        yield Paragraph(Content.assemble(title, (say(row.lean), STRONG), (reading, MUTED)))
        if row.missing:
            yield from prose(row.missing, indent=2)
        for step in row.steps:
            yield from _step(step, 2)
        for defeated in row.defeated:
            by = f"  rule {defeated.rule}, by {', '.join(defeated.by)}"
            yield Paragraph(
                Content.assemble(("no longer counts: ", MUTED), defeated.because, (by, MUTED)), Content("  ")
            )
    for override in block.overrides:
        yield Paragraph(Content.assemble(("Beyond the rows: ", HEADING), (override.text, STRONG)))
        for step in override.steps:
            yield from _step(step, 2)


def _step(step: Step, indent: int) -> Iterator[Paragraph]:
    margin = Content(" " * indent)
    erratum = f", {step.erratum}" if step.erratum else ""
    strength = f", evidence {step.strength}" if step.strength else ""
    yield Paragraph(Content.assemble(step.conclusion, (f"  rule {step.rule}{erratum}{strength}", MUTED)), margin + "└ ")
    yield Paragraph(Content.assemble(("because ", MUTED), step.because), margin + "  ")
    for premise in step.premises:
        yield Paragraph(Content.assemble(("from ", MUTED), premise.text, "  ", said(premise.evidence)), margin + "  ")
    if step.sources:
        yield Paragraph(cited(step.sources), margin + "  ")
    for caveat in step.caveats:
        yield Paragraph(caveat_content(caveat), margin + "  ")
    for below in step.steps:
        yield from _step(below, indent + 2)


@explanation_paragraphs.register
def _(block: WhatWouldChange, say: Say) -> Iterator[Paragraph]:
    towards = f" to {say(block.towards)}" if block.towards else ""
    yield heading(f"What would turn the verdict{towards}")
    for reading in block.readings:
        yield _reading_title(reading.title, "now " + verdict_in_words(reading.verdict, say))
        yield from _change_sets(reading, say)


def _reading_title(title: str, rest: str) -> Paragraph:
    return Paragraph(Content.assemble((f"{title} reading: ", MUTED), (rest, STRONG)))


def _change_sets(reading: ReadingChanges, say: Say) -> Iterator[Paragraph]:
    yield from (_change_set(found, say) for found in reading.sets[:_FEW])
    yield from _left_out(reading.sets)
    if reading.sets:
        tried = f"Every change of up to {_count(reading.tried_up_to, 'answer')} was tried, one value for each."
        yield Paragraph(Content.styled(tried, MUTED), Content("  "))
    else:
        yield item(Content(f"No change of up to {_count(reading.tried_up_to, 'answer')} does it."))


def _change_set(found: ChangeSet, say: Say) -> Paragraph:
    return item(Content.assemble(changes_content(found.changes), " → ", (verdict_in_words(found.verdict, say), STRONG)))


@explanation_paragraphs.register
def _(block: WhyAsked, say: Say) -> Iterator[Paragraph]:
    yield heading("Why I ask")
    yield from prose(block.question)
    for rule in block.rules[:_FEW]:
        reading = " in the amended reading" if rule.readings == ("amended",) else ""
        also = f" It waits for {', '.join(rule.also_open)} too." if rule.also_open else ""
        values = " or ".join(rule.values)
        yield item(Content.assemble((f"{values}: ", STRONG), f"{rule.conclusion}{reading}. {rule.because}{also}"))
        for premise in rule.holds:
            holds = Content.assemble(("holds already: ", MUTED), premise.text, "  ", said(premise.evidence))
            yield Paragraph(holds, Content("  "))
    yield from _left_out(block.rules)
    yield Paragraph(Content.styled("Where each answer leads, in the article's and in the amended reading", MUTED))
    for answer in block.answers:
        verdicts = "; ".join(verdict_in_words(verdict, say) for verdict in answer.verdicts.values())
        yield item(Content.assemble(link(answer.label, Send(answer.label), STRONG), f" → {verdicts}"))
    if block.how_to_find_out:
        yield from prose(f"To find out: {block.how_to_find_out}", MUTED)


@explanation_paragraphs.register
def _(block: WhyNot, say: Say) -> Iterator[Paragraph]:
    option = say(block.option)
    rows = f"{block.tallies['article']} of the {block.needed} rows it needs; amended {block.tallies['amended']}"
    yield heading(f"Why {option}" if block.verdicts["article"] == block.option else f"Why not {option}")
    yield from prose(f"It has {rows}.")
    yield from listed("For it", map(reason_content, block.rows_for))
    yield from listed("Against it", map(reason_content, block.rows_against))
    yield from listed("Still open", block.open_rows)
    for override in block.ruled_out:
        yield override_paragraph(override)
    if block.near_misses:
        yield Paragraph(Content.styled("Rules that would speak for it, the nearest first", MUTED))
        for miss in block.near_misses[:_FEW]:
            yield from _miss(miss, 0)
        yield from _left_out(block.near_misses)
    for reading in block.smallest:
        if reading.sets:
            lead = Content.styled(f"Would make it win ({reading.title.lower()} reading): ", MUTED)
            yield Paragraph(Content.assemble(lead, changes_content(reading.sets[0].changes)))


def reason_content(reason: Reason) -> Content:
    """One row's say; it opens the row."""
    return link(reason.text, Row(reason.criterion))


def override_paragraph(override: Override) -> Paragraph:
    """A conclusion beyond the rows with its reasons."""
    reasons = " ".join(dict.fromkeys(step.because for step in override.steps))
    errata = ", ".join(dict.fromkeys(step.erratum for step in override.steps if step.erratum))
    words = said(o for step in override.steps for premise in step.premises for o in premise.evidence)
    text = f"{override.text[:1].upper()}{override.text[1:]}"
    return Paragraph(
        Content.assemble((text, STRONG), (f" ({errata})" if errata else "", MUTED), f": {reasons}  ", words),
        Content.styled("! ", WARNING),
    )


def _miss(miss: NearMiss, indent: int) -> Iterator[Paragraph]:
    erratum = f", {miss.erratum}" if miss.erratum else ""
    rule = f"  rule {miss.rule}{erratum}"
    yield item(Content.assemble(miss.conclusion, (rule, MUTED), f"  {miss.because}"), indent=indent)
    margin = Content(" " * (indent + 2))
    if miss.defeated_by:
        by = f"It holds, but does not count in the amended reading: {', '.join(miss.defeated_by)}"
        yield Paragraph(Content(by), margin)
    for premise in miss.premises:
        if premise.state == "holds" and not premise.evidence:
            continue
        yield Paragraph(_premise(premise), margin)
        for below in premise.via[:1]:
            yield from _miss(below, indent + 4)


def _premise(premise: PremiseState) -> Content:
    wanted = f"{premise.text}: {' or '.join(premise.wanted)}"
    if premise.state == "holds":
        return Content.assemble(("holds: ", MUTED), wanted, "  ", said(premise.evidence))
    if premise.state == "contradicted":
        return Content.assemble(("against it: ", STRONG), f"{wanted} was needed  ", said(premise.evidence))
    find_out = f" To find out: {premise.how_to_find_out}" if premise.how_to_find_out else ""
    return Content.assemble(("not known: ", STRONG), f"{wanted}.", (find_out, MUTED))


@explanation_paragraphs.register
def _(block: Sureness, say: Say) -> Iterator[Paragraph]:
    yield heading("How sure, in counts")
    for reading in block.readings:
        yield from _sureness(reading, say)


def _sureness(reading: ReadingSureness, say: Say) -> Iterator[Paragraph]:
    tally = ", ".join(f"{say(option)} {count}" for option, count in reading.tally.items())
    why = "settled beyond the rows" if reading.overridden else f"a margin of {_count(reading.margin, 'row')}"
    yield _reading_title(reading.title, f"{verdict_in_words(reading.verdict, say)} ({tally}), {why}")
    ways = sum(reading.row_ways.values())
    if ways > 1:
        endings = ", ".join(
            f"{verdict_in_words(verdict, say)} in {count}" for verdict, count in reading.row_ways.items() if count
        )
        yield item(Content(f"The open rows can turn out in {ways} ways: {endings}."))
    if reading.answers_ways is None:
        bound = f"{reading.answers_bound:,}"
        yield item(Content(f"The open questions can be answered in more than {bound} ways; not all were tried."))
    elif reading.answers_ways > 1:
        open_now = _count(len(reading.open_attributes), "open question")
        stays = f"ways; it stays so in {reading.answers_hold:,} of them."
        yield item(Content(f"{open_now} can be answered in {reading.answers_ways:,} {stays}"))
    if not reading.single:
        yield item(Content("No single answer can end it."))
        return
    yield item(Content(f"{_count(len(reading.single), 'single answer')} would end it:"))
    for found in reading.single[:_FEW]:
        drawn = _change_set(found, say)
        yield Paragraph(drawn.content, Content("  ") + drawn.lead)
    yield from _left_out(reading.single)


@explanation_paragraphs.register
def _(block: Split, say: Say) -> Iterator[Paragraph]:
    sides = ", ".join(f"{say(option)} {len(reasons)}" for option, reasons in block.tied.items())
    yield heading(f"What pulls both ways, {block.title.lower()} reading ({sides})")
    for option, reasons in block.tied.items():
        yield from listed(say(option), map(reason_content, reasons))
    if not block.breakers:
        yield from prose("No single answer settles it.")
        return
    yield Paragraph(Content.styled("A single answer would settle it, if it turned out so", MUTED))
    for breaker in block.breakers[:_FEW]:
        through = f", through {', '.join(breaker.rows)}" if breaker.rows else ""
        yield item(Content.assemble(change_content(breaker.change), " → ", (say(breaker.verdict), STRONG), through))
        if breaker.change.how_to_find_out:
            yield Paragraph(Content.styled(f"To find out: {breaker.change.how_to_find_out}", MUTED), Content("  "))
    yield from _left_out(block.breakers)


@explanation_paragraphs.register
def _(block: Difference, say: Say) -> Iterator[Paragraph]:
    start = f"message {block.from_turn}" if block.from_turn else "the start"
    yield heading(f"What changed from {start} to message {block.to_turn}")
    titles = {fact.attribute: fact.title for fact in block.facts}
    for fact in block.facts:
        before, after = (", ".join(labels) or "not known" for labels in (fact.before, fact.after))
        yield item(Content.assemble(f"{fact.title}: {before} → ", (after, STRONG), "  ", said(fact.said_after)))
    for row in block.rows:
        reading = " (amended)" if row.reading == "amended" else ""
        rules = "; ".join(
            f"{what} {', '.join(names)}" for what, names in (("now", row.gained), ("no longer", row.lost)) if names
        )
        causes = " and ".join(titles[name] for name in row.causes if name in titles)
        moved = f"{reading}: {say(row.before)} → {say(row.after)}" + (f", because of {causes}" if causes else "")
        yield item(Content.assemble(link(row.row, Row(row.criterion), STRONG), moved, (f"  {rules}", MUTED)))
    for verdict in block.verdicts:
        tally = ", ".join(f"{say(option)} {count}" for option, count in verdict.tally_after.items())
        was, now = verdict_in_words(verdict.before, say), verdict_in_words(verdict.after, say)
        yield _reading_title(verdict.title, f"{f'stays {now}' if was == now else f'{was} → {now}'} ({tally})")


@explanation_paragraphs.register
def _(block: Advice, say: Say) -> Iterator[Paragraph]:
    yield heading(f"What follows for {' or '.join(say(option) for option in block.choice)}")
    for advised in block.items:
        only = f"{say(advised.option)}, " if advised.option and len(block.choice) > 1 else ""
        told = Content.assemble((f"{only}{advised.area}: ", MUTED), (advised.text, STRONG))
        if not block.more:  # beside a verdict the advice in a line; on request, or when this is all of it, why as well
            parts = [said(advised.evidence), cited(advised.sources[:1])]
            told = joined([told + f" {' '.join(advised.because)}", *(part for part in parts if part.plain)], "  ")
        drawn = item(told)
        yield Paragraph(drawn.content, Content.styled("! ", WARNING)) if advised.never else drawn
    if block.more:
        yield Paragraph(link(f"Reasons, and {block.more} more: /advice", Send("/advice"), MUTED))


def _left_out(found: Sequence[object]) -> Iterator[Paragraph]:
    more = len(found) - _FEW
    if more > 0:
        yield Paragraph(Content.styled(f"and {more} more", MUTED), Content("  "))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
