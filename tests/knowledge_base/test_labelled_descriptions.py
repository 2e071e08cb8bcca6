"""Reading descriptions.jsonl, and what is said of mistakes in it."""

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.knowledge_base.labelled_descriptions import DescriptionsFile
from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.yaml_document import PackError
from tests.evaluate_descriptions import ENGLISH, PACK

TOPICS = {"team": ["python", "java"]}
GOOD = {"id": "d1", "text": "All of us write Python.", "labels": {"team": "python"}, "spans": {"team": ["Python"]}}


def _read(folder: Path, *lines: str) -> tuple[int, list[str]]:
    path = folder / "descriptions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        return len(DescriptionsFile(path, TOPICS).read()), []
    except PackError as error:
        return 0, [str(problem) for problem in error.problems]


def test_good_lines_are_read_and_blank_ones_passed_over(tmp_path: Path) -> None:
    open_one = json.dumps({"id": "d2", "text": "Hello.", "labels": {"team": "unknown"}})
    assert _read(tmp_path, json.dumps(GOOD), "", open_one, "") == (2, [])


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"labels": {"team": "cobol"}}, "labels.team", "none of: python, java"),
        ({"labels": {"crew": "python"}}, "labels.crew", "no such topic"),
        ({"alt_labels": {"team": ["cobol"]}}, "alt_labels.team", "none of: python, java"),
        ({"spans": {"team": ["Perl"]}}, "spans.team", "not in the text: Perl"),
        ({"text": ""}, "text", "at least 1 character"),
        ({"mood": "good"}, "mood", "not permitted"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(tmp_path: Path, change: Any, place: str, words: str) -> None:
    _, (problem,) = _read(tmp_path, json.dumps(GOOD), json.dumps({**GOOD, **change}))
    assert problem.startswith(f"descriptions.jsonl:2: {place}: ")
    assert words in problem


@pytest.mark.parametrize("line", ["{", "[]", "nonsense", '{"id": 1e999}'])
def test_what_is_no_json_object_is_named(tmp_path: Path, line: str) -> None:
    count, problems = _read(tmp_path, line)
    assert count == 0
    assert problems
    assert all(problem.startswith("descriptions.jsonl:1: ") for problem in problems)


def test_no_file_has_no_descriptions(tmp_path: Path) -> None:
    assert DescriptionsFile(tmp_path / "descriptions.jsonl", TOPICS).read() == ()


def test_the_pack_weighs_what_it_has_examples_of(tmp_path: Path) -> None:
    language = load_language(PACK, ENGLISH)
    assert language.weighing is not None
    descriptions = language.descriptions.read()
    assert len(descriptions) == len({description.id for description in descriptions})
    (tmp_path / "statements.yaml").write_text("topics: {team: {python: {skill: {python: [We write Python.]}}}}\n")
    with pytest.raises(PackError, match=r"weighing\.yaml"):
        load_language(tmp_path, ENGLISH)
