"""Compares two records: which facts, rows and verdicts differ, and which parts of the knowledge did it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from advisor.conversation.blocks import ReadingName
from advisor.records.knowledge_versions import ChangedPart, changed_parts
from advisor.records.record_model import CriterionFacts, DecisionRecord, FiredRule, Known
from advisor.text import shorten

Kind = Literal["fact", "row", "verdict", "message"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not the same: what, in the one record and in the other, and the causes that are known."""

    kind: Kind
    where: str
    then: str
    now: str
    because: tuple[str, ...] = ()


class Comparison:
    """What differs between two records, and between the versions of the knowledge that they were made with."""

    def __init__(self, then: DecisionRecord, now: DecisionRecord) -> None:
        self.then = then
        self.now = now
        self.changed = changed_parts(then.pack.contents, now.pack.contents)
        self._how = {(part.kind, part.id): part.how for part in self.changed}
        self._names = {option.id: option.name for record in (then, now) for option in record.options}

    def differences(self) -> tuple[Difference, ...]:
        """Facts, rows and verdicts that differ, each with its causes; causes lead from rules to facts to phrases."""
        return (*self.facts(), *self.rows(), *self.verdicts())

    def how(self, kind: str, name: str) -> Literal["added", "changed", "removed"] | None:
        """How a part of the knowledge changed, if it did."""
        return self._how.get((kind, name))

    # Facts ------------------------------------------------------------------------------------------------------

    def facts(self) -> Iterator[Difference]:
        """Attributes whose values differ, with the phrases that were and are recognised."""
        then, now = (_values(record) for record in (self.then, self.now))
        for attribute in dict.fromkeys([*then, *now]):
            before, after = then.get(attribute, {}), now.get(attribute, {})
            if set(before) != set(after):
                title = next(iter([*before.values(), *after.values()])).title
                gone = [_read("was", known) for value, known in before.items() if value not in after]
                come = [_read("is", known) for value, known in after.items() if value not in before]
                yield Difference(
                    "fact",
                    title,
                    _listed(known.label for known in before.values()),
                    _listed(known.label for known in after.values()),
                    (*gone, *come, *self._about(("phrases", attribute), ("attribute", attribute))),
                )

    # Rows and verdicts ------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[Difference]:
        """Rows that lean otherwise in a reading, with the rules that came, went or conclude otherwise."""
        for reading in _READINGS:
            for criterion in dict.fromkeys([*self.then.criteria, *self.now.criteria]):
                then, now = self.then.criteria.get(criterion), self.now.criteria.get(criterion)
                before, after = _lean(then, reading), _lean(now, reading)
                if before != after:
                    known = now or then
                    row = known.title if known else criterion
                    yield Difference(
                        "row",
                        f"{row} ({reading} reading)",
                        self._say(before),
                        self._say(after),
                        tuple(self._row_causes(criterion, then, now, reading)),
                    )

    def verdicts(self) -> Iterator[Difference]:
        """Readings that end elsewhere, with the rows that moved."""
        rows = list(self.rows())
        for reading in _READINGS:
            before, after = self.then.readings[reading], self.now.readings[reading]
            if before.verdict != after.verdict:
                moved = [row for row in rows if row.where.endswith(f"({reading} reading)")]
                causes = dict.fromkeys(cause for row in moved for cause in row.because)
                yield Difference(
                    "verdict",
                    f"Verdict ({reading} reading)",
                    self._say(before.verdict),
                    self._say(after.verdict),
                    (*(f"{row.where.partition(' (')[0]}: {row.then}, now {row.now}" for row in moved), *causes),
                )

    def _row_causes(
        self, criterion: str, then: CriterionFacts | None, now: CriterionFacts | None, reading: ReadingName
    ) -> Iterator[str]:
        before, after = _fired(then, reading), _fired(now, reading)
        for name, rule in before.items():
            if name not in after:
                yield f"rule {name} fired and does not now{self._why_gone(rule, now, reading)}"
            elif self.how("rule", name) and after[name].lean != rule.lean:
                yield f"rule {name} (changed) concludes otherwise"
        for name, rule in after.items():
            if name not in before:
                yield f"rule {name} fires now and did not{self._why_come(rule)}"
        yield from self._about(("criterion", criterion))

    def _why_gone(self, rule: FiredRule, now: CriterionFacts | None, reading: ReadingName) -> str:
        if how := self.how("rule", rule.id):
            return f" ({how} in the knowledge)"
        defeated = [by for fired in (now.fired if now else ()) if fired.id == rule.id for by in fired.defeated_by]
        if defeated and reading == "amended":
            return f" (defeated by {', '.join(self._marked(by) for by in defeated)})"
        return self._facts_behind(rule, _labels(self.now), "is not known any more")

    def _why_come(self, rule: FiredRule) -> str:
        if how := self.how("rule", rule.id):
            return f" ({how} in the knowledge)"
        return self._facts_behind(rule, _labels(self.then), "was not known before")

    def _facts_behind(self, rule: FiredRule, known: set[str], what: str) -> str:
        missing = [premise.text for premise in rule.premises if premise.evidence and premise.text not in known]
        return f" ({_listed(missing)} {what})" if missing else ""

    def _marked(self, rule: str) -> str:
        how = self.how("rule", rule)
        return f"{rule}, {how}" if how else rule

    def _about(self, *parts: tuple[str, str]) -> Iterator[str]:
        for kind, name in parts:
            if how := self.how(kind, name):
                yield str(ChangedPart(kind, name, how))

    def _say(self, lean: str) -> str:
        return self._names.get(lean, lean)


_READINGS: tuple[ReadingName, ...] = ("article", "amended")


def _values(record: DecisionRecord) -> dict[str, dict[str, Known]]:
    found: dict[str, dict[str, Known]] = {}
    for known in record.known:
        found.setdefault(known.attribute, {})[known.value] = known
    return found


def _read(tense: str, known: Known) -> str:
    return f"“{shorten(known.quote, 80)}” {tense} read by the phrase {shorten(known.reason, 120)}"


def _labels(record: DecisionRecord) -> set[str]:
    return {f"{known.title}: {known.label}" for known in record.known}


def _lean(row: CriterionFacts | None, reading: ReadingName) -> str:
    if row is None:
        return "no such row"
    return row.lean if reading == "article" else row.amended_lean


def _fired(row: CriterionFacts | None, reading: ReadingName) -> dict[str, FiredRule]:
    return {rule.id: rule for rule in row.fired if reading in rule.readings} if row else {}


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
