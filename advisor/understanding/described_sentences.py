"""The sentences of labelled descriptions: what each says of every topic, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from advisor.knowledge_base.labelled_descriptions import LabelledDescription
from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN
from advisor.understanding.clauses import Sentence, split_sentences


@dataclass(frozen=True, slots=True)
class DescribedSentence:
    """`says`: the group that it says of a topic, None for nothing; a topic that is missing is not known."""

    text: str
    says: Mapping[str, str | None]


def described_sentences(descriptions: Iterable[LabelledDescription]) -> Iterator[DescribedSentence]:
    """Every sentence of every description.

    A sentence with words that show what is said of a topic says it. Where a description says nothing of a topic, no
    sentence of it does; but questions are no examples of that, for their words are too much those of statements. Of the
    other sentences it is not known: they may say the same in other words.
    """
    for description in descriptions:
        places = {topic: _places(description.text, spans) for topic, spans in description.spans.items()}
        for sentence in split_sentences(description.text):
            says: dict[str, str | None] = {}
            for topic, label in description.labels.items():
                if label == UNKNOWN and not description.alt_labels.get(topic) and not sentence.is_question:
                    says[topic] = None
                elif label not in (UNKNOWN, NEUTRAL) and _meets(sentence, places.get(topic, ())):
                    says[topic] = label
            yield DescribedSentence(sentence.text, says)


def _places(text: str, spans: Sequence[str]) -> list[tuple[int, int]]:
    starts = [text.index(span) for span in spans]
    return [(start, start + len(span)) for start, span in zip(starts, spans, strict=True)]


def _meets(sentence: Sentence, places: Sequence[tuple[int, int]]) -> bool:
    return any(start < sentence.end and sentence.start < end for start, end in places)
