"""FAQ matching on the shipped pack and on small made-up banks."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from advisor.assistant import Assistant
from advisor.understanding.character_tfidf import CharacterTfidf
from advisor.understanding.encoder import SentenceEncoder, load_encoder
from advisor.understanding.faq_calibration import SHIPPED_CALIBRATION, calibrate, calibration_for
from advisor.understanding.faq_decision import Calibration
from advisor.understanding.faq_matching import BankEntry, FaqIndex
from tests.evaluate_questions import PACK, build_index, read_bank, read_out_of_scope

PLAIN = Calibration((-4.0, 10.0, 0.0, 0.0, 0.0, 0.0, 0.0), (-4.0, 8.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.5, 0.3, 0.1)
SMALL = [
    BankEntry(
        "install", "How do I install it?", ("set it up", "pip install", "installation steps"), "Run pip install."
    ),
    BankEntry("price", "What does it cost?", ("is it free", "price", "how much money"), "It is free of charge."),
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder()


@pytest.fixture(scope="module")
def index() -> FaqIndex:
    return build_index(PACK, None)


def test_every_phrasing_and_question_finds_its_own_topic(index: FaqIndex) -> None:
    missed = []
    for entry in read_bank(PACK):
        for text in (entry.question, *entry.phrasings):
            match = index.match(text)
            if entry.id not in [topic.id for topic in match.topics[:2] if topic.score == 1]:
                missed.append((entry.id, text))
    assert not missed


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("PyTorch or TensorFlow???", "which-to-choose"),
        ("is torchserve still maintained?", "torchserve-status"),
        ("does tensorflow run on windows with an nvidia card", "windows-gpu"),
        ("how do i convert my torch model to tflite", "pytorch-to-litert"),
        ("can i use tensorbord with pytorch", "tensorboard-with-pytorch"),
    ],
)
def test_plain_questions_are_answered(index: FaqIndex, text: str, topic: str) -> None:
    match = index.match(text)
    assert (match.outcome, match.topics[0].id, match.choices) == ("answer", topic, 1)
    assert match.nearest


def test_every_follow_up_leads_to_another_answer(assistant: Assistant) -> None:
    for entry in assistant.pack.entries.values():
        for question in entry.follow_ups:
            match = assistant.interpreter.questions.match(question)
            assert match.outcome == "answer", (entry.id, question)
            assert match.topics[0].id != entry.id, (entry.id, question)


def test_held_out_phrasings_are_found(encoder: SentenceEncoder) -> None:
    """The encoder has seen these phrasings, the bank has not; see the model card for figures where neither has."""
    bank = read_bank(PACK)
    near, off = read_out_of_scope(PACK)
    _, figures = calibrate(bank, near, off, lambda *_: encoder)
    assert figures.right_first > 0.55
    assert figures.right_among_three > 0.75
    assert figures.silent_near > 0.8
    assert figures.silent_off > 0.93
    assert figures.silent_in_scope < 0.15


@pytest.mark.parametrize(
    "text",
    [
        "how long does rice keep in the fridge",
        "who painted the Mona Lisa",
        "please switch the heating on",
        "my neighbour plays the trumpet all night",
        "fgkjh wpoei zmxnc",
    ],
)
def test_unrelated_text_gets_silence(index: FaqIndex, text: str) -> None:
    match = index.match(text)
    assert (match.outcome, match.choices) == ("none", 0)


@pytest.mark.parametrize(
    "text", ["", "   ", "?!", "\x00\x1b[2J", "\ud800", "😀😀😀", "a" * 1_000_000, "xyzzy " * 200_000, "\u202e\u200b"]
)
def test_hostile_text_gets_silence(index: FaqIndex, text: str) -> None:
    match = index.match(text)
    assert match.outcome == "none"
    assert all(0 <= topic.score <= 1 for topic in match.topics)


def test_scores_are_ordered_and_between_zero_and_one(index: FaqIndex) -> None:
    for text in ("pytorch", "which gpu", "tensorflow " * 300, "deploy to phones"):
        match = index.match(text)
        scores = [topic.score for topic in match.topics]
        assert len(scores) == 10
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
        assert all(0 <= value <= 1 for value in dataclasses.astuple(match.signals))
        assert 0 <= match.right <= 1
        assert 0 <= match.in_scope <= 1


def test_choices_are_two_to_four(index: FaqIndex) -> None:
    outcomes = [
        index.match(text)
        for text in ("Is PyTorch better than TensorFlow?", "onnx", "which one is faster", "does it run on my iphone")
    ]
    offered = [match.choices for match in outcomes if match.outcome == "choices"]
    assert offered
    assert all(2 <= count <= 4 for count in offered)


def test_question_inside_a_long_message_is_found(index: FaqIndex) -> None:
    chatter = "Hello everybody, my name is Jo and I have a bakery with two ovens in the old town. "
    assert index.match(chatter * 3).outcome == "none"
    match = index.match(chatter * 3 + "Is TorchServe still a good choice? Greetings from the sea!")
    assert (match.outcome, match.topics[0].id) == ("choices", "torchserve-status")
    assert 2 <= match.choices <= 4


def test_matching_is_deterministic(index: FaqIndex) -> None:
    again = build_index(PACK, None)
    for text in ("is keras dead", "PyTorch on AMD cards?", "hello", ""):
        assert index.match(text) == again.match(text) == index.match(text)


def test_casing_spacing_and_punctuation_do_not_matter(index: FaqIndex) -> None:
    plain = index.match("is tensorflow still relevant")
    for variant in (
        "Is TensorFlow still relevant?",
        "  IS  TENSORFLOW\nSTILL RELEVANT ",
        "is ｔｅｎｓｏｒｆｌｏｗ still relevant",
    ):
        assert [topic.id for topic in index.match(variant).topics[:3]] == [topic.id for topic in plain.topics[:3]]


def test_small_bank_without_out_of_scope_examples(encoder: SentenceEncoder) -> None:
    match = FaqIndex(SMALL, encoder, [], PLAIN).match("how much does it cost")
    assert match.topics[0].id == "price"
    assert match.signals.outside == 0


def test_bank_of_one_never_offers_choices(encoder: SentenceEncoder) -> None:
    index = FaqIndex(SMALL[:1], encoder, [], PLAIN)
    assert {index.match(text).outcome for text in ("install", "how is it set up", "the moon")} <= {"answer", "none"}


def test_entry_without_phrasings_is_found_by_its_question(encoder: SentenceEncoder) -> None:
    bank = [*SMALL, BankEntry("licence", "Which licence applies?", (), "The Apache licence.")]
    assert FaqIndex(bank, encoder, [], PLAIN).match("which licence").topics[0].id == "licence"


def test_wording_shared_by_two_topics_offers_both(encoder: SentenceEncoder) -> None:
    shared = [dataclasses.replace(entry, phrasings=(*entry.phrasings, "tell me more")) for entry in SMALL]
    match = FaqIndex(shared, encoder, [], PLAIN).match("Tell me more!")
    assert [topic.score for topic in match.topics] == [1, 1]


def test_empty_bank_is_refused(encoder: SentenceEncoder) -> None:
    with pytest.raises(ValueError, match="at least one entry"):
        FaqIndex([], encoder, [], PLAIN)


def test_shipped_calibration_belongs_to_the_shipped_encoder(encoder: SentenceEncoder) -> None:
    assert Calibration.load(SHIPPED_CALIBRATION).encoder == encoder.fingerprint
    assert calibration_for(SMALL, [], [], encoder) == Calibration.load(SHIPPED_CALIBRATION)


class Halved:
    """Another encoder: half of the shipped one's dimensions."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self.name, self.fingerprint, self.dimensions = "halved", "0" * 64, encoder.dimensions // 2
        self._encoder = encoder

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._encoder.encode(texts)[:, : self.dimensions]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)


def test_another_encoder_gets_its_own_calibration(encoder: SentenceEncoder) -> None:
    bank = read_bank(PACK)[:20]
    near, off = (examples[::10] for examples in read_out_of_scope(PACK))
    other = Halved(encoder)
    calibration = calibration_for(bank, near, off, other)
    assert calibration.encoder == other.fingerprint
    assert 0 < calibration.choices_from < 1
    assert calibration == calibration_for(bank, near, off, other)


def test_calibration_survives_saving(tmp_path: Path) -> None:
    PLAIN.save(tmp_path / "calibration.json")
    assert Calibration.load(tmp_path / "calibration.json") == PLAIN


@pytest.mark.parametrize(
    "content", ["[]", "{}", "null", "nonsense", json.dumps({"in_scope": 3, "right_if_in_scope": []})]
)
def test_damaged_calibration_is_a_value_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=r"calibration|Expecting"):
        Calibration.load(tmp_path / "calibration.json")


def test_spelling_is_cosine_similarity() -> None:
    texts = ["tensorboard", "tensorflow serving", "mobile phones"]
    spelling = CharacterTfidf.fit(texts)
    for at, text in enumerate(texts):
        scores = spelling.similarities(text)
        assert scores[at] == pytest.approx(1, abs=1e-6)
        assert scores.argmax() == at
    assert spelling.similarities("tensorbord").argmax() == 0
    assert not spelling.similarities("zzz").any()
    assert not spelling.similarities("").any()


def test_spelling_agrees_with_a_direct_computation() -> None:
    texts = ["a cat sat", "the cat", "dogs"]
    asked = "cat sat on"

    def grams(text: str) -> list[str]:
        padded = [f" {word} " for word in text.split()]
        return [word[at : at + size] for word in padded for size in (3, 4, 5) for at in range(len(word) - size + 1)]

    documents = [grams(text) for text in texts]
    vocabulary = sorted({gram for document in documents for gram in document})
    rarity = {g: 1 + np.log((1 + len(texts)) / (1 + sum(g in d for d in documents))) for g in vocabulary}

    def vector(document: list[str]) -> NDArray[np.float64]:
        counts = np.array([document.count(gram) for gram in vocabulary], dtype=float)
        weights = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), 0) * [rarity[gram] for gram in vocabulary]
        unit: NDArray[np.float64] = weights / np.linalg.norm(weights)
        return unit

    expected = [vector(document) @ vector(grams(asked)) for document in documents]
    assert np.allclose(CharacterTfidf.fit(texts).similarities(asked), expected, atol=1e-6)
