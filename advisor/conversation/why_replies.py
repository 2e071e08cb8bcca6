"""Builds the blocks that say why a question is asked and why an option is not the verdict. Pure, as all replies."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.conversation.blocks import Matrix
from advisor.conversation.explanation_blocks import (
    AnswerEffect,
    NearMiss,
    Premise,
    PremiseState,
    WaitingRule,
    WhyAsked,
    WhyNot,
)
from advisor.conversation.explanation_replies import Known, Recommendations, reading_changes
from advisor.conversation.replies import fact_in_words, overrides, rule_sources
from advisor.conversation.transcript import profile_of
from advisor.conversation.verdicts import firmest_first, reason
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning import near_misses as why_not_rules
from advisor.reasoning.changes import Flips
from advisor.reasoning.inference import Fact
from advisor.reasoning.recommendation import READINGS, ReadingId, Reasoner
from advisor.reasoning.waiting import waiting_rules, where_answers_lead


def why_asked(reasoner: Reasoner, known: Known, attribute: str) -> WhyAsked:
    """Why a question is asked."""
    pack = reasoner.pack
    profile = profile_of(tuple(known))
    asked = pack.attributes[attribute]
    waiting = waiting_rules(reasoner, profile, attribute)
    rows = dict.fromkeys(row for rule in waiting for row in rule.rows)
    leads = where_answers_lead(reasoner, profile, attribute)
    return WhyAsked(
        attribute=attribute,
        question=asked.question or asked.title,
        rows=tuple(name for name in pack.criteria if name in rows),
        rules=tuple(
            WaitingRule(
                rule=found.rule,
                readings=found.readings,
                conclusion=_conclusion(pack, found.rule),
                because=pack.rules[found.rule].because,
                values=tuple(pack.value_label(attribute, value) for value in found.values),
                holds=tuple(_premise(pack, known, fact) for fact in found.holds),
                also_open=tuple(pack.attributes[name].title for name in found.also_open),
            )
            for found in waiting
        ),
        answers=tuple(
            AnswerEffect(value=value, label=label, verdicts=dict(leads[value])) for value, label in asked.values.items()
        ),
        how_to_find_out=asked.how_to_find_out,
    )


def why_not(
    reasoner: Reasoner,
    known: Known,
    recommendations: Recommendations,
    matrix: Matrix,
    option: str,
    smallest: Mapping[ReadingId, tuple[str, Flips]],
) -> WhyNot:
    """Why an option is not the verdict. `smallest`: for each reading the smallest changes that would make it win."""
    pack = reasoner.pack
    rows = firmest_first(list(matrix.rows))
    return WhyNot(
        option=option,
        verdicts={reading: recommendations[reading].verdict for reading in READINGS},
        tallies={reading: recommendations[reading].tally[option] for reading in READINGS},
        needed=pack.manifest.decisive_rows,
        rows_for=tuple(reason(pack, row) for row in rows if row.leans["article"] == option),
        rows_against=tuple(
            reason(pack, row) for row in rows if row.leans["article"] in pack.options and row.leans["article"] != option
        ),
        open_rows=tuple(row.criterion for row in matrix.rows if row.leans["article"] == UNKNOWN),
        ruled_out=tuple(
            override
            for override in overrides(pack, recommendations["amended"], known)
            if (override.effect == "rules_out") == (override.value == option) and override.effect != "beyond"
        ),
        near_misses=_near_misses(reasoner, known, recommendations, option),
        smallest=reading_changes(pack, known, smallest),
    )


def _near_misses(
    reasoner: Reasoner, known: Known, recommendations: Recommendations, option: str
) -> tuple[NearMiss, ...]:
    """The rules that would have supported an option in either reading; one that is in both appears once."""
    pack = reasoner.pack
    profile = profile_of(tuple(known))

    def supports(fact: Fact) -> bool:
        role = pack.role(fact.name)
        if role == "rules_out":
            return fact.value != option
        return (role == "keeps" or fact.name in pack.criteria) and fact.value == option

    found: dict[str, NearMiss] = {}
    for reading in READINGS:
        for miss in why_not_rules.near_misses(reasoner, reading, profile, recommendations[reading], supports):
            earlier = found.get(miss.rule)
            shown = _near_miss(pack, known, miss, (*(earlier.readings if earlier else ()), reading))
            found[miss.rule] = shown
    order = list(pack.rules)
    return tuple(sorted(found.values(), key=lambda miss: (miss.contradicted, miss.unknown, order.index(miss.rule))))


def _near_miss(
    pack: KnowledgePack, known: Known, miss: why_not_rules.NearMiss, readings: tuple[ReadingId, ...]
) -> NearMiss:
    rule = pack.rules[miss.rule]
    return NearMiss(
        rule=miss.rule,
        readings=readings,
        criterion=rule.then.name if rule.then.name in pack.criteria else None,
        conclusion=_conclusion(pack, miss.rule),
        because=rule.because,
        premises=tuple(_premise_state(pack, known, premise, readings) for premise in miss.premises),
        unknown=miss.unknown,
        contradicted=miss.contradicted,
        defeated_by=miss.defeated_by,
        erratum=rule.erratum,
        sources=rule_sources(pack, rule),
    )


def _premise_state(
    pack: KnowledgePack, known: Known, premise: why_not_rules.Premise, readings: tuple[ReadingId, ...]
) -> PremiseState:
    attribute = pack.attributes[premise.name]
    return PremiseState(
        text=attribute.title,
        state=premise.state,
        wanted=tuple(pack.value_label(premise.name, value) for value in premise.values),
        evidence=tuple(o for o in known if Fact(o.attribute, o.value) in premise.facts),
        how_to_find_out=attribute.how_to_find_out if premise.state == "unknown" else None,
        via=tuple(_near_miss(pack, known, miss, readings) for miss in premise.via),
    )


def _premise(pack: KnowledgePack, known: Known, fact: Fact) -> Premise:
    return Premise(
        text=fact_in_words(pack, fact), evidence=tuple(o for o in known if Fact(o.attribute, o.value) == fact)
    )


def _conclusion(pack: KnowledgePack, rule: str) -> str:
    then = pack.rules[rule].then
    return fact_in_words(pack, Fact(then.name, then.value))
