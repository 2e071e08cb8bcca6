"""Arrays that are slow to compute, kept under the hash of everything they were computed from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from advisor.kept_files import cache_directory, keep, kept

Arrays = Mapping[str, NDArray[Any]]


class ArrayCache:
    """Keeps arrays, of at least one dimension, among the cached files.

    `key` must change whenever what the arrays are computed from changes; this module adds the code that computes them.
    """

    def __init__(self, key: str, directory: Path | None = None) -> None:
        self._directory = directory or cache_directory()
        self._key = hashlib.sha256(f"{key} {_code_hash()}".encode()).hexdigest()[:32]

    def arrays(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """The arrays of that name: read if they are there, else computed and written for the next time."""
        path = self._directory / f"{name}-{self._key}.safetensors"
        stored = kept(path, _loaded)
        if stored is not None:
            return stored
        computed = compute()
        keep(path, save({name: np.ascontiguousarray(array) for name, array in computed.items()}))
        return computed


def _loaded(content: bytes) -> Arrays:
    try:
        arrays: Arrays = load(content)
    except SafetensorError as error:
        raise ValueError("damaged") from error
    return arrays


def _code_hash() -> str:
    """SHA-256 of the modules that may compute what is cached: a change there must not meet yesterday's arrays."""
    digest = hashlib.sha256(np.__version__.encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def packed(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts without line breaks as one array; NumPy's own arrays of text take many times the room and time."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def unpacked(array: NDArray[np.uint8]) -> list[str]:
    """The texts that `packed` was given, of which there must have been at least one."""
    return array.tobytes().decode().split("\n")
