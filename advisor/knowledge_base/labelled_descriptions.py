"""descriptions.jsonl of a pack: whole descriptions of projects, each labelled with what it says and in which words.

A line is one JSON object, in the format that the evaluation of extraction reads too, so that a set of texts that has
served its time as a measure can be learnt from as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Identifier, Part, Prose
from advisor.knowledge_base.yaml_document import PackError, Problem, read_text

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
        if not self.path.exists():
            return ()
        problems: list[Problem] = []
        found = _read(self.path.name, read_text(self.path, self.path.name), self.topics, problems)
        if problems:
            raise PackError(problems)
        return found


def _read(
    name: str, text: str, topics: Mapping[str, Collection[str]], problems: list[Problem]
) -> tuple[LabelledDescription, ...]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            description = LabelledDescription.model_validate_json(line)
        except ValidationError as error:
            problems.extend(
                Problem(name, number, ".".join(map(str, mistake["loc"])), mistake["msg"]) for mistake in error.errors()
            )
            continue
        problems.extend(Problem(name, number, field, message) for field, message in _mistakes(description, topics))
        found.append(description)
    return tuple(found)


def _mistakes(description: LabelledDescription, topics: Mapping[str, Collection[str]]) -> list[tuple[str, str]]:
    """The fields that do not fit the text or the topics, and why."""
    found = []
    said = [("labels", topic, (name,)) for topic, name in description.labels.items()]
    other = [("alt_labels", topic, names) for topic, names in description.alt_labels.items()]
    for field, topic, names in (*said, *other):
        if topic not in topics:
            found.append((f"{field}.{topic}", f"there is no such topic; there are: {', '.join(topics)}"))
            continue
        known = [*topics[topic], NEUTRAL, UNKNOWN]
        found += [(f"{field}.{topic}", f"{name} is none of: {', '.join(known)}") for name in names if name not in known]
    for topic, spans in description.spans.items():
        found += [(f"spans.{topic}", f"not in the text: {span}") for span in spans if span not in description.text]
    return found
