"""The user's words as evidence, without saying the same words twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.conversation.parts import Observation


def widest(observations: Iterable[Observation]) -> tuple[Observation, ...]:
    """The observations without those whose words lie inside another's of the same message, in their order.

    Of several with exactly the same words the first stays.
    """
    found = tuple({(o.turn, o.start, o.end): o for o in reversed(tuple(observations))}.values())[::-1]
    return tuple(o for o in found if not any(_lies_inside(o, other) for other in found))


def _lies_inside(inner: Observation, outer: Observation) -> bool:
    return (
        inner.turn == outer.turn
        and outer.start <= inner.start
        and inner.end <= outer.end
        and (inner.start, inner.end) != (outer.start, outer.end)
    )
