"""Builds a decision record: everything that can be told from a session and the pack, before any format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeVar

import advisor
from advisor.conversation import replies
from advisor.conversation.blocks import (
    Answer,
    Matrix,
    Observation,
    ReadingName,
    SetAside,
    Step,
    Understood,
    WhatIf,
)
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import State, Turn, profile_of
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.recommendation import READINGS, ReadingId, Reasoner, Recommendation, verdict_of
from advisor.reasoning.sensitivity import smallest_flips
from advisor.records.knowledge_versions import pack_contents
from advisor.records.outlook import explained
from advisor.records.proposal import Proposal
from advisor.records.record_model import (
    SCHEMA_VERSION,
    ArticleFacts,
    Change,
    CriterionFacts,
    DecisionRecord,
    Exchange,
    FiredRule,
    GivenAnswer,
    Known,
    Mark,
    Method,
    PackFacts,
    ReadingFacts,
    SessionFacts,
    SetAsideFacts,
    Tool,
    UnknownFacts,
)
from advisor.records.session import Session

ItemT = TypeVar("ItemT")


def decision_record(session: Session, reasoner: Reasoner) -> DecisionRecord:
    """The record of a session as it stands after its last turn, reasoned anew with the reasoner's pack.

    Raises EngineError if the rule engine fails.
    """
    pack, info = reasoner.pack, session.info
    state = session.turns[-1].state if session.turns else State()
    usable = tuple(observation for observation in state.observations if _in_pack(pack, observation))
    recommendations = reasoner.recommend(profile_of(usable))
    matrix = replies.matrix(pack, recommendations, usable, same_rules=not reasoner.amendments)
    criteria = _criteria(pack, recommendations, matrix, usable)
    proposal = Proposal(pack, matrix, criteria)
    advice, outlook = explained(reasoner, usable)
    manifest = pack.manifest
    article_source = pack.sources.get(manifest.article.source)
    return DecisionRecord(
        schema_version=SCHEMA_VERSION,
        tool=Tool(name="advisor", version=advisor.__version__),
        title=manifest.title,
        short_title=proposal.short_title,
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
            contents=pack_contents(pack),
        ),
        encoder=info.encoder,
        method=Method(
            rule_engine="durable_rules",
            engines_agree=True,  # or else the reasoner would have raised EngineError
            random_seed=None,
            words_read_by="the phrases of the knowledge pack, and the encoder for questions",
            replay="advisor replay FILE, with the JSON export of this conversation",
        ),
        article=ArticleFacts(
            title=manifest.article.title,
            authors=manifest.article.authors,
            publisher=manifest.article.publisher,
            date=manifest.article.date,
            url=article_source.url if article_source else None,
        ),
        question=manifest.question,
        options=manifest.options,
        chosen=proposal.chosen,
        summary=proposal.summary(usable),
        outcome=replies.verdict(pack, matrix),
        readings=_readings(pack, matrix),
        criteria=criteria,
        beyond_rows=_beyond_rows(pack, recommendations, usable),
        advice=advice,
        outlook=outlook,
        arguments=proposal.arguments(),
        consequences=proposal.consequences(),
        confirmation=proposal.confirmation(),
        revisit_when=proposal.revisit_when(),
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
                marks=_marks(pack, turn, state),
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
            made = _fired_rule(pack, recommendations, step, _union(earlier.readings if earlier else (), (reading,)))
            premises = _union(earlier.premises if earlier else (), step.premises)
            fired[step.rule] = made.model_copy(update={"premises": premises})
    return tuple(fired.values())


def _fired_rule(
    pack: KnowledgePack,
    recommendations: Mapping[ReadingId, Recommendation],
    step: Step,
    readings: tuple[ReadingName, ...],
) -> FiredRule:
    rule = pack.rules[step.rule]
    return FiredRule(
        id=step.rule,
        readings=readings,
        conclusion=step.conclusion,
        lean=rule.then.value if rule.then.name in pack.criteria else None,
        because=step.because,
        premises=step.premises,
        sources=step.sources,
        caveats=step.caveats,
        claims=rule.claims,
        erratum=rule.erratum,
        strength=rule.strength,
        defeated_by=recommendations["amended"].defeated.get(step.rule, ()),
    )


def _beyond_rows(
    pack: KnowledgePack, recommendations: Mapping[ReadingId, Recommendation], known: Sequence[Observation]
) -> tuple[FiredRule, ...]:
    """The rules by which the amended reading rules an option out, holds on to one, or looks beyond both."""
    found = replies.overrides(pack, recommendations["amended"], known)
    steps = _flat(step for override in found for step in override.steps)
    return tuple({step.rule: _fired_rule(pack, recommendations, step, ("amended",)) for step in steps}.values())


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


def _marks(pack: KnowledgePack, turn: Turn, state: State) -> tuple[Mark, ...]:
    """The words of a turn's utterance that were taken for something, in their order. `state`: how it all ended."""
    here = [observation for observation in state.observations if observation.turn == turn.number]
    marks = [_mark(pack, observation, "counted") for observation in here]
    for block in turn.blocks:
        if isinstance(block, Understood):
            replaced = (item.observation for item in block.items if item.observation not in state.observations)
            marks += [
                _mark(pack, observation, "replaced") for observation in replaced if observation.turn == turn.number
            ]
        elif isinstance(block, WhatIf):
            assumed = (item.observation for item in block.assumptions)
            marks += [_mark(pack, observation, "assumed") for observation in assumed if observation.turn == turn.number]
        elif isinstance(block, SetAside):
            for item in block.items:
                start = turn.utterance.find(item.quote)
                marks.append(
                    Mark(
                        start=start,
                        end=start + len(item.quote),
                        kind="set_aside",
                        attribute=item.attribute,
                        title=item.title,
                        label=item.label,
                    )
                )
    usable = (mark for mark in marks if 0 <= mark.start < mark.end <= len(turn.utterance))
    return tuple(dict.fromkeys(sorted(usable, key=lambda mark: (mark.start, mark.end))))


def _mark(pack: KnowledgePack, observation: Observation, kind: Literal["counted", "replaced", "assumed"]) -> Mark:
    known = _known(pack, observation)
    return Mark(
        start=known.start,
        end=known.end,
        kind=kind,
        attribute=known.attribute,
        title=known.title,
        label=known.label,
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
