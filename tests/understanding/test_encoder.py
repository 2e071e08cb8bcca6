"""The sentence encoders: equality with sentence-transformers, lightness, hostile text, errors."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from advisor.understanding.encoder import (
    LONGEST_TEXT,
    SHIPPED_MODEL,
    EncoderError,
    SentenceEncoder,
    StaticEncoder,
    TransformerEncoder,
    clean_text,
    load_encoder,
)

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = [
    "Should I use PyTorch or TensorFlow?",
    "is tf serving still maintained",
    "Naïve café, c++ & TPUs!",
    "",
    "x",
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder()


def test_vectors_are_unit_length_and_single_precision(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode(["how do I install PyTorch", "weather tomorrow"])
    assert vectors.shape == (2, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_like_meaning_is_closer_than_unlike(encoder: SentenceEncoder) -> None:
    asked, same, other = encoder.encode(
        ["how do I install PyTorch", "what's the way to set up torch", "who sings that song"]
    )
    assert asked @ same > asked @ other + 0.2


def test_no_texts_give_no_rows(encoder: SentenceEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x1b\x07", "\u200b\ufeff", "\ud800", "\udfff\udc00"])
def test_text_that_says_nothing_gives_zeros(encoder: SentenceEncoder, text: str) -> None:
    assert not encoder.encode([text]).any()


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "PyTorch " * 125_000,
        "\ufdfa" * 1_000_000,  # one character that unfolds into eighteen
        "lone \ud83d surrogate",
        "😀🔥👩‍👩‍👧 torch?",
        "\x1b[31mred\x1b[0m \x1b]0;title\x07 tensorflow",
        "e" + "\u0301" * 50_000,
        "\u202eklat sdrawkcab",
        "机器学习框架",
    ],
)
def test_hostile_text_is_survived(encoder: SentenceEncoder, text: str) -> None:
    vector = encoder.encode([text])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) or not vector.any()


def test_cleaning_unifies_forms_and_bounds_length() -> None:
    assert clean_text("  ＰｙＴｏｒｃｈ\u00a0\n2\u200b ") == "PyTorch 2"
    assert len(clean_text("\ufdfa" * 100_000)) <= LONGEST_TEXT


def test_a_text_means_the_same_alone_and_in_a_batch(encoder: SentenceEncoder) -> None:
    together = encoder.encode(QUESTIONS * 300)
    for at, question in enumerate(QUESTIONS):
        assert np.allclose(encoder.encode([question])[0], together[at + 5 * 250], atol=1e-6)


def test_loading_twice_gives_the_same_fingerprint_and_vectors(encoder: SentenceEncoder) -> None:
    again = load_encoder(SHIPPED_MODEL)
    assert again.fingerprint == encoder.fingerprint
    assert len(again.fingerprint) == 64
    assert np.array_equal(again.encode(QUESTIONS), encoder.encode(QUESTIONS))


def test_light_path_equals_sentence_transformers(encoder: SentenceEncoder) -> None:
    library = pytest.importorskip("sentence_transformers")
    texts = [*QUESTIONS[:3], "PYTORCH", "what's new in torch.compile (2.13)?", "asdf qwerty", "a" * 200]
    reference = library.SentenceTransformer(str(SHIPPED_MODEL), device="cpu").float()
    expected = reference.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    assert np.allclose(encoder.encode(texts), expected, atol=1e-5)


def test_slow_path_equals_light_path(encoder: SentenceEncoder) -> None:
    pytest.importorskip("sentence_transformers")
    slow = TransformerEncoder(SHIPPED_MODEL)
    assert slow.dimensions == encoder.dimensions
    assert len(slow.fingerprint) == 64
    # The library averages in half precision, as the weights are stored.
    assert np.allclose(slow.encode(QUESTIONS), encoder.encode(QUESTIONS), atol=5e-3)


def test_shipped_encoder_needs_no_heavy_library() -> None:
    script = (
        "import sys\n"
        "from advisor.understanding.encoder import load_encoder\n"
        "assert load_encoder().encode(['which framework?']).any()\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'scipy', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_slow_path_is_quiet_on_the_terminal() -> None:
    pytest.importorskip("sentence_transformers")
    script = (
        "from advisor.understanding.encoder import SHIPPED_MODEL, TransformerEncoder\n"
        "TransformerEncoder(SHIPPED_MODEL).encode(['which framework?'] * 100)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == ""
    assert done.stderr == ""


def test_model_folder_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED_MODEL.rglob("*")) < 10_000_000


def test_missing_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no encoder folder"):
        load_encoder(tmp_path / "nowhere")


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
def test_damaged_file_is_named(tmp_path: Path, file: str) -> None:
    shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    (tmp_path / "model" / file).write_bytes(b"not what it should be")
    with pytest.raises(EncoderError, match=file):
        StaticEncoder(tmp_path / "model")


def test_missing_file_is_named(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_MODEL, tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").unlink()
    with pytest.raises(EncoderError, match=r"model\.safetensors"):
        StaticEncoder(tmp_path / "model")


def test_folder_of_another_kind_is_refused_by_the_light_path(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text(json.dumps([{"type": "x.Transformer", "path": ""}]), encoding="utf-8")
    with pytest.raises(EncoderError, match=r"modules\.json"):
        StaticEncoder(tmp_path)


def test_unreadable_folder_is_explained_by_the_slow_path(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    with pytest.raises(EncoderError, match="cannot load the encoder"):
        load_encoder(tmp_path)


def test_any_sentence_transformers_model_works(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    library = pytest.importorskip("sentence_transformers")
    transformers = pytest.importorskip("transformers")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "which", "framework", "py", "##torch"]
    (tmp_path / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    tokenizer = transformers.BertTokenizerFast(vocab=str(tmp_path / "vocab.txt"))
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    bare = tmp_path / "bare"
    transformers.BertModel(config).save_pretrained(bare)
    tokenizer.save_pretrained(bare)
    library.SentenceTransformer(str(bare)).save(str(tmp_path / "full"))
    capfd.readouterr()
    encoder = load_encoder(tmp_path / "full")
    vectors = encoder.encode(["which framework", "", "\ud800"])
    assert isinstance(encoder, TransformerEncoder)
    assert encoder.fingerprint == load_encoder(tmp_path / "full").fingerprint
    assert vectors.shape == (3, 16)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)
    assert not vectors[1:].any()
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")
