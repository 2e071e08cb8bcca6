"""What holds when something new is said, and what would hold under an assumption."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.conversation.blocks import Observation
from advisor.conversation.transcript import profile_of
from advisor.knowledge_base.schema import UNKNOWN
from advisor.reasoning.recommendation import Reasoner

Known = tuple[Observation, ...]


def overlay(base: Known, above: Known) -> Known:
    """The observations of `base` with those attributes replaced that `above` has: the last statement wins."""
    named = {observation.attribute for observation in above}
    return (*(o for o in base if o.attribute not in named), *above)


@dataclass(frozen=True)
class Supposition:
    """What would hold under assumptions, and what is known but set aside because it speaks against them."""

    holding: Known
    set_aside: Known


def suppose(reasoner: Reasoner, known: Known, assumed: Known) -> Supposition:
    """Assumptions replace what is known of their attributes, and set aside what would blur their rows.

    An assumption whose value is unknown is that nothing is known of its attribute. Set aside is what is known of other
    attributes and, alone, leans a row away from where the assumptions alone lean it: who asks "what if we were
    regulated?" about a prototype wants to see the row of a regulated product, not a row with something on both sides.
    """
    if not assumed:
        return Supposition(known, ())
    named = {observation.attribute for observation in assumed}
    wanted = _leans(reasoner, tuple(o for o in assumed if o.value != UNKNOWN))
    set_aside = tuple(
        o
        for o in known
        if o.attribute not in named
        and any(wanted.get(row, lean) != lean for row, lean in _leans(reasoner, (o,)).items())
    )
    holding = overlay(tuple(o for o in known if o not in set_aside), assumed)
    return Supposition(tuple(o for o in holding if o.value != UNKNOWN), set_aside)


def _leans(reasoner: Reasoner, observations: Known) -> dict[str, str]:
    """The rows that these observations alone lean to an option."""
    leans = reasoner.foresee("article", profile_of(observations)).leans
    return {row: lean for row, lean in leans.items() if lean in reasoner.pack.options}
