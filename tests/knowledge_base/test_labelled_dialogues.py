"""Reading dialogues.jsonl, and what is said of mistakes in it."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from advisor.knowledge_base.labelled_dialogues import DialoguesFile
from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.yaml_document import PackError
from tests.evaluate_descriptions import ENGLISH, PACK

TOPICS = {"team": ["python", "java"]}
EXPECT = {"leans": {"team": "python"}, "alt_leans": {"team": ["unknown"]}}
GOOD = {"id": "d1", "turns": [{"say": "Hello."}, {"say": "We write Python.", "expect": EXPECT}]}


def _file(folder: Path, *dialogues: Any) -> DialoguesFile:
    path = folder / "dialogues.jsonl"
    path.write_text("\n".join(map(json.dumps, dialogues)), encoding="utf-8")
    return DialoguesFile(path, TOPICS)


def test_good_lines_are_read(tmp_path: Path) -> None:
    (dialogue,) = _file(tmp_path, GOOD).read()
    assert dialogue.turns[0].expect is None
    assert dialogue.turns[1].expect is not None
    assert dialogue.turns[1].expect.leans == {"team": "python"}


@pytest.mark.parametrize(
    ("turn", "place", "words"),
    [
        ({"say": "x", "expect": {"leans": {"team": "cobol"}}}, "turns.0.expect.leans.team", "none of: python, java"),
        ({"say": "x", "expect": {"leans": {"crew": "java"}}}, "turns.0.expect.leans.crew", "no such topic"),
        ({"say": "x", "expect": {"alt_leans": {"team": ["c"]}}}, "turns.0.expect.alt_leans.team", "none of:"),
        ({"say": "x", "expect": {"supposed": {"team": "c"}}}, "turns.0.expect.supposed.team", "none of:"),
        ({"expect": {}}, "turns.0.say", "required"),
        ({"say": "x", "mood": "good"}, "turns.0.mood", "not permitted"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(tmp_path: Path, turn: Any, place: str, words: str) -> None:
    with pytest.raises(PackError) as caught:
        _file(tmp_path, GOOD, {"id": "d2", "turns": [turn]}).read()
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith(f"dialogues.jsonl:2: {place}: ")
    assert words in problem


def test_a_mistake_comes_back_whole_from_another_process(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        _file(tmp_path, {"id": "d"}).read()
    returned = pickle.loads(pickle.dumps(caught.value))
    assert (returned.problems, str(returned)) == (caught.value.problems, str(caught.value))


def test_the_pack_has_dialogues_with_ids_of_their_own() -> None:
    language = load_language(PACK, ENGLISH)
    everyones, the_networks = language.dialogues.read(), language.network_dialogues.read()
    ids = {dialogue.id for dialogue in (*everyones, *the_networks)}
    assert len(ids) == len(everyones) + len(the_networks)
    assert everyones
    assert the_networks


def test_a_group_without_a_constant_is_named(tmp_path: Path) -> None:
    for name in ("statements.yaml", "weighing.yaml"):
        (tmp_path / name).write_bytes((PACK / name).read_bytes())
    weighing = tmp_path / "weighing.yaml"
    weighing.write_text(weighing.read_text().replace("  vendor: {pytorch", "  vendor: {torch"))
    with pytest.raises(PackError, match=r"weighing\.yaml: constants\.vendor\.pytorch"):
        load_language(tmp_path, ENGLISH)
