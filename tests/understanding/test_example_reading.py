"""What likeness to example sentences adds to what the phrases found, and what it takes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from advisor.knowledge_base.language_schema import Language, Statements, load_language
from advisor.knowledge_base.schema import Attribute
from advisor.understanding.encoder import load_encoder
from advisor.understanding.extraction import Extraction, Extractor
from advisor.understanding.statement_examples import Group, Likeness, StatementExamples
from tests.evaluate_descriptions import ENGLISH, PACK, read_yaml

PYTHON = "The whole crew lives in Python."
OTHER = "The whole crew lives in Java."
DENYING = "Nobody here lives in Java."
VALUES = {PYTHON: "python", OTHER: "other_languages", DENYING: "python"}
UNFORESEEN = "Our folks charm that snake from dawn to dusk."


class Scripted(StatementExamples):
    """Examples whose likeness to a text a test decides. `likeness`: of texts, by the example they are like."""

    def __init__(self, likeness: Mapping[str, Mapping[str, float]]) -> None:
        self._likeness = likeness
        self._of = list(VALUES)[:2]
        self.topics = {"engineering": frozenset({"team.skill"})}
        self.groups = tuple(
            Group("engineering", ((at, "team.skill", VALUES[example]),)) for at, example in enumerate(self._of)
        )

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[self._likeness.get(text, {}).get(example, 0.0) for example in self._of] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), len(self._of))

    def nearest(self, text: str, group: int) -> Likeness:
        example = next((e for e in self._likeness[text] if e not in self._of), self._of[group])
        return Likeness("team.skill", VALUES[self._of[group]], example)


Extract = Callable[[str, Mapping[str, Mapping[str, float]]], Extraction]


@pytest.fixture(scope="module")
def extract() -> Extract:
    attributes = [Attribute.model_validate(entry) for entry in read_yaml(PACK / "attributes.yaml")]
    language: Language = load_language(PACK, ENGLISH)

    def extract(text: str, likeness: Mapping[str, Mapping[str, float]]) -> Extraction:
        return Extractor(language, attributes, Scripted(likeness)).extract(text)

    return extract


def _skills(extraction: Extraction) -> list[tuple[str, str]]:
    return [(o.value, o.obtained) for o in extraction.observations if o.attribute == "team.skill"]


def test_what_no_phrase_foresaw_is_inferred_and_quoted(extract: Extract) -> None:
    found = extract(UNFORESEEN, {UNFORESEEN: {PYTHON: 0.9}})
    assert _skills(found) == [("python", "inferred")]
    (observation,) = found.observations
    assert UNFORESEEN[observation.start : observation.end] == observation.quote
    assert PYTHON in observation.reason


@pytest.mark.parametrize(
    ("text", "likeness"),
    [
        (UNFORESEEN, {PYTHON: 0.49}),
        ("Do our folks charm that snake from dawn to dusk?", {PYTHON: 0.9}),
        ("Perhaps our folks charm that snake some day.", {PYTHON: 0.9}),
        ("Snakes charmed.", {PYTHON: 0.9}),
    ],
    ids=["too little", "a question", "a hedge", "too few words"],
)
def test_what_stays_open(extract: Extract, text: str, likeness: dict[str, float]) -> None:
    assert _skills(extract(text, {text: likeness})) == []


def test_what_is_likely_but_not_sure_is_handed_back_to_be_asked_about(extract: Extract) -> None:
    (unsure,) = extract(UNFORESEEN, {UNFORESEEN: {PYTHON: 0.45}}).unsure
    assert (unsure.attribute, unsure.value) == ("team.skill", "python")
    assert UNFORESEEN[unsure.start : unsure.end] == unsure.quote
    assert extract(UNFORESEEN, {UNFORESEEN: {PYTHON: 0.35}}).unsure == ()
    assert extract(UNFORESEEN, {UNFORESEEN: {PYTHON: 0.9}}).unsure == ()


def test_a_clause_counts_by_itself_in_a_message_of_several_sentences(extract: Extract) -> None:
    clause = "our folks charm that snake all day"
    sentence = f"The canteen serves fish, and {clause}."
    likeness = {part: {PYTHON: 0.9} for part in (clause, f"and {clause}", f"and {clause}.", f"{clause}.")}
    found = extract(f"{sentence} Lunch is at one.", likeness)
    assert _skills(found) == [("python", "inferred")]
    assert clause in found.observations[0].quote
    assert "canteen" not in found.observations[0].quote
    assert _skills(extract(sentence, likeness)) == []


def test_a_phrase_yields_to_much_likelier_examples_of_a_rival(extract: Extract) -> None:
    text = "The team writes Python."
    assert _skills(extract(text, {text: {PYTHON: 0.3, OTHER: 0.4}})) == [("python", "said")]
    assert _skills(extract(text, {text: {PYTHON: 0.1, OTHER: 0.9}})) == [("other_languages", "inferred")]
    assert _skills(extract(text, {text: {PYTHON: 0.1, OTHER: 0.9, DENYING: 0.0}})) == [("python", "said")]


def test_a_phrase_that_no_example_supports_is_dropped(extract: Extract) -> None:
    text = "The team writes Python, and the canteen serves fish on Fridays."
    assert _skills(extract(text, {})) == []
    assert _skills(extract(text, {"The team writes Python": {PYTHON: 0.8}})) == []


def test_where_a_sentence_tells_more_a_phrase_is_judged_by_its_own_words(extract: Extract) -> None:
    text = "The team writes Python, everything is hosted on AWS."
    assert _skills(extract(text, {})) == []
    assert _skills(extract(text, {"The team writes Python": {PYTHON: 0.8}})) == [("python", "said")]


def test_examples_of_a_pack_are_nearest_to_what_they_resemble() -> None:
    statements = Statements.model_validate(
        {
            "topics": {"engineering": [{"team.skill": {"python": [PYTHON]}}, {"team.skill": {"java": [OTHER]}}]},
            "nothing": ["The canteen serves fish on Fridays."],
        }
    )
    examples = StatementExamples(statements, load_encoder())
    scores = examples.scores([PYTHON, OTHER, "The canteen serves fish on Fridays."])
    assert scores.shape == (3, 2)
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]
    assert scores[2].max() < min(scores[0, 0], scores[1, 1])
    assert examples.nearest("Everybody lives in Python.", 0) == Likeness("team.skill", "python", PYTHON)
    assert examples.scores([]).shape == (0, 2)
