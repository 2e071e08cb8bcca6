"""A mistake in a pack is answered with file, line and field; the shipped pack has none."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from advisor.knowledge_base.pack import DEFAULT_PACK, KnowledgePack, load_pack
from advisor.knowledge_base.yaml_document import PackError


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT_PACK, tmp_path / "pack"))


def _problems(directory: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        load_pack(directory)
    return [str(problem) for problem in caught.value.problems]


def _edit(path: Path, old: str, new: str) -> int:
    """Replaces the first `old` in a file and returns its line number."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_the_shipped_pack_loads(pack: KnowledgePack) -> None:
    assert list(pack.criteria) == ["engineering", "maturity", "deployment", "mobile", "vendor"]
    assert len(pack.entries) >= 55
    assert re.fullmatch(r"[0-9a-f]{64}", pack.fingerprint)


def test_every_word_counts_for_the_fingerprint(copy: Path, pack: KnowledgePack) -> None:
    assert load_pack(copy).fingerprint == pack.fingerprint
    _edit(copy / "faq" / "keras-3.md", "Keras", "keras")
    assert load_pack(copy).fingerprint != pack.fingerprint


def test_misspelt_field(copy: Path) -> None:
    line = _edit(copy / "criteria.yaml", "  short: Team", "  shrot: Team")
    assert f"criteria.yaml:{line}: [0].shrot: Extra inputs are not permitted" in _problems(copy)


def test_unknown_attribute_in_a_rule(copy: Path) -> None:
    line = _edit(copy / "rules" / "article.yaml", "when: {device.target: none}", "when: {device.tagret: none}")
    assert f"rules/article.yaml:{line}: [{_index(copy, line)}].when: there is no attribute device.tagret" in _problems(
        copy
    )


def _index(copy: Path, line: int) -> int:
    lines = (copy / "rules" / "article.yaml").read_text(encoding="utf-8").splitlines()[:line]
    return sum(text.startswith("- id:") for text in lines) - 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("then: {mobile: pytorch}", "then: {mobile: jax}", "a row leans to pytorch, tensorflow or neutral, not to jax"),
        ("then: {mobile: pytorch}", "then: {cloud.provider: aws}", "cloud.provider is said by the user"),
        ("then: {mobile: pytorch}", "then: {nothing: aws}", "nothing is neither a criterion nor an attribute"),
        ("then: {mobile: pytorch}", "then: [mobile]", "write exactly one conclusion"),
        (
            "when: {device.target: none}",
            "when: {device.target: nowhere}",
            "there is no value of device.target, nowhere",
        ),
        ("when: {device.target: none}", "when: none", "write attribute: value"),
        ("claims: [C084]", "claims: [C999]", "there is no claim C999"),
        ("{given: {device.target: none}", "{given: {device.target: nil}", "there is no value of device.target, nil"),
        ("{given: {device.target: none}", "{given: {device.tagret: none}", "there is no attribute device.tagret"),
    ],
)
def test_a_bad_rule_is_named(copy: Path, old: str, new: str, message: str) -> None:
    _edit(copy / "rules" / "article.yaml", old, new)
    (problem,) = [p for p in _problems(copy) if message in p]
    assert re.match(r"rules/article\.yaml:\d+: \[\d+\]\.(when|then|claims|examples)", problem)


def test_a_rule_defined_twice(copy: Path) -> None:
    _edit(copy / "rules" / "article.yaml", "- id: vendor-aws\n", "- id: vendor-tpu\n")
    assert any("vendor-tpu is defined twice" in problem for problem in _problems(copy))


def test_a_key_given_twice(copy: Path) -> None:
    line = _edit(copy / "pack.yaml", "title: PyTorch or TensorFlow\n", "title: PyTorch or TensorFlow\ntitle: again\n")
    assert _problems(copy)[0] == f"pack.yaml:{line + 1}: not valid YAML: title is given twice"


def test_yes_and_no_stay_words(copy: Path) -> None:
    _edit(copy / "criteria.yaml", "short: Team", "short: no")
    assert load_pack(copy).criteria["engineering"].short == "no"


def test_several_files_are_reported_at_once(copy: Path) -> None:
    (copy / "criteria.yaml").write_text("a: [", encoding="utf-8")
    (copy / "attributes.yaml").write_bytes(b"\xff\xfe\x00")
    (copy / "pack.yaml").unlink()
    problems = _problems(copy)
    assert any(problem.startswith("criteria.yaml:1: not valid YAML") for problem in problems)
    assert any(problem.startswith("attributes.yaml: not UTF-8 text") for problem in problems)
    assert any(problem.startswith("pack.yaml: No such file") for problem in problems)


def test_faq_entry_with_mistakes(copy: Path) -> None:
    path = copy / "faq" / "keras-3.md"
    line = _edit(path, "question: What", "question_: What")
    problems = _problems(copy)
    assert f"faq/keras-3.md:{line}: question_: Extra inputs are not permitted" in problems
    path.write_text("no front matter", encoding="utf-8")
    assert "faq/keras-3.md:1: must start with front matter between two lines of ---" in _problems(copy)


def test_faq_entry_in_the_wrong_file(copy: Path) -> None:
    (copy / "faq" / "keras-3.md").rename(copy / "faq" / "keras-three.md")
    assert any("must be the file's name, keras-three" in problem for problem in _problems(copy))


def test_no_pack_at_all(tmp_path: Path) -> None:
    assert "there is no such knowledge pack directory" in _problems(tmp_path / "nowhere")[0]


def test_control_characters_in_a_pack_are_removed(copy: Path) -> None:
    path = copy / "faq" / "keras-3.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n\x1b]0;owned\x07tail\u202e", encoding="utf-8")
    assert load_pack(copy).entries["keras-3"].answer.endswith("\ntail")
