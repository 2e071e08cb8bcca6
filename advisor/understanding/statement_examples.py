"""What a sentence says of a project, judged by its likeness to example sentences and described projects of the pack.

Phrases find what their authors foresaw, word by word; examples know what sentences look like that say a thing, and
those that say its opposite or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from advisor.knowledge_base.labelled_descriptions import LabelledDescription
from advisor.knowledge_base.language_schema import Statements
from advisor.understanding.array_cache import ArrayCache, Arrays
from advisor.understanding.described_sentences import described_sentences
from advisor.understanding.encoder import SentenceEncoder, clean_text
from advisor.understanding.topic_classifier import TopicClassifier

_REGULARISATION = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """Values of one topic that people express alike. `members`: the place, attribute and value of each example."""

    topic: str
    name: str
    members: tuple[tuple[int, str, str], ...]

    @property
    def values(self) -> frozenset[tuple[str, str]]:
        """The attributes and values that the examples say."""
        return frozenset((attribute, value) for _, attribute, value in self.members)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a sentence seems to say, and the example of it that is nearest."""

    attribute: str
    value: str
    example: str


class StatementExamples:
    """Example sentences of a pack, learnt once. `topics`: the attributes of each topic."""

    def __init__(
        self,
        statements: Statements,
        descriptions: Callable[[], Sequence[LabelledDescription]],
        encoder: SentenceEncoder,
        cache: ArrayCache | None = None,
    ) -> None:
        """Learns from the examples and the sentences of the descriptions, or remembers from the last time.

        `descriptions`: reads them; not called where all is remembered.
        """
        self._encoder = encoder
        self._descriptions = descriptions
        self._examples = list(dict.fromkeys(clean_text(text) for text in statements.every_example()))
        place = {text: at for at, text in enumerate(self._examples)}
        self.groups: tuple[Group, ...] = tuple(
            Group(
                topic,
                name,
                tuple(
                    (place[clean_text(text)], attribute, value)
                    for attribute, values in group.items()
                    for value, texts in values.items()
                    for text in texts
                ),
            )
            for topic, groups in statements.topics.items()
            for name, group in groups.items()
        )
        self.topics: dict[str, frozenset[str]] = {
            topic: frozenset(name for group in groups.values() for name in group)
            for topic, groups in statements.topics.items()
        }
        arrays = cache.arrays("statements", self._learn) if cache else self._learn()
        self._vectors: NDArray[np.float32] = arrays["statement_vectors"]
        self._classifier = TopicClassifier(arrays)

    def _learn(self) -> Arrays:
        known = set(self._examples)
        described = {clean_text(one.text): one for one in described_sentences(self._descriptions())}
        further = {text: one.says for text, one in described.items() if text not in known}
        texts = [*self._examples, *further]
        wanted = np.full((len(texts), len(self.groups)), -1, dtype=np.float32)
        counts = np.ones_like(wanted)
        for column, group in enumerate(self.groups):
            wanted[[at for at, _, _ in group.members], column] = 1
            for at, says in enumerate(further.values(), len(self._examples)):
                wanted[at, column] = 1 if says.get(group.topic) == group.name else -1
                counts[at, column] = group.topic in says
        vectors = np.asarray(self._encoder.encode(texts), dtype=np.float32)
        learnt = TopicClassifier.learn(texts, vectors, wanted, regularisation=_REGULARISATION, counts=counts)
        return {**learnt, "statement_vectors": vectors[: len(self._examples)]}

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How much each text speaks for each group, from 0 to 1: a row for each text, a column for each group."""
        if not texts:
            return np.zeros((0, len(self.groups)), dtype=np.float32)
        cleaned = [clean_text(text) for text in texts]
        vectors = self._encoder.encode(cleaned)
        return np.stack([self._classifier.scores(text, vector) for text, vector in zip(cleaned, vectors, strict=True)])

    def nearest(self, text: str, group: int) -> Likeness:
        """The example of a group that is nearest to a text in meaning."""
        (vector,) = self._encoder.encode([clean_text(text)])
        members = self.groups[group].members
        alike = self._vectors[[at for at, _, _ in members]] @ vector
        at, attribute, value = members[int(np.argmax(alike))]
        return Likeness(attribute, value, self._examples[at])
