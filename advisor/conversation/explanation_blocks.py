"""The blocks that explain: how, why, why not, what would change it, how sure, what breaks a split, what changed.

All of them are exact. Where a search is bounded the block says how far it went. Every fact carries the observations it
rests on, so that a face can lead back to the words of the conversation.
"""

from __future__ import annotations

from typing import Literal

from advisor.conversation.parts import Observation, Part, ReadingName, SourceRef

Effect = Literal["rules_out", "keeps", "beyond"]
"""What a conclusion beyond the rows does: exclude an option, hold on to one, or name something outside both."""


class Premise(Part):
    """A premise of a rule in words; `evidence` is empty for what was concluded or is unknown."""

    text: str
    evidence: tuple[Observation, ...] = ()


class Caveat(Part):
    """A claim behind a rule that does not simply hold today: its status, what is true now, and the sources of that."""

    claim: str
    status: str
    truth: str
    sources: tuple[SourceRef, ...]


class Step(Part):
    """A rule that fired: its premises, its conclusion in words, why, and the steps that its premises rest on.

    `sources`: where the rule comes from. `caveats`: what today's evidence says against the claims behind it.
    `erratum` and `strength` (of the evidence): for rules of the amended reading.
    """

    rule: str
    conclusion: str
    because: str
    premises: tuple[Premise, ...]
    sources: tuple[SourceRef, ...]
    caveats: tuple[Caveat, ...] = ()
    steps: tuple[Step, ...] = ()
    erratum: str | None = None
    strength: str | None = None


class Defeated(Part):
    """A rule of the article that held but does not count in the amended reading, with the rules that defeat it."""

    rule: str
    because: str
    by: tuple[str, ...]


class RowExplanation(Part):
    """How one row got its lean in one reading: every support, dissent included."""

    criterion: str
    title: str
    lean: str
    steps: tuple[Step, ...]
    missing: str | None = None
    reading: ReadingName = "article"
    defeated: tuple[Defeated, ...] = ()


class Override(Part):
    """A conclusion of the amended reading beyond its rows, with every support.

    `value`: the option that is ruled out or kept, or the id of what lies beyond both. `text`: the conclusion in words.
    """

    effect: Effect
    value: str
    text: str
    steps: tuple[Step, ...]


class Explanation(Part):
    """The derivation of rows. A row appears for the amended reading too where its derivation differs there."""

    kind: Literal["explanation"] = "explanation"
    rows: tuple[RowExplanation, ...]
    overrides: tuple[Override, ...] = ()


class Reason(Part):
    """One row's say in the user's words. `text` names row and lean; `quotes` are what it rests on."""

    criterion: str
    text: str
    quotes: tuple[str, ...]


class Change(Part):
    """One answer given otherwise; any of `values` will do (`labels` say them).

    `said`: the observations that it would replace; none when the question is still open.
    """

    attribute: str
    title: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    said: tuple[Observation, ...] = ()
    changeable: bool = True
    how_to_find_out: str | None = None


class ChangeSet(Part):
    """A minimal set of answers that, all given otherwise, lead to `verdict`: none of them can be left out."""

    changes: tuple[Change, ...]
    verdict: str


class ReadingChanges(Part):
    """What would turn one reading's verdict. Every set of up to `tried_up_to` answers was tried, one value for each."""

    reading: ReadingName
    title: str
    verdict: str
    tried_up_to: int
    sets: tuple[ChangeSet, ...]


class WhatWouldChange(Part):
    """All minimal sets of answers that turn a verdict, what can be changed first. `towards`: only to this option."""

    kind: Literal["what_would_change"] = "what_would_change"
    towards: str | None
    readings: tuple[ReadingChanges, ...]


class AnswerEffect(Part):
    """Where each reading ends when the question is answered so."""

    value: str
    label: str
    verdicts: dict[ReadingName, str]


class WaitingRule(Part):
    """A rule that the asked answer could still make fire: what holds of it already, and what else it waits for."""

    rule: str
    readings: tuple[ReadingName, ...]
    conclusion: str
    because: str
    values: tuple[str, ...]
    holds: tuple[Premise, ...]
    also_open: tuple[str, ...]


class WhyAsked(Part):
    """Why a question is asked: the rows and rules that wait for it, and where each answer would lead."""

    kind: Literal["why_asked"] = "why_asked"
    attribute: str
    question: str
    rows: tuple[str, ...]
    rules: tuple[WaitingRule, ...]
    answers: tuple[AnswerEffect, ...]
    how_to_find_out: str | None


class PremiseState(Part):
    """A premise of a rule that did not fire. `evidence`: what makes it hold, or what contradicts it.

    `wanted`: the values of which any will do, in words. `via`: for a premise that rules conclude, how near those are.
    """

    text: str
    state: Literal["holds", "contradicted", "unknown"]
    wanted: tuple[str, ...]
    evidence: tuple[Observation, ...] = ()
    how_to_find_out: str | None = None
    via: tuple[NearMiss, ...] = ()


class NearMiss(Part):
    """A rule that would support an option and does not: `unknown` and `contradicted` count its unmet premises.

    `defeated_by`: rules that hold it down although all its premises hold.
    """

    rule: str
    readings: tuple[ReadingName, ...]
    criterion: str | None
    conclusion: str
    because: str
    premises: tuple[PremiseState, ...]
    unknown: int
    contradicted: int
    defeated_by: tuple[str, ...] = ()
    erratum: str | None = None
    sources: tuple[SourceRef, ...] = ()


class WhyNot(Part):
    """Why an option is not the verdict: what speaks for it, what against it, and every rule that would have helped.

    `rows_for` and `rows_against`: in the article reading. `ruled_out`: conclusions beyond the rows that act against it.
    `near_misses`: the nearest first; those that only wait for
    an answer come before those that an answer contradicts. `smallest`: the smallest changes that would make it win.
    """

    kind: Literal["why_not"] = "why_not"
    option: str
    verdicts: dict[ReadingName, str]
    tallies: dict[ReadingName, int]
    needed: int
    rows_for: tuple[Reason, ...]
    rows_against: tuple[Reason, ...]
    open_rows: tuple[str, ...]
    ruled_out: tuple[Override, ...]
    near_misses: tuple[NearMiss, ...]
    smallest: tuple[ReadingChanges, ...]


class ReadingSureness(Part):
    """How firm one reading's verdict is, in counts.

    `margin`: rows of the leading option less those of the other. `row_ways`: for each verdict, in how many of the ways
    in which the open rows can turn out it is reached. `answers_hold` of `answers_ways`: in how many of the ways to
    answer `open_attributes` (all open questions that bear on this reading) the verdict stays what it is; None when
    there are more than `answers_bound` ways. `single`: each single answer, given otherwise or at all, that ends it.
    """

    reading: ReadingName
    title: str
    verdict: str
    tally: dict[str, int]
    margin: int
    row_ways: dict[str, int]
    answers_hold: int | None
    answers_ways: int | None
    answers_bound: int
    open_attributes: tuple[str, ...]
    single: tuple[ChangeSet, ...]
    overridden: bool = False


class Sureness(Part):
    """How sure the verdicts are: counts, never percentages."""

    kind: Literal["sureness"] = "sureness"
    readings: tuple[ReadingSureness, ...]


class Breaker(Part):
    """A single answer that breaks a split, and the rows through which it does; without any it acts beyond the rows."""

    criteria: tuple[str, ...]
    rows: tuple[str, ...]
    change: Change
    verdict: str


class Split(Part):
    """What pulls both ways in one reading, and the single facts that would settle it."""

    kind: Literal["split"] = "split"
    reading: ReadingName
    title: str
    tied: dict[str, tuple[Reason, ...]]
    undecided: tuple[str, ...]
    breakers: tuple[Breaker, ...]


class ChangedFact(Part):
    """An attribute that differs between two turns, with the words before and after."""

    attribute: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    said_before: tuple[Observation, ...]
    said_after: tuple[Observation, ...]


class RowChange(Part):
    """A row that leans otherwise than before, the rules that came and went, and the attributes that caused it."""

    criterion: str
    row: str
    reading: ReadingName
    before: str
    after: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    causes: tuple[str, ...]


class VerdictChange(Part):
    """Where a reading ended before and ends now."""

    reading: ReadingName
    title: str
    before: str
    after: str
    tally_before: dict[str, int]
    tally_after: dict[str, int]


class Difference(Part):
    """What changed between two turns, and why. `from_turn` 0 is the start of the conversation."""

    kind: Literal["difference"] = "difference"
    from_turn: int
    to_turn: int
    facts: tuple[ChangedFact, ...]
    rows: tuple[RowChange, ...]
    verdicts: tuple[VerdictChange, ...]


class AdviceItem(Part):
    """One consequence. `never`: what not to start on; `option`: the option it goes with, if only one.

    `rules`: all that conclude it; `evidence`: the words it rests on beside the choice itself; `steps`: its derivation.
    """

    area: str
    text: str
    because: tuple[str, ...]
    rules: tuple[str, ...]
    strength: str
    never: bool
    option: str | None
    evidence: tuple[Observation, ...]
    sources: tuple[SourceRef, ...]
    steps: tuple[Step, ...] = ()


class Advice(Part):
    """What follows for tools and installation from the options that a reading proposes (`choice`).

    `more`: how many further items were left out for now.
    """

    kind: Literal["advice"] = "advice"
    choice: tuple[str, ...]
    items: tuple[AdviceItem, ...]
    more: int = 0


PremiseState.model_rebuild()
