"""What holds when something new is said, and what would hold under an assumption."""

from __future__ import annotations

from advisor.conversation.blocks import Observation
from advisor.conversation.transcript import profile_of
from advisor.reasoning.recommendation import Reasoner

Known = tuple[Observation, ...]


def overlay(base: Known, above: Known) -> Known:
    """The observations of `base` with those attributes replaced that `above` has: the last statement wins."""
    named = {observation.attribute for observation in above}
    return (*(o for o in base if o.attribute not in named), *above)


def supposed(reasoner: Reasoner, known: Known, assumed: Known) -> Known:
    """What would hold under assumptions: they replace what is known of their attributes and what `yields` to them."""
    yielding = yields(reasoner, known, assumed)
    return overlay(tuple(o for o in known if o not in yielding), assumed)


def yields(reasoner: Reasoner, known: Known, assumed: Known) -> Known:
    """What is known of other attributes that, alone, leans a row away from where the assumptions alone lean it.

    Who asks "what if we were regulated?" about a prototype wants to see the row of a regulated product, not a row with
    something on both sides.
    """
    if not assumed:
        return ()
    named = {observation.attribute for observation in assumed}
    wanted = _leans(reasoner, assumed)
    return tuple(
        o
        for o in known
        if o.attribute not in named
        and any(wanted.get(row, lean) != lean for row, lean in _leans(reasoner, (o,)).items())
    )


def _leans(reasoner: Reasoner, observations: Known) -> dict[str, str]:
    """The rows that these observations alone lean to an option."""
    leans = reasoner.foresee("article", profile_of(observations)).leans
    return {row: lean for row, lean in leans.items() if lean in reasoner.pack.options}
