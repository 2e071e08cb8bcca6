"""FAQ entries whose phrasings sit nearer to another entry, by the encoder that matches questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from advisor.checking.findings import Remark
from advisor.knowledge_base.pack import KnowledgePack
from advisor.knowledge_base.schema import Entry
from advisor.understanding.encoder import SentenceEncoder

_SHARE = 0.3
"""The share of an entry's phrasings nearer to others from which it is remarked on."""


def faq_remarks(pack: KnowledgePack, encoder: SentenceEncoder) -> Iterator[Remark]:
    """Entries of which many phrasings are nearer to the middle of another entry than to that of their own.

    An entry's middle is the mean of its phrasings' vectors; for its own a phrasing is left out of the mean.
    """
    entries = [entry for entry in pack.entries.values() if len(entry.phrasings) > 1]
    if len(entries) < 2:
        return
    texts = [phrasing for entry in entries for phrasing in entry.phrasings]
    owner = np.repeat(np.arange(len(entries)), [len(entry.phrasings) for entry in entries])
    vectors = encoder.encode(texts)
    sums = np.zeros((len(entries), vectors.shape[1]), np.float32)
    np.add.at(sums, owner, vectors)
    similarities = vectors @ (sums / np.linalg.norm(sums, axis=1, keepdims=True)).T
    rest = sums[owner] - vectors
    own = (vectors * rest).sum(axis=1) / np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
    similarities[np.arange(len(texts)), owner] = own
    nearest = similarities.argmax(axis=1)
    for at, entry in enumerate(entries):
        mine = np.flatnonzero(owner == at)
        strays = [index for index in mine if nearest[index] != at]
        if len(strays) <= _SHARE * len(mine):
            continue
        other, count = Counter(entries[nearest[index]].id for index in strays).most_common(1)[0]
        example = texts[strays[0]]
        what = (
            f"{len(strays)} of {len(mine)} phrasings of {entry.id} are nearer to other entries, {count} of them to "
            f"{other}; for example “{example}”"
        )
        yield Remark("misplaced-phrasings", entry.id, what, (Entry, entry.id), ("phrasings",))
