"""The questions that the store asks of its tables, in terms of every database."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Result, delete, func, insert, select, true, update

from advisor.records.tables import SESSION, TURN

# What goes wrong is for callers to explain, not for the library to report on the screen.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())

_LIVE = SESSION.c.deleted.is_(None)
_CHUNK = 500


class Queries:
    """The questions, asked within one transaction.

    `exact`: turns a text column into an expression that does not hide damage, where a database could hold damaged text.
    """

    def __init__(
        self, connection: Connection, exact: Callable[[Column[Any]], ColumnElement[Any]] = lambda column: column
    ) -> None:
        self._connection = connection
        self._exact = exact

    # Sessions ----------------------------------------------------------------------------------------------------

    def insert_session(self, **values: str) -> bool:
        """Adds a session; False if its id is taken."""
        if self._connection.execute(select(true()).where(SESSION.c.id == values["id"])).first():
            return False
        self._connection.execute(insert(SESSION).values(**values))
        return True

    def ids_beginning_with(self, prefix: str) -> list[tuple[str, bool]]:
        """The ids that begin with `prefix`, newest first, each with whether its session is deleted."""
        # Not LIKE, which would find ids in the wrong case and take % for anything.
        begins = func.substr(SESSION.c.id, 1, len(prefix)) == prefix
        rows = self._connection.execute(select(SESSION.c.id, SESSION.c.deleted.is_not(None)).where(begins)).all()
        return sorted(((row[0], bool(row[1])) for row in rows), reverse=True)

    def session(self, session_id: str) -> Any:
        """One session, deleted or not, with its number of turns. Raises NoResultFound for an id that is not there."""
        return self._sessions(SESSION.c.id == session_id).one()

    def sessions(self, *, deleted: bool = False) -> Sequence[Any]:
        """The sessions that are, or are not, deleted, each with its number of turns."""
        return self._sessions(SESSION.c.deleted.is_not(None) if deleted else _LIVE).all()

    def title(self, session_id: str) -> str | None:
        """The title of a session, deleted or not, if it is known at all."""
        return self._connection.execute(select(SESSION.c.title).where(SESSION.c.id == session_id)).scalar_one_or_none()

    def set_title(self, session_id: str, title: str) -> None:
        """Names a session."""
        self._connection.execute(update(SESSION).where(SESSION.c.id == session_id).values(title=title))

    def set_deleted(self, session_id: str, deleted: str | None) -> None:
        """Marks a session as deleted at a time, or as not deleted."""
        self._connection.execute(update(SESSION).where(SESSION.c.id == session_id).values(deleted=deleted))

    def touch(self, session_id: str, updated: str, title: str) -> bool:
        """Notes the time of the last turn, and the title if there is none yet; False if the session is gone.

        Nobody else can then change the session until this transaction ends.
        """
        titled = func.coalesce(func.nullif(SESSION.c.title, ""), title)
        change = update(SESSION).where(SESSION.c.id == session_id, _LIVE).values(updated=updated, title=titled)
        return bool(self._connection.execute(change).rowcount)

    def remove_deleted(self) -> int:
        """Removes the deleted sessions for good; returns how many there were."""
        wanted = select(SESSION.c.id).where(SESSION.c.deleted.is_not(None)).with_for_update()
        ids = self._connection.execute(wanted).scalars().all()
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            self._connection.execute(delete(TURN).where(TURN.c.session.in_(chunk)))
            self._connection.execute(delete(SESSION).where(SESSION.c.id.in_(chunk)))
        return len(ids)

    # Turns -------------------------------------------------------------------------------------------------------

    def insert_turns(self, session_id: str, rows: Sequence[tuple[int, str, str]]) -> None:
        """Adds turns, each with its number, its content and what it is found by."""
        if rows:
            names = ("session", "number", "content", "searchable")
            values = [dict(zip(names, (session_id, *row), strict=True)) for row in rows]
            self._connection.execute(insert(TURN), values)

    def content(self, session_id: str, number: int) -> str | None:
        """The stored content of a turn, if there is one."""
        wanted = (TURN.c.session == session_id) & (TURN.c.number == number)
        return self._connection.execute(select(TURN.c.content).where(wanted)).scalar_one_or_none()

    def turns(self, session_id: str) -> Sequence[Any]:
        """Number and content of a session's turns, in order."""
        wanted = select(TURN.c.number, self._exact(TURN.c.content)).where(TURN.c.session == session_id)
        return self._connection.execute(wanted.order_by(TURN.c.number)).all()

    def sessions_saying(self, text: str) -> set[str]:
        """The ids of sessions with a turn that contains `text`, which is folded like what turns are found by."""
        saying = TURN.c.searchable.contains(text, autoescape=True)
        return set(self._connection.execute(select(TURN.c.session).where(saying).distinct()).scalars())

    def _sessions(self, wanted: ColumnElement[bool]) -> Result[Any]:
        kept = [column for column in SESSION.c if column is not SESSION.c.deleted]
        counted = select(*kept, func.count(TURN.c.number).label("turns")).select_from(SESSION.outerjoin(TURN))
        return self._connection.execute(counted.where(wanted).group_by(SESSION.c.id))
