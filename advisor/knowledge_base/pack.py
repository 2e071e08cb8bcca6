"""Loads a knowledge pack: reads its files, validates each one, and checks that they fit together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

import advisor
from advisor.kept_files import cache_directory, keep, kept
from advisor.knowledge_base.schema import (
    NEUTRAL,
    UNKNOWN,
    Attribute,
    Claim,
    Criterion,
    Entry,
    Identified,
    Manifest,
    OutOfScope,
    Part,
    Role,
    Rule,
    Source,
)
from advisor.knowledge_base.yaml_document import PackError, Problem, YamlDocument, read_text
from advisor.text import clean

KNOWLEDGE_DIR = Path(advisor.__file__).resolve().parent.parent / "knowledge"
ENGLISH_DIR = KNOWLEDGE_DIR / "english"
DEFAULT_PACK = KNOWLEDGE_DIR / "pytorch_or_tensorflow"

PartT = TypeVar("PartT", bound=Part)
IdentifiedT = TypeVar("IdentifiedT", bound=Identified)


@dataclass(frozen=True, repr=False)
class KnowledgePack:
    """Everything the advisor knows about one decision. Mappings are keyed by id, in file order."""

    directory: Path
    fingerprint: str
    manifest: Manifest
    criteria: Mapping[str, Criterion]
    attributes: Mapping[str, Attribute]
    rules: Mapping[str, Rule]
    claims: Mapping[str, Claim]
    sources: Mapping[str, Source]
    entries: Mapping[str, Entry]
    out_of_scope: OutOfScope

    @property
    def options(self) -> tuple[str, ...]:
        """The ids of the options, in the manifest's order."""
        return tuple(option.id for option in self.manifest.options)

    def say(self, lean_or_verdict: str) -> str:
        """How to say an option, a lean or a verdict: an option's name, or the word itself."""
        names = {option.id: option.name for option in self.manifest.options}
        return names.get(lean_or_verdict, lean_or_verdict)

    def value_label(self, attribute: str, value: str) -> str:
        """How to say a value of an attribute."""
        return UNKNOWN if value == UNKNOWN else self.attributes[attribute].values[value]

    def role(self, name: str) -> Role | None:
        """The role of a derived attribute; None for any other name."""
        attribute = self.attributes.get(name)
        return attribute.role if attribute else None

    def sources_of(self, claims: Iterable[str]) -> tuple[Source, ...]:
        """The sources behind these claims, each once, in order."""
        ids = dict.fromkeys(source for claim in claims for source in self.claims[claim].sources)
        return tuple(self.sources[source] for source in ids)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something of the pack is written."""

    document: YamlDocument
    path: tuple[str | int, ...]

    def problem(self, field: tuple[str | int, ...], message: str) -> Problem:
        return self.document.problem((*self.path, *field), message)


class _Reader:
    """Reads the files of one pack, collecting problems instead of stopping at the first.

    `parsed`: what the files hold, as far as that is known from an earlier time; grows with every file that is parsed.
    """

    def __init__(self, directory: Path, parsed: dict[str, Any]) -> None:
        self.directory = directory
        self.parsed = parsed
        self.problems: list[Problem] = []
        self.places: dict[tuple[type, str], _Place] = {}

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
        for relative in files:
            document = self.yaml(relative)
            if document is None:
                continue
            if document.data is None:
                continue
            if not isinstance(document.data, list):
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
            return None
        if thing.id in found:
            self.problems.append(document.problem((*path, "id"), f"{thing.id} is defined twice"))
            return None
        found[thing.id] = thing
        self.places[kind, thing.id] = _Place(document, path)
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


def _broken_references(pack: KnowledgePack, places: Mapping[tuple[type, str], _Place]) -> Iterator[Problem]:
    """Names in one part of the pack that no other part defines."""

    def missing(
        part: Identified, field: str, ids: Iterable[str], known: Container[str], noun: str
    ) -> Iterator[Problem]:
        for stranger in sorted({id for id in ids if id not in known}):
            yield places[type(part), part.id].problem((field,), f"there is no {noun} {stranger}")

    for criterion in pack.criteria.values():
        yield from missing(criterion, "attribute", [criterion.attribute], pack.attributes, "attribute")
        yield from missing(criterion, "sides", criterion.sides, pack.options, "option")
        yield from missing(criterion, "sides", pack.options, criterion.sides, "side for")
    for attribute in pack.attributes.values():
        if attribute.criterion is not None:
            yield from missing(attribute, "criterion", [attribute.criterion], pack.criteria, "criterion")
        if attribute.role in ("rules_out", "keeps", "choice"):
            yield from missing(attribute, "values", attribute.values, pack.options, "option")
    for rule in pack.rules.values():
        yield from missing(rule, "claims", rule.claims, pack.claims, "claim")
        for condition in rule.when:
            yield from missing(rule, "when", [condition.attribute], pack.attributes, "attribute")
            if condition.attribute in pack.attributes:
                values = [UNKNOWN, *pack.attributes[condition.attribute].values]
                yield from missing(rule, "when", condition.values, values, f"value of {condition.attribute},")
        yield from _bad_conclusion(pack, rule, places[Rule, rule.id])
        yield from _misplaced_role(pack, rule, places[Rule, rule.id])
        same_row = [other.id for other in pack.rules.values() if other.then.name == rule.then.name]
        yield from missing(rule, "defeats", rule.defeats, same_row, f"rule about {rule.then.name},")
    for claim in pack.claims.values():
        yield from missing(claim, "sources", claim.sources, pack.sources, "source")
    for entry in pack.entries.values():
        yield from missing(entry, "claims", entry.claims, pack.claims, "claim")
        yield from missing(entry, "sources", entry.sources, pack.sources, "source")
        yield from missing(entry, "related", entry.related, pack.entries, "FAQ entry")


def _bad_conclusion(pack: KnowledgePack, rule: Rule, place: _Place) -> Iterator[Problem]:
    name, value = rule.then.name, rule.then.value
    if name in pack.criteria:
        if value not in (*pack.options, NEUTRAL):
            yield place.problem(("then",), f"a row leans to {', '.join(pack.options)} or {NEUTRAL}, not to {value}")
    elif name not in pack.attributes:
        yield place.problem(("then",), f"{name} is neither a criterion nor an attribute")
    elif not pack.attributes[name].derived:
        yield place.problem(("then",), f"{name} is said by the user; mark it as derived if rules conclude it")
    elif value not in pack.attributes[name].values:
        yield place.problem(("then",), f"{value} is not a value of {name}")


def _misplaced_role(pack: KnowledgePack, rule: Rule, place: _Place) -> Iterator[Problem]:
    """Roles where they cannot act: in the article reading, or read before they are settled."""
    role = pack.role(rule.then.name)
    if role == "choice":
        yield place.problem(("then",), f"{rule.then.name} is what the readings propose; no rule concludes it")
    elif role and rule.reading == "article":
        yield place.problem(("then",), f"{rule.then.name} acts in the amended reading only; the article has just rows")
    if rule.reading == "amended" and rule.then.name in pack.criteria and not rule.erratum:
        yield place.problem(("then",), "a rule that amends a row names its erratum")
    for condition in rule.when:
        read = pack.role(condition.attribute)
        if read in ("advises", "warns"):
            yield place.problem(("when",), f"{condition.attribute} is advice; no rule can rest on it")
        if read == "choice" and role not in ("advises", "warns"):
            yield place.problem(("when",), f"{condition.attribute} is known after the verdict; only advice can ask it")


def _fingerprint(*directories: Path) -> str:
    """SHA-256, in hexadecimal, over the names and contents of all files that decide what the advisor says."""
    return _hash(
        *(
            part
            for directory in directories
            for path in sorted(p for p in directory.rglob("*") if p.suffix in (".yaml", ".md", ".json"))
            if path.is_file()
            for part in (path.relative_to(directory).as_posix().encode(), path.read_bytes())
        )
    )


def _code() -> bytes:
    """The modules that turn files into what is kept."""
    return b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))


def _hash(*parts: bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def load_pack(directory: Path | None = None) -> KnowledgePack:
    """Loads and validates the pack in `directory` (the shipped one without).

    Raises PackError with every problem found, each with file, line and field.
    """
    directory = DEFAULT_PACK if directory is None else directory
    if not directory.is_dir():
        raise PackError([Problem(str(directory), None, "", "there is no such knowledge pack directory")])
    fingerprint = _fingerprint(directory, ENGLISH_DIR)
    # Parsing YAML takes longer than all else that a single answer needs. What was parsed is kept as JSON, which is
    # then validated like the files themselves.
    parsed_file = cache_directory() / f"pack-{_hash(fingerprint.encode(), _code())[:32]}.json"
    known = kept(parsed_file, json.loads)
    reader = _Reader(directory, known if isinstance(known, dict) else {})
    manifest = reader.one("pack.yaml", Manifest)
    criteria = reader.all("criteria.yaml", Criterion)
    attributes = reader.all("attributes.yaml", Attribute)
    rules = reader.all("rules/*.yaml", Rule)
    claims = reader.all("claims/*.yaml", Claim)
    sources = reader.all("sources/*.yaml", Source)
    entries = reader.markdown("faq/*.md", Entry, body="answer")
    out_of_scope = reader.one("out_of_scope.yaml", OutOfScope)
    if reader.problems or manifest is None or out_of_scope is None:
        raise PackError(reader.problems)
    pack = KnowledgePack(
        directory=directory,
        fingerprint=fingerprint,
        manifest=manifest,
        criteria=criteria,
        attributes=attributes,
        rules=rules,
        claims=claims,
        sources=sources,
        entries=entries,
        out_of_scope=out_of_scope,
    )
    if broken := list(_broken_references(pack, reader.places)):
        raise PackError(broken)
    if not known:
        keep(parsed_file, json.dumps(reader.parsed, default=str).encode())
    return pack
