"""Keeps conversations in an SQLite database, in the platform's data directory unless told otherwise."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir
from pydantic import AwareDatetime, ValidationError

from advisor.conversation.blocks import Part
from advisor.conversation.commands import parse_command
from advisor.conversation.transcript import Turn
from advisor.errors import AdvisorError
from advisor.text import clean, shorten

DATABASE = "sessions.sqlite3"
SCHEMA_VERSION = 1
BUSY_SECONDS = 5.0
UNTITLED = "(no title yet)"

_APPLICATION_ID = 0x61647672  # "advr": tells our databases from those of other programs
_TITLE_LENGTH = 60
_LISTED_MATCHES = 5
_ID_ATTEMPTS = 50

_SCHEMA = (
    """CREATE TABLE session (
        id TEXT PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL, title TEXT NOT NULL, pack_id TEXT NOT NULL,
        pack_version TEXT NOT NULL, pack_fingerprint TEXT NOT NULL, encoder TEXT NOT NULL)""",
    """CREATE TABLE turn (
        session TEXT NOT NULL REFERENCES session (id), number INTEGER NOT NULL CHECK (number >= 1),
        content TEXT NOT NULL, PRIMARY KEY (session, number))""",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

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


class StoreError(AdvisorError):
    """Conversations could not be kept or found; the message says what, where, and what to do."""


class SessionInfo(Part):
    """A conversation in a list. `turns` counts its turns; `pack_…` and `encoder` tell what it was held with.

    `title` is the beginning of the first message that is not a command; `updated` is the time of the last turn.
    """

    id: str
    created: AwareDatetime
    updated: AwareDatetime
    title: str
    turns: int
    pack_id: str
    pack_version: str
    pack_fingerprint: str
    encoder: str


class Session(Part):
    """A stored conversation with its turns, in order."""

    info: SessionInfo
    turns: tuple[Turn, ...]


class SessionStore:
    """The conversations in `data_dir`; without it in ADVISOR_DATA_DIR, or else in the platform's data directory.

    Opened on first use. Safe to share between threads and between programs. Session ids may be shortened to a prefix
    that only one session has. Every method raises StoreError when it cannot do its work.
    """

    def __init__(self, data_dir: Path | None = None) -> None:
        self._chosen = data_dir
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    @property
    def path(self) -> Path:
        """Where the database is, or will be."""
        chosen = self._chosen or os.environ.get("ADVISOR_DATA_DIR") or user_data_dir("advisor", appauthor=False)
        return Path(chosen).expanduser().absolute() / DATABASE

    def create(self, *, pack_id: str, pack_version: str, pack_fingerprint: str, encoder: str) -> str:
        """Starts a session and returns its id, which begins with the time in UTC."""
        created = datetime.now().astimezone().isoformat()
        with self._transaction() as database:
            for _ in range(_ID_ATTEMPTS):
                session_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
                values = (session_id, created, created, "", pack_id, pack_version, pack_fingerprint, encoder)
                inserted = database.execute("INSERT OR IGNORE INTO session VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
                if inserted.rowcount:
                    return session_id
        raise StoreError(f"no free session id was found in {_said(self.path)}; try again in a moment")

    def append(self, session_id: str, turn: Turn) -> None:
        """Stores a turn; it is on disk when this returns. A turn number that the session already has is an error."""
        try:
            content = turn.model_dump_json()
        except ValueError as error:
            raise StoreError(f"turn {turn.number} cannot be stored, because it cannot be written as text") from error
        at = turn.at if turn.at.tzinfo else turn.at.astimezone()
        with self._transaction() as database:
            found = _resolve(database, session_id)
            taken = database.execute("SELECT 1 FROM turn WHERE session = ? AND number = ?", (found, turn.number))
            if taken.fetchone():
                raise StoreError(
                    f"session {found} already has a turn {turn.number}, so it was continued in another window; nothing "
                    f"was overwritten; see what it holds with: advisor chat --resume {found}"
                )
            database.execute("INSERT INTO turn VALUES (?, ?, ?)", (found, turn.number, content))
            database.execute(
                "UPDATE session SET updated = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
                (at.isoformat(), _title(turn.utterance), found),
            )

    def load(self, session_id: str) -> Session:
        """A session with all its turns."""
        with self._transaction("DEFERRED") as database:
            found = _resolve(database, session_id)
            row = database.execute(f"{_SELECT_INFO} WHERE session.id = ? {_GROUPED}", (found,)).fetchone()
            stored = database.execute(_SELECT_TURNS, (found,)).fetchall()
        return Session(info=self._info(row), turns=tuple(self._turn(found, *numbered) for numbered in stored))

    def sessions(self) -> tuple[SessionInfo, ...]:
        """All sessions, the one with the newest turn first."""
        with self._transaction("DEFERRED") as database:
            rows = database.execute(f"{_SELECT_INFO} {_GROUPED}").fetchall()
        infos = [self._info(row) for row in rows]
        return tuple(sorted(infos, key=lambda info: (info.updated, info.id), reverse=True))

    def latest(self) -> str | None:
        """The id of the session with the newest turn, if there is any session."""
        return next((info.id for info in self.sessions()), None)

    def close(self) -> None:
        """Lets go of the database; a later call opens it again."""
        with self._lock:
            self._disconnect()

    def __del__(self) -> None:
        self._disconnect()

    # Stored text back to objects -------------------------------------------------------------------------------

    def _info(self, row: sqlite3.Row) -> SessionInfo:
        values = _cleaned(dict(row))
        try:
            return SessionInfo.model_validate({**values, "title": values["title"] or UNTITLED})
        except ValidationError as error:
            raise StoreError(f"the entry of session {values['id']} in {_said(self.path)} is damaged") from error

    def _turn(self, session_id: str, number: int, content: bytes) -> Turn:
        try:
            turn = Turn.model_validate(_cleaned(json.loads(content.decode())))
            if turn.number != number:
                raise ValueError("stored under another number")
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"turn {number} of session {session_id} in {_said(self.path)} is damaged, so the session cannot be "
                "shown; the other sessions are not affected"
            ) from error
        return turn

    # The connection --------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, kind: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """The database for one caller at a time; what was done is committed at the end, or undone as a whole."""
        with self._lock:
            try:
                database = self._connect()
                database.execute(f"BEGIN {kind}")
                yield database
                database.execute("COMMIT")
            except (sqlite3.Error, UnicodeDecodeError) as error:
                # Whatever state the connection is in, a new one starts clean. Closing rolls back.
                self._disconnect()
                raise self._explained(error) from error
            except BaseException:
                self._disconnect()
                raise

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(sqlite3.Error):
                connection.close()

    def _connect(self) -> sqlite3.Connection:
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
            raise StoreError(f"conversations cannot be kept in {self._place()} ({reason}); {_ELSEWHERE}") from error
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _place(self) -> str:
        try:
            return _said(self.path.parent)
        except (OSError, ValueError, RuntimeError):
            return _said(self._chosen or os.environ.get("ADVISOR_DATA_DIR", "the data directory"))

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.row_factory = sqlite3.Row
        connection.text_factory = lambda raw: raw.decode(errors="replace")
        version = _schema_version(connection)
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{_said(self.path)} was written by a newer version of advisor and was left as it is; update advisor, "
                f"or {_ELSEWHERE}"
            )
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: only this reaches the disk
        connection.execute("PRAGMA foreign_keys = ON")
        if version == 0:
            self._create_schema(connection)

    def _create_schema(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        if _schema_version(connection) == 0:  # nobody else has done it meanwhile
            if connection.execute("SELECT 1 FROM sqlite_master").fetchone():
                raise StoreError(f"{_said(self.path)} belongs to another program and was left as it is; {_ELSEWHERE}")
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")

    # What went wrong, in words -----------------------------------------------------------------------------------

    def _explained(self, error: sqlite3.Error | UnicodeDecodeError) -> StoreError:
        # Names in a damaged schema may be no text at all, which fails before SQLite's own message is out.
        code = sqlite3.SQLITE_CORRUPT if isinstance(error, UnicodeDecodeError) else _primary_code(error)
        if code in _DAMAGED:
            return self._put_aside()
        advice = _ADVICE.get(code, f"the database reported “{clean(str(error))}”; try again, or {_ELSEWHERE}")
        return StoreError(f"conversations cannot be kept in {_said(self.path)}: {advice}")

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


_SELECT_INFO = """SELECT id, created, updated, title, count(number) AS turns, pack_id, pack_version, pack_fingerprint,
    encoder FROM session LEFT JOIN turn ON turn.session = session.id"""
_GROUPED = "GROUP BY session.id"
# As bytes, so that text that is damaged is noticed instead of being replaced.
_SELECT_TURNS = "SELECT number, CAST(content AS BLOB) FROM turn WHERE session = ? ORDER BY number"


def _resolve(database: sqlite3.Connection, given: str) -> str:
    """The id that is `given` or that alone begins with it."""
    wanted = clean(given).strip()
    rows = database.execute("SELECT id FROM session WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id DESC", (wanted,))
    found = [str(row[0]) for row in rows.fetchall()] if wanted else []
    if wanted in found:
        return wanted
    name = shorten(wanted, 40)
    if not found:
        raise StoreError(f"there is no session “{name}”; advisor sessions lists them")
    if len(found) > 1:
        listed = ", ".join(found[:_LISTED_MATCHES]) + (" and others" if len(found) > _LISTED_MATCHES else "")
        raise StoreError(f"several sessions begin with “{name}”: {listed}; write more of the id")
    return found[0]


def _schema_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turns write-ahead logging on. SQLite does not wait by itself when others do the same at the same moment."""
    give_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _primary_code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _primary_code(error: sqlite3.Error) -> int:
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


def title_of(turns: Sequence[Turn]) -> str:
    """A conversation's title: the beginning of its first message that is not a command."""
    return next(filter(None, (_title(turn.utterance) for turn in turns)), UNTITLED)


def _title(utterance: str) -> str:
    text = clean(utterance)
    return "" if parse_command(text) is not None else shorten(text, _TITLE_LENGTH)


def _cleaned(value: Any) -> Any:
    """The same JSON with every text in it cleaned: a database is a door like any other."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value


def _said(path: Path | str) -> str:
    return clean(str(path))
