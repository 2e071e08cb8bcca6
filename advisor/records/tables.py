"""The tables of the store, the same in every database."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, MetaData, Table, Text

# 1: sessions and turns. 2: `session.deleted`, when the session was deleted; `turn.searchable`, what it is found by.
SCHEMA_VERSION = 2

METADATA = MetaData()

# Times are ISO 8601 with their offset, as text: no database then changes the zone that a turn was written in.
SESSION = Table(
    "session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("created", Text, nullable=False),
    Column("updated", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("pack_id", Text, nullable=False),
    Column("pack_version", Text, nullable=False),
    Column("pack_fingerprint", Text, nullable=False),
    Column("encoder", Text, nullable=False),
    Column("deleted", Text),
)

TURN = Table(
    "turn",
    METADATA,
    Column("session", Text, ForeignKey("session.id"), primary_key=True),
    Column("number", BigInteger, CheckConstraint("number >= 1"), primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("searchable", Text, nullable=False, server_default=""),
)
