"""Phrase files whose words YAML would read as something else."""

from pathlib import Path

import pytest

from advisor.knowledge_base.language_schema import load_language
from advisor.knowledge_base.yaml_document import PackError
from tests.evaluate_descriptions import ENGLISH

HEAD = "# How much traffic.\nattribute: serving.scale\nvalues:\n  ordinary:\n    said:\n"


def _pack(folder: Path, text: str) -> Path:
    (folder / "phrases").mkdir()
    (folder / "phrases" / "serving.scale.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "    - about # calls a second",
        "    - 'around # calls' # calls a second",
        "    - [small] # calls",
        "    - the team's # calls",
        "    - '#<100 calls' | (a|per) # second",
    ],
)
def test_number_sign_that_yaml_takes_for_a_comment_is_refused(tmp_path: Path, line: str) -> None:
    pack = _pack(tmp_path, f"{HEAD}    - low traffic\n{line}\n")

    with pytest.raises(PackError, match=r"phrases/serving\.scale\.yaml:7: .*comment"):
        load_language(pack, ENGLISH)


@pytest.mark.parametrize(
    "line",
    [
        "    - 'about # calls a second'",
        '    - "about # calls a second"',
        "    - '# of the team''s calls'",
        "    - (#<100|few) calls",
        "    # a comment of its own line",
        "    implied: ['about # calls', low traffic, \"# a day\"]",
    ],
)
def test_quoted_number_signs_and_comments_of_their_own_line_are_kept(tmp_path: Path, line: str) -> None:
    pack = _pack(tmp_path, f"{HEAD}    - low traffic\n{line}\n")

    phrases = load_language(pack, ENGLISH).phrases["serving.scale"].values["ordinary"]

    said = [phrase for phrase in (*phrases.said, *phrases.implied) if "#" in phrase]
    assert len(said) == line.count("#") if "own line" not in line else not said
