"""Attributes and values that lead nowhere: nothing reads or produces them, or their row stays unexplained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from advisor.checking.findings import Remark
from advisor.checking.rulebase import Rulebase
from advisor.knowledge_base.language_schema import AttributePhrases
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import Attribute
from advisor.reasoning.recommendation import ReadingId


def vocabulary_remarks(
    pack: KnowledgePack, rulebases: Mapping[ReadingId, Rulebase], phrases: Mapping[str, AttributePhrases] | None
) -> Iterator[Remark]:
    """What is wrong with attributes and values. `phrases`: how people say them; None when that could not be read."""
    read = {condition.attribute for rule in pack.rules.values() for condition in rule.when}
    concluded = {(rule.then.name, rule.then.value) for rule in pack.rules.values()}
    for attribute in pack.attributes.values():
        part = (Attribute, attribute.id)
        if attribute.id not in read and not attribute.role:
            yield Remark("unread-attribute", attribute.id, f"no rule reads {attribute.id}", part, ("id",))
        for value in _unproducible(attribute, concluded, phrases):
            what = f"no rule and no words give {attribute.id} the value {value}"
            yield Remark("unproducible-value", f"{attribute.id}={value}", what, part, ("values", value))
        yield from _gaps(rulebases, attribute)


def _unproducible(
    attribute: Attribute, concluded: set[tuple[str, str]], phrases: Mapping[str, AttributePhrases] | None
) -> Iterator[str]:
    if attribute.role == "choice":
        return
    if attribute.derived:
        yield from (value for value in attribute.values if (attribute.id, value) not in concluded)
        return
    if phrases is None:
        return
    ways = phrases[attribute.id].values if attribute.id in phrases else {}
    told = {value for value, words in ways.items() if any(getattr(words, way) for way in type(words).model_fields)}
    told |= {*attribute.answers.values(), *attribute.opposites.values(), attribute.absence or ""}
    yield from (value for value in attribute.values if value not in told)


def _gaps(rulebases: Mapping[ReadingId, Rulebase], attribute: Attribute) -> Iterator[Remark]:
    """Values that, stated alone, no rule about their row says anything on."""
    if attribute.derived or attribute.criterion is None:
        return
    for value in attribute.values:
        profile = {attribute.id: frozenset({value})}
        if not any(rulebase.outcome(profile, attribute.criterion)[0] for rulebase in rulebases.values()):
            what = f"{attribute.id}={value}, stated alone, leaves the row {attribute.criterion} unexplained"
            yield Remark("gap", f"{attribute.id}={value}", what, (Attribute, attribute.id), ("values", value))
