"""Builds reply blocks from what the rooms below conclude. Pure: no state, no printing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.conversation.blocks import (
    Amendment,
    Answer,
    Caveat,
    Choice,
    Defeated,
    Effect,
    Explanation,
    Matrix,
    MatrixRow,
    Observation,
    Premise,
    Question,
    ReadingState,
    RowExplanation,
    SetAside,
    SetAsideItem,
    SourceRef,
    Step,
    TopicRef,
    UnderstoodItem,
)
from advisor.conversation.explanation_blocks import Override
from advisor.conversation.verdicts import verdict as verdict
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Attribute, Entry, Role, Rule, Source
from advisor.reasoning.explanation import Derivation, derivation, derivations, evidence, rules_used
from advisor.reasoning.inference import Fact, Firing
from advisor.reasoning.next_question import reachable
from advisor.reasoning.recommendation import READINGS, ReadingId, Recommendation
from advisor.text import shorten
from advisor.understanding import mentions
from advisor.understanding.extraction import Extraction
from advisor.understanding.mentions import ANY_VALUE

_MOST_QUOTED = 160
"""Characters of a quote inside a question."""

_CAUTIONS = {
    "outdated": "The article is out of date here; the answer says what holds now.",
    "contested": "Part of this is contested; the answer says so.",
    "unverifiable": "Part of this cannot be checked; the answer says so.",
}


def source_ref(source: Source) -> SourceRef:
    """A source as it is cited."""
    return SourceRef(id=source.id, title=source.title, url=source.url, date=source.dated)


def topic_ref(pack: KnowledgePack, topic: str, score: float | None = None) -> TopicRef:
    """An FAQ topic by its id."""
    return TopicRef(id=topic, question=pack.entries[topic].question, score=score)


def answer(pack: KnowledgePack, entry: Entry, asked: str, score: float | None) -> Answer:
    """An FAQ answer with its sources, and a caution when a claim behind it is outdated or contested."""
    statuses = {pack.claims[claim].status for claim in entry.claims}
    related = (topic_ref(pack, topic) for topic in entry.related)
    return Answer(
        asked=asked,
        topic=topic_ref(pack, entry.id, score),
        text=entry.answer,
        as_of=pack.manifest.as_of.isoformat(),
        caution=next((text for status, text in _CAUTIONS.items() if status in statuses), None),
        sources=tuple(source_ref(pack.sources[source]) for source in entry.sources),
        related=tuple(topic for topic in related if topic.question not in entry.follow_ups),
        follow_ups=entry.follow_ups,
    )


def observations(found: Iterable[mentions.Observation | mentions.Mention], turn: int) -> tuple[Observation, ...]:
    """What was extracted from the utterance of a turn, as it is kept."""
    return tuple(
        Observation(
            attribute=each.attribute,
            value=each.value,
            quote=each.quote,
            turn=turn,
            start=each.start,
            end=each.end,
            obtained=each.obtained,
            reason=each.reason,
        )
        for each in found
    )


def set_aside(pack: KnowledgePack, extraction: Extraction) -> SetAside | None:
    """What was mentioned without counting, or None; what was only asked about goes without saying."""
    items = tuple(
        SetAsideItem(
            attribute=mention.attribute,
            title=pack.attributes[mention.attribute].title,
            label=pack.value_label(mention.attribute, mention.value),
            quote=mention.quote,
            stance=mention.stance,
            reason=mention.reason,
        )
        for mention in extraction.set_aside
        if mention.stance != "asked" and mention.value != ANY_VALUE
    )
    return SetAside(items=items) if items else None


def understood_item(
    pack: KnowledgePack, observation: Observation, before: Iterable[Observation] = ()
) -> UnderstoodItem:
    """An observation as shown; names the values it replaces when they differ."""
    attribute = pack.attributes[observation.attribute]
    earlier = [old.value for old in before if old.attribute == observation.attribute]
    replaced = [value for value in dict.fromkeys(earlier) if value != observation.value]
    return UnderstoodItem(
        observation=observation,
        title=attribute.title,
        label=pack.value_label(attribute.id, observation.value),
        replaces=", ".join(pack.value_label(attribute.id, value) for value in replaced) or None,
    )


def matrix(
    pack: KnowledgePack,
    recommendations: Mapping[ReadingId, Recommendation],
    known: Sequence[Observation],
    same_rules: bool,
) -> Matrix:
    """The matrix as it stands, with the observations behind each row in order of the conversation."""
    article = recommendations["article"]
    rows = []
    for name, criterion in pack.criteria.items():
        facts = {fact for r in recommendations.values() for fact in evidence(r, name)}
        rows.append(
            MatrixRow(
                criterion=name,
                title=criterion.title,
                short=criterion.short,
                leans={reading: recommendations[reading].rows[name].lean for reading in READINGS},
                evidence=tuple(o for o in known if Fact(o.attribute, o.value) in facts),
                rules=rules_used(derivations(article, name)),
                amendments=_amendments(pack, recommendations["amended"], name),
            )
        )
    readings = tuple(
        ReadingState(
            reading=reading.id,
            title=reading.title,
            verdict=recommendations[reading.id].verdict,
            tally=dict(recommendations[reading.id].tally),
            ways=dict(reachable(pack, recommendations[reading.id]).ways),
            by_tally=recommendations[reading.id].by_tally,
            overrides=overrides(pack, recommendations[reading.id], known),
        )
        for reading in pack.manifest.readings
    )
    return Matrix(rows=tuple(rows), readings=readings, same_rules=same_rules)


def _amendments(pack: KnowledgePack, amended: Recommendation, criterion: str) -> tuple[Amendment, ...]:
    """The errata that fired for a row."""
    fired = dict.fromkeys(firing.rule for firing in amended.rows[criterion].firings)
    rules = (pack.rules[rule] for rule in fired)
    return tuple(
        Amendment(
            rule=rule.id,
            erratum=rule.erratum or "",
            strength=rule.strength or "",
            because=rule.because,
            sources=rule_sources(pack, rule),
        )
        for rule in rules
        if rule.reading == "amended"
    )


def question(
    pack: KnowledgePack, attribute: Attribute, leans: Mapping[str, str], suggestion: Observation | None, again: bool
) -> Question:
    """The question about an attribute, and what waits for it: an open row, or one that an erratum could still move.

    `suggestion`: what earlier words seemed to answer; then only that is asked. `again`: it was asked before, so that a
    reminder will do.
    """
    criterion = pack.criteria[attribute.criterion or ""]
    if leans[criterion.id] == UNKNOWN:
        why = f"It decides the row “{criterion.title}”."
    else:
        why = f"It can still move the row “{criterion.title}” in the amended reading."
    return Question(
        again=again,
        attribute=attribute.id,
        criterion=criterion.id,
        text=attribute.question or "" if suggestion is None else _suggesting(pack, suggestion),
        why=why if suggestion is None else f"{why} Say yes or no, or give another answer.",
        suggestion=None if suggestion is None else understood_item(pack, suggestion),
        choices=tuple(Choice(value=value, label=label) for value, label in attribute.values.items()),
    )


def _suggesting(pack: KnowledgePack, suggestion: Observation) -> str:
    """Asks whether some words mean what they seem to."""
    title, label = pack.attributes[suggestion.attribute].title, pack.value_label(suggestion.attribute, suggestion.value)
    return f"You wrote “{shorten(suggestion.quote, _MOST_QUOTED)}”. Does that mean “{title}: {label}”?"


def overrides(
    pack: KnowledgePack, recommendation: Recommendation, known: Sequence[Observation]
) -> tuple[Override, ...]:
    """What a reading concludes beyond its rows, those conclusions first that settle the verdict."""
    found: dict[Fact, list[Firing]] = {}
    for firing in sorted(recommendation.overrides, key=lambda firing: firing not in recommendation.decisive):
        found.setdefault(firing.conclusion, []).append(firing)
    effects: dict[Role, Effect] = {"rules_out": "rules_out", "keeps": "keeps", "beyond": "beyond"}
    return tuple(
        Override(
            effect=effects[role],
            value=fact.value,
            text=pack.value_label(fact.name, fact.value),
            steps=tuple(step(pack, derivation(recommendation.derived, firing), known) for firing in firings),
        )
        for fact, firings in found.items()
        if (role := pack.role(fact.name)) in effects
    )


def explanation(
    pack: KnowledgePack,
    recommendation: Recommendation,
    known: Sequence[Observation],
    criteria: Iterable[str],
) -> Explanation:
    """The full derivation of rows in one reading, with the user's words at the leaves and what it concludes beyond."""
    rows = []
    for name in criteria:
        criterion = pack.criteria[name]
        lean = recommendation.rows[name].lean
        steps = tuple(step(pack, d, known) for d in derivations(recommendation, name))
        missing = None if steps else f"Nothing was said that bears on this row. {criterion.how_to_find_out}"
        about = {rule for rule in recommendation.defeated if pack.rules[rule].then.name == name}
        rows.append(
            RowExplanation(
                criterion=name,
                title=criterion.title,
                lean=lean,
                steps=steps,
                missing=missing,
                reading=recommendation.reading,
                defeated=tuple(
                    Defeated(rule=rule, because=pack.rules[rule].because, by=by)
                    for rule, by in recommendation.defeated.items()
                    if rule in about
                ),
            )
        )
    return Explanation(rows=tuple(rows), overrides=overrides(pack, recommendation, known))


def explanations(
    pack: KnowledgePack,
    recommendations: Mapping[ReadingId, Recommendation],
    known: Sequence[Observation],
    criteria: Iterable[str],
) -> Explanation:
    """The full derivation of rows in both readings: the amended one only where its rules for a row differ."""
    criteria = tuple(criteria)
    article, amended = (explanation(pack, recommendations[reading], known, criteria) for reading in READINGS)
    rows: list[RowExplanation] = []
    for row, other in zip(article.rows, amended.rows, strict=True):
        rows.append(row)
        if (row.lean, row.steps) != (other.lean, other.steps):
            rows.append(other)
    return Explanation(rows=tuple(rows), overrides=amended.overrides)


def step(pack: KnowledgePack, proof: Derivation, known: Sequence[Observation]) -> Step:
    """A firing with all it rests on, in words."""
    rule = pack.rules[proof.firing.rule]
    return Step(
        rule=rule.id,
        conclusion=fact_in_words(pack, proof.firing.conclusion),
        because=rule.because,
        premises=tuple(
            Premise(
                text=fact_in_words(pack, premise),
                evidence=tuple(o for o in known if Fact(o.attribute, o.value) == premise),
            )
            for premise in proof.firing.premises
        ),
        sources=rule_sources(pack, rule),
        caveats=caveats(pack, rule),
        steps=tuple(step(pack, below, known) for below in proof.supports),
        erratum=rule.erratum,
        strength=rule.strength,
    )


def rule_sources(pack: KnowledgePack, rule: Rule) -> tuple[SourceRef, ...]:
    """Where a rule comes from: the article for a rule of its reading, the evidence of its claims for an amendment."""
    if rule.reading == "article":
        return (source_ref(pack.sources[pack.manifest.article.source]),)
    return tuple(source_ref(source) for source in pack.sources_of(rule.claims))


def caveats(pack: KnowledgePack, rule: Rule) -> tuple[Caveat, ...]:
    """The claims behind a rule that do not simply hold today."""
    doubtful = [pack.claims[claim] for claim in rule.claims if pack.claims[claim].status != "holds"]
    return tuple(
        Caveat(
            claim=claim.claim,
            status=claim.status,
            truth=claim.truth,
            sources=tuple(source_ref(source) for source in pack.sources_of([claim.id])),
        )
        for claim in doubtful
    )


def fact_in_words(pack: KnowledgePack, fact: Fact) -> str:
    """A fact as a phrase: an attribute and its value, a row and its lean, or what is concluded beyond the rows."""
    if fact.name in pack.criteria:
        towards = "is neutral" if fact.value == NEUTRAL else f"leans {pack.say(fact.value)}"
        return f"{pack.criteria[fact.name].title} {towards}"
    label = pack.value_label(fact.name, fact.value)
    return label if pack.role(fact.name) else f"{pack.attributes[fact.name].title}: {label}"
