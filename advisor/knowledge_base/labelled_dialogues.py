"""dialogues.jsonl and network_dialogues.jsonl of a pack: conversations, labelled with what is known after each message.

A line is one JSON object, in the format that the evaluation of dialogues reads too, so that a set of dialogues that has
served its time as a measure can be learnt from as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from advisor.knowledge_base.json_lines import Mistakes, read_json_lines, unknown_names
from advisor.knowledge_base.schema import Identifier, Part


class Expectation(Part):
    """What is known after a message: of each topic the name of a group of values, or `neutral`; a topic that is not
    there is unknown.

    `supposed`: the same if all that is tried out were so, where that is told. `alt_leans`: what could also be held to
    be known, in both. `acts`: what the message does, for the evaluation.
    """

    leans: dict[Identifier, Identifier] = Field(default_factory=dict)
    supposed: dict[Identifier, Identifier] | None = None
    alt_leans: dict[Identifier, tuple[Identifier, ...]] = Field(default_factory=dict)
    acts: tuple[Identifier, ...] = ()


class DialogueTurn(Part):
    """A message of the user; without `expect` nothing is known of what it says."""

    say: str
    expect: Expectation | None = None


class LabelledDialogue(Part):
    """The messages of a user in their order. `assumptions`: whether what is only tried out counts as known."""

    id: Identifier
    turns: tuple[DialogueTurn, ...]
    assumptions: bool = False


@dataclass(frozen=True, slots=True)
class DialoguesFile:
    """A file of labelled dialogues, read only where they are learnt from. `topics`: the groups of each."""

    path: Path
    topics: Mapping[str, Collection[str]]

    def read(self) -> tuple[LabelledDialogue, ...]:
        """The dialogues; none where there is no such file. Raises PackError with every mistake in it."""
        return read_json_lines(self.path, LabelledDialogue, self._mistakes)

    def _mistakes(self, dialogue: LabelledDialogue) -> Mistakes:
        for number, turn in enumerate(dialogue.turns):
            if turn.expect is not None:
                leans = ((topic, (name,)) for topic, name in turn.expect.leans.items())
                yield from unknown_names(self.topics, f"turns.{number}.expect.leans", leans)
                supposed = ((topic, (name,)) for topic, name in (turn.expect.supposed or {}).items())
                yield from unknown_names(self.topics, f"turns.{number}.expect.supposed", supposed)
                alternatives = turn.expect.alt_leans.items()
                yield from unknown_names(self.topics, f"turns.{number}.expect.alt_leans", alternatives)
