"""Loads a knowledge pack: reads its files, validates each one, and checks that they fit together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import advisor
from advisor.kept_files import cache_directory, keep, kept
from advisor.knowledge_base.pack_reader import PackReader, Place
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
    Role,
    Rule,
    Source,
)
from advisor.knowledge_base.yaml_document import PackError, Problem

KNOWLEDGE_DIR = Path(advisor.__file__).resolve().parent.parent / "knowledge"
ENGLISH_DIR = KNOWLEDGE_DIR / "english"
DEFAULT_PACK = KNOWLEDGE_DIR / "pytorch_or_tensorflow"
KNOWLEDGE_SUFFIXES = (".yaml", ".md", ".json", ".jsonl", ".safetensors")


@dataclass(frozen=True, repr=False)
class KnowledgePack:
    """Everything the advisor knows about one decision. Mappings are keyed by id, in file order.

    `english`: the directory that says how people put things in English, which is part of the version.
    """

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
    english: Path = ENGLISH_DIR

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


def _broken_references(pack: KnowledgePack, reader: PackReader) -> Iterator[Problem]:
    """Names in one part of the pack that no other part defines."""
    attributes = reader.names(Attribute, pack.attributes)
    criteria = reader.names(Criterion, pack.criteria)
    claims = reader.names(Claim, pack.claims)
    sources = reader.names(Source, pack.sources)

    def missing(
        part: Identified, field: str, ids: Iterable[str], known: Container[str], noun: str
    ) -> Iterator[Problem]:
        return _missing(reader.places[type(part), part.id], field, ids, known, noun)

    for criterion in pack.criteria.values():
        yield from missing(criterion, "attribute", [criterion.attribute], attributes, "attribute")
        yield from missing(criterion, "sides", criterion.sides, pack.options, "option")
        yield from missing(criterion, "sides", pack.options, criterion.sides, "side for")
    for attribute in pack.attributes.values():
        if attribute.criterion is not None:
            yield from missing(attribute, "criterion", [attribute.criterion], criteria, "criterion")
        if attribute.role in ("rules_out", "keeps", "choice"):
            yield from missing(attribute, "values", attribute.values, pack.options, "option")
    for rule in pack.rules.values():
        yield from missing(rule, "claims", rule.claims, claims, "claim")
        yield from _bad_rule(pack, rule, reader)
    for claim in pack.claims.values():
        yield from missing(claim, "sources", claim.sources, sources, "source")
    for entry in pack.entries.values():
        yield from missing(entry, "claims", entry.claims, claims, "claim")
        yield from missing(entry, "sources", entry.sources, sources, "source")
        yield from missing(entry, "related", entry.related, reader.names(Entry, pack.entries), "FAQ entry")


def _missing(place: Place, field: str, ids: Iterable[str], known: Container[str], noun: str) -> Iterator[Problem]:
    for stranger in sorted({id for id in ids if id not in known}):
        yield place.problem((field,), f"there is no {noun} {stranger}", missing=True)


def _bad_rule(pack: KnowledgePack, rule: Rule, reader: PackReader) -> Iterator[Problem]:
    """What keeps a rule from being evaluated."""
    place = reader.places[Rule, rule.id]
    attributes = reader.names(Attribute, pack.attributes)
    named = [("when", condition.attribute, condition.values) for condition in rule.when]
    named += [("examples", name, values) for example in rule.examples for name, values in example.given.items()]
    for field, name, values in named:
        yield from _missing(place, field, [name], attributes, "attribute")
        if name in pack.attributes:
            allowed = [*pack.attributes[name].values, *([UNKNOWN] if field == "when" else [])]
            yield from _missing(place, field, values, allowed, f"value of {name},")
    if not reader.unread(Attribute, Criterion):
        yield from _bad_conclusion(pack, rule, place)
    yield from _misplaced_role(pack, rule, place)
    same_row = [other.id for other in pack.rules.values() if other.then.name == rule.then.name]
    yield from _missing(place, "defeats", rule.defeats, reader.names(Rule, same_row), f"rule about {rule.then.name},")


def _bad_conclusion(pack: KnowledgePack, rule: Rule, place: Place) -> Iterator[Problem]:
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


def _misplaced_role(pack: KnowledgePack, rule: Rule, place: Place) -> Iterator[Problem]:
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
            for path in sorted(p for p in directory.rglob("*") if p.suffix in KNOWLEDGE_SUFFIXES)
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


def load_pack(directory: Path | None = None, english: Path = ENGLISH_DIR) -> KnowledgePack:
    """Loads and validates the pack in `directory` (the shipped one without), to be read with `english`.

    Raises PackError with every problem found, each with file, line and field.
    """
    directory = DEFAULT_PACK if directory is None else directory
    if not directory.is_dir():
        raise _no_directory(directory)
    fingerprint = _fingerprint(directory, english)
    # Parsing YAML takes longer than all else that a single answer needs. What was parsed is kept as JSON, which is
    # then validated like the files themselves.
    parsed_file = cache_directory() / f"pack-{_hash(fingerprint.encode(), _code())[:32]}.json"
    known = kept(parsed_file, json.loads)
    reader = PackReader(directory, known if isinstance(known, dict) else {})
    pack = _read(reader, fingerprint)
    if pack is None or reader.problems:
        raise PackError(reader.problems)
    if not known:
        keep(parsed_file, json.dumps(reader.parsed, default=str).encode())
    return replace(pack, english=english)


@dataclass(frozen=True, repr=False)
class Inspection:
    """A pack as far as it can be read, for finding out what is wrong with it.

    `pack`: what is sound in it, without rules that cannot be evaluated; None when not even the frame can be read.
    `problems`: every mistake of form or reference. `places`: where each thing is written.
    """

    pack: KnowledgePack | None
    problems: tuple[Problem, ...]
    places: Mapping[tuple[type, str], Place]


def inspect_pack(directory: Path) -> Inspection:
    """Reads a pack with its mistakes. Raises PackError when there is no such directory."""
    if not directory.is_dir():
        raise _no_directory(directory)
    reader = PackReader(directory, {})
    pack = _read(reader, _fingerprint(directory, ENGLISH_DIR))
    problems = tuple(reader.problems)
    if pack is None or reader.unread(Attribute, Criterion, Rule):
        return Inspection(None, problems, reader.places)
    # An invalid rule may be what others defeat; an invalid attribute, what they rest on.
    rules = {id: rule for id, rule in pack.rules.items() if not any(_unsound(pack, rule, reader))}
    return Inspection(replace(pack, rules=rules), problems, reader.places)


def _unsound(pack: KnowledgePack, rule: Rule, reader: PackReader) -> Iterator[bool]:
    """Whether a rule cannot be evaluated: it has a mistake, or rests on something that has."""
    yield any(True for _ in _bad_rule(pack, rule, reader))
    yield any(condition.attribute not in pack.attributes for condition in rule.when)
    yield any(defeated not in pack.rules for defeated in rule.defeats)


def _no_directory(directory: Path) -> PackError:
    return PackError([Problem(str(directory), None, "", "there is no such knowledge pack directory")])


def _read(reader: PackReader, fingerprint: str) -> KnowledgePack | None:
    """What is valid in the reader's files; None when what everything else rests on is not."""
    manifest = reader.one("pack.yaml", Manifest)
    criteria = reader.all("criteria.yaml", Criterion)
    attributes = reader.all("attributes.yaml", Attribute)
    rules = reader.all("rules/*.yaml", Rule)
    claims = reader.all("claims/*.yaml", Claim)
    sources = reader.all("sources/*.yaml", Source)
    entries = reader.markdown("faq/*.md", Entry, body="answer")
    out_of_scope = reader.one("out_of_scope.yaml", OutOfScope)
    if manifest is None:
        return None
    pack = KnowledgePack(
        directory=reader.directory,
        fingerprint=fingerprint,
        manifest=manifest,
        criteria=criteria,
        attributes=attributes,
        rules=rules,
        claims=claims,
        sources=sources,
        entries=entries,
        out_of_scope=out_of_scope or OutOfScope(near=(), off=()),
    )
    reader.problems += _broken_references(pack, reader)
    return pack
