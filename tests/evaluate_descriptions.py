"""Measure attribute extraction on labelled descriptions: `python -m tests.evaluate_descriptions FILE.jsonl`.

The rules are evaluated here by a few naive lines of their own, so that a fault of the rule engine cannot hide
one of the extraction.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.schema import Attribute
from advisor.knowledge_base.yaml_document import YamlDocument
from advisor.understanding.encoder import load_encoder
from advisor.understanding.example_reading import example_reader
from advisor.understanding.extraction import Extraction, Extractor, Mention, Observation

ROOT = Path(__file__).resolve().parent.parent
PACK = ROOT / "knowledge" / "pytorch_or_tensorflow"
ENGLISH = ROOT / "knowledge" / "english"
CRITERIA = ("engineering", "maturity", "deployment", "mobile", "vendor")
SIDES = ("pytorch", "tensorflow")
DERIVED = "team.fit"

Rules = Sequence[Mapping[str, Any]]


def read_yaml(path: Path) -> Any:
    """Parse a file of the pack."""
    return YamlDocument.parse(path.name, path.read_text(encoding="utf-8")).data


def build_extractor() -> Extractor:
    """Compile the extractor from the pack's files."""
    attributes = [Attribute.model_validate(entry) for entry in read_yaml(PACK / "attributes.yaml")]
    language = load_language(PACK, ENGLISH)
    return Extractor(language, attributes, example_reader(language, load_encoder()))


def leans_of(observations: Iterable[Observation | Mention], rules: Rules) -> dict[str, str]:
    """Apply the rules naively: derived attributes first, then the leans."""
    values: dict[str, set[str]] = {}
    for observation in observations:
        values.setdefault(observation.attribute, set()).add(observation.value)
    for rule in rules:
        if DERIVED in rule["then"] and _holds(rule["when"], values):
            values.setdefault(DERIVED, set()).add(rule["then"][DERIVED])
    leans: dict[str, set[str]] = {criterion: set() for criterion in CRITERIA}
    for rule in rules:
        ((name, value),) = rule["then"].items()
        if name in leans and _holds(rule["when"], values):
            leans[name].add(value)
    return {criterion: _lean(found) for criterion, found in leans.items()}


def _holds(when: Any, values: Mapping[str, set[str]]) -> bool:
    mappings = when if isinstance(when, list) else [when]
    return all(
        bool(set(wanted if isinstance(wanted, list) else [wanted]) & (values.get(attribute) or {"unknown"}))
        for mapping in mappings
        for attribute, wanted in mapping.items()
    )


def _lean(found: set[str]) -> str:
    sides = found & set(SIDES)
    if len(sides) == 1:
        return next(iter(sides))
    return "neutral" if found else "unknown"


def verdict_of(leans: Mapping[str, str]) -> str:
    """The verdict as DESIGN.md defines it."""
    counts = {side: sum(lean == side for lean in leans.values()) for side in SIDES}
    unknown = sum(lean == "unknown" for lean in leans.values())
    for side in SIDES:
        if counts[side] >= 3:
            return side
    if all(count == 2 for count in counts.values()) or all(count + unknown < 3 for count in counts.values()):
        return "split"
    return "insufficient"


@dataclass(slots=True)
class Score:
    """Counts over a file, and the rows that went wrong.

    `asked`: open rows that some words seem to tell of, so that the user is asked; `asked_rightly`: those where a yes
    would give the row its label.
    """

    descriptions: int = 0
    rows: int = 0
    right: int = 0
    stated: int = 0
    stated_found: int = 0
    unstated: int = 0
    unstated_left: int = 0
    opposite: int = 0
    asked: int = 0
    asked_rightly: int = 0
    verdicts: int = 0
    quotes: int = 0
    quotes_exact: int = 0
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The figures, one to a line."""
        return [
            f"descriptions        {self.descriptions}",
            _ratio("rows right          ", self.right, self.rows),
            _ratio("stated rows found   ", self.stated_found, self.stated),
            _ratio("unstated left open  ", self.unstated_left, self.unstated),
            _ratio("opposite leans      ", self.opposite, self.rows),
            _ratio("rightly asked about ", self.asked_rightly, self.asked),
            _ratio("found or so asked   ", self.stated_found + self.asked_rightly, self.stated),
            _ratio("verdicts right      ", self.verdicts, self.descriptions),
            _ratio("quotes exact        ", self.quotes_exact, self.quotes),
        ]


def _ratio(title: str, part: int, whole: int) -> str:
    return f"{title}{part}/{whole} = {100 * part / max(1, whole):.1f} %"


def evaluate(records: Iterable[Mapping[str, Any]], extractor: Extractor, rules: Rules) -> Score:
    """Score every description."""
    score = Score()
    for record in records:
        extraction = extractor.extract(record["text"])
        leans = leans_of(extraction.observations, rules)
        score.descriptions += 1
        for criterion in CRITERIA:
            _score_row(score, record, criterion, leans[criterion], extraction)
        for mention in extraction.unsure:
            for criterion, lean in leans_of((mention,), rules).items():
                # Where an open row is right too, there is nothing to ask.
                if lean in SIDES and leans[criterion] == "unknown" and not _may_stay_open(record, criterion):
                    score.asked += 1
                    score.asked_rightly += lean == _plain(record["labels"][criterion])
        # A record without a verdict is one whose labels say it all.
        verdicts = {record.get("verdict") or verdict_of(record["labels"]), *record.get("alt_verdicts", ())}
        score.verdicts += verdict_of(leans) in verdicts
        for observation in extraction.observations:
            score.quotes += 1
            score.quotes_exact += record["text"][observation.start : observation.end] == observation.quote
    return score


def _may_stay_open(record: Mapping[str, Any], criterion: str) -> bool:
    """Whether a stated row is one that a sensible annotator could also leave open."""
    alternatives = record.get("alt_labels", {}).get(criterion, ())
    return record["labels"][criterion] in SIDES and "unknown" in map(_plain, alternatives)


def _score_row(score: Score, record: Mapping[str, Any], criterion: str, lean: str, extraction: Extraction) -> None:
    label = _plain(record["labels"][criterion])
    accepted = {
        label,
        *(_plain(alternative) for alternative in record.get("alt_labels", {}).get(criterion, ())),
    }
    got = _plain(lean)
    right = got in accepted
    score.rows += 1
    score.right += right
    if label in SIDES:
        score.stated += 1
        score.stated_found += right
    else:
        score.unstated += 1
        score.unstated_left += right
    score.opposite += not right and {label, got} == set(SIDES)
    if not right:
        found = "; ".join(f"{o.attribute}={o.value} <{o.quote}> [{o.reason}]" for o in extraction.observations)
        aside = "; ".join(f"{m.attribute}={m.value} {m.stance} <{m.quote}> [{m.reason}]" for m in extraction.set_aside)
        score.wrong.setdefault(criterion, []).append(
            f"{record['id']} want {label}, got {lean}\n    text:  {record['text']!r}\n"
            f"    found: {found}\n    aside: {aside}"
        )


def _plain(lean: str) -> str:
    return "unknown" if lean == "neutral" else lean


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures and, by criterion, what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--split", help="only the records of this split")
    parser.add_argument("--figures-only", action="store_true", help="do not show the texts that went wrong")
    options = parser.parse_args(arguments)
    records = [json.loads(line) for line in options.file.read_text(encoding="utf-8").splitlines() if line.strip()]
    records = [record for record in records if options.split in (None, record.get("split"))]
    started = time.perf_counter()
    extractor = build_extractor()
    compiled = time.perf_counter() - started
    score = evaluate(records, extractor, read_yaml(PACK / "rules" / "article.yaml"))
    if not options.figures_only:
        for criterion in CRITERIA:
            for entry in score.wrong.get(criterion, ()):
                print(f"{criterion}: {entry}")
    print("\n".join(score.lines()))
    median = statistics.median(_times(extractor, records)) * 1000
    print(f"compiling {compiled:.2f} s, median {median:.2f} ms a text")


def _times(extractor: Extractor, records: Iterable[Mapping[str, Any]]) -> list[float]:
    times: list[float] = []
    for record in records:
        started = time.perf_counter()
        extractor.extract(record["text"])
        times.append(time.perf_counter() - started)
    return times


if __name__ == "__main__":
    main()
