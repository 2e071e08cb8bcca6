"""What a decision record says: everything that can be told from a session and the pack, before any format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeVar

import advisor
from advisor.conversation import replies
from advisor.conversation.blocks import (
    Answer,
    Caveat,
    Matrix,
    Observation,
    Obtained,
    Part,
    Premise,
    ReadingName,
    ReadingState,
    SetAside,
    SourceRef,
    Stance,
    Step,
    Verdict,
)
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN, Option
from advisor.reasoning.inference import Fact
from advisor.reasoning.recommendation import (
    INSUFFICIENT,
    READINGS,
    SPLIT,
    ReadingId,
    Reasoner,
    Recommendation,
    verdict_of,
)
from advisor.reasoning.sensitivity import smallest_flips
from advisor.records.store import Session

SCHEMA_VERSION = 1

ItemT = TypeVar("ItemT")


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
    conversation.
    """

    id: str
    title: str
    version: str
    fingerprint: str
    as_of: date
    session_version: str
    session_fingerprint: str
    changed: bool


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


class Known(Part):
    """An attribute's value with its evidence. `in_pack`: the pack in use still knows the attribute and the value."""

    attribute: str
    title: str
    value: str
    label: str
    quote: str
    turn: int
    start: int
    end: int
    obtained: Obtained
    reason: str
    in_pack: bool


class FiredRule(Part):
    """A rule that fired for a row, in these readings, on these premises."""

    id: str
    readings: tuple[ReadingName, ...]
    conclusion: str
    because: str
    premises: tuple[Premise, ...]
    sources: tuple[SourceRef, ...]
    caveats: tuple[Caveat, ...]


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


class Exchange(Part):
    """One turn of the transcript: what the user wrote, and the reply as plain text."""

    turn: int
    at: datetime
    utterance: str
    acts: tuple[str, ...]
    reply: str


class DecisionRecord(Part):
    """A decision record. The field names are those of its JSON; `schema_version` changes when their meaning does."""

    schema_version: int
    tool: Tool
    title: str
    status: Literal["proposed"]
    session: SessionFacts
    pack: PackFacts
    encoder: str
    article: ArticleFacts
    question: str
    options: tuple[Option, ...]
    summary: str
    outcome: Verdict
    readings: dict[ReadingName, ReadingFacts]
    criteria: dict[str, CriterionFacts]
    would_change: tuple[Change, ...]
    known: tuple[Known, ...]
    unknown: tuple[UnknownFacts, ...]
    set_aside: tuple[SetAsideFacts, ...]
    assumptions: tuple[Known, ...]
    answers: tuple[GivenAnswer, ...]
    transcript: tuple[Exchange, ...]


def decision_record(session: Session, reasoner: Reasoner) -> DecisionRecord:
    """The record of a session as it stands after its last turn, reasoned anew with the reasoner's pack.

    Raises EngineError if the rule engine fails.
    """
    pack, info = reasoner.pack, session.info
    state = session.turns[-1].state if session.turns else State()
    usable = tuple(observation for observation in state.observations if _in_pack(pack, observation))
    recommendations = reasoner.recommend(profile_of(usable))
    matrix = replies.matrix(pack, recommendations, usable, same_rules=not reasoner.amendments)
    manifest = pack.manifest
    article_source = pack.sources.get(manifest.article.source)
    return DecisionRecord(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="advisor", version=advisor.__version__),
        title=manifest.title,
        status="proposed",
        session=SessionFacts(
            id=info.id, title=info.title, created=info.created, updated=info.updated, turns=len(session.turns)
        ),
        pack=PackFacts(
            id=manifest.id,
            title=manifest.title,
            version=manifest.version,
            fingerprint=pack.fingerprint,
            as_of=manifest.as_of,
            session_version=info.pack_version,
            session_fingerprint=info.pack_fingerprint,
            changed=info.pack_fingerprint != pack.fingerprint,
        ),
        encoder=info.encoder,
        article=ArticleFacts(
            title=manifest.article.title,
            authors=manifest.article.authors,
            publisher=manifest.article.publisher,
            date=manifest.article.date,
            url=article_source.url if article_source else None,
        ),
        question=manifest.question,
        options=manifest.options,
        summary=_summary(pack, matrix, usable),
        outcome=replies.verdict(pack, matrix),
        readings=_readings(pack, matrix),
        criteria=_criteria(pack, recommendations, matrix, usable),
        would_change=_changes(pack, recommendations["article"]),
        known=tuple(_known(pack, observation) for observation in state.observations),
        unknown=tuple(_unknown(pack, state, matrix)),
        set_aside=tuple(_set_aside(session.turns)),
        assumptions=tuple(_known(pack, observation) for observation in state.assumptions),
        answers=tuple(_answers(pack, session.turns)),
        transcript=tuple(
            Exchange(
                turn=turn.number,
                at=turn.at,
                utterance=turn.utterance,
                acts=turn.acts,
                reply=plain_text(turn.blocks, pack.say),
            )
            for turn in session.turns
        ),
    )


def _in_pack(pack: KnowledgePack, observation: Observation) -> bool:
    attribute = pack.attributes.get(observation.attribute)
    return attribute is not None and observation.value in attribute.values


def _known(pack: KnowledgePack, observation: Observation) -> Known:
    in_pack = _in_pack(pack, observation)
    attribute = pack.attributes.get(observation.attribute)
    return Known(
        **observation.model_dump(),
        title=attribute.title if attribute else observation.attribute,
        label=pack.value_label(observation.attribute, observation.value) if in_pack else observation.value,
        in_pack=in_pack,
    )


def _readings(pack: KnowledgePack, matrix: Matrix) -> dict[ReadingName, ReadingFacts]:
    notes = {reading.id: reading.note for reading in pack.manifest.readings}
    return {
        state.reading: ReadingFacts(
            title=state.title,
            note=notes[state.reading],
            verdict=state.verdict,
            tally=state.tally,
            ways=state.ways,
            same_rules_as_article=state.reading == "article" or matrix.same_rules,
        )
        for state in matrix.readings
    }


def _criteria(
    pack: KnowledgePack,
    recommendations: Mapping[ReadingId, Recommendation],
    matrix: Matrix,
    known: Sequence[Observation],
) -> dict[str, CriterionFacts]:
    found = {}
    for row in matrix.rows:
        fired = _fired(pack, recommendations, known, row.criterion)
        found[row.criterion] = CriterionFacts(
            title=row.title,
            short=row.short,
            lean=row.leans["article"],
            amended_lean=row.leans["amended"],
            evidence=tuple(_known(pack, observation) for observation in row.evidence),
            rules=tuple(rule.id for rule in fired),
            fired=fired,
            dissents=tuple(
                reading
                for reading in READINGS
                if {row.leans[reading], recommendations[reading].verdict} == set(pack.options)
            ),
            how_to_find_out=_find_out(pack, row.criterion) if UNKNOWN in row.leans.values() else None,
        )
    return found


def _find_out(pack: KnowledgePack, criterion: str) -> str:
    return pack.criteria[criterion].how_to_find_out


def _fired(
    pack: KnowledgePack,
    recommendations: Mapping[ReadingId, Recommendation],
    known: Sequence[Observation],
    criterion: str,
) -> tuple[FiredRule, ...]:
    """The rules behind a row in either reading, each once, concluding ones before those that they rest on."""
    fired: dict[str, FiredRule] = {}
    for reading in READINGS:
        explained = replies.explanation(pack, recommendations[reading], known, [criterion])
        for step in _flat(step for row in explained.rows for step in row.steps):
            earlier = fired.get(step.rule)
            fired[step.rule] = FiredRule(
                id=step.rule,
                readings=_union(earlier.readings if earlier else (), (reading,)),
                conclusion=step.conclusion,
                because=step.because,
                premises=_union(earlier.premises if earlier else (), step.premises),
                sources=step.sources,
                caveats=step.caveats,
            )
    return tuple(fired.values())


def _flat(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _flat(step.steps)


def _union(first: tuple[ItemT, ...], second: tuple[ItemT, ...]) -> tuple[ItemT, ...]:
    return (*first, *(item for item in second if item not in first))


def _changes(pack: KnowledgePack, article: Recommendation) -> tuple[Change, ...]:
    leans = article.leans
    return tuple(
        Change(
            rows=flip,
            verdict=verdict_of({**leans, **flip}.values(), pack.options, pack.manifest.decisive_rows),
        )
        for flip in smallest_flips(pack, leans)
    )


def _unknown(pack: KnowledgePack, state: State, matrix: Matrix) -> Iterator[UnknownFacts]:
    """Attributes without a value that some rule reads, those of open rows first."""
    read = {condition.attribute for rule in pack.rules.values() for condition in rule.when}
    open_rows = {row.criterion for row in matrix.rows if UNKNOWN in row.leans.values()}
    missing = [
        attribute
        for attribute in pack.attributes.values()
        if attribute.id in read and not attribute.derived and attribute.id not in state.profile
    ]
    for attribute in sorted(missing, key=lambda attribute: attribute.criterion not in open_rows):
        criterion = pack.criteria.get(attribute.criterion or "")
        yield UnknownFacts(
            attribute=attribute.id,
            title=attribute.title,
            criterion=attribute.criterion,
            criterion_title=criterion.title if criterion else None,
            criterion_open=attribute.criterion in open_rows,
            how_to_find_out=attribute.how_to_find_out,
            declined=attribute.id in state.declined,
        )


def _set_aside(turns: Iterable[Turn]) -> Iterator[SetAsideFacts]:
    for turn in turns:
        for block in turn.blocks:
            if isinstance(block, SetAside):
                for item in block.items:
                    yield SetAsideFacts(turn=turn.number, **item.model_dump())


def _answers(pack: KnowledgePack, turns: Iterable[Turn]) -> Iterator[GivenAnswer]:
    for turn in turns:
        for block in turn.blocks:
            if isinstance(block, Answer):
                entry = pack.entries.get(block.topic.id)
                yield GivenAnswer(
                    turn=turn.number,
                    asked=block.asked,
                    topic=block.topic.id,
                    question=block.topic.question,
                    text=block.text,
                    as_of=block.as_of,
                    caution=block.caution,
                    sources=block.sources,
                    current=entry is not None and entry.answer == block.text,
                )


def _summary(pack: KnowledgePack, matrix: Matrix, known: Iterable[Observation]) -> str:
    """The record in one sentence, after Zimmermann's Y-statement: context, concern, option, reason, downside."""
    facts = "; ".join(replies.fact_in_words(pack, Fact(o.attribute, o.value)) for o in known)
    context = f"this project ({facts})" if facts else "a project that nothing is known about yet"
    states = {state.reading: state for state in matrix.readings}
    article, amended = states["article"], states["amended"]
    differs = f"; the amended reading differs: {pack.say(amended.verdict)} ({_tally(pack, amended.tally)})"
    return (
        f"In the context of {context}, facing the question “{pack.manifest.question}”, "
        f"{_proposal(pack, matrix, article)}{differs if amended.verdict != article.verdict else ''}."
    )


def _proposal(pack: KnowledgePack, matrix: Matrix, state: ReadingState) -> str:
    """The clauses about the option, the reason and the downside, in one reading."""
    leans = (*pack.options, UNKNOWN)
    rows = {lean: [row.short for row in matrix.rows if row.leans[state.reading] == lean] for lean in leans}
    leaning = [f"{_listed(rows[option])} towards {pack.say(option)}" for option in pack.options if rows[option]]
    tally = _tally(pack, state.tally)
    missing = f"{_listed(rows[UNKNOWN])} still unknown" if rows[UNKNOWN] else ""
    if state.verdict in pack.options:
        (other,) = (option for option in pack.options if option != state.verdict)
        against = f"{_listed(rows[other])} leaning towards {pack.say(other)}" if rows[other] else ""
        downside = " and with ".join(part for part in (against, missing) if part)
        accepting = f", accepting the choice with {downside}" if downside else ""
        reason = f"because of the rows {_listed(rows[state.verdict])}"
        return f"{pack.say(state.verdict)} is proposed and not {pack.say(other)} ({tally}), {reason}{accepting}"
    why = {SPLIT: "the rows are split", INSUFFICIENT: "not enough is known yet"}[state.verdict]
    details = "; ".join(part for part in (f"leaning: {', '.join(leaning)}" if leaning else "", missing) if part)
    advice = "; pressure-test before committing" if state.verdict == SPLIT else ""
    return f"no option is proposed, because {why} ({tally}){f'; {details}' if details else ''}{advice}"


def _tally(pack: KnowledgePack, tally: Mapping[str, int]) -> str:
    return ", ".join(f"{pack.say(option)} {count}" for option, count in tally.items())


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
