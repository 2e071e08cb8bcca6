"""What a message changes of what was known, learnt from dialogues."""

from pathlib import Path

import pytest

from advisor.knowledge_base.labelled_dialogues import DialogueTurn, Expectation, LabelledDialogue
from advisor.knowledge_base.language_schema import Statements, Weighing
from advisor.understanding.array_cache import ArrayCache
from advisor.understanding.changed_facts import ChangeReader
from advisor.understanding.clauses import split_sentences
from advisor.understanding.encoder import load_encoder
from advisor.understanding.statement_examples import StatementExamples
from tests.understanding.test_example_reading import OTHER, PYTHON, WEIGHING

STATEMENTS = Statements.model_validate(
    {
        "topics": {
            "engineering": {
                "python": {"team.skill": {"python": [PYTHON]}},
                "other_languages": {"team.skill": {"other_languages": [OTHER]}},
            }
        }
    }
)
LEVELS: Weighing = WEIGHING.model_copy(update={"gone_from": 0.5, "replaced_from": 0.5})
LEFT = "The whole crew walked out on us, nobody is left."
RETRAINED = "A Java retraining is done, the whole crew lives in Java now."
IDLE = "The canteen serves fish on Fridays."
KNOWN = {"engineering": "python"}


def _dialogue(number: int, *turns: tuple[str, str | None]) -> LabelledDialogue:
    expected = [Expectation(leans={} if lean is None else {"engineering": lean}) for _, lean in turns]
    said = tuple(DialogueTurn(say=say, expect=one) for (say, _), one in zip(turns, expected, strict=True))
    return LabelledDialogue(id=f"d{number}", turns=said)


def _dialogues() -> list[LabelledDialogue]:
    return [
        dialogue
        for number in range(4)
        for dialogue in (
            _dialogue(number, (PYTHON, "python"), (IDLE, "python"), (LEFT, None)),
            _dialogue(number + 10, (PYTHON, "python"), (RETRAINED, "other_languages")),
        )
    ]


@pytest.fixture(scope="module")
def reader() -> ChangeReader:
    encoder = load_encoder()
    return ChangeReader(StatementExamples(STATEMENTS, list, encoder), _dialogues, LEVELS, encoder)


def test_what_is_gone_is_told_apart_from_what_is_replaced(reader: ChangeReader) -> None:
    (gone,) = reader.read(split_sentences(LEFT), KNOWN)
    assert (gone.topic, gone.was, gone.instead) == ("engineering", "python", None)
    (replaced,) = reader.read(split_sentences(RETRAINED), KNOWN)
    assert replaced.instead is not None
    assert (replaced.instead.attribute, replaced.instead.value) == ("team.skill", "other_languages")
    assert replaced.instead.obtained == "inferred"
    assert RETRAINED[replaced.instead.start : replaced.instead.end] == replaced.instead.quote
    assert OTHER in replaced.instead.reason


@pytest.mark.parametrize("text", [IDLE, f"{LEFT[:-1]}?", "", "?!"], ids=["something else", "a question", "no", "marks"])
def test_what_changes_nothing(reader: ChangeReader, text: str) -> None:
    assert reader.read(split_sentences(text), KNOWN) == ()


@pytest.mark.parametrize("known", [{}, {"engineering": "other_languages"}, {"engineering": "unknown"}])
def test_only_what_is_known_can_change(reader: ChangeReader, known: dict[str, str]) -> None:
    assert reader.read(split_sentences(LEFT), known) == ()


def test_what_was_learnt_is_remembered(tmp_path: Path) -> None:
    encoder, cache = load_encoder(), ArrayCache("test", tmp_path)
    examples = StatementExamples(STATEMENTS, list, encoder)
    taught = ChangeReader(examples, _dialogues, LEVELS, encoder, cache)
    remembered = ChangeReader(examples, lambda: pytest.fail("read again"), LEVELS, encoder, cache)
    assert remembered.read(split_sentences(LEFT), KNOWN) == taught.read(split_sentences(LEFT), KNOWN)


def test_without_dialogues_nothing_changes() -> None:
    encoder = load_encoder()
    silent = ChangeReader(StatementExamples(STATEMENTS, list, encoder), list, LEVELS, encoder)
    assert silent.read(split_sentences(LEFT), KNOWN) == ()
