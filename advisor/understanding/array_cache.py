"""Arrays that are slow to compute, kept under the hash of everything they were computed from."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

Arrays = Mapping[str, NDArray[Any]]

_KEPT = 4
"""Files of one name that are kept; packs and encoders that are no longer used give way."""


class ArrayCache:
    """Keeps arrays in the platform's cache directory (or ADVISOR_CACHE_DIR).

    `key` must change whenever what the arrays are computed from changes; this module adds the code that computes them.
    A cache that cannot be read or written only costs time: the arrays are then computed again.
    """

    def __init__(self, key: str, directory: Path | None = None) -> None:
        chosen = os.environ.get("ADVISOR_CACHE_DIR") or user_cache_dir("advisor", appauthor=False)
        self._directory = directory or Path(chosen)
        self._key = hashlib.sha256(f"{key} {_code_hash()}".encode()).hexdigest()[:32]

    def arrays(self, name: str, compute: Callable[[], Arrays]) -> Arrays:
        """The arrays of that name: read if they are there, else computed and written for the next time."""
        path = self._directory / f"{name}-{self._key}.npz"
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
                return dict(stored.items())
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            computed = compute()
        with suppress(OSError):
            self._write(path, computed)
            self._forget_old(name)
        return computed

    def _write(self, path: Path, arrays: Arrays) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Written beside and renamed, so that no reader ever meets half a file.
        descriptor, temporary = tempfile.mkstemp(dir=self._directory, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(file, **arrays)  # type: ignore[arg-type]
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _forget_old(self, name: str) -> None:
        files = sorted(self._directory.glob(f"{name}-*.npz"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[_KEPT:]:
            file.unlink(missing_ok=True)


def _code_hash() -> str:
    """SHA-256 of the modules that may compute what is cached: a change there must not meet yesterday's arrays."""
    digest = hashlib.sha256(np.__version__.encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()
