"""Builds the blocks that explain from what the reasoning room finds. Pure: no state, no printing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.conversation.blocks import Matrix
from advisor.conversation.explanation_blocks import (
    Advice,
    AdviceItem,
    Breaker,
    Change,
    ChangedFact,
    ChangeSet,
    Difference,
    ReadingChanges,
    ReadingSureness,
    RowChange,
    Split,
    Sureness,
    VerdictChange,
    WhatWouldChange,
)
from advisor.conversation.parts import Observation
from advisor.conversation.replies import rule_sources, step
from advisor.conversation.transcript import profile_of
from advisor.conversation.verdicts import reason
from advisor.knowledge_base.pack import KnowledgePack
from advisor.reasoning.changes import Flip, Flips
from advisor.reasoning.difference import changed_attributes, row_moves
from advisor.reasoning.explanation import derivation
from advisor.reasoning.inference import Fact, Firing
from advisor.reasoning.recommendation import READINGS, ReadingId, Reasoner, Recommendation, proposed
from advisor.reasoning.splits import Tie
from advisor.reasoning.sureness import MAX_WAYS, Firmness

Known = Sequence[Observation]
Recommendations = Mapping[ReadingId, Recommendation]


def change_set(pack: KnowledgePack, known: Known, flip: Flip) -> ChangeSet:
    """A set of answers given otherwise, with the words that they would replace."""
    return ChangeSet(
        changes=tuple(_change(pack, known, change.attribute, change.values) for change in flip.changes),
        verdict=flip.verdict,
    )


def _change(pack: KnowledgePack, known: Known, name: str, values: tuple[str, ...]) -> Change:
    attribute = pack.attributes[name]
    return Change(
        attribute=name,
        title=attribute.title,
        values=values,
        labels=tuple(pack.value_label(name, value) for value in values),
        said=tuple(o for o in known if o.attribute == name),
        changeable=attribute.changeable,
        how_to_find_out=attribute.how_to_find_out,
    )


def what_would_change(
    pack: KnowledgePack,
    known: Known,
    found: Mapping[ReadingId, tuple[str, Flips]],
    towards: str | None,
) -> WhatWouldChange:
    """All minimal sets of changes. `found`: for each reading the verdict now and what would turn it."""
    return WhatWouldChange(towards=towards, readings=reading_changes(pack, known, found))


def reading_changes(
    pack: KnowledgePack, known: Known, found: Mapping[ReadingId, tuple[str, Flips]]
) -> tuple[ReadingChanges, ...]:
    """For each reading the verdict now and what would turn it, in words."""
    titles = {reading.id: reading.title for reading in pack.manifest.readings}
    return tuple(
        ReadingChanges(
            reading=reading,
            title=titles[reading],
            verdict=verdict,
            tried_up_to=flips.tried_up_to,
            sets=tuple(change_set(pack, known, flip) for flip in flips.flips),
        )
        for reading, (verdict, flips) in found.items()
    )


def sureness(
    pack: KnowledgePack, known: Known, recommendations: Recommendations, found: Mapping[ReadingId, Firmness]
) -> Sureness:
    """How sure the verdicts are."""
    titles = {reading.id: reading.title for reading in pack.manifest.readings}
    return Sureness(
        readings=tuple(
            ReadingSureness(
                reading=reading,
                title=titles[reading],
                verdict=recommendations[reading].verdict,
                tally=dict(recommendations[reading].tally),
                margin=firm.margin,
                row_ways=dict(firm.row_ways),
                answers_hold=firm.answers.hold if firm.answers else None,
                answers_ways=firm.answers.ways if firm.answers else None,
                answers_bound=MAX_WAYS,
                open_attributes=tuple(pack.attributes[name].title for name in firm.answers.attributes)
                if firm.answers
                else (),
                single=tuple(change_set(pack, known, flip) for flip in firm.single),
                overridden=bool(recommendations[reading].decisive),
            )
            for reading, firm in found.items()
        )
    )


def split(pack: KnowledgePack, known: Known, matrix: Matrix, reading: ReadingId, tie: Tie) -> Split:
    """What pulls both ways in one reading, and the single facts that would settle it."""
    titles = {found.id: found.title for found in pack.manifest.readings}
    rows = {row.criterion: row for row in matrix.rows}
    return Split(
        reading=reading,
        title=titles[reading],
        tied={option: tuple(reason(pack, rows[name], reading) for name in names) for option, names in tie.rows.items()},
        undecided=tie.undecided,
        breakers=tuple(
            Breaker(
                criteria=found.criteria,
                rows=tuple(rows[name].short for name in found.criteria),
                change=_change(pack, known, found.flip.changes[0].attribute, found.flip.changes[0].values),
                verdict=found.flip.verdict,
            )
            for found in tie.breakers
        ),
    )


def difference(
    reasoner: Reasoner, before: tuple[int, Known, Recommendations], after: tuple[int, Known, Recommendations]
) -> Difference:
    """What changed between two turns; each is given by its number, what was known after it, and what that led to."""
    pack = reasoner.pack
    (turn_before, known_before, was), (turn_after, known_after, now) = before, after
    changed = changed_attributes(profile_of(tuple(known_before)), profile_of(tuple(known_after)))
    rules = [rule for stratum in reasoner.engines["amended"].strata for rule in stratum]
    titles = {reading.id: reading.title for reading in pack.manifest.readings}
    return Difference(
        from_turn=turn_before,
        to_turn=turn_after,
        facts=tuple(_changed_fact(pack, name, known_before, known_after) for name in changed),
        rows=tuple(
            RowChange(
                criterion=move.criterion,
                row=pack.criteria[move.criterion].short,
                reading=move.reading,
                before=move.before,
                after=move.after,
                gained=move.gained,
                lost=move.lost,
                causes=move.causes,
            )
            for move in row_moves(was, now, changed, rules)
        ),
        verdicts=tuple(
            VerdictChange(
                reading=reading,
                title=titles[reading],
                before=was[reading].verdict,
                after=now[reading].verdict,
                tally_before=dict(was[reading].tally),
                tally_after=dict(now[reading].tally),
            )
            for reading in READINGS
        ),
    )


def _changed_fact(pack: KnowledgePack, name: str, before: Known, after: Known) -> ChangedFact:
    said_before, said_after = (tuple(o for o in known if o.attribute == name) for known in (before, after))
    return ChangedFact(
        attribute=name,
        title=pack.attributes[name].title,
        before=tuple(pack.value_label(name, o.value) for o in said_before),
        after=tuple(pack.value_label(name, o.value) for o in said_after),
        said_before=said_before,
        said_after=said_after,
    )


def advice(pack: KnowledgePack, known: Known, recommendations: Recommendations, firings: Iterable[Firing]) -> Advice:
    """What follows from the choice, by area in the pack's order; what to use comes before what to leave alone."""
    by_conclusion: dict[Fact, list[Firing]] = {}
    for firing in firings:
        by_conclusion.setdefault(firing.conclusion, []).append(firing)
    names = [name for name, attribute in pack.attributes.items() if attribute.role in ("advises", "warns")]
    facts = [Fact(name, value) for name in names for value in pack.attributes[name].values]
    return Advice(
        choice=proposed(pack, recommendations),
        items=tuple(
            _advice_item(pack, known, recommendations, fact, by_conclusion[fact])
            for fact in facts
            if fact in by_conclusion
        ),
    )


def _advice_item(
    pack: KnowledgePack, known: Known, recommendations: Recommendations, fact: Fact, firings: Sequence[Firing]
) -> AdviceItem:
    rules = [pack.rules[rule] for rule in dict.fromkeys(firing.rule for firing in firings)]
    derived = recommendations["amended"].derived
    leaves = {leaf for firing in firings for leaf in derivation(derived, firing).leaves}
    options = dict.fromkeys(leaf.value for leaf in leaves if pack.role(leaf.name) == "choice")
    sources = dict.fromkeys(source for rule in rules for source in rule_sources(pack, rule))
    return AdviceItem(
        area=pack.attributes[fact.name].title,
        text=pack.value_label(fact.name, fact.value),
        because=tuple(dict.fromkeys(rule.because for rule in rules)),
        rules=tuple(rule.id for rule in rules),
        strength="strong" if any(rule.strength == "strong" for rule in rules) else "medium",
        never=pack.role(fact.name) == "warns",
        option=next(iter(options)) if len(options) == 1 else None,
        evidence=tuple(o for o in known if Fact(o.attribute, o.value) in leaves),
        sources=tuple(sources),
        steps=tuple(step(pack, derivation(derived, firing), known) for firing in firings),
    )
