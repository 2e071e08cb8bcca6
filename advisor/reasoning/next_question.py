"""Which verdicts are still possible, and which answer could still change the outcome most."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Attribute
from advisor.reasoning.inference import Profile
from advisor.reasoning.recommendation import Reasoner, Recommendation, verdict_of


@dataclass(frozen=True, slots=True)
class Outlook:
    """How the open rows can turn out. `ways`: number of completions of the unknown rows that end in each verdict."""

    ways: Mapping[str, int]

    @property
    def settled(self) -> bool:
        """Whether no answer can change the verdict any more."""
        return len(self.ways) == 1


def outlook(pack: KnowledgePack, leans: Mapping[str, str]) -> Outlook:
    """Counts the verdicts over every way in which the unknown rows can turn out (each option, or neutral)."""
    open_rows = [name for name, lean in leans.items() if lean == UNKNOWN]
    ways: dict[str, int] = {}
    for completion in product((*pack.options, NEUTRAL), repeat=len(open_rows)):
        final = {**leans, **dict(zip(open_rows, completion, strict=True))}
        verdict = verdict_of(final.values(), pack.options, pack.manifest.decisive_rows)
        ways[verdict] = ways.get(verdict, 0) + 1
    return Outlook(ways)


def reachable(pack: KnowledgePack, recommendation: Recommendation) -> Outlook:
    """The outlook of a reading. Where conclusions beyond the rows decide it, no row can change that."""
    rows = outlook(pack, recommendation.leans)
    return Outlook({recommendation.verdict: sum(rows.ways.values())}) if recommendation.decisive else rows


def next_question(
    reasoner: Reasoner,
    profile: Profile,
    leans: Mapping[str, str],
    declined: Collection[str],
    first: Collection[str] = (),
) -> Attribute | None:
    """The attribute to ask about next, or None when no answer to an open question can change a verdict.

    The article reading comes first. A row's question is worth more the fewer verdicts remain possible after it,
    averaged over its answers; ties go to the rows named in `first`, then to the pack's order. Within a row its own
    attribute comes first, then any other attribute that could give it a lean. Once no answer can change the article's
    verdict, an attribute is asked about that could still move a row of an undecided amended reading. Attributes in
    `declined` (the user did not know) are not asked again. `leans`: those of the article reading.
    """
    pack = reasoner.pack
    if outlook(pack, leans).settled:
        return _amended_question(reasoner, profile, declined)
    best: tuple[tuple[float, bool], Attribute] | None = None
    for criterion, lean in leans.items():
        if lean != UNKNOWN:
            continue
        attribute = _askable(reasoner, criterion, profile, declined)
        if attribute is None:
            continue
        answers = [outlook(pack, {**leans, criterion: answer}).ways for answer in (*pack.options, NEUTRAL)]
        worth = (sum(len(ways) for ways in answers) / len(answers), criterion not in first)
        if best is None or worth < best[0]:
            best = (worth, attribute)
    return None if best is None else best[1]


def _askable(reasoner: Reasoner, criterion: str, profile: Profile, declined: Collection[str]) -> Attribute | None:
    """The attribute to ask about for a row: one of its own that is open and has an answer that gives it a lean."""
    attributes = reasoner.pack.attributes.values()
    own = [attribute for attribute in attributes if attribute.criterion == criterion]
    own.sort(key=lambda attribute: attribute.id != reasoner.pack.criteria[criterion].attribute)
    for attribute in own:
        if _is_open(attribute, profile, declined) and any(
            reasoner.foresee("article", answered).leans[criterion] != UNKNOWN
            for answered in _answers(attribute, profile)
        ):
            return attribute
    return None


def _amended_question(reasoner: Reasoner, profile: Profile, declined: Collection[str]) -> Attribute | None:
    """An attribute that could still move a row of the amended reading, while that reading is undecided.

    One with an answer that decides comes first, then one whose answers lead to more different verdicts.
    """
    now = reasoner.foresee("amended", profile)
    if now.verdict in reasoner.pack.options:
        return None
    waiting = {
        premise.name
        for row in now.rows.values()
        for firing in row.firings
        for premise in firing.premises
        if premise.value == UNKNOWN
    }
    best: tuple[tuple[bool, int], Attribute] | None = None
    for attribute in reasoner.pack.attributes.values():
        if attribute.id in waiting and attribute.criterion and _is_open(attribute, profile, declined):
            answers = [reasoner.foresee("amended", answered) for answered in _answers(attribute, profile)]
            verdicts = {answer.verdict for answer in answers}
            worth = (not verdicts.isdisjoint(reasoner.pack.options), len(verdicts))
            if any(answer.leans != now.leans for answer in answers) and (best is None or worth > best[0]):
                best = (worth, attribute)
    return None if best is None else best[1]


def _is_open(attribute: Attribute, profile: Profile, declined: Collection[str]) -> bool:
    return not attribute.derived and attribute.id not in profile and attribute.id not in declined


def _answers(attribute: Attribute, profile: Profile) -> Iterator[Profile]:
    """The profile with each possible answer."""
    return ({**profile, attribute.id: frozenset({value})} for value in attribute.values)
