"""The SQLite file is private and synced, survives what may happen to it, and says plainly what did."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.conversation.transcript import Turn
from advisor.records import sqlite_database
from advisor.records.sqlite_database import DATABASE, SqliteDatabase
from advisor.records.store import SessionStore, StoreError
from advisor.records.tables import SCHEMA_VERSION
from tests.records.example_session import BEGUN, create, plain_turn
from tests.records.programs import OPENER, ROOT, program, start


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(directory: Path) -> Iterator[SessionStore]:
    opened = SessionStore(directory)
    yield opened
    opened.close()


@pytest.fixture
def path(directory: Path) -> Path:
    return directory / DATABASE


def _database(store: SessionStore) -> SqliteDatabase:
    database = store._database
    assert isinstance(database, SqliteDatabase)
    return database


def _pragma(database: SqliteDatabase, statement: str) -> object:
    """Asks or changes a setting of the connection that the store uses."""
    assert database._connection is not None
    found = database._connection.exec_driver_sql(f"PRAGMA {statement}")
    value = found.scalar() if found.returns_rows else None
    database._connection.rollback()
    return value


# Where it is kept --------------------------------------------------------------------------------------------------


def test_nothing_happens_before_the_first_use(tmp_path: Path) -> None:
    SessionStore(tmp_path / "data").close()
    SessionStore(tmp_path / "a\0b").close()
    assert not list(tmp_path.iterdir())


def test_the_argument_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "environment"))
    assert SqliteDatabase.in_directory(tmp_path / "argument").path == tmp_path / "argument" / DATABASE
    assert SqliteDatabase.in_directory(None).path == tmp_path / "environment" / DATABASE
    monkeypatch.setenv("ADVISOR_DATA_DIR", "")
    assert "advisor" in SqliteDatabase.in_directory(None).path.parent.name
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADVISOR_DATA_DIR", "~/here")
    assert os.name != "posix" or SqliteDatabase.in_directory(None).path == tmp_path / "here" / DATABASE


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_others_cannot_read_what_was_said(store: SessionStore, path: Path, directory: Path) -> None:
    umask = os.umask(0)
    try:
        create(store)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_each_commit_is_synced(store: SessionStore) -> None:
    create(store)
    database = _database(store)
    assert _pragma(database, "journal_mode") == "wal"
    assert _pragma(database, "synchronous") == 2
    assert _pragma(database, "foreign_keys") == 1
    assert _pragma(database, "user_version") == SCHEMA_VERSION


def test_a_busy_database_is_explained(store: SessionStore, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    session_id = create(store)
    store.close()
    monkeypatch.setattr(sqlite_database, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match="another program is writing to it; try again"):
            store.append(session_id, plain_turn(1))
    finally:
        other.close()
    store.append(session_id, plain_turn(1))


# What can go wrong -------------------------------------------------------------------------------------------------


def _attempts(store: SessionStore) -> Iterator[str]:
    """What each method says when it fails."""
    calls: list[Any] = [
        lambda: create(store),
        lambda: store.append("x", plain_turn(1)),
        lambda: store.load("x"),
        lambda: store.rename("x", "y"),
        lambda: store.delete("x"),
        lambda: store.restore("x"),
        store.purge,
        store.sessions,
        store.deleted,
        lambda: store.search("x"),
        store.latest,
    ]
    for call in calls:
        with pytest.raises(StoreError) as caught:
            call()
        message = str(caught.value)
        assert "\n" not in message
        assert "--data-dir" in message
        yield message


def test_a_file_in_place_of_the_directory_is_explained(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("mine")
    for place in (tmp_path / "data", tmp_path / "data" / "below"):
        assert all(str(place) in message for message in _attempts(SessionStore(place)))
    assert (tmp_path / "data").read_text() == "mine"


def test_a_directory_in_place_of_the_file_is_explained(store: SessionStore, path: Path, directory: Path) -> None:
    path.mkdir(parents=True)
    assert all("is a directory" in message for message in _attempts(store))


def test_an_impossible_name_is_explained(tmp_path: Path) -> None:
    assert all("null" in message for message in _attempts(SessionStore(tmp_path / "a\0b")))


def test_a_directory_without_permission_is_explained(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert all("(permission denied)" in message for message in _attempts(store))


def test_a_read_only_database_is_explained_and_can_be_read(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, directory: Path
) -> None:
    session_id = create(store)
    _pragma(_database(store), "query_only = ON")
    with pytest.raises(StoreError, match="it is read-only; make it writable, or choose another directory"):
        store.append(session_id, plain_turn(1))
    store.append(session_id, plain_turn(1))


def test_a_full_disk_is_explained_and_loses_nothing_stored(store: SessionStore, directory: Path) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    _pragma(_database(store), "max_page_count = 1")
    with pytest.raises(StoreError, match="the disk is full; free some space, or choose another directory"):
        store.append(session_id, plain_turn(2, "x" * 100_000))
    assert [turn.number for turn in store.load(session_id).turns] == [1]
    store.append(session_id, plain_turn(2))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of file size")
def test_a_disk_that_refuses_to_grow_loses_nothing_stored(store: SessionStore, directory: Path) -> None:
    session_id = create(store)
    store.close()
    script = """
import resource, signal, sys
from pathlib import Path
from advisor.records.store import SessionStore, StoreError
from tests.records.example_session import plain_turn
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
store = SessionStore(Path(sys.argv[1]))
for number in range(1, 100):
    try:
        store.append(sys.argv[2], plain_turn(number, "x" * 9_000))
    except StoreError as error:
        print(error)
        break
    print(number)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(directory), session_id],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    *stored, message = done.stdout.splitlines()
    assert "conversations cannot be kept in" in message
    assert stored
    assert [str(turn.number) for turn in store.load(session_id).turns] == stored


_SCHEMA_1 = """
CREATE TABLE session (
    id TEXT PRIMARY KEY, created TEXT NOT NULL, updated TEXT NOT NULL, title TEXT NOT NULL, pack_id TEXT NOT NULL,
    pack_version TEXT NOT NULL, pack_fingerprint TEXT NOT NULL, encoder TEXT NOT NULL);
CREATE TABLE turn (
    session TEXT NOT NULL REFERENCES session (id), number INTEGER NOT NULL CHECK (number >= 1),
    content TEXT NOT NULL, PRIMARY KEY (session, number));
PRAGMA application_id = 1633973874;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;
"""


def _write_schema_1(path: Path, turns: int) -> None:
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript(_SCHEMA_1)
    at = BEGUN.isoformat()
    for name in ("a", "b"):
        connection.execute("INSERT INTO session VALUES (?, ?, ?, 'Old', 'p', '1', 'f', 'e')", (name, at, at))
        for number in range(1, turns + 1):
            content = plain_turn(number, f"Message {number} of {name}").model_dump_json()
            connection.execute("INSERT INTO turn VALUES (?, ?, ?)", (name, number, content))
    connection.execute("INSERT INTO turn VALUES ('b', 99, '{')")
    connection.commit()
    connection.close()


def test_a_database_of_the_first_schema_is_taken_over(store: SessionStore, path: Path) -> None:
    _write_schema_1(path, turns=3)
    assert [(info.id, info.title, info.turns) for info in store.sessions()] == [("b", "Old", 4), ("a", "Old", 3)]
    assert store.load("a").turns == tuple(plain_turn(number, f"Message {number} of a") for number in (1, 2, 3))
    with pytest.raises(StoreError, match="turn 99 of session b"):
        store.load("b")
    assert [info.id for info in store.search("message 2 OF A")] == ["a"]
    store.append("a", plain_turn(4))
    store.delete("b")
    store.close()
    assert [(info.id, info.turns) for info in SessionStore(path.parent).sessions()] == [("a", 4)]


def test_several_may_take_over_a_database_at_once(store: SessionStore, path: Path) -> None:
    _write_schema_1(path, turns=60)
    openers = [program(OPENER, f"sqlite:///{path}") for _ in range(4)]
    start(*openers)
    for opener in openers:
        opener.communicate()
    assert [opener.returncode for opener in openers] == [0] * 4
    assert len(store.sessions()) == 6


def test_a_take_over_that_fails_changes_nothing(
    store: SessionStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_schema_1(path, turns=2)

    def fail(turn: Turn) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(sqlite_database, "searchable", fail)
    with pytest.raises(KeyboardInterrupt):
        store.sessions()
    monkeypatch.undo()
    assert _schema_of(path) == 1
    assert [info.id for info in store.search("message 2 of a")] == ["a"]
    assert _schema_of(path) == SCHEMA_VERSION


def _schema_of(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def test_a_newer_schema_is_refused_and_left_alone(store: SessionStore, path: Path, directory: Path) -> None:
    create(store)
    store.close()
    _execute(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = path.read_bytes()
    assert all("newer version of advisor" in message for message in _attempts(store))
    assert path.read_bytes() == before
    assert [path.name for path in directory.iterdir()] == [DATABASE]


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_a_database_of_another_program_is_left_alone(store: SessionStore, path: Path, version: int) -> None:
    path.parent.mkdir()
    _execute(path, "CREATE TABLE precious (thing)")
    _execute(path, f"PRAGMA user_version = {version}")
    before = path.read_bytes()
    assert all("belongs to another program" in message for message in _attempts(store))
    assert path.read_bytes() == before


def test_what_was_purged_is_no_longer_in_the_file(store: SessionStore, path: Path) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1, "a very private remark"))
    store.delete(session_id)
    store.purge()
    store.close()
    assert b"private" not in path.read_bytes()


def _execute(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(statement, values)
    finally:
        connection.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all " * 500, b"short", bytes(8192), b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_corrupt_file_is_put_aside_and_never_lost(
    store: SessionStore, content: bytes, path: Path, directory: Path
) -> None:
    directory.mkdir()
    path.write_bytes(content)
    with pytest.raises(
        StoreError, match=rf"{DATABASE} is damaged; it was kept as {DATABASE}\.damaged-\d{{8}}-\d{{6}} "
    ):
        store.sessions()
    (aside,) = directory.iterdir()
    assert aside.read_bytes() == content
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    assert store.load(session_id).info.turns == 1
    store.close()
    path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        create(store)
    assert sum(".damaged-" in path.name for path in directory.iterdir()) == 2


@pytest.mark.skipif(os.name != "posix", reason="open files can be renamed")
def test_the_log_of_a_corrupt_file_goes_with_it_and_other_programs_move_on(
    store: SessionStore, path: Path, directory: Path
) -> None:
    create(store)
    _pragma(_database(store), "wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"damaged " * 100)
    other = SessionStore(directory)
    with pytest.raises(StoreError, match="is damaged; it was kept as"):
        other.sessions()
    names = sorted(path.name.partition(".damaged-")[2][15:] for path in directory.iterdir())
    assert names == ["", "-shm", "-wal"]
    session_id = create(other)
    store.append(session_id, plain_turn(1))
    assert other.load(session_id).info.turns == 1
    other.close()


def test_damage_in_the_middle_is_noticed_when_it_is_met(store: SessionStore, path: Path, directory: Path) -> None:
    session_id = create(store)
    for number in range(1, 40):
        store.append(session_id, plain_turn(number, "x" * 5000))
    store.close()
    content = bytearray(path.read_bytes())
    content[4096 * 3 :] = b"\xa5" * len(content[4096 * 3 :])
    path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        store.load(session_id)
    (aside,) = (path for path in directory.iterdir() if ".damaged-" in path.name)
    assert aside.read_bytes() == content
    assert store.sessions() == ()


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_flipped_bytes_never_show_anything_but_a_store_error(tmp_path: Path, data: st.DataObject) -> None:
    directory = tmp_path / str(time.monotonic_ns())
    opened = SessionStore(directory)
    session_id = create(opened)
    for number in range(1, 6):
        opened.append(session_id, plain_turn(number, "x" * 3000))
    opened.close()
    content = bytearray((directory / DATABASE).read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=40)):
        content[place] ^= data.draw(st.integers(1, 255))
    (directory / DATABASE).write_bytes(content)
    with suppress(StoreError):
        opened.load(session_id)
        opened.sessions()
        opened.append(session_id, plain_turn(6))
    with suppress(StoreError):
        opened.load(create(opened))
    opened.close()


def test_an_index_that_misses_what_is_there_is_damage(store: SessionStore, path: Path) -> None:
    session_id = create(store)
    store.close()
    content = path.read_bytes()
    places = [found.end() - 1 for found in re.finditer(re.escape(session_id.encode()), content)]
    told = []
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        try:
            store.load(session_id)
        except StoreError as error:
            told.append(str(error))
        store.close()
    assert any("is damaged; it was kept as" in one for one in told)


def test_a_schema_that_is_no_text_is_damage(store: SessionStore, path: Path) -> None:
    create(store)
    store.close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"CREATE TABLE turn", b"CREATE TABLE \xce\xce\xce\xce"))
    with pytest.raises(StoreError, match="is damaged; it was kept as"):
        store.sessions()
    assert store.sessions() == ()


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000, '{"number": 2}', "\ud83d", "null"])
def test_a_damaged_turn_is_named_and_the_others_are_untouched(store: SessionStore, content: str, path: Path) -> None:
    damaged, whole = create(store), create(store)
    for session_id in (damaged, whole):
        store.append(session_id, plain_turn(1))
        store.append(session_id, plain_turn(2))
    store.close()
    _execute(
        path,
        "UPDATE turn SET content = CAST(? AS TEXT) WHERE session = ? AND number = 2",
        content.encode(errors="surrogatepass"),
        damaged,
    )
    with pytest.raises(StoreError, match=rf"turn 2 of session {damaged} .* is damaged"):
        store.load(damaged)
    assert store.load(whole).info.turns == 2
    assert len(store.sessions()) == 2


def test_a_damaged_entry_is_named(store: SessionStore, path: Path) -> None:
    session_id = create(store)
    store.close()
    _execute(path, "UPDATE session SET created = 'yesterday'")
    with pytest.raises(StoreError, match=f"the entry of session {session_id} in .* is damaged"):
        store.sessions()


@pytest.mark.skipif(os.name != "posix", reason="open files can be removed")
def test_turns_do_not_vanish_into_a_deleted_database(store: SessionStore, directory: Path) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    for path in directory.iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="there is no session"):
        store.append(session_id, plain_turn(2))
    store.append(create(store), plain_turn(1))
    assert len(store.sessions()) == 1
