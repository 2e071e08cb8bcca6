"""Sentences and clauses: where they are cut, and that their spans point into the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.understanding.clauses import MAX_SENTENCE_CHARS, split_sentences


def sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


def clauses(text: str) -> list[str]:
    return [clause.text for sentence in split_sentences(text) for clause in sentence.clauses]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We use AWS. No mobile!", ["We use AWS.", "No mobile!"]),
        ("It took 9.4 days on 4 GPUs. Next.", ["It took 9.4 days on 4 GPUs.", "Next."]),
        ("We do .NET and node.js here. Fine", ["We do .NET and node.js here.", "Fine"]),
        ("Devices, e.g. tablets, matter.", ["Devices, e.g. tablets, matter."]),
        ("- python\n- cloud: aws\n1) no app", ["python", "cloud: aws", "no app"]),
        ("team: python\nmobile: no", ["team: python", "mobile: no"]),
        ("no punctuation at all", ["no punctuation at all"]),
        ("Phones? No.", ["Phones?", "No."]),
        ("it works.We are happy", ["it works.", "We are happy"]),
        (" BUT", ["BUT"]),
        ("", []),
        ("...\n\n - \n", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_a_margin_does_not_end_a_sentence() -> None:
    text = "The model has to run on the tablets that our nurses carry around\nin the wards."
    assert len(sentences(text)) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We write Python, but the app is Swift", ["We write Python", "the app is Swift"]),
        ("cloud: gcp", ["cloud", "gcp"]),
        ("Azure (the vendor pushed Google)", ["Azure", "the vendor pushed Google"]),
        ('they said "use AWS" twice', ["they said", "use AWS", "twice"]),
        ("iOS and Android", ["iOS and Android"]),
        ("We use AWS and we like it", ["We use AWS", "we like it"]),
    ],
)
def test_clauses(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


def test_clauses_know_their_kind_and_link() -> None:
    (sentence,) = split_sentences('Azure (not AWS), but "maybe" later')
    assert [(clause.kind, clause.link) for clause in sentence.clauses] == [
        ("plain", ""),
        ("parenthesis", "("),
        ("quote", '"'),
        ("plain", '"'),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Does it run on phones?", True),
        ("does it run on phones", True),
        ("how do I deploy this", True),
        ("any idea why", True),
        ("We run on phones.", False),
        ("We are happy", False),
        ('Is that so?")', True),
        ("What a mess.", False),
    ],
)
def test_questions(text: str, expected: bool) -> None:
    assert split_sentences(text)[0].is_question is expected


@given(st.text())
def test_spans_point_into_the_text_in_order(text: str) -> None:
    position = 0
    for sentence in split_sentences(text):
        assert position <= sentence.start < sentence.end <= len(text)
        assert text[sentence.start : sentence.end] == sentence.text
        position = sentence.end
        inner = sentence.start
        for clause in sentence.clauses:
            assert inner <= clause.start < clause.end <= sentence.end
            assert text[clause.start : clause.end] == clause.text
            inner = clause.end


@pytest.mark.parametrize("unit", ["a", "word ", "(", '"', ",", "and we ", "?", "\n", "- x\n", "\u0301", "a.\u2028"])
def test_much_of_anything_is_split(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert all(sentence.end - sentence.start <= MAX_SENTENCE_CHARS for sentence in split_sentences(text))
