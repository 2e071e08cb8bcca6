"""The whole check of a pack: every analysis, each finding with its file and line, the answered ones apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from advisor.checking.ages import age_remarks
from advisor.checking.allow_list import AllowList, Answered, load_allow_list
from advisor.checking.bias import bias_remarks
from advisor.checking.examples import example_remarks
from advisor.checking.faq_analysis import faq_remarks
from advisor.checking.findings import KINDS, LEVELS, Finding, Level, Remark, finding
from advisor.checking.rule_analysis import circles, rule_remarks
from advisor.checking.rulebase import rulebases
from advisor.checking.vocabulary import vocabulary_remarks
from advisor.knowledge_base.acts_schema import load_names
from advisor.knowledge_base.language_schema import AttributePhrases, Language, load_language
from advisor.knowledge_base.pack import ENGLISH_DIR, Inspection, KnowledgePack, inspect_pack
from advisor.knowledge_base.schema import Rule
from advisor.knowledge_base.yaml_document import PackError, Problem, YamlDocument, read_text
from advisor.reasoning.inference import RulebaseError, stratify
from advisor.reasoning.recommendation import Reasoner
from advisor.understanding.encoder import SentenceEncoder
from advisor.understanding.extraction import Extractor
from advisor.understanding.phrase_matching import PhraseError

Loaded = TypeVar("Loaded")

_OF_AGE = frozenset({"old-source", "old-claim", "undated-source"})
_OF_FAQ = frozenset({"misplaced-phrasings"})


@dataclass(frozen=True)
class Report:
    """`findings`: what needs attention, gravest first; `answered`: warnings that check.yaml answers.

    `pack`: what is sound in the pack; None when not even its frame can be read.
    """

    findings: tuple[Finding, ...]
    answered: tuple[Answered, ...]
    pack: KnowledgePack | None

    def count(self, level: Level) -> int:
        """How many findings of a level need attention."""
        return sum(found.level == level for found in self.findings)


def check_pack(
    directory: Path,
    today: date,
    older_than: int | None = None,
    encoder: SentenceEncoder | None = None,
) -> Report:
    """Looks for everything that can be found in a pack, however broken it is.

    `older_than`: age in days from which sources and claims are called old; not looked at without. `encoder`: compares
    the FAQ's phrasings; not looked at without, as it takes seconds. Raises PackError when there is no such directory,
    EngineError when the rule engine itself cannot be loaded.
    """
    inspection = inspect_pack(directory)
    problems = list(inspection.problems)
    language = _attempt(lambda: load_language(directory, ENGLISH_DIR), problems)
    if language is not None:
        _attempt(language.descriptions.read, problems)
        _attempt(language.dialogues.read, problems)
        _attempt(language.network_dialogues.read, problems)
    _attempt(lambda: load_names(directory / "names.yaml"), problems)
    allow_list = _attempt(lambda: load_allow_list(directory), problems) or AllowList((), None)
    pack = inspection.pack
    found = [_of_problem(problem) for problem in problems]
    if pack is None:
        what = "the rules were not analysed, as files that they rest on cannot be read"
        found.append(finding("not-exact", "pack.yaml", None, "rules", what))
    else:
        if language is not None:
            found += _bad_phrases(pack, language)
        remarks = _analysed(pack, None if language is None else language.phrases)
        found += [_placed(inspection, remark) for remark in remarks]
        if older_than is not None:
            found += [_placed(inspection, remark) for remark in age_remarks(pack, today, older_than)]
        if encoder is not None:
            found += [_placed(inspection, remark) for remark in faq_remarks(pack, encoder)]
    tried = set(KINDS)
    tried -= _OF_AGE if older_than is None else set()
    tried -= _OF_FAQ if encoder is None else set()
    if any(one.level == "error" for one in found):
        tried.clear()  # an error keeps other things from being found, so no answer is called stale
    left, answered = allow_list.sift(found, tried)
    return Report(tuple(sorted(left, key=_order)), answered, pack)


def _analysed(pack: KnowledgePack, phrases: Mapping[str, AttributePhrases] | None) -> Iterator[Remark]:
    """What the rules, attributes and examples show."""
    bases = rulebases(pack)
    try:
        for base in bases.values():
            stratify(base.rules.values())
    except RulebaseError as error:
        first = next(iter(pack.rules))
        yield Remark("cycle-through-unknown", "rules", str(error), (Rule, first))
        return
    try:
        Reasoner(pack)
    except RulebaseError as error:
        yield Remark("too-much-for-the-engine", "rules", str(error))
    yield from circles(bases["amended"])
    yield from rule_remarks(pack, bases)
    yield from vocabulary_remarks(pack, bases, phrases)
    yield from bias_remarks(pack, bases)
    yield from example_remarks(pack, bases)


def _attempt(load: Callable[[], Loaded], problems: list[Problem]) -> Loaded | None:
    try:
        return load()
    except PackError as error:
        problems += error.problems
        return None


def _of_problem(problem: Problem) -> Finding:
    what = f"{problem.field}: {problem.message}" if problem.field else problem.message
    return finding(problem.kind, problem.file, problem.line, problem.field or problem.file, what)


def _placed(inspection: Inspection, remark: Remark) -> Finding:
    if remark.part is None:
        return finding(remark.kind, "pack.yaml", None, remark.subject, remark.what)
    place = inspection.places[remark.part]
    return finding(remark.kind, place.document.name, place.line(remark.field), remark.subject, remark.what)


def _bad_phrases(pack: KnowledgePack, language: Language) -> Iterator[Finding]:
    """Phrases for what the pack does not have, and phrases that do not follow the syntax."""
    for attribute, phrases in language.phrases.items():
        known = pack.attributes.get(attribute)
        if known is None:
            yield _phrase_finding(pack, attribute, ("attribute",), f"there is no attribute {attribute}")
            continue
        for value in phrases.values:
            if value not in known.values:
                yield _phrase_finding(pack, attribute, ("values", value), f"there is no value of {attribute}, {value}")
    try:
        Extractor(language, pack.attributes.values())
    except PhraseError as error:
        yield _bad_phrase(pack, str(error))


def _bad_phrase(pack: KnowledgePack, message: str) -> Finding:
    """Points to the first line that has the phrase which the message quotes."""
    phrase = message.removeprefix("'").partition("': ")[0]
    for path in sorted((pack.directory / "phrases").glob("*.yaml")):
        name = f"phrases/{path.name}"
        for number, line in enumerate(read_text(path, name).splitlines(), 1):
            if phrase in line:
                return finding("invalid", name, number, phrase, message)
    return finding("invalid", "phrases", None, phrase, message)


def _phrase_finding(pack: KnowledgePack, attribute: str, field: tuple[str, ...], what: str) -> Finding:
    for path in sorted((pack.directory / "phrases").glob("*.yaml")):
        name = f"phrases/{path.name}"
        document = YamlDocument.parse(name, read_text(path, name))
        if document.data.get("attribute") == attribute:
            return finding("broken-reference", name, document.line(field), ".".join(field), what)
    return finding("broken-reference", "phrases", None, ".".join(field), what)


def _order(found: Finding) -> tuple[int, str, int, str]:
    return LEVELS.index(found.level), found.file, found.line or 0, found.what
