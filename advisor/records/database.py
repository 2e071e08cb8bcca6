"""What the store asks of a database, and which database an address means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from advisor.records.store_errors import StoreError

if TYPE_CHECKING:
    from advisor.records.queries import Queries

Result = TypeVar("Result")

_FORM = "postgresql://USER@HOST/DATABASE"
_ADDRESS = f"give it as {_FORM} or sqlite:///FILE, in --store or ADVISOR_STORE"


class Database(Protocol):
    """One place where conversations are kept. Opened on first use; safe to share between threads."""

    @property
    def place(self) -> str:
        """Where it is, for messages: clean, and without any secret."""

    def run(self, work: Callable[[Queries], Result], *, write: bool) -> Result:
        """Does `work` in one transaction, which is durable on return, or undone as a whole. Raises StoreError.

        `work` must have the same effect when it is done twice, because what a lost connection left undone is repeated.
        """

    def close(self) -> None:
        """Lets go of the database; a later call opens it again."""


def open_database(data_dir: Path | None, address: str | None) -> Database:
    """The database at `address`; without one the file in `data_dir`, or in its usual place. Raises StoreError."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    from advisor.records.sqlite_database import SqliteDatabase

    if not address:
        return SqliteDatabase.in_directory(data_dir)
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError) as error:
        # The text may hold a password in a place where no rule finds it, so it is not repeated, nor is the cause.
        reason = "the port is not a number" if isinstance(error, ValueError) else "it cannot be read"
        raise StoreError(f"the address of the store is not valid ({reason}); {_ADDRESS}") from None
    backend, _, driver = url.drivername.partition("+")
    if backend == "sqlite" and not driver:
        if not url.database or url.database == ":memory:" or url.host:
            raise StoreError(f"the address of the store names no file; {_ADDRESS}")
        return SqliteDatabase(Path(url.database))
    if backend in ("postgresql", "postgres") and driver in ("", "psycopg"):
        from advisor.records.postgresql_database import PostgresqlDatabase

        if "@" in (url.host or ""):
            raise StoreError("the address of the store has an @ too many; write an @ inside a password as %40")
        return PostgresqlDatabase(url)
    raise StoreError(f"the address of the store is of a kind that is not supported; {_ADDRESS}")
