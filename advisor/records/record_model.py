"""What a decision record holds: frozen models whose field names are those of the record's JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from advisor.conversation.blocks import Verdict
from advisor.conversation.explanation_blocks import Advice, Caveat, NearMiss, Premise, Split, Sureness, WhatWouldChange
from advisor.conversation.parts import Observation, Part, ReadingName, SourceRef, Stance
from advisor.knowledge_base.schema import Option

SCHEMA_VERSION: Literal[2] = 2


class Tool(Part):
    """The program that wrote the record."""

    name: str
    version: str


class SessionFacts(Part):
    """The conversation that the record is about."""

    id: str
    title: str
    created: datetime
    updated: datetime
    turns: int


class PackFacts(Part):
    """The knowledge behind the record. `changed`: the pack is no longer the one that the conversation was held with.

    `fingerprint` and `version` are those of the pack that the record was computed with, `session_…` those of the
    conversation. `contents` has a digest of every part of the pack, by kind and id: it tells later what changed.
    """

    id: str
    title: str
    version: str
    fingerprint: str
    as_of: date
    session_version: str
    session_fingerprint: str
    changed: bool
    contents: dict[str, dict[str, str]]


class Method(Part):
    """How the record was computed. `engines_agree`: the rule engine and an independent evaluation concluded the same.

    `random_seed` is always null: nothing is drawn by chance. `replay`: the command that runs the record again.
    """

    rule_engine: str
    engines_agree: Literal[True]
    random_seed: None
    words_read_by: str
    replay: str


class ArticleFacts(Part):
    """The publication whose matrix the article reading follows."""

    title: str
    authors: tuple[str, ...]
    publisher: str
    date: date
    url: str | None


class ReadingFacts(Part):
    """The outcome of one reading. `same_rules_as_article`: nothing is amended yet, so it cannot differ."""

    title: str
    note: str
    verdict: str
    tally: dict[str, int]
    ways: dict[str, int]
    same_rules_as_article: bool


class Known(Observation):
    """An attribute's value with its evidence. `in_pack`: the pack in use still knows the attribute and the value."""

    title: str
    label: str
    in_pack: bool


class FiredRule(Part):
    """A rule that fired for a row, in these readings, on these premises.

    `lean` is the row's lean that it concludes, null when it concludes something that another rule rests on. `claims`
    are those it rests on; `defeated_by`: the errata that keep it out of the amended reading.
    """

    id: str
    readings: tuple[ReadingName, ...]
    conclusion: str
    lean: str | None
    because: str
    premises: tuple[Premise, ...]
    sources: tuple[SourceRef, ...]
    caveats: tuple[Caveat, ...]
    claims: tuple[str, ...]
    erratum: str | None
    strength: str | None
    defeated_by: tuple[str, ...]


class CriterionFacts(Part):
    """One row. `lean` is the article's; `rules` names the rules of `fired`; `dissents`: readings it speaks against."""

    title: str
    short: str
    lean: str
    amended_lean: str
    evidence: tuple[Known, ...]
    rules: tuple[str, ...]
    fired: tuple[FiredRule, ...]
    dissents: tuple[ReadingName, ...]
    how_to_find_out: str | None


class UnknownFacts(Part):
    """An attribute that nothing was said about and that some rule reads. `declined`: the user was asked."""

    attribute: str
    title: str
    criterion: str | None
    criterion_title: str | None
    criterion_open: bool
    how_to_find_out: str | None
    declined: bool


class SetAsideFacts(Part):
    """Something that was mentioned and did not count."""

    attribute: str
    title: str
    label: str
    quote: str
    turn: int
    stance: Stance
    reason: str


class Change(Part):
    """A smallest set of rows that, leaning so, would turn the article reading to `verdict`."""

    rows: dict[str, str]
    verdict: str


class Arguments(Part):
    """What speaks for and against an option, by the rules that fired and the rows that are open."""

    pros: tuple[str, ...]
    cons: tuple[str, ...]


class Consequences(Part):
    """What follows from the proposal; there is always something on the bad side."""

    good: tuple[str, ...]
    bad: tuple[str, ...]


class Outlook(Part):
    """How firm the verdicts are and what would change them, exactly and in counts.

    `answers`: all smallest sets of answers that turn a verdict. `splits`: for each reading that is split, what would
    settle it. `nearly_fired`: rules that a single premise kept from firing.
    """

    sureness: Sureness
    answers: WhatWouldChange
    splits: tuple[Split, ...]
    nearly_fired: tuple[NearMiss, ...]


class GivenAnswer(Part):
    """An FAQ answer that was given. `current`: the pack in use still words it so."""

    turn: int
    asked: str
    topic: str
    question: str
    text: str
    as_of: str
    caution: str | None
    sources: tuple[SourceRef, ...]
    current: bool


class Mark(Part):
    """Words of an utterance that were taken for something, from character `start` to `end`.

    `counted`: part of the profile now; `replaced`: no longer, a later statement won; `assumed`: said as a what-if;
    `set_aside`: noticed and not counted.
    """

    start: int
    end: int
    kind: Literal["counted", "replaced", "assumed", "set_aside"]
    attribute: str
    title: str
    label: str


class Exchange(Part):
    """One turn of the transcript: what the user wrote, and the reply as plain text."""

    turn: int
    at: datetime
    utterance: str
    acts: tuple[str, ...]
    marks: tuple[Mark, ...]
    reply: str


class DecisionRecord(Part):
    """A decision record. The field names are those of its JSON; `schema_version` changes when their meaning does.

    `chosen` is the option that the article reading proposes, null for none. `beyond_rows`: the rules by which the
    amended reading concludes beyond its rows. `redacted`: the placeholders that stand for words left out.
    """

    schema_version: Literal[2]
    tool: Tool
    title: str
    short_title: str
    status: Literal["proposed"]
    session: SessionFacts
    pack: PackFacts
    encoder: str
    method: Method
    article: ArticleFacts
    question: str
    options: tuple[Option, ...]
    chosen: str | None
    summary: str
    outcome: Verdict
    readings: dict[ReadingName, ReadingFacts]
    criteria: dict[str, CriterionFacts]
    arguments: dict[str, Arguments]
    consequences: Consequences
    confirmation: tuple[str, ...]
    revisit_when: tuple[str, ...]
    beyond_rows: tuple[FiredRule, ...]
    advice: Advice
    outlook: Outlook
    would_change: tuple[Change, ...]
    known: tuple[Known, ...]
    unknown: tuple[UnknownFacts, ...]
    set_aside: tuple[SetAsideFacts, ...]
    assumptions: tuple[Known, ...]
    answers: tuple[GivenAnswer, ...]
    transcript: tuple[Exchange, ...]
    redacted: tuple[str, ...] = ()


class Integrity(Part):
    """Hashes that show an alteration: SHA-256, in hexadecimal, over canonical JSON.

    `parts`: of each other field of the record by itself; `record`: of all of them together, as one object.
    """

    algorithm: Literal["sha256"]
    canonical_form: Literal["RFC 8785"]
    parts: dict[str, str]
    record: str


class SealedRecord(DecisionRecord):
    """A decision record with the hashes of its parts: what the JSON export holds."""

    integrity: Integrity
