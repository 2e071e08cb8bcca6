"""One row of the matrix down to the user's words, and one source: what opens out of the decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.content import Content

from tui.chat_port import Decision, RowDetail
from tui.content_parts import caveat_content, cited, folding, quoted
from tui.paragraphs import BLANK, Paragraph, prose
from tui.targets import Act, Copy, Send, Source, link
from tui.text_styles import HEADING, MUTED, STRONG, WARNING

if TYPE_CHECKING:
    from advisor.conversation.blocks import RowExplanation, Step

_BACK = "‹ back"
_STATUSES = {
    "holds": "holds",
    "partly": "holds in part",
    "outdated": "is out of date",
    "contested": "is contested",
    "unverifiable": "cannot be checked",
}


def row_paragraphs(detail: RowDetail, decision: Decision, folded: frozenset[str]) -> list[Paragraph]:
    """A row's derivation in each reading, as a tree: rule, premises, the user's words, sources.

    The parts named in `folded` show their first line only.
    """
    row = detail.row
    paragraphs = [_back(), Paragraph(Content.styled(row.title, HEADING))]
    same = (
        len(set(row.leans.values())) == 1 and len({explanation.steps for explanation in detail.readings.values()}) == 1
    )
    for name, explanation in detail.readings.items():
        title = "Both readings" if same else f"{name.capitalize()} reading"
        lean = Content.styled(decision.say(row.leans[name]), STRONG)
        paragraphs += [BLANK, Paragraph(Content.assemble((f"{title}: ", MUTED), lean))]
        paragraphs += _explained(name, explanation, folded)
        if same:
            break
    for amendment in row.amendments:
        paragraphs += [
            BLANK,
            Paragraph(Content(amendment.because), Content.styled(f"{amendment.erratum} ", WARNING)),
            Paragraph(cited(amendment.sources), Content("  ")),
        ]
    ask = link("[Why, in the conversation]", Send(f"/why {row.short}"), STRONG)
    return [*paragraphs, BLANK, Paragraph(ask)]


def _explained(reading: str, explanation: RowExplanation, folded: frozenset[str]) -> Iterator[Paragraph]:
    if explanation.missing:
        yield from prose(explanation.missing, indent=2)
    for number, step in enumerate(explanation.steps):
        yield from _step(step, f"{reading}.{number}", 0, folded)
    for defeated in explanation.defeated:
        by = f"  rule {defeated.rule}, by {', '.join(defeated.by)}"
        yield Paragraph(Content.assemble(("no longer counts: ", MUTED), defeated.because, (by, MUTED)), Content("  "))


def _step(step: Step, key: str, depth: int, folded: frozenset[str]) -> Iterator[Paragraph]:
    margin = Content("  " * depth)
    closed = key in folded
    erratum = f", {step.erratum}" if step.erratum else ""
    strength = f", evidence {step.strength}" if step.strength else ""
    head = Content.assemble(step.conclusion, (f"  rule {step.rule}{erratum}{strength}", MUTED))
    yield folding(head, key, closed, margin)
    if closed:
        return
    margin += Content("  ")
    yield Paragraph(Content.assemble(("because ", MUTED), step.because), margin)
    for premise in step.premises:
        yield Paragraph(Content.assemble(("from ", MUTED), premise.text), margin)
        for observation in premise.evidence:
            where = Content.styled(f" message {observation.turn}", MUTED)
            yield Paragraph(quoted(observation) + where, margin + "  ")
    if step.sources:
        yield Paragraph(cited(step.sources), margin)
    for caveat in step.caveats:
        yield Paragraph(caveat_content(caveat), margin)
    for number, below in enumerate(step.steps):
        yield from _step(below, f"{key}.{number}", depth + 1, folded)


def source_paragraphs(source: Source) -> list[Paragraph]:
    """A source with its date, its address and what it was checked for."""
    paragraphs = [
        _back(),
        Paragraph(Content.styled(source.title, HEADING)),
        BLANK,
        Paragraph(Content(source.date or "not dated"), Content.styled("Date     ", MUTED)),
        Paragraph(Content(source.id), Content.styled("Source   ", MUTED)),
    ]
    if source.url:
        paragraphs.append(Paragraph(Content(source.url), Content.styled("Address  ", MUTED)))
        paragraphs.append(Paragraph(link("[Copy the address]", Copy(source.url), STRONG)))
    if source.claim:
        status = _STATUSES.get(source.status, source.status)
        paragraphs += [
            BLANK,
            Paragraph(Content.styled("Used to check this claim:", MUTED)),
            *prose(source.claim, indent=2),
            Paragraph(Content.assemble("It ", (status, STRONG), " today.")),
            *prose(source.truth, indent=2),
        ]
    return paragraphs


def _back() -> Paragraph:
    return Paragraph(link(_BACK, Act("back"), MUTED))
