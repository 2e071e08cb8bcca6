"""Files of a pack with one JSON object on each line, and what is said of mistakes in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from advisor.knowledge_base.schema import NEUTRAL, UNKNOWN, Part
from advisor.knowledge_base.yaml_document import PackError, Problem, read_text

PartT = TypeVar("PartT", bound=Part)
Mistakes = Iterable[tuple[str, str]]


def read_json_lines(path: Path, model: type[PartT], mistakes: Callable[[PartT], Mistakes]) -> tuple[PartT, ...]:
    """What the lines hold; nothing where there is no such file. Raises PackError with every mistake in it.

    `mistakes`: the fields of one that do not fit the rest of the pack, and why.
    """
    if not path.exists():
        return ()
    found: list[PartT] = []
    problems: list[Problem] = []
    for number, line in enumerate(read_text(path, path.name).split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = model.model_validate_json(line)
        except ValidationError as error:
            places = ((".".join(map(str, mistake["loc"])), mistake["msg"]) for mistake in error.errors())
            problems.extend(Problem(path.name, number, field, message) for field, message in places)
            continue
        problems.extend(Problem(path.name, number, field, message) for field, message in mistakes(one))
        found.append(one)
    if problems:
        raise PackError(problems)
    return tuple(found)


def unknown_names(
    topics: Mapping[str, Collection[str]], field: str, given: Iterable[tuple[str, Iterable[str]]]
) -> Mistakes:
    """What does not exist of the names given to topics. `topics`: the groups of each, one of which a name must be, or
    `neutral` or `unknown`.
    """
    for topic, names in given:
        if topic not in topics:
            yield f"{field}.{topic}", f"there is no such topic; there are: {', '.join(topics)}"
            continue
        known = [*topics[topic], NEUTRAL, UNKNOWN]
        for name in names:
            if name not in known:
                yield f"{field}.{topic}", f"{name} is none of: {', '.join(known)}"
