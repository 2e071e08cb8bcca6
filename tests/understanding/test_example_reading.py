"""How what phrases found in a text is weighed against what the text is like."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from advisor.knowledge_base.labelled_descriptions import LabelledDescription
from advisor.knowledge_base.language_schema import Language, Statements, Weighing, load_language
from advisor.knowledge_base.schema import Attribute
from advisor.understanding.array_cache import ArrayCache
from advisor.understanding.encoder import load_encoder
from advisor.understanding.example_reading import ExampleReader
from advisor.understanding.extraction import Extraction, Extractor
from advisor.understanding.message_network import MessageNetwork
from advisor.understanding.statement_examples import Group, Likeness, StatementExamples
from advisor.understanding.weighing import Signals, chance
from tests.evaluate_descriptions import ENGLISH, PACK, read_yaml

PYTHON = "The whole crew lives in Python."
OTHER = "The whole crew lives in Java."
UNFORESEEN = "Our folks charm that snake from dawn to dusk."

# With these, what a phrase found needs a likeness of 0.1 and what none found one of 0.5; asking begins 0.1 before that.
WEIGHING = Weighing(
    constants={"engineering": {"python": -5.0, "other_languages": -5.0}},
    said=4.0,
    rival_said=0.0,
    likeness_of_text=0.0,
    likeness_anywhere=10.0,
    likeness_stated=0.0,
    likeness_where_said=0.0,
    rival_likeness=0.0,
    length=0.0,
    counts_from=0.5,
    asked_from=0.268,
    doubted_below=0.5,
)


NOTHING = Signals(
    said=False,
    rival_said=False,
    likeness_of_text=0.0,
    likeness_anywhere=0.0,
    likeness_stated=0.0,
    likeness_where_said=0.0,
    rival_likeness=0.0,
    length=0.0,
    network=0.0,
)


class Scripted(StatementExamples):
    """Examples whose likeness to a text a test decides. `likeness`: of texts, by the example they are like."""

    def __init__(self, likeness: Mapping[str, Mapping[str, float]]) -> None:
        self._likeness = likeness
        self._of = [PYTHON, OTHER]
        self.topics = {"engineering": frozenset({"team.skill"})}
        self.groups = tuple(
            Group("engineering", value, ((at, "team.skill", value),))
            for at, value in enumerate(("python", "other_languages"))
        )

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[self._likeness.get(text, {}).get(example, 0.0) for example in self._of] for text in texts]
        return np.array(rows, dtype=np.float32).reshape(len(texts), len(self._of))

    def nearest(self, text: str, group: int) -> Likeness:
        return Likeness("team.skill", self.groups[group].name, self._of[group])


Extract = Callable[[str, Mapping[str, Mapping[str, float]]], Extraction]


@pytest.fixture(scope="module")
def extract() -> Extract:
    attributes = [Attribute.model_validate(entry) for entry in read_yaml(PACK / "attributes.yaml")]
    language: Language = load_language(PACK, ENGLISH)

    def extract(text: str, likeness: Mapping[str, Mapping[str, float]]) -> Extraction:
        return Extractor(language, attributes, ExampleReader(Scripted(likeness), WEIGHING)).extract(text)

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
        (UNFORESEEN, {PYTHON: 0.35}),
        ("Do our folks charm that snake from dawn to dusk?", {PYTHON: 0.9}),
        ("Snakes charmed.", {PYTHON: 0.9}),
    ],
    ids=["too little", "a question", "too few words"],
)
def test_what_stays_open(extract: Extract, text: str, likeness: dict[str, float]) -> None:
    found = extract(text, {text: likeness})
    assert _skills(found) == []
    assert found.unsure == ()


def test_what_is_likely_but_not_sure_is_handed_back_to_be_asked_about(extract: Extract) -> None:
    (unsure,) = extract(UNFORESEEN, {UNFORESEEN: {PYTHON: 0.45}}).unsure
    assert (unsure.attribute, unsure.value) == ("team.skill", "python")
    assert UNFORESEEN[unsure.start : unsure.end] == unsure.quote
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


def test_a_phrase_stands_where_likeness_does_not_speak_against_it(extract: Extract) -> None:
    text = "The team writes Python all day."
    assert _skills(extract(text, {text: {PYTHON: 0.2, OTHER: 0.4}})) == [("python", "said")]


def test_a_phrase_yields_to_a_surer_rival(extract: Extract) -> None:
    text = "The team writes Python all day."
    assert _skills(extract(text, {text: {PYTHON: 0.0, OTHER: 0.9}})) == [("other_languages", "inferred")]


def test_a_phrase_that_nothing_supports_is_dropped_or_asked_about(extract: Extract) -> None:
    text = "The team writes Python all day."
    dropped = extract(text, {})
    assert _skills(dropped) == []
    (unsure,) = dropped.unsure
    assert (unsure.value, unsure.quote) == ("python", text.rstrip("."))


def test_a_phrase_in_very_few_words_stands(extract: Extract) -> None:
    assert _skills(extract("All write Python.", {})) == [("python", "said")]


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [
        ("Perhaps all of us will write Python.", True),
        ("Our supplier's people all write Python.", True),
        ("None of us can write any Python.", False),
        ("All of us wrote Python in our last jobs.", False),
    ],
    ids=["a hedge", "other people", "a denial", "the past"],
)
def test_words_that_were_set_aside_are_at_most_asked_about(extract: Extract, text: str, is_asked: bool) -> None:
    found = extract(text, {text: {PYTHON: 0.9}})
    assert ("python", "inferred") not in _skills(found)
    assert [m.value for m in found.unsure] == (["python"] if is_asked else [])


def test_in_a_long_text_words_about_others_yield_to_likeness(extract: Extract) -> None:
    words = "Our supplier's people all write Python."
    text = f"It is a small mill. {words} The yard is full of logs."
    assert _skills(extract(text, {words: {PYTHON: 0.9}})) == [("python", "inferred")]
    hedge = "Perhaps all of us will write Python."
    text = f"It is a small mill. {hedge} The yard is full of logs."
    assert _skills(extract(text, {hedge: {PYTHON: 0.9}})) == []


def test_the_chance_grows_with_what_speaks_for_it() -> None:
    alike = replace(NOTHING, likeness_anywhere=0.5)
    said = replace(alike, said=True)
    assert 0 < chance(NOTHING, WEIGHING, -5.0) < chance(alike, WEIGHING, -5.0) < chance(said, WEIGHING, -5.0) < 1
    assert chance(alike, WEIGHING, -5.0) == pytest.approx(0.5)


def test_examples_and_descriptions_of_a_pack_are_learnt_from(tmp_path: Path) -> None:
    statements = Statements.model_validate(
        {
            "topics": {
                "engineering": {
                    "snake": {"team.skill": {"python": [PYTHON]}},
                    "bean": {"team.skill": {"java": [OTHER]}},
                }
            },
            "nothing": ["The canteen serves fish on Fridays."],
        }
    )
    encoder = load_encoder()
    examples = StatementExamples(statements, list, encoder)
    scores = examples.scores([PYTHON, OTHER, "The canteen serves fish on Fridays."])
    assert scores.shape == (3, 2)
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]
    assert scores[2].max() < min(scores[0, 0], scores[1, 1])
    assert examples.nearest("Everybody lives in Python.", 0) == Likeness("team.skill", "python", PYTHON)
    assert examples.scores([]).shape == (0, 2)
    described = [
        LabelledDescription(
            id=f"d{number}",
            text=f"{UNFORESEEN} There is a fountain in yard {number}.",
            labels={"engineering": "snake"},
            spans={"engineering": (UNFORESEEN,)},
        )
        for number in range(3)
    ]
    cache = ArrayCache("test", tmp_path)
    taught = StatementExamples(statements, lambda: described, encoder, cache)
    assert taught.scores([UNFORESEEN])[0, 0] > examples.scores([UNFORESEEN])[0, 0]
    assert taught.nearest(UNFORESEEN, 0).example == PYTHON, "descriptions name no value"
    remembered = StatementExamples(statements, lambda: pytest.fail("read again"), encoder, cache)
    assert (remembered.scores([UNFORESEEN]) == taught.scores([UNFORESEEN])).all()


class Sure(MessageNetwork):
    """A network that takes every message to leave a topic in one state. `chance`: of that state."""

    def __init__(self, state: str, chance: float = 0.9) -> None:
        self._state, self._chance = state, chance

    def states_after(
        self, text: str, known: Mapping[str, str], *, supposing: bool = False
    ) -> dict[str, dict[str, float]]:
        others = dict.fromkeys(("unknown", "python", "other_languages"), (1 - self._chance) / 2)
        return {"engineering": {**others, self._state: self._chance}}


ALL_PYTHON = "The team writes Python all day."
OTHERS_PYTHON = "The supplier's whole team writes Python."


@pytest.fixture(scope="module")
def extract_surely() -> Callable[..., Extraction]:
    attributes = [Attribute.model_validate(entry) for entry in read_yaml(PACK / "attributes.yaml")]
    language: Language = load_language(PACK, ENGLISH)
    weighing = WEIGHING.model_copy(update={"sure_from": 0.8})

    def extract(text: str, network: MessageNetwork, known: Mapping[str, str] | None) -> Extraction:
        alike = Scripted({ALL_PYTHON: {PYTHON: 0.9}, UNFORESEEN: {PYTHON: 0.1}})
        return Extractor(language, attributes, ExampleReader(alike, weighing, network)).extract(text, known=known)

    return extract


def test_what_the_network_is_sure_of_stands_in_a_message(extract_surely: Callable[..., Extraction]) -> None:
    left_out = extract_surely(ALL_PYTHON, Sure("unknown"), {})
    assert _skills(left_out) == []
    (asked,) = left_out.unsure
    assert (asked.value, asked.quote) == ("python", ALL_PYTHON.rstrip("."))
    assert _skills(extract_surely(ALL_PYTHON, Sure("other_languages"), {})) == [("other_languages", "inferred")]
    assert _skills(extract_surely(UNFORESEEN, Sure("python"), {})) == [("python", "inferred")]


def test_the_network_stands_only_in_messages_and_only_where_it_is_sure(
    extract_surely: Callable[..., Extraction],
) -> None:
    assert _skills(extract_surely(ALL_PYTHON, Sure("unknown"), None)) == [("python", "said")]
    assert _skills(extract_surely(ALL_PYTHON, Sure("unknown", 0.7), {})) == [("python", "said")]


def test_what_is_known_need_not_be_said_again(extract_surely: Callable[..., Extraction]) -> None:
    known = {"engineering": "other_languages"}
    kept = extract_surely(ALL_PYTHON, Sure("other_languages"), known)
    assert (_skills(kept), kept.unsure) == ([], ())
    assert _skills(extract_surely(ALL_PYTHON, Sure("python"), {"engineering": "python"})) == [("python", "said")]


@pytest.mark.parametrize(("chance", "counts"), [(0.85, False), (0.95, True)])
def test_other_peoples_facts_are_asked_about_unless_the_network_is_very_sure(
    extract_surely: Callable[..., Extraction], chance: float, counts: bool
) -> None:
    found = extract_surely(OTHERS_PYTHON, Sure("python", chance), {})
    assert _skills(found) == ([("python", "inferred")] if counts else [])
    assert bool(found.unsure) is not counts


def test_a_question_and_a_contradiction_are_left_to_others(extract_surely: Callable[..., Extraction]) -> None:
    assert _skills(extract_surely("Does the team write Python all day?", Sure("python"), {})) == []
    torn = extract_surely("The team writes only Python. The team writes no Python at all.", Sure("python"), {})
    assert any(mention.stance == "contradicted" for mention in torn.set_aside)


def test_of_words_that_say_two_things_what_the_network_reads_is_kept(extract_surely: Callable[..., Extraction]) -> None:
    torn = "The team: half Scala, half Python."
    both = {value for value, _ in _skills(extract_surely(torn, Sure("python", 0.85), {}))}
    assert len(both) > 1, "a test that cannot fail"
    assert {value for value, _ in _skills(extract_surely(torn, Sure("python", 0.95), {}))} == {"python"}
    assert {value for value, _ in _skills(extract_surely(torn, Sure("other_languages", 0.95), {}))} == {
        "other_languages"
    }
