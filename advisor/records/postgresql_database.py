"""Conversations in a schema of a PostgreSQL database, so that a team can share them."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import URL, Column, Connection, Engine, Integer, MetaData, Table, create_engine, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from advisor.records.queries import Queries
from advisor.records.store_errors import StoreError
from advisor.records.tables import METADATA, SCHEMA_VERSION
from advisor.text import clean, shorten

SCHEMA = "advisor"
WAIT_SECONDS = 5

_PREPARING = 0x61647672  # "advr": the advisory lock under which the tables are made
_ELSEWHERE = "leave out --store and ADVISOR_STORE to keep conversations on this machine"
_REPORTED_LENGTH = 200

# What libpq says when it cannot connect has no code. The server may say it in another language; then its own words do.
_CONNECTING = (
    (r"password authentication failed|no password supplied", "the user or the password is not accepted; correct them"),
    (r'role ".*" does not exist', "there is no such user; ask for one, or correct the user"),
    (r'database ".*" does not exist', "there is no such database; ask for one with: createdb NAME"),
    (r"permission denied for database", "the user may not use this database; ask for the privilege CONNECT"),
    (r"no pg_hba\.conf entry", "the server does not let this user in from here; ask whoever runs it"),
    (r"too many (clients|connections)|remaining connection slots", "the server has too many users; try again later"),
    (r"could not translate host name|resolve host", "there is no such host; correct the host"),
    (r"starting up|shutting down|recovery mode", "the server is starting or stopping; try again in a moment"),
    (
        r"Connection refused|No such file or directory|timeout expired|timed? ?out|Network is unreachable|No route",
        "the server cannot be reached; check that it runs, and the host and port",
    ),
)
_CODES = {
    "22P05": "the database cannot hold all characters; ask for one with the encoding UTF8",
    "25006": "the server is read-only at present; try again later, or correct the host",
    "40001": "others were writing at the same moment; try again",
    "40P01": "others were writing at the same moment; try again",
    "42501": f"the user may not do that; ask for all privileges on the schema {SCHEMA}, or CREATE on the database",
    "42P01": f"the schema {SCHEMA} is not whole; ask whoever runs the server to restore or drop it",
    "53100": "the server's disk is full; ask whoever runs it",
    "55P03": "another program is writing to the same conversation; try again in a moment",
    "57014": "the server took too long; try again in a moment",
}
# Two at once, an id that was taken at the same moment, and tables that were dropped and are to be made anew.
_REPEATED = ("40001", "40P01", "23505", "42P01")

# Holds the version, and tells our schema from one that another program made.
_MARKER = Table("advisor_store", MetaData(), Column("version", Integer, nullable=False))

# Durable even where the server is set up to acknowledge early, and no endless waits.
_CAREFUL = text(
    "SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    " ELSE current_setting('synchronous_commit') END, true),"
    f" set_config('lock_timeout', '{WAIT_SECONDS}s', true), set_config('statement_timeout', '60s', true)"
)

Result = TypeVar("Result")

# Lost connections are for this module to explain, not for the driver to report on the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())


class PostgresqlDatabase:
    """The schema `advisor` in the database at `address`, which is made on first use."""

    def __init__(self, address: URL) -> None:
        self._address = address.set(drivername="postgresql+psycopg")
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    @property
    def place(self) -> str:
        """Database, host and port, for messages; neither user nor password."""
        host = self._address.host or _first(self._address.query.get("host"))
        port = self._address.port or _first(self._address.query.get("port"))
        where = f" on {host}{f':{port}' if port else ''}" if host else ""
        return shorten(clean(f"the PostgreSQL database {self._address.database or 'of this user'}{where}"), 120)

    def run(self, work: Callable[[Queries], Result], *, write: bool) -> Result:
        """Does `work` in one transaction; durable when this returns. Raises StoreError.

        It is done once more when the connection was lost or others were in the way.
        """
        with self._lock:
            try:
                try:
                    return self._attempt(work, write)
                except DBAPIError as error:
                    if not error.connection_invalidated and _code(error) not in _REPEATED:
                        raise
                    self._disconnect()
                    return self._attempt(work, write)
            except (SQLAlchemyError, UnicodeError) as error:
                self._disconnect()
                raise self._explained(error) from None  # the cause may quote the address with its password

    def close(self) -> None:
        """Ends the connection; a later call opens it again."""
        with self._lock:
            self._disconnect()

    # The connection --------------------------------------------------------------------------------------------

    def _attempt(self, work: Callable[[Queries], Result], write: bool) -> Result:
        engine = self._connected()
        level = "READ COMMITTED" if write else "REPEATABLE READ"  # a session is read as it was at one moment
        with (
            engine.connect().execution_options(isolation_level=level) as connection,
            connection.begin(),
        ):
            connection.execute(_CAREFUL)
            return work(Queries(connection))

    def _connected(self) -> Engine:
        if self._engine is not None:
            return self._engine
        try:
            engine = create_engine(
                self._address,
                connect_args=self._defaults(),
                pool_size=1,
                pool_pre_ping=True,
                hide_parameters=True,
                use_native_hstore=False,
            )
        except ImportError:
            raise StoreError(
                "to keep conversations in PostgreSQL the package psycopg is needed; install it with: "
                f'python -m pip install "psycopg[binary]", or {_ELSEWHERE}'
            ) from None
        except (ArgumentError, TypeError, ValueError):
            raise StoreError("the address of the store has options that are not valid; correct --store") from None
        engine = engine.execution_options(schema_translate_map={None: SCHEMA})
        try:
            self._prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        self._engine = engine
        return engine

    def _defaults(self) -> dict[str, Any]:
        """How to connect, where the address does not say otherwise."""
        defaults: dict[str, Any] = {
            "application_name": "advisor",
            "connect_timeout": WAIT_SECONDS,
            "keepalives_idle": 30,
            "tcp_user_timeout": 15_000,  # milliseconds after which an unanswered connection counts as lost
        }
        usual = {name: value for name, value in defaults.items() if name not in self._address.query}
        return {**usual, "prepare_threshold": None}  # prepared statements do not pass every connection pooler

    def _disconnect(self) -> None:
        if self._engine is not None:
            engine, self._engine = self._engine, None
            with suppress(SQLAlchemyError):
                engine.dispose()

    # The schema ------------------------------------------------------------------------------------------------

    def _prepare(self, engine: Engine) -> None:
        with engine.begin() as connection:
            encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
            if encoding != "UTF8":
                raise StoreError(f"{self.place} has the encoding {clean(encoding)}; ask for one with the encoding UTF8")
            if self._version(connection) is None:
                connection.execute(_CAREFUL)
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
                if self._version(connection) is None:  # nobody else has done it meanwhile
                    self._create(connection)

    def _version(self, connection: Connection) -> int | None:
        """The version of the tables that are there, if they are. Raises StoreError when they are not for us."""
        relation = text("SELECT 1 FROM pg_class WHERE relname = :marker AND relnamespace = to_regnamespace(:schema)")
        if connection.execute(relation, {"schema": SCHEMA, "marker": _MARKER.name}).first() is None:
            return None
        version = max(connection.execute(_MARKER.select()).scalars(), default=0)
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"{self.place} was written by a newer version of advisor and was left as it is; update advisor, "
                f"or {_ELSEWHERE}"
            )
        return version

    def _create(self, connection: Connection) -> None:
        occupied = text("SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(:schema)")
        if connection.execute(occupied, {"schema": SCHEMA}).first():
            raise StoreError(
                f"the schema {SCHEMA} of {self.place} belongs to another program and was left as it is; "
                "choose another database with --store"
            )
        known = connection.execute(text("SELECT to_regnamespace(:schema)"), {"schema": SCHEMA}).scalar_one()
        if known is None:
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
        METADATA.create_all(connection, checkfirst=False)
        _MARKER.create(connection, checkfirst=False)
        connection.execute(_MARKER.insert().values(version=SCHEMA_VERSION))

    # What went wrong, in words -----------------------------------------------------------------------------------

    def _explained(self, error: SQLAlchemyError | UnicodeError) -> StoreError:
        reported = self._without_secrets(str(getattr(error, "orig", error)))
        advice = _CODES.get(_code(error)) or next(
            (advice for pattern, advice in _CONNECTING if re.search(pattern, reported, re.IGNORECASE)), None
        )
        if advice is None and getattr(error, "connection_invalidated", False):
            advice = "the connection was lost; try again in a moment"
        if advice is None:
            advice = f"the server reported “{_one_line(reported)}”; correct --store, or {_ELSEWHERE}"
        return StoreError(f"conversations cannot be kept in {self.place}: {advice}")

    def _without_secrets(self, reported: str) -> str:
        query = self._address.query
        secrets = [self._address.password, *(_first(query.get(name)) for name in ("password", "sslpassword"))]
        for secret in filter(None, map(_text, secrets)):
            reported = reported.replace(secret, "***")
        return clean(reported)


def _code(error: BaseException) -> str:
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _first(value: object) -> str:
    return str(value[0] if isinstance(value, tuple) else value) if value else ""


def _text(value: object) -> str:
    return str(value) if value else ""


def _one_line(reported: str) -> str:
    return shorten(reported.strip().split("\n")[0], _REPORTED_LENGTH)
