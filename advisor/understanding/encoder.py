"""Sentence encoders: text in, unit vectors out; texts of like meaning get vectors of high dot product.

The encoder that ships is a static one (a vector per token, averaged) and is read with tokenizers, safetensors and numpy
alone, because importing sentence-transformers costs seconds. Any other sentence-transformers model works too, the slow
way.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import logging
import os
import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from advisor.errors import AdvisorError
from advisor.text import clean

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

SHIPPED_MODEL = Path(__file__).resolve().parents[2] / "knowledge" / "encoder" / "model"

LONGEST_TEXT = 4_000
"""Characters of a text that are read; the rest adds noise to an average, not meaning."""

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200d\u2060-\u2064\ufe00-\ufe0f]")
_BLANKS = re.compile(r"[\s\ufffd]+")
_BATCH = 512


class EncoderError(AdvisorError):
    """An encoder could not be loaded; the message says what was wrong, where, and what to do."""


class SentenceEncoder(Protocol):
    """What the advisor needs of an encoder."""

    @property
    def name(self) -> str:
        """The model's name, for people."""

    @property
    def fingerprint(self) -> str:
        """SHA-256, in hexadecimal, of the model's weights and tokenizer: equal fingerprints give equal vectors."""

    @property
    def dimensions(self) -> int:
        """Length of a vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of shape (len(texts), dimensions), rows of length one; a text that says nothing gets zeros."""


def clean_text(text: str) -> str:
    """`text` as encoders and matchers read it.

    Control, invisible and unpaired surrogate characters go, compatibility forms are unified (Unicode NFKC), runs of
    white space become one blank, and what exceeds `LONGEST_TEXT` characters is cut.
    """
    # Cut before normalising, which is slow on megabytes; and after, because one character may unfold into many.
    unified = unicodedata.normalize("NFKC", _INVISIBLE.sub("", clean(text[:LONGEST_TEXT])))
    return _BLANKS.sub(" ", unified).strip()[:LONGEST_TEXT]


class StaticEncoder:
    """A sentence-transformers StaticEmbedding model, read without torch."""

    def __init__(self, folder: Path) -> None:
        """Reads the model in `folder`.

        Raises:
            EncoderError: a file is missing, damaged or of another kind of model.
        """
        self.name = folder.name
        weights_file, tokenizer_file = _static_files(folder)
        try:
            weights, tokenizer = weights_file.read_bytes(), tokenizer_file.read_bytes()
        except OSError as error:
            raise EncoderError(f"Cannot read the encoder in {folder}: {error}. Restore its files.") from error
        self.fingerprint = hashlib.sha256(
            hashlib.sha256(weights).digest() + hashlib.sha256(tokenizer).digest()
        ).hexdigest()
        self._tokenizer = read_tokenizer(tokenizer, tokenizer_file)
        self._vectors = _read_vectors(weights, weights_file)
        if len(self._vectors) < self._tokenizer.get_vocab_size():
            raise EncoderError(
                f"The encoder in {folder} has {len(self._vectors)} vectors for {self._tokenizer.get_vocab_size()} "
                "tokens: its weights and tokenizer are of two different models. Restore both files."
            )
        self.dimensions = int(self._vectors.shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `SentenceEncoder.encode`."""
        batches = [self._encode_batch(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
        return np.concatenate([np.zeros((0, self.dimensions), dtype=np.float32), *batches])

    def _encode_batch(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch_fast([clean_text(text) for text in texts], add_special_tokens=False)
        lengths = np.array([len(encoding.ids) for encoding in encodings])
        ids = np.array([token for encoding in encodings for token in encoding.ids], dtype=np.int64)
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        spoken = lengths > 0
        if spoken.any():
            # Sums suffice: dividing by the number of tokens would be undone by the scaling to length one.
            starts = (np.cumsum(lengths) - lengths)[spoken]
            vectors[spoken] = np.add.reduceat(self._vectors[ids].astype(np.float32), starts, axis=0)
        return _unit_rows(vectors)


class TransformerEncoder:
    """Any sentence-transformers model. Importing that library takes seconds, and it may fetch the model by name."""

    def __init__(self, name_or_dir: str | Path) -> None:
        """Loads the model.

        Raises:
            EncoderError: sentence-transformers is not installed, or the model cannot be found or read.
        """
        self.name = Path(name_or_dir).name if Path(name_or_dir).is_dir() else str(name_or_dir)
        with _quiet_libraries():
            try:
                from sentence_transformers import SentenceTransformer
            except ImportError as error:
                raise EncoderError(
                    f"The encoder {str(name_or_dir)!r} needs the sentence-transformers library, which cannot be "
                    f"imported ({error}). Install it with: pip install sentence-transformers; or leave --encoder out "
                    "to use the shipped encoder."
                ) from error
            try:
                self._model: Any = SentenceTransformer(str(name_or_dir))
            except Exception as error:  # the library raises a different kind for every way a model can be missing
                reason = str(error).partition("\n")[0] or type(error).__name__
                raise EncoderError(
                    f"sentence-transformers cannot load the encoder {str(name_or_dir)!r}: {reason}. Check the name "
                    "or folder (a name is fetched over the network once), or leave --encoder out for the shipped one."
                ) from error
        self.dimensions = int(self._model.get_embedding_dimension())
        self.fingerprint = _model_fingerprint(self._model)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See `SentenceEncoder.encode`."""
        cleaned = [clean_text(text) for text in texts]
        vectors = np.zeros((len(cleaned), self.dimensions), dtype=np.float32)
        spoken = [index for index, text in enumerate(cleaned) if text]
        if spoken:
            found = self._model.encode(
                [cleaned[index] for index in spoken], show_progress_bar=False, convert_to_numpy=True
            )
            vectors[spoken] = np.asarray(found, dtype=np.float32)
        return _unit_rows(vectors)


def load_encoder(name_or_dir: str | Path | None = None) -> SentenceEncoder:
    """The encoder of that name or in that folder; the shipped one if None.

    A folder that holds a plain StaticEmbedding is read the light way, anything else through sentence-transformers.

    Raises:
        EncoderError: it cannot be loaded.
    """
    if name_or_dir is None:
        return StaticEncoder(SHIPPED_MODEL)
    folder = Path(name_or_dir).expanduser()
    if folder.is_dir():
        return StaticEncoder(folder) if _is_static(folder) else TransformerEncoder(folder)
    looks_like_path = (
        isinstance(name_or_dir, Path) or str(name_or_dir).startswith((".", "/", "~")) or not str(name_or_dir)
    )
    if looks_like_path or folder.exists():
        raise EncoderError(
            f"There is no encoder folder at {str(name_or_dir)!r}. Give the folder of a sentence-transformers model, "
            "or leave --encoder out to use the shipped encoder."
        )
    return TransformerEncoder(str(name_or_dir))


def _static_module(folder: Path) -> str | None:
    """Path within `folder` of its only module, if that is a StaticEmbedding."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        computing = [module for module in modules if not str(module["type"]).endswith(".Normalize")]
        if len(computing) == 1 and str(computing[0]["type"]).endswith(".StaticEmbedding"):
            return str(computing[0]["path"])
    except (OSError, ValueError, TypeError, KeyError):
        pass
    return None


def _is_static(folder: Path) -> bool:
    """Whether `folder` is a model that `StaticEncoder` can read."""
    path = _static_module(folder)
    if path is None or not (folder / path / "tokenizer.json").is_file():
        return False
    # A safetensors file begins with the length of its JSON header, which names the tensors.
    try:
        with (folder / path / "model.safetensors").open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return b'"embedding.weight"' in file.read(min(length, 1 << 20))
    except OSError:
        return False


def _static_files(folder: Path) -> tuple[Path, Path]:
    path = _static_module(folder)
    if path is None:
        raise EncoderError(
            f"There is no static sentence encoder in {folder}: modules.json is missing or names another kind of model. "
            "Restore the folder, or train the model again with knowledge/encoder/train.py."
        )
    return folder / path / "model.safetensors", folder / path / "tokenizer.json"


def read_tokenizer(content: bytes, file: Path) -> Tokenizer:
    """The tokenizer that `file` holds, without padding and truncation. Raises EncoderError where it is damaged."""
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_buffer(content)
    except Exception as error:  # the Rust library raises bare Exception
        raise EncoderError(f"{file} is not a readable tokenizer: {error}. Restore it.") from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _read_vectors(content: bytes, file: Path) -> NDArray[np.floating]:
    """Token vectors, shape (tokens, dimensions), in the precision in which they are stored."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        vectors = load(content)["embedding.weight"]
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise EncoderError(f"{file} does not hold readable token vectors: {error}. Restore it.") from error
    if vectors.ndim != 2 or not np.issubdtype(vectors.dtype, np.floating):
        raise EncoderError(
            f"{file} holds {vectors.dtype} data of shape {vectors.shape}, not token vectors. Restore it."
        )
    token_vectors: NDArray[np.floating] = vectors
    return token_vectors


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows scaled to length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: NDArray[np.float32] = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return scaled


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keeps progress bars and advice off the terminal, which belongs to the chat."""
    for variable in ("HF_HUB_DISABLE_PROGRESS_BARS", "TQDM_DISABLE"):
        os.environ.setdefault(variable, "1")
    for library in ("sentence_transformers", "transformers", "huggingface_hub", "httpx"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    nowhere = io.StringIO()
    with warnings.catch_warnings(), contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        warnings.simplefilter("ignore")
        yield


def _model_fingerprint(model: Any) -> str:
    """SHA-256 over the names and values of all weights, and the tokenizer if it can be written as JSON."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        # As double precision, because numpy does not know every type that weights come in.
        digest.update(tensor.detach().cpu().double().numpy().tobytes())
    tokenizer = getattr(model, "tokenizer", None)
    write = getattr(getattr(tokenizer, "backend_tokenizer", tokenizer), "to_str", None)
    if write is not None:
        digest.update(write().encode())
    return digest.hexdigest()
