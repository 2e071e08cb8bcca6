"""Writes a text file whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.text import clean

# What a file system answers when it has no hard links.
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


class FileWriteError(AdvisorError):
    """A file that could not be written; the message says which, why, and what to do. Nothing was changed."""


def write_text(path: Path, text: str, force: bool = False) -> None:
    """Writes `text` to `path` as UTF-8, durably and atomically: afterwards the file is complete, or as it was.

    An existing file is replaced only with `force`, and then keeps its permissions; a link is followed. Directories are
    never created. Raises FileWriteError.
    """
    try:
        content = text.encode()
    except UnicodeEncodeError as error:
        reason = "the text holds characters that UTF-8 cannot express"
        raise FileWriteError(f"{clean(str(path))} was not written, because {reason}") from error
    try:
        target = Path(os.path.realpath(path)) if force else path
        kept_mode = _check(target, force)
        draft = target.with_name(f".advisor-{secrets.token_hex(8)}.tmp")
        try:
            _write_new(draft, content, kept_mode)
            if force:
                draft.replace(target)
            else:
                _publish(draft, target, content)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        _sync_directory(target.parent)
    except (OSError, ValueError) as error:
        raise FileWriteError(_explain(path, error)) from error


def _check(target: Path, force: bool) -> int | None:
    """The permissions of the file to be replaced; None if there is none. Devices, pipes and the like are refused."""
    try:
        found = target.stat() if force else target.lstat()
    except FileNotFoundError:
        return None
    if not force:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file")
    return stat.S_IMODE(found.st_mode)


def _write_new(path: Path, content: bytes, mode: int | None) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o666), "wb") as file:
        if mode is not None:
            path.chmod(mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _publish(draft: Path, target: Path, content: bytes) -> None:
    """Gives the finished draft its name, unless something has it; a link cannot overwrite, not even in a race."""
    try:
        os.link(draft, target)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _write_in_place(target, content)


def _write_in_place(target: Path, content: bytes) -> None:
    """The next best where there are no hard links: exclusive creation, and nothing half-written is left behind."""
    try:
        _write_new(target, content, None)
    except FileExistsError:
        raise
    except OSError:
        with suppress(OSError):
            target.unlink()
        raise


def _sync_directory(directory: Path) -> None:
    """Makes the new name durable, where directories can be synced at all."""
    with suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _explain(path: Path, error: OSError | ValueError) -> str:
    name = clean(str(path))
    parent = clean(str(path.parent))
    if isinstance(error, FileExistsError):
        return f"{name} exists already and was left as it is; choose another name (with advisor export, --force)"
    if isinstance(error, FileNotFoundError):
        return f"{name} was not written, because there is no directory {parent}; create it, or choose another place"
    if isinstance(error, NotADirectoryError):
        return f"{name} was not written, because {parent} is not a directory; choose another place"
    if isinstance(error, IsADirectoryError):
        return f"{name} is a directory; add a file name"
    if not isinstance(error, OSError):
        return f"{name!r} cannot be the name of a file; choose another"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{name} was not written, because the disk is full; free some space, or choose another place"
    reason = (error.strerror or str(error)).lower()
    return f"{name} was not written ({reason}); choose another name or place"
