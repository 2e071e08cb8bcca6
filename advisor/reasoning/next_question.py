"""Which verdicts are still possible, and which answer could still change the outcome most."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Attribute
from advisor.reasoning.inference import Profile, fixpoint
from advisor.reasoning.recommendation import Reasoner, lean_of, verdict_of


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


def next_question(
    reasoner: Reasoner, profile: Profile, leans: Mapping[str, str], declined: Collection[str]
) -> Attribute | None:
    """The attribute to ask about next, or None when no answer to an open question can change the verdict.

    A row's question is worth more the fewer verdicts remain possible after it, averaged over its answers; ties go to
    the pack's order. Within a row its own attribute comes first, then any other attribute that could give it a lean.
    Attributes in `declined` (the user did not know) are not asked again.
    """
    pack = reasoner.pack
    if outlook(pack, leans).settled:
        return None
    best: tuple[float, Attribute] | None = None
    for criterion, lean in leans.items():
        if lean != UNKNOWN:
            continue
        attribute = _askable(reasoner, criterion, profile, declined)
        if attribute is None:
            continue
        answers = [outlook(pack, {**leans, criterion: answer}).ways for answer in (*pack.options, NEUTRAL)]
        remaining = sum(len(ways) for ways in answers) / len(answers)
        if best is None or remaining < best[0]:
            best = (remaining, attribute)
    return None if best is None else best[1]


def _askable(reasoner: Reasoner, criterion: str, profile: Profile, declined: Collection[str]) -> Attribute | None:
    pack = reasoner.pack
    first = pack.criteria[criterion].attribute
    others = [attribute.id for attribute in pack.attributes.values() if attribute.criterion == criterion]
    for name in dict.fromkeys([first, *others]):
        attribute = pack.attributes[name]
        open_to_answer = not attribute.derived and name not in profile and name not in declined
        if open_to_answer and _can_settle(reasoner, criterion, attribute, profile):
            return attribute
    return None


def _can_settle(reasoner: Reasoner, criterion: str, attribute: Attribute, profile: Profile) -> bool:
    strata = reasoner.engines["article"].strata
    for value in attribute.values:
        firings = fixpoint(strata, {**profile, attribute.id: frozenset({value})})
        concluded = [firing.conclusion.value for firing in firings if firing.conclusion.name == criterion]
        if lean_of(concluded, reasoner.pack.options) != UNKNOWN:
            return True
    return False
