"""Reads the files of a pack into validated things, each with the place where it is written."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from advisor.knowledge_base.schema import Identified, Part
from advisor.knowledge_base.yaml_document import PackError, Problem, YamlDocument, read_text
from advisor.text import clean

PartT = TypeVar("PartT", bound=Part)
IdentifiedT = TypeVar("IdentifiedT", bound=Identified)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something of the pack is written."""

    document: YamlDocument
    path: tuple[str | int, ...]

    def problem(self, field: tuple[str | int, ...], message: str, missing: bool = False) -> Problem:
        """A problem with one of its fields. `missing`: it names something that is not there."""
        return self.document.problem((*self.path, *field), message, missing)

    def line(self, field: tuple[str | int, ...]) -> int:
        """The line of one of its fields."""
        return self.document.line((*self.path, *field))


class _Anything(Container[str]):
    """Names that cannot be known because the file that would hold them cannot be read."""

    def __contains__(self, name: object) -> bool:
        return True


class PackReader:
    """Reads the files of one pack, collecting problems instead of stopping at the first.

    `parsed`: what the files hold, as far as that is known from an earlier time; grows with every file that is parsed.
    """

    def __init__(self, directory: Path, parsed: dict[str, Any]) -> None:
        self.directory = directory
        self.parsed = parsed
        self.problems: list[Problem] = []
        self.places: dict[tuple[type, str], Place] = {}
        self._unread: set[type] = set()
        self._invalid: dict[type, set[str]] = {}

    def names(self, kind: type[Identified], found: Iterable[str]) -> Container[str]:
        """The ids that others may refer to: those `found`, and those whose own mistake is reported already."""
        return _Anything() if self.unread(kind) else {*found, *self._invalid.get(kind, ())}

    def unread(self, *kinds: type[Identified]) -> bool:
        """Whether a file of one of these kinds could not be read, so that it is unknown what there is."""
        return not self._unread.isdisjoint(kinds)

    def text(self, relative: str) -> str | None:
        try:
            return clean(read_text(self.directory / relative, relative))
        except PackError as error:
            self.problems += error.problems
            return None

    def yaml(self, relative: str) -> YamlDocument | None:
        if relative in self.parsed:
            return YamlDocument(relative, "", self.parsed[relative])
        text = self.text(relative)
        document = None if text is None else self._parsed(relative, text, 1)
        if document is not None:
            self.parsed[relative] = document.data
        return document

    def one(self, relative: str, kind: type[PartT]) -> PartT | None:
        """The single thing that a file holds."""
        document = self.yaml(relative)
        return None if document is None else self._validated(kind, document, document.data, ())

    def all(self, pattern: str, kind: type[IdentifiedT]) -> dict[str, IdentifiedT]:
        """The lists of things in the files that match `pattern`, by id."""
        found: dict[str, IdentifiedT] = {}
        files = sorted(path.relative_to(self.directory).as_posix() for path in self.directory.glob(pattern))
        if not files:
            self.problems.append(Problem(pattern, None, "", "no such file"))
            self._unread.add(kind)
        for relative in files:
            document = self.yaml(relative)
            if document is not None and document.data is None:
                continue
            if document is None or not isinstance(document.data, list):
                self._unread.add(kind)
                if document is not None:
                    self.problems.append(document.problem((), "must be a list"))
                continue
            for index, item in enumerate(document.data):
                self._add(found, kind, document, item, (index,))
        return found

    def markdown(self, pattern: str, kind: type[IdentifiedT], body: str) -> dict[str, IdentifiedT]:
        """Markdown files with YAML front matter, by id; the text below the front matter becomes the field `body`."""
        found: dict[str, IdentifiedT] = {}
        for path in sorted(self.directory.glob(pattern)):
            document = self._front_matter(path.relative_to(self.directory).as_posix(), body)
            if document is None:
                self._invalid.setdefault(kind, set()).add(path.stem)
                continue
            entry = self._add(found, kind, document, document.data, ())
            if entry is not None and entry.id != path.stem:
                self.problems.append(document.problem(("id",), f"must be the file's name, {path.stem}"))
        return found

    def _front_matter(self, relative: str, body: str) -> YamlDocument | None:
        if relative in self.parsed:
            return YamlDocument(relative, "", self.parsed[relative])
        text = self.text(relative)
        if text is None:
            return None
        opening, _, rest = text.partition("\n")
        front, separator, below = rest.partition("\n---\n")
        if opening.strip() != "---" or not separator:
            message = "must start with front matter between two lines of ---"
            self.problems.append(Problem(relative, 1, "", message))
            return None
        document = self._parsed(relative, front, 2)
        if document is None:
            return None
        if not isinstance(document.data, dict):
            self.problems.append(document.problem((), "the front matter must be a mapping"))
            return None
        self.parsed[relative] = {**document.data, body: below.strip()}
        return replace(document, data=self.parsed[relative])

    def _parsed(self, relative: str, text: str, first_line: int) -> YamlDocument | None:
        try:
            return YamlDocument.parse(relative, text, first_line)
        except PackError as error:
            self.problems += error.problems
            return None

    def _add(
        self,
        found: dict[str, IdentifiedT],
        kind: type[IdentifiedT],
        document: YamlDocument,
        item: object,
        path: tuple[int, ...],
    ) -> IdentifiedT | None:
        thing = self._validated(kind, document, item, path)
        if thing is None:
            if isinstance(item, dict):
                self._invalid.setdefault(kind, set()).add(str(item.get("id")))
            return None
        if thing.id in found:
            self.problems.append(document.problem((*path, "id"), f"{thing.id} is defined twice"))
            return None
        found[thing.id] = thing
        self.places[kind, thing.id] = Place(document, path)
        return thing

    def _validated(
        self, kind: type[PartT], document: YamlDocument, item: object, path: tuple[int, ...]
    ) -> PartT | None:
        try:
            return kind.model_validate(item)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                message = detail["msg"].removeprefix("Value error, ")
                self.problems.append(document.problem((*path, *detail["loc"]), message))
            return None
