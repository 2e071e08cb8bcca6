"""What the files about conversation may contain, dialogue acts and spoken names, and their loaders."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, ValidationError

from advisor.knowledge_base.schema import Identifier, Line, Part
from advisor.knowledge_base.yaml_document import PackError, Problem, YamlDocument, read_text
from advisor.text import clean

ActId = Literal[
    "greeting", "thanks", "goodbye", "help", "yes", "no", "confirm", "dispute", "dont_know", "none_of_these",
    "why", "why_ask", "why_not", "what_if", "commit", "forget_assumptions", "refuse", "what_would_change",
    "what_changed", "how_sure", "advise", "recap", "sources", "retract", "undo", "reset", "recommend", "export", "quit",
    "small_talk",
]  # fmt: skip

NAME_SLOTS = frozenset({"option", "criterion", "format"})
"""Slots that a known name fills; several may occur in one example."""

TEXT_SLOTS = frozenset({"assumption", "thing", "rest"})
"""Slots that any words fill; at most one in an example, so that it is clear where they begin and end."""

SLOT = re.compile(r"\{(\w*)\}")

MOST_EXPANSIONS = 500
"""Sentences that one example with choices may stand for."""

_CHOICE = re.compile(r"\(([^()]*)\)")

ModelT = TypeVar("ModelT", bound=BaseModel)


def expanded(example: str) -> tuple[str, ...]:
    """The sentences that an example stands for: "(scrap|drop) that" is "scrap that" and "drop that"."""
    parts = [part.split("|") if at % 2 else [part] for at, part in enumerate(_CHOICE.split(example))]
    return tuple(" ".join("".join(chosen).split()) for chosen in itertools.product(*parts))


def _known_slots(example: str) -> str:
    slots = SLOT.findall(example)
    if strangers := sorted(set(slots) - NAME_SLOTS - TEXT_SLOTS):
        known = ", ".join(sorted(NAME_SLOTS | TEXT_SLOTS))
        raise ValueError(f"no such slot: {', '.join(strangers)}; use {known}")
    if sum(slot in TEXT_SLOTS for slot in slots) > 1:
        raise ValueError("at most one slot for any words")
    if re.search(r"[{}]", SLOT.sub("", example)):
        raise ValueError("a brace that belongs to no slot")
    if any(example.startswith("{" + slot + "}") for slot in TEXT_SLOTS):
        raise ValueError("an example that begins with a slot for any words would fit too many sentences")
    choices = _CHOICE.findall(example)
    if re.search("[()|]", _CHOICE.sub("", example)) or any("{" in choice for choice in choices):
        raise ValueError("choices are written (one|two), without slots or further choices inside")
    if math.prod(choice.count("|") + 1 for choice in choices) > MOST_EXPANSIONS:
        raise ValueError(f"stands for more than {MOST_EXPANSIONS} sentences")
    return example


def _names_only(example: str) -> str:
    if TEXT_SLOTS.intersection(SLOT.findall(example)):
        raise ValueError("write out a contrast example; only names may be slots in it")
    return example


Example = Annotated[Line, AfterValidator(_known_slots)]
Contrast = Annotated[Example, AfterValidator(_names_only)]


class Act(Part):
    """Something a sentence may do.

    `contrast`: sentences that look similar and are not this act. `formats`: what people call the file formats
    that an example's {format} stands for, by id. `command`: the slash command that does the same.
    """

    id: ActId
    description: Line
    command: Annotated[str, Field(pattern=r"^[a-z]+$")] | None = None
    formats: dict[Identifier, Annotated[tuple[Line, ...], Field(min_length=1)]] = Field(default_factory=dict)
    examples: Annotated[tuple[Example, ...], Field(min_length=1)]
    contrast: tuple[Contrast, ...] = ()


class Names(Part):
    """What people call the options and criteria, by id, and by attribute the topics that they tell of."""

    options: dict[Identifier, Annotated[tuple[Line, ...], Field(min_length=1)]]
    criteria: dict[Identifier, Annotated[tuple[Line, ...], Field(min_length=1)]]
    topics: dict[Identifier, Annotated[tuple[Line, ...], Field(min_length=1)]] = Field(default_factory=dict)


def load_acts(path: Path) -> tuple[Act, ...]:
    """Reads the dialogue acts in `path`, in file order.

    Raises:
        PackError: with every problem found, each with file, line and field.
    """
    document = _document(path)
    if not isinstance(document.data, list) or not document.data:
        raise PackError([document.problem((), "must be a list of acts")])
    problems: list[Problem] = []
    acts: dict[int, Act] = {}
    for index, item in enumerate(document.data):
        try:
            acts[index] = Act.model_validate(item)
        except ValidationError as error:
            problems += _problems(document, (index,), error)
    problems += _repetitions(document, acts)
    if problems:
        raise PackError(problems)
    return tuple(acts.values())


def load_names(path: Path) -> Names:
    """Reads the spoken names in `path`.

    Raises:
        PackError: with every problem found, each with file, line and field.
    """
    document = _document(path)
    try:
        return Names.model_validate(document.data)
    except ValidationError as error:
        raise PackError(list(_problems(document, (), error))) from error


def _document(path: Path) -> YamlDocument:
    return YamlDocument.parse(path.name, clean(read_text(path, path.name)))


def _problems(document: YamlDocument, place: tuple[int, ...], error: ValidationError) -> Iterator[Problem]:
    for detail in error.errors(include_url=False):
        path = tuple(step for step in detail["loc"] if step != "[key]")
        yield document.problem((*place, *path), detail["msg"].removeprefix("Value error, "))


def _repetitions(document: YamlDocument, acts: dict[int, Act]) -> Iterator[Problem]:
    """Acts defined twice, and examples that two acts claim or that are their own contrast."""
    seen = Counter(act.id for act in acts.values())
    owners: dict[str, str] = {}
    for index, act in acts.items():
        if seen[act.id] > 1:
            yield document.problem((index, "id"), f"{act.id} is defined {seen[act.id]} times")
        for at, example in enumerate(act.examples):
            owner = owners.setdefault(example.casefold(), act.id)
            if owner != act.id:
                yield document.problem((index, "examples", at), f"is an example of {owner} already")
            if example in act.contrast:
                yield document.problem((index, "examples", at), "is a contrast example of the same act")
