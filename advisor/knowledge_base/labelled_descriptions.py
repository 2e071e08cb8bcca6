"""descriptions.jsonl of a pack: whole descriptions of projects, each labelled with what it says and in which words.

A line is one JSON object, in the format that the evaluation of extraction reads too, so that a set of texts that has
served its time as a measure can be learnt from as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from advisor.knowledge_base.json_lines import Mistakes, read_json_lines, unknown_names
from advisor.knowledge_base.schema import Identifier, Part, Prose

Words = Annotated[str, StringConstraints(min_length=1)]


class LabelledDescription(Part):
    """What a text says of each topic: the name of a group of values, `neutral` or `unknown`.

    `alt_labels`: what a sensible reader could also take it to say. `spans`: the words, exactly as in the text, that
    show it; a topic without them is not known to be said in one place rather than another. `verdict`, `alt_verdicts`:
    what the labels amount to, for the evaluation.
    """

    id: Identifier
    text: Prose
    labels: dict[Identifier, Identifier]
    alt_labels: dict[Identifier, tuple[Identifier, ...]] = Field(default_factory=dict)
    verdict: Identifier | None = None
    alt_verdicts: tuple[Identifier, ...] = ()
    spans: dict[Identifier, tuple[Words, ...]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DescriptionsFile:
    """A file of labelled descriptions, read only where they are learnt from. `topics`: the groups of each."""

    path: Path
    topics: Mapping[str, Collection[str]]

    def read(self) -> tuple[LabelledDescription, ...]:
        """The descriptions; none where there is no such file. Raises PackError with every mistake in it."""
        return read_json_lines(self.path, LabelledDescription, self._mistakes)

    def _mistakes(self, description: LabelledDescription) -> Mistakes:
        yield from unknown_names(self.topics, "labels", ((t, (name,)) for t, name in description.labels.items()))
        yield from unknown_names(self.topics, "alt_labels", description.alt_labels.items())
        for topic, spans in description.spans.items():
            yield from ((f"spans.{topic}", f"not in the text: {one}") for one in spans if one not in description.text)
