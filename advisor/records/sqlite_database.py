"""Conversations in one SQLite file: private, write-ahead logged, and never overwritten when it is damaged."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from platformdirs import user_data_dir
from sqlalchemy import Connection, LargeBinary, NullPool, cast, create_engine
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from advisor.conversation.transcript import Turn
from advisor.records.queries import Queries
from advisor.records.session import searchable
from advisor.records.store_errors import StoreError
from advisor.records.tables import METADATA, SCHEMA_VERSION, TURN
from advisor.text import clean

DATABASE = "sessions.sqlite3"
BUSY_SECONDS = 5.0

_APPLICATION_ID = 0x61647672  # "advr": tells our databases from those of other programs

_ELSEWHERE = "choose another directory with --data-dir or ADVISOR_DATA_DIR"
_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program is writing to it; try again in a moment",
    sqlite3.SQLITE_LOCKED: "another program is writing to it; try again in a moment",
    sqlite3.SQLITE_FULL: f"the disk is full; free some space, or {_ELSEWHERE}",
    sqlite3.SQLITE_READONLY: f"it is read-only; make it writable, or {_ELSEWHERE}",
    sqlite3.SQLITE_CANTOPEN: f"it cannot be opened; check its permissions, or {_ELSEWHERE}",
    sqlite3.SQLITE_PERM: f"it cannot be opened; check its permissions, or {_ELSEWHERE}",
    sqlite3.SQLITE_IOERR: f"the disk reported an error; check the disk, or {_ELSEWHERE}",
}
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Result = TypeVar("Result")


class SqliteDatabase:
    """The database in one file, which is made on first use."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._identity: tuple[int, int] | None = None

    @classmethod
    def in_directory(cls, data_dir: Path | None) -> SqliteDatabase:
        """The database in `data_dir`; without it in ADVISOR_DATA_DIR, or else in the platform's data directory."""
        chosen = data_dir or os.environ.get("ADVISOR_DATA_DIR") or user_data_dir("advisor", appauthor=False)
        return cls(Path(chosen) / DATABASE)

    @property
    def path(self) -> Path:
        """Where the file is, or will be. Raises RuntimeError when a home directory cannot be found."""
        return self._file.expanduser().absolute()

    @property
    def place(self) -> str:
        """The file's path, for messages."""
        return _said(self.path)

    def run(self, work: Callable[[Queries], Result], *, write: bool) -> Result:
        """Does `work` in one transaction, for one caller at a time; on disk when this returns. Raises StoreError."""
        with self._lock:
            try:
                connection = self._connect()
                with connection.begin():
                    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN DEFERRED")
                    return work(Queries(connection, lambda column: cast(column, LargeBinary)))
            except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:
                # Whatever state the connection is in, a new one starts clean. Closing rolls back.
                self._disconnect()
                raise self._explained(error) from error
            except BaseException:
                self._disconnect()
                raise

    def close(self) -> None:
        """Lets go of the file; a later call opens it again."""
        with self._lock:
            self._disconnect()

    # The connection --------------------------------------------------------------------------------------------

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(SQLAlchemyError, sqlite3.Error):
                connection.close()

    def _connect(self) -> Connection:
        try:
            path = self.path
            if self._connection is not None:
                # A database that was moved or deleted under us would swallow turns that nobody finds again.
                if _identity(path) == self._identity:
                    return self._connection
                self._disconnect()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._identity = _identity(path)
        except (OSError, ValueError, RuntimeError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise StoreError(
                f"conversations cannot be kept in {_said(self._file.parent)} ({reason}); {_ELSEWHERE}"
            ) from error
        raw = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            version = self._prepare(raw)
            # One connection, never pooled, and transactions only where `run` begins them.
            engine = create_engine(
                "sqlite://", creator=lambda: raw, poolclass=NullPool, pool_reset_on_return=None, hide_parameters=True
            )
            self._connection = engine.connect()
            if version != SCHEMA_VERSION:
                _bring_up_to_date(self._connection)
        except BaseException:
            self._disconnect()
            raw.close()
            raise
        return self._connection

    def _prepare(self, raw: sqlite3.Connection) -> int:
        """Sets the connection up, unless the file is none of ours; returns the version of its tables, 0 for none."""
        raw.text_factory = lambda content: content.decode(errors="replace")
        used = raw.execute("SELECT 1 FROM sqlite_master").fetchone() is not None
        version = _pragma(raw, "user_version")  # after `used`, because both come with one commit
        if (used or version) and _pragma(raw, "application_id") != _APPLICATION_ID:
            raise StoreError(f"{self.place} belongs to another program and was left as it is; {_ELSEWHERE}")
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.place} was written by a newer version of advisor and was left as it is; update advisor, "
                f"or {_ELSEWHERE}"
            )
        _write_ahead(raw)
        raw.execute("PRAGMA synchronous = FULL")
        raw.execute("PRAGMA fullfsync = ON")  # macOS: only this reaches the disk
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute("PRAGMA secure_delete = ON")  # what was purged is not left in free pages
        return version

    # What went wrong, in words -----------------------------------------------------------------------------------

    def _explained(self, error: SQLAlchemyError | sqlite3.Error | UnicodeDecodeError) -> StoreError:
        cause = getattr(error, "orig", error)
        # Names in a damaged schema may be no text at all, which fails before SQLite's own message is out; and a damaged
        # index does not find the row that was found without it.
        damaged = isinstance(cause, UnicodeDecodeError | NoResultFound)
        code = sqlite3.SQLITE_CORRUPT if damaged else _primary_code(cause)
        if code in _DAMAGED:
            return self._put_aside()
        advice = _ADVICE.get(code, f"the database reported “{clean(str(cause))}”; try again, or {_ELSEWHERE}")
        return StoreError(f"conversations cannot be kept in {self.place}: {advice}")

    def _put_aside(self) -> StoreError:
        """Renames a damaged database, unless another program has just done so, to make room for a fresh one."""
        path = self.path
        aside = _free_name(path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}"))
        where = f"the database of conversations {_said(path)} is damaged"
        if _identity(path) != self._identity:
            return StoreError(f"{where}; another program has put it aside already; a fresh one is used from now on")
        try:
            # The log first: it must not be taken for the log of the fresh database.
            for suffix in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
        except OSError as failure:
            return StoreError(f"{where} and could not be renamed ({failure.strerror}); rename it, or {_ELSEWHERE}")
        return StoreError(
            f"{where}; it was kept as {aside.name} beside it, and a fresh one is used from now on; "
            f"earlier conversations may be recovered with: sqlite3 {aside.name} .recover"
        )


def _bring_up_to_date(connection: Connection) -> None:
    """Creates the tables, or migrates those of an earlier version, as a whole or not at all."""
    with connection.begin():
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()  # may have changed meanwhile
        if version == 0:
            METADATA.create_all(connection, checkfirst=False)
            connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
        elif version == 1:
            _add_deletion_and_search(connection)
        connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _add_deletion_and_search(connection: Connection) -> None:
    """From schema 1 to 2. Turns that cannot be read stay as they are, and are found by nothing."""
    connection.exec_driver_sql("ALTER TABLE session ADD COLUMN deleted TEXT")
    connection.exec_driver_sql("ALTER TABLE turn ADD COLUMN searchable TEXT NOT NULL DEFAULT ''")
    keys = connection.execute(TURN.select().with_only_columns(TURN.c.session, TURN.c.number)).all()
    for session, number in keys:
        this = (TURN.c.session == session) & (TURN.c.number == number)
        content = connection.execute(TURN.select().with_only_columns(TURN.c.content).where(this)).scalar_one_or_none()
        with suppress(ValueError, TypeError, RecursionError):
            found_by = searchable(Turn.model_validate(json.loads(content or "")))
            connection.execute(TURN.update().where(this).values(searchable=found_by))


def _pragma(raw: sqlite3.Connection, name: str) -> int:
    return int(raw.execute(f"PRAGMA {name}").fetchone()[0])


def _write_ahead(raw: sqlite3.Connection) -> None:
    """Turns write-ahead logging on. SQLite does not wait by itself when others do the same at the same moment."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _primary_code(error: BaseException | None) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _identity(path: Path) -> tuple[int, int] | None:
    """Tells a file from any other that may later have its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _free_name(path: Path) -> Path:
    candidates = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(candidate for candidate in candidates if not candidate.exists())


def _said(path: Path | str) -> str:
    return clean(str(path))
