"""The smallest changes of rows that would turn a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import NEUTRAL
from advisor.reasoning.recommendation import verdict_of


def smallest_flips(
    pack: KnowledgePack, leans: Mapping[str, str], towards: str | None = None
) -> tuple[dict[str, str], ...]:
    """All smallest sets of rows that, leaning otherwise, turn the verdict; of equal size, in the pack's order.

    With `towards`, only changes that end in that verdict count. Exact: every combination of rows and leans is tried,
    from one row up. Empty when no change of rows does it, which cannot happen unless the verdict is already `towards`.
    """

    def verdict(rows: Mapping[str, str]) -> str:
        return verdict_of(rows.values(), pack.options, pack.manifest.decisive_rows)

    now = verdict(leans)
    if now == towards:
        return ()
    states = (*pack.options, NEUTRAL)
    for size in range(1, len(leans) + 1):
        flips = []
        for rows in combinations(leans, size):
            for changed in product(*([state for state in states if state != leans[row]] for row in rows)):
                flip = dict(zip(rows, changed, strict=True))
                outcome = verdict({**leans, **flip})
                if outcome in pack.options and outcome != now and towards in (None, outcome):
                    flips.append(flip)
        if flips:
            return tuple(flips)
    return ()
