"""Files in the platform's cache directory, each named by a hash of everything that its content was computed from.

A cache that cannot be read or written only costs time: what it would have held is computed again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from platformdirs import user_cache_dir

_KEPT = 4
"""Files of one name that are kept; packs and encoders that are no longer used give way."""

ContentT = TypeVar("ContentT")


def cache_directory() -> Path:
    """ADVISOR_CACHE_DIR, or else the platform's cache directory."""
    return Path(os.environ.get("ADVISOR_CACHE_DIR") or user_cache_dir("advisor", appauthor=False))


def kept(path: Path, read: Callable[[bytes], ContentT]) -> ContentT | None:
    """What `read` makes of the file's content; None when it is missing or `read` raises ValueError."""
    with suppress(OSError, ValueError):
        return read(path.read_bytes())
    return None


def keep(path: Path, content: bytes) -> None:
    """Writes the file and removes the oldest of the files that differ from it only in their hash.

    The hash is what follows the last hyphen of the name. A failure to write is ignored.
    """
    with suppress(OSError):
        _write(path, content)
        kind = f"{path.stem.rpartition('-')[0]}-*{path.suffix}"
        files = sorted(path.parent.glob(kind), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[_KEPT:]:
            file.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written beside and renamed, so that no reader ever meets half a file.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
