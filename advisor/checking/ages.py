"""Sources and claims that were last looked at too long ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from advisor.checking.findings import Remark
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import Claim, Source

_WHOLE = {4: "-12-31", 7: "-28"}
"""What completes a date known to the year or month: late in it, so that nothing is called old too soon."""


def age_remarks(pack: KnowledgePack, today: date, days: int) -> Iterator[Remark]:
    """Sources last checked, or else written, more than `days` before `today`, and claims that rest on such alone."""
    oldest = today - timedelta(days=days)
    old = set()
    for source in pack.sources.values():
        seen = last_seen(source)
        part = (Source, source.id)
        if seen is None:
            yield Remark(
                "undated-source", source.id, f"{source.id} has no date, so its age is not known", part, ("id",)
            )
        elif seen < oldest:
            old.add(source.id)
            yield Remark("old-source", source.id, f"{source.id} is as of {seen.isoformat()}", part, ("id",))
    for claim in pack.claims.values():
        if old.issuperset(claim.sources):
            seen = max(found for id in claim.sources if (found := last_seen(pack.sources[id])))
            what = f"the newest source of {claim.id} is as of {seen.isoformat()}"
            yield Remark("old-claim", claim.id, what, (Claim, claim.id), ("sources",))


def last_seen(source: Source) -> date | None:
    """When a source was last known to say what it says: the day it was checked, or else written."""
    if source.checked:
        return source.checked
    if source.date is None:
        return None
    return date.fromisoformat(source.date + _WHOLE.get(len(source.date), ""))
