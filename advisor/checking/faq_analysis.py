"""FAQ entries whose phrasings sit nearer to another entry, by the encoder that matches questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from advisor.checking.findings import Remark
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import Entry
from advisor.understanding.encoder import SentenceEncoder

_NEAREST = 5
"""A phrasing is as near to an entry as to this many of its phrasings, on average; itself left out."""
_SHARE = 0.25
"""The share of an entry's phrasings nearer to one other entry from which the two are told of."""


def faq_remarks(pack: KnowledgePack, encoder: SentenceEncoder) -> Iterator[Remark]:
    """Pairs of entries that draw a good part of one's phrasings to the other."""
    entries = [entry for entry in pack.entries.values() if len(entry.phrasings) > 1]
    if len(entries) < 2:
        return
    texts = [phrasing for entry in entries for phrasing in entry.phrasings]
    owner = np.repeat(np.arange(len(entries)), [len(entry.phrasings) for entry in entries])
    vectors = encoder.encode(texts)
    nearness = np.zeros((len(texts), len(entries)), np.float32)
    for at in range(len(entries)):
        members = np.flatnonzero(owner == at)
        similarities = vectors @ vectors[members].T
        similarities[members, np.arange(len(members))] = -np.inf
        best = -np.sort(-similarities, axis=1)[:, :_NEAREST]
        there = np.isfinite(best)
        nearness[:, at] = np.where(there, best, 0).sum(axis=1) / there.sum(axis=1)
    nearest = nearness.argmax(axis=1)
    for at, entry in enumerate(entries):
        mine = np.flatnonzero(owner == at)
        for other, count in Counter(nearest[mine].tolist()).items():
            if other == at or count < _SHARE * len(mine):
                continue
            first = int(mine[nearest[mine] == other][0])
            what = (
                f"{count} of {len(mine)} phrasings of {entry.id} are nearer to {entries[other].id}, such as "
                f"“{texts[first]}”"
            )
            field = ("phrasings", first - int(mine[0]))
            yield Remark("misplaced-phrasings", f"{entry.id} to {entries[other].id}", what, (Entry, entry.id), field)
