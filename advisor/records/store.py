"""Keeps conversations: in an SQLite file unless told otherwise, or in a PostgreSQL database that a team shares.

Light to import: what reads and writes databases is loaded on first use.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from advisor.conversation.transcript import Turn
from advisor.records.database import Database, open_database
from advisor.records.session import (
    UNTITLED,
    Session,
    SessionInfo,
    chosen_title,
    copy_title,
    first_title,
    folded,
    searchable,
    title_of,
)
from advisor.records.store_errors import SessionGoneError, StoreError, TurnTakenError
from advisor.settings import Settings
from advisor.text import clean, shorten

if TYPE_CHECKING:
    from advisor.records.queries import Queries

__all__ = [
    "Session",
    "SessionGoneError",
    "SessionInfo",
    "SessionStore",
    "StoreError",
    "TurnTakenError",
    "open_store",
    "title_of",
]

_LISTED_MATCHES = 5
_ID_ATTEMPTS = 50
_SEARCH_LENGTH = 200

Result = TypeVar("Result")


def open_store(settings: Settings) -> SessionStore:
    """The store that was chosen: by --store, else by --data-dir, else by ADVISOR_STORE, else the usual file."""
    address = settings.store or (None if settings.data_dir else os.environ.get("ADVISOR_STORE"))
    return SessionStore(settings.data_dir, address)


class SessionStore:
    """The conversations at `address`; without one in `data_dir`, or in its usual place.

    An address is a URL such as postgresql://USER@HOST/DATABASE or sqlite:///FILE; the usual place is ADVISOR_DATA_DIR,
    or else the platform's data directory. Opened on first use. Safe to share between threads and between programs.
    Session ids may be shortened to a prefix that only one session has. Every method raises StoreError when it cannot
    do its work.
    """

    def __init__(self, data_dir: Path | None = None, address: str | None = None) -> None:
        self._data_dir = data_dir
        self._address = address
        self._opening = threading.Lock()
        self._database: Database | None = None

    @property
    def place(self) -> str:
        """Where conversations are kept, in words that hold no secret."""
        return self._opened().place

    # Writing ---------------------------------------------------------------------------------------------------

    def create(
        self,
        *,
        pack_id: str,
        pack_version: str,
        pack_fingerprint: str,
        encoder: str,
        turns: Sequence[Turn] = (),
        copy_of: str | None = None,
    ) -> str:
        """Starts a session with its first turns and returns its id, which begins with the time in UTC.

        All is stored or nothing. `copy_of`: the full id of a session that this one is a copy of, and is named after.
        """
        created = datetime.now().astimezone().isoformat()
        rows = [_row(turn) for turn in turns]
        made: list[str] = []

        def work(queries: Queries) -> str | None:
            if made and queries.title(made[0]) is not None:
                return made[0]  # it had arrived before the connection was lost
            made.clear()
            named_after = queries.title(copy_of) if copy_of else None
            values = {
                "created": created,
                "updated": _time(turns[-1]) if turns else created,
                "title": copy_title(named_after) if named_after else first_title(turns),
                "pack_id": pack_id,
                "pack_version": pack_version,
                "pack_fingerprint": pack_fingerprint,
                "encoder": encoder,
            }
            for _ in range(_ID_ATTEMPTS):
                session_id = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(2)}"
                if queries.insert_session(id=session_id, **values):
                    made.append(session_id)
                    queries.insert_turns(session_id, rows)
                    return session_id
            return None

        session_id = self._run(work, write=True)
        if session_id is None:
            raise StoreError(f"no free session id was found in {self.place}; try again in a moment")
        return session_id

    def append(self, session_id: str, turn: Turn) -> None:
        """Stores a turn; it is durable when this returns. Storing the very same turn again changes nothing.

        Raises TurnTakenError when the session has another turn of that number, SessionGoneError when it is not there.
        """
        row = _row(turn)

        def work(queries: Queries) -> None:
            found = _resolve(queries, session_id)
            if not queries.touch(found, _time(turn), first_title([turn])):
                raise SessionGoneError(_deleted(found))
            stored = queries.content(found, turn.number)
            if stored is None:
                queries.insert_turns(found, [row])
            elif stored != row[1]:
                raise TurnTakenError(
                    f"session {found} already has a turn {turn.number}, so it was continued in another window; nothing "
                    f"was overwritten; see what it holds with: advisor chat --resume {found}"
                )

        self._run(work, write=True)

    def rename(self, session_id: str, title: str) -> SessionInfo:
        """Gives a session another title, which it keeps. Returns the session as it is then listed."""
        chosen = chosen_title(title)
        if not chosen:
            raise StoreError("the new title is empty; write at least one word")

        def work(queries: Queries) -> Any:
            found = _resolve(queries, session_id)
            queries.set_title(found, chosen)
            return queries.session(found)

        return self._info(self._run(work, write=True))

    def delete(self, session_id: str) -> SessionInfo:
        """Takes a session off the list; it can be restored until it is purged. Returns what was deleted."""
        now = datetime.now().astimezone().isoformat()
        return self._set_deleted(session_id, now)

    def restore(self, session_id: str) -> SessionInfo:
        """Brings a deleted session back. Returns it as it is then listed."""
        return self._set_deleted(session_id, None)

    def purge(self) -> int:
        """Removes all deleted sessions for good; returns how many there were."""
        return self._run(lambda queries: queries.remove_deleted(), write=True)

    def _set_deleted(self, session_id: str, at: str | None) -> SessionInfo:
        found: list[str] = []

        def work(queries: Queries) -> Any:
            if not found:  # else it may be done already, in an attempt whose end is not known
                found.append(_resolve(queries, session_id, deleted=at is None))
            queries.set_deleted(found[0], at)
            return queries.session(found[0])

        return self._info(self._run(work, write=True))

    # Reading ---------------------------------------------------------------------------------------------------

    def load(self, session_id: str) -> Session:
        """A session with all its turns."""

        def work(queries: Queries) -> tuple[Any, Sequence[Any]]:
            found = _resolve(queries, session_id)
            return queries.session(found), queries.turns(found)

        row, stored = self._run(work, write=False)
        info = self._info(row)
        return Session(info=info, turns=tuple(self._turn(info.id, *numbered) for numbered in stored))

    def sessions(self) -> tuple[SessionInfo, ...]:
        """All sessions, the one with the newest turn first."""
        return self._listed(self._run(lambda queries: queries.sessions(), write=False))

    def deleted(self) -> tuple[SessionInfo, ...]:
        """The sessions that were deleted and can be restored, the one with the newest turn first."""
        return self._listed(self._run(lambda queries: queries.sessions(deleted=True), write=False))

    def search(self, text: str, *, deleted: bool = False) -> tuple[SessionInfo, ...]:
        """The sessions whose title, messages or answers contain `text`, in any case; the newest turn first."""
        wanted = folded(text)
        if len(wanted) > _SEARCH_LENGTH:
            raise StoreError(f"the text to search for is too long; use at most {_SEARCH_LENGTH} characters")

        def work(queries: Queries) -> tuple[set[str], Sequence[Any]]:
            return queries.sessions_saying(wanted), queries.sessions(deleted=deleted)

        saying, rows = self._run(work, write=False)
        return tuple(info for info in self._listed(rows) if info.id in saying or wanted in folded(info.title))

    def latest(self) -> str | None:
        """The id of the session with the newest turn, if there is any session."""
        return next((info.id for info in self.sessions()), None)

    def close(self) -> None:
        """Lets go of the database; a later call opens it again."""
        if self._database is not None:
            self._database.close()

    def __del__(self) -> None:
        with suppress(Exception):
            self.close()

    # The database ----------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Loads what the first use would otherwise wait for; opens nothing."""
        with suppress(StoreError):
            self._opened()

    def _opened(self) -> Database:
        with self._opening:
            if self._database is None:
                self._database = open_database(self._data_dir, self._address)
            return self._database

    def _run(self, work: Callable[[Queries], Result], *, write: bool) -> Result:
        return self._opened().run(work, write=write)

    # Stored text back to objects -------------------------------------------------------------------------------

    def _listed(self, rows: Iterable[Any]) -> tuple[SessionInfo, ...]:
        return tuple(sorted(map(self._info, rows), key=lambda info: (info.updated, info.id), reverse=True))

    def _info(self, row: Any) -> SessionInfo:
        values = _cleaned(dict(row._mapping))
        try:
            return SessionInfo.model_validate({**values, "title": values["title"] or UNTITLED})
        except ValidationError as error:
            raise StoreError(f"the entry of session {values['id']} in {self.place} is damaged") from error

    def _turn(self, session_id: str, number: int, content: bytes | str) -> Turn:
        try:
            turn = Turn.model_validate(_cleaned(json.loads(content if isinstance(content, str) else content.decode())))
            if turn.number != number:
                raise ValueError("stored under another number")
        except (ValueError, RecursionError) as error:
            raise StoreError(
                f"turn {number} of session {session_id} in {self.place} is damaged, so the session cannot be "
                "shown; the other sessions are not affected"
            ) from error
        return turn


def _resolve(queries: Queries, given: str, *, deleted: bool = False) -> str:
    """The id of the session, deleted or not as asked for, that is `given` or that alone begins with it."""
    wanted = clean(given).strip()
    matches = queries.ids_beginning_with(wanted) if wanted else []
    exact = [match for match in matches if match[0] == wanted]
    found = [session_id for session_id, is_deleted in exact or matches if is_deleted == deleted]
    if len(found) == 1:
        return found[0]
    name = shorten(wanted, 40)
    if not found and not matches:
        raise SessionGoneError(f"there is no session “{name}”; advisor sessions lists them")
    if not found:
        other = (exact or matches)[0][0]
        raise StoreError(f"session {other} is not deleted") if deleted else SessionGoneError(_deleted(other))
    listed = ", ".join(found[:_LISTED_MATCHES]) + (" and others" if len(found) > _LISTED_MATCHES else "")
    raise StoreError(f"several sessions begin with “{name}”: {listed}; write more of the id")


def _deleted(session_id: str) -> str:
    return f"session {session_id} was deleted; bring it back with: advisor sessions restore {session_id}"


def _row(turn: Turn) -> tuple[int, str, str]:
    """A turn's number, its content and what it is found by, as they are stored."""
    try:
        return turn.number, turn.model_dump_json(), searchable(turn)
    except ValueError as error:
        raise StoreError(f"turn {turn.number} cannot be stored, because it cannot be written as text") from error


def _time(turn: Turn) -> str:
    return (turn.at if turn.at.tzinfo else turn.at.astimezone()).isoformat()


def _cleaned(value: Any) -> Any:
    """The same JSON with every text in it cleaned: a database is a door like any other."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    return value
