"""The whole check: our packs pass, and everything wrong with a broken one is told at once, each with its line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from advisor.checking.ages import age_remarks, last_seen
from advisor.checking.check import Report, check_pack
from advisor.checking.findings import KINDS
from advisor.checking.report import report_json, report_text
from advisor.knowledge_base.pack import DEFAULT_PACK, load_pack
from advisor.knowledge_base.schema import Source
from advisor.knowledge_base.yaml_document import PackError
from advisor.text import clean
from advisor.understanding.encoder import load_encoder
from tests.checking.small_packs import TEA

_TODAY = date(2026, 11, 22)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TEA, tmp_path / "pack"))


def _edit(path: Path, old: str, new: str) -> int:
    """Replaces the first `old` in a file and returns its line number."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def _check(directory: Path) -> Report:
    return check_pack(directory, _TODAY)


def _told(report: Report) -> list[tuple[str, str, str]]:
    return [(found.kind, found.place, found.what) for found in report.findings if found.level != "note"]


def test_the_shipped_pack_passes_its_check_with_the_faq_compared() -> None:
    report = check_pack(DEFAULT_PACK, _TODAY, encoder=load_encoder())
    assert _told(report) == []
    assert {found.kind for found in report.findings} <= {"bias", "tension"}
    assert all(len(answered.reason) > 30 for answered in report.answered)


def test_the_second_pack_passes_without_any_answer() -> None:
    report = _check(TEA)
    assert _told(report) == []
    assert report.answered == ()


def test_everything_wrong_is_told_at_once(copy: Path) -> None:
    shortened = _edit(copy / "criteria.yaml", "  short: Gear", "  shrot: Gear")
    unknown = _edit(copy / "rules" / "article.yaml", "when: {drinking.hour: morning}", "when: {drinking.tide: morning}")
    mistaken = _edit(
        copy / "rules" / "article.yaml",
        "{given: {preferred.taste: strong}, fires: true",
        "{given: {preferred.taste: mild}, fires: true",
    )
    (copy / "sources" / "sources.yaml").write_text("- {id: ART, title: ", encoding="utf-8")
    phrase = _edit(copy / "phrases" / "equipment.yaml", "  grinder:", "  mill:")
    broken = _edit(copy / "phrases" / "preferred.taste.yaml", "strong: {said: [strong", "strong: {said: ['(strong'")
    (copy / "names.yaml").write_text("options: [", encoding="utf-8")
    (copy / "check.yaml").write_text("- {kind: gaps, of: [x], reason: None.}\n", encoding="utf-8")
    (copy / "faq" / "beans.md").write_text("no front matter", encoding="utf-8")
    told = {(kind, place) for kind, place, _ in _told(_check(copy))}
    expected = {
        ("invalid", f"criteria.yaml:{shortened}"),
        ("broken-reference", f"rules/article.yaml:{unknown}"),
        ("failing-example", f"rules/article.yaml:{mistaken}"),
        ("invalid", "sources/sources.yaml:1"),
        ("broken-reference", f"phrases/equipment.yaml:{phrase}"),
        ("invalid", f"phrases/preferred.taste.yaml:{broken}"),
        ("invalid", "names.yaml:1"),
        ("invalid", "check.yaml:1"),
        ("invalid", "faq/beans.md:1"),
    }
    assert expected <= told
    # What a broken file would have held is not called missing.
    assert not any("there is no source" in what or "there is no FAQ" in what for _, _, what in _told(_check(copy)))


@pytest.mark.parametrize("name", ["descriptions.jsonl", "dialogues.jsonl", "network_dialogues.jsonl"])
def test_texts_that_only_learning_reads_are_looked_at(copy: Path, name: str) -> None:
    (copy / name).write_text('\n{"id": "d1"}\n', encoding="utf-8")
    places = {(kind, place) for kind, place, _ in _told(_check(copy))}
    assert ("invalid", f"{name}:2") in places


def test_what_cannot_be_read_is_not_called_missing(copy: Path) -> None:
    (copy / "attributes.yaml").write_text("[", encoding="utf-8")
    report = _check(copy)
    assert [place for _, place, _ in _told(report)] == ["attributes.yaml:1"]
    assert [found.kind for found in report.findings if found.level == "note"] == ["not-exact"]
    assert report.pack is None


_NEVER = "when: [{drinking.hour: morning}, {drinking.hour: afternoon}]"
_MOOD = "- {id: mood, title: Mood, question: How are you?, how_to_find_out: Ask., values: {fine: fine}}\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "kind"),
    [
        ("rules/article.yaml", "when: {equipment: kettle}", _NEVER, "unreachable-rule"),
        ("rules/article.yaml", "when: {equipment: kettle}", "when: {equipment: grinder}", "contradictory-rules"),
        ("rules/article.yaml", "then: {gear: tea}", "then: {gear: coffee}", "one-sided-row"),
        ("rules/article.yaml", "then: {gear: tea}", "then: {gear: coffee}", "failing-example"),
        ("rules/article.yaml", "when: {equipment: kettle}", "when: {equipment: [kettle, grinder]}", "outvoted-rule"),
        ("rules/article.yaml", "    - {given: {equipment: grinder}, fires: false}\n", "", "no-example"),
        ("attributes.yaml", "grinder: a grinder", "grinder: a grinder, stove: a stove", "gap"),
        ("attributes.yaml", "grinder: a grinder", "grinder: a grinder, stove: a stove", "unproducible-value"),
        ("attributes.yaml", "- id: equipment", _MOOD + "- id: equipment", "unread-attribute"),
    ],
)
def test_each_kind_of_finding_goes_away_with_its_cause(copy: Path, file: str, old: str, new: str, kind: str) -> None:
    before = {(found.kind, found.subject) for found in _check(copy).findings}
    _edit(copy / file, old, new)
    found = [one for one in _check(copy).findings if (one.kind, one.subject) not in before]
    assert kind in {one.kind for one in found}
    assert all(one.line for one in found if one.kind == kind and one.file != "pack.yaml")
    assert all(one.level == KINDS[one.kind].level and one.remedy for one in found)
    _edit(copy / file, new, old) if new else shutil.copy(TEA / file, copy / file)
    assert {(one.kind, one.subject) for one in _check(copy).findings} == before


_RULE = """
- {{id: {id}, reading: article, when: {{{when}}}, then: {{{then}}}, because: So., claims: [K1]}}
"""


def _derive(copy: Path, *rules: tuple[str, str, str]) -> None:
    attributes = "".join(f"- {{id: {name}, title: D, derived: true, values: {{x: x}}}}\n" for name in ("d", "e"))
    (copy / "attributes.yaml").write_text((copy / "attributes.yaml").read_text() + attributes)
    more = "".join(_RULE.format(id=id, when=when, then=then) for id, when, then in rules)
    (copy / "rules" / "more.yaml").write_text(more)


def test_circles(copy: Path) -> None:
    _derive(copy, ("one", "e: x", "d: x"), ("two", "d: x", "e: x"))
    told = {kind: what for kind, _, what in _told(_check(copy))}
    assert told["cycle"] == "d and e rest on each other"
    _derive(copy, ("one", "e: unknown", "d: x"), ("two", "d: unknown", "e: x"))
    (copy / "attributes.yaml").write_text((TEA / "attributes.yaml").read_text())
    _derive(copy, ("one", "e: unknown", "d: x"), ("two", "d: unknown", "e: x"))
    told = {kind: what for kind, _, what in _told(_check(copy))}
    assert told["cycle-through-unknown"] == "these conclusions depend on themselves being unknown: d, e"


def test_more_than_the_engine_can_carry(copy: Path) -> None:
    _derive(copy, *((f"r{number}", "drinking.hour: morning", "d: x") for number in range(251)))
    told = [what for kind, _, what in _told(_check(copy)) if kind == "too-much-for-the-engine"]
    assert ["more than 250 rules end" in what for what in told] == [True]


def test_answers_answer_warnings_only_and_stale_ones_are_told(copy: Path) -> None:
    _edit(copy / "attributes.yaml", "grinder: a grinder", "grinder: a grinder, stove: a stove")
    answers = "- kind: gap\n  of: [equipment=stove, equipment=oven]\n  reason: Nobody brews on it.\n"
    (copy / "check.yaml").write_text(answers, encoding="utf-8")
    report = _check(copy)
    assert [(answered.finding.subject, answered.reason) for answered in report.answered] == [
        ("equipment=stove", "Nobody brews on it.")
    ]
    kinds = {kind: (place, what) for kind, place, what in _told(report)}
    assert "gap" not in kinds
    assert kinds["stale-answer"] == ("check.yaml:2", "there is no warning gap about equipment=oven to answer")
    assert "unproducible-value" in kinds


def test_an_answer_to_what_was_not_looked_for_is_not_stale(copy: Path) -> None:
    (copy / "check.yaml").write_text("- {kind: old-source, of: [ART], reason: It is a classic.}\n", encoding="utf-8")
    assert _told(_check(copy)) == []
    aged = check_pack(copy, _TODAY, older_than=30)
    assert [answered.finding.kind for answered in aged.answered] == ["old-source"]
    assert [kind for kind, _, _ in _told(aged)] == ["old-claim"]
    assert [kind for kind, _, _ in _told(check_pack(copy, _TODAY, older_than=10_000))] == ["stale-answer"]


def test_an_error_cannot_be_answered(copy: Path) -> None:
    (copy / "check.yaml").write_text("- {kind: unreachable-rule, of: [kettle], reason: So.}\n", encoding="utf-8")
    assert ("invalid", "check.yaml:1") in {(kind, place) for kind, place, _ in _told(_check(copy))}


@pytest.mark.parametrize(
    ("dates", "seen"),
    [
        ({"date": "2020"}, date(2020, 12, 31)),
        ({"date": "2020-02"}, date(2020, 2, 28)),
        ({"date": "2020-02-03"}, date(2020, 2, 3)),
        ({"date": "2020", "checked": "2026-01-02"}, date(2026, 1, 2)),
        ({}, None),
    ],
)
def test_when_a_source_was_last_seen(dates: dict[str, str], seen: date | None) -> None:
    assert last_seen(Source.model_validate({"id": "S", "title": "T", **dates})) == seen


def test_age_is_counted_to_the_day() -> None:
    pack = load_pack(TEA)
    days = (_TODAY - date(2025, 5, 1)).days
    assert [remark.kind for remark in age_remarks(pack, _TODAY, days)] == []
    assert [remark.kind for remark in age_remarks(pack, _TODAY, days - 1)] == ["old-source", "old-claim"]


def test_entries_that_draw_each_others_phrasings_are_told(copy: Path) -> None:
    path = copy / "faq" / "beans.md"
    phrasings = "".join(f"  - {words}\n" for words in ("limescale in my kettle", "kettle descaling with vinegar"))
    _edit(path, "  - do beans go stale\n", phrasings)
    report = check_pack(copy, _TODAY, encoder=load_encoder())
    ((kind, place, what),) = _told(report)
    assert (kind, place) == ("misplaced-phrasings", "faq/beans.md:8")
    assert "of beans are nearer to descaling, such as “limescale in my kettle”" in what


def test_the_report_names_level_place_kind_and_what_to_do(copy: Path) -> None:
    line = _edit(copy / "rules" / "article.yaml", "when: {equipment: kettle}", "when: {equipment: teapot}")
    report = _check(copy)
    first, second, *_ = report_text(report)
    assert first == (
        f"error   rules/article.yaml:{line}: [4].when: there is no value of equipment, teapot [broken-reference]"
    )
    assert second.strip() == KINDS["broken-reference"].remedy
    assert not any("rules with" in line for line in report_text(report))
    (found,) = [f for f in report_json(report)["findings"] if f["level"] == "error"]
    assert found == {
        "id": "broken-reference",
        "level": "error",
        "file": "rules/article.yaml",
        "line": line,
        "subject": "[4].when",
        "what": "[4].when: there is no value of equipment, teapot",
        "what_to_do": KINDS["broken-reference"].remedy,
    }


@pytest.mark.parametrize("hostile", ["[/]", "'\\e]0;x\\a'", "\x1b[31m", "x" * 5000, "\u202e", "日本", "{a: b}", "[[[["])
@pytest.mark.parametrize(
    "file", ["check.yaml", "rules/article.yaml", "phrases/equipment.yaml", "attributes.yaml", "pack.yaml"]
)
def test_hostile_files_are_told_of_and_never_crash(copy: Path, file: str, hostile: str) -> None:
    (copy / file).write_text(hostile, encoding="utf-8")
    report = _check(copy)
    nothing_left = not clean(hostile)  # an empty file says nothing wrong
    assert report.count("error") or nothing_left
    assert "\x1b" not in json.dumps(report_json(report), ensure_ascii=False) + "".join(report_text(report))


def test_no_pack_at_all(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such knowledge pack directory"):
        _check(tmp_path / "nowhere")
    assert any(found.place == "pack.yaml" for found in _check(tmp_path).findings)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "advisor", "check", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")


def test_the_command(copy: Path) -> None:
    fine = _run(str(copy), "--json")
    assert fine.returncode == 0
    assert json.loads(fine.stdout)["counts"] == {"error": 0, "warning": 0, "note": 4}
    assert "old-source" in _run(str(copy), "--older-than", "0").stdout
    _edit(copy / "rules" / "article.yaml", "when: {equipment: kettle}", "when: {equipment: teapot}")
    broken = _run(str(copy), "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["counts"]["error"] == 1
    assert broken.stderr == "advisor: the pack has problems: 1 error\n"
    for wrong in (["--older-than", "soon"], ["--older-than", "-1"], ["--older-than", "9" * 5000], ["a", "b"]):
        done = _run(*wrong)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
