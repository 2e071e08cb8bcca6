"""The store keeps every turn that it acknowledged, and says plainly when it cannot."""

from __future__ import annotations

import os
import random
import re
import secrets
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.conversation.blocks import Note, Observation
from advisor.conversation.transcript import State, Turn
from advisor.records import store as store_module
from advisor.records.store import DATABASE, SCHEMA_VERSION, UNTITLED, SessionStore, StoreError
from advisor.text import clean
from tests.records.example_session import BEGUN, create, plain_turn

ROOT = Path(__file__).resolve().parents[2]

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80).map(clean)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_OBSERVATIONS = st.builds(
    Observation,
    attribute=_TEXT,
    value=_TEXT,
    quote=_TEXT,
    turn=st.integers(1, 9),
    start=st.integers(0, 99),
    end=st.integers(0, 99),
    obtained=st.sampled_from(["said", "inferred", "confirmed", "assumed"]),
    reason=_TEXT,
)
_STATES = st.builds(
    State,
    observations=st.lists(_OBSERVATIONS, max_size=3).map(tuple),
    pending=st.none() | _TEXT,
    declined=st.lists(_TEXT, max_size=3).map(tuple),
)
_TURNS = st.builds(
    Turn,
    number=st.integers(1, 2**40),
    at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=_ZONES),  # noqa: DTZ001  (the zone is added)
    utterance=_TEXT,
    acts=st.lists(_TEXT, max_size=3).map(tuple),
    blocks=st.lists(st.builds(Note, text=_TEXT), max_size=3).map(tuple),
    state=_STATES,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    opened = SessionStore(tmp_path / "data")
    yield opened
    opened.close()


# What is kept ------------------------------------------------------------------------------------------------------


@given(turns=st.lists(_TURNS, max_size=4, unique_by=lambda turn: turn.number))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_turns_come_back_as_they_were(store: SessionStore, turns: list[Turn]) -> None:
    session_id = create(store)
    for turn in turns:
        store.append(session_id, turn)
    store.close()
    loaded = store.load(session_id)
    assert loaded.turns == tuple(sorted(turns, key=lambda turn: turn.number))
    assert [turn.at.utcoffset() for turn in loaded.turns] == [
        turn.at.utcoffset() for turn in sorted(turns, key=lambda turn: turn.number)
    ]
    assert loaded.info.turns == len(turns)
    if turns:
        assert loaded.info.updated == turns[-1].at


def test_ids_are_short_sortable_and_harmless(store: SessionStore) -> None:
    ids = [create(store) for _ in range(40)]
    assert len(set(ids)) == 40
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", session_id) for session_id in ids)
    stamps = [session_id[:15] for session_id in ids]
    assert stamps == sorted(stamps)
    assert abs(datetime.strptime(stamps[0] + "+0000", "%Y%m%d-%H%M%S%z") - datetime.now(UTC)) < timedelta(minutes=1)


def test_sessions_are_listed_newest_first_with_what_they_were_held_with(store: SessionStore) -> None:
    assert store.sessions() == ()
    assert store.latest() is None
    early, late = create(store), create(store)
    store.append(late, plain_turn(1, at=BEGUN + timedelta(days=3650)))
    store.append(early, plain_turn(1, at=BEGUN + timedelta(days=3660)))
    assert [info.id for info in store.sessions()] == [early, late]
    assert store.latest() == early
    info = store.sessions()[0]
    assert (info.pack_id, info.pack_version) == ("pytorch_or_tensorflow", "1.0.0")
    assert (info.pack_fingerprint, info.encoder) == ("f" * 64, "e" * 64)
    assert info.created.tzinfo is not None
    assert info.turns == 1


def test_the_title_is_the_first_message_that_is_no_command(store: SessionStore) -> None:
    session_id = create(store)
    assert store.sessions()[0].title == UNTITLED
    store.append(session_id, plain_turn(1, "/help"))
    store.append(session_id, plain_turn(2, " \n "))
    assert store.sessions()[0].title == UNTITLED
    store.append(session_id, plain_turn(3, "We are six\npeople " + "and one more " * 99_999))
    store.append(session_id, plain_turn(4, "Later"))
    title = store.load(session_id).info.title
    assert title.startswith("We are six people and")
    assert title.endswith("…")
    assert len(title) <= 60


def test_ids_may_be_shortened_to_a_unique_beginning(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    endings = iter(["aa11", "aa22", "bb33"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(endings))
    monkeypatch.setattr(time, "strftime", lambda *given: "20261122-153012")
    ids = [create(store) for _ in range(3)]
    assert store.load("20261122-153012-bb").info.id == ids[2]
    assert store.load(f" {ids[0]}\n").info.id == ids[0]
    store.append("20261122-153012-b", plain_turn(1))
    assert store.load(ids[2]).info.turns == 1
    with pytest.raises(StoreError, match="several sessions begin with “20261122”: 20261122-153012-bb33, "):
        store.load("20261122")
    for unknown in ("", "%", "2026112_", "1999", "\x1b[2J", "x" * 10**6):
        with pytest.raises(StoreError, match=r"there is no session .*advisor sessions lists them") as caught:
            store.load(unknown)
        assert len(str(caught.value)) < 200
        assert "\x1b" not in str(caught.value)


def test_an_id_that_is_taken_is_not_given_again(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    endings = iter(["aaaa", "aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(endings))
    monkeypatch.setattr(time, "strftime", lambda *given: "20261122-153012")
    assert [create(store), create(store)] == ["20261122-153012-aaaa", "20261122-153012-bbbb"]


def test_a_turn_is_never_overwritten(store: SessionStore) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1, "first"))
    with pytest.raises(StoreError, match=rf"session {session_id} already has a turn 1"):
        store.append(session_id, plain_turn(1, "second"))
    assert [turn.utterance for turn in store.load(session_id).turns] == ["first"]
    store.append(session_id, plain_turn(2))


def test_turns_may_come_late_and_are_loaded_in_order(store: SessionStore) -> None:
    session_id = create(store)
    for number in (3, 1, 2):
        store.append(session_id, plain_turn(number))
    assert [turn.number for turn in store.load(session_id).turns] == [1, 2, 3]


def test_a_megabyte_is_kept(store: SessionStore) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1, "wörd " * 300_000))
    assert store.load(session_id).turns[0].utterance == "wörd " * 300_000


def test_text_from_a_tampered_database_is_cleaned(store: SessionStore) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1, "plain \x1b[31mred\u202e"))
    assert store.load(session_id).turns[0].utterance == "plain red"
    assert store.load(session_id).info.title == "plain red"


# Where it is kept --------------------------------------------------------------------------------------------------


def test_nothing_happens_before_the_first_use(tmp_path: Path) -> None:
    SessionStore(tmp_path / "data").close()
    SessionStore(tmp_path / "a\0b").close()
    assert not list(tmp_path.iterdir())


def test_the_argument_wins_over_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "environment"))
    assert SessionStore(tmp_path / "argument").path == tmp_path / "argument" / DATABASE
    assert SessionStore().path == tmp_path / "environment" / DATABASE
    monkeypatch.setenv("ADVISOR_DATA_DIR", "")
    assert "advisor" in SessionStore().path.parent.name
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ADVISOR_DATA_DIR", "~/here")
    assert os.name != "posix" or SessionStore().path == tmp_path / "here" / DATABASE


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_others_cannot_read_what_was_said(store: SessionStore) -> None:
    umask = os.umask(0)
    try:
        create(store)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()} == {0o600}


def test_each_commit_is_synced(store: SessionStore) -> None:
    create(store)
    connection = store._connection
    assert connection is not None
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION


# Several at once ---------------------------------------------------------------------------------------------------


def test_threads_share_a_store(store: SessionStore) -> None:
    session_id = create(store)
    failures: list[Exception] = []

    def append(numbers: range) -> None:
        try:
            for number in numbers:
                store.append(session_id, plain_turn(number))
                store.sessions()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=append, args=(range(first, 81, 8),)) for first in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert [turn.number for turn in store.load(session_id).turns] == list(range(1, 81))


# Appends turns as fast as it can, saying each one's number once it is stored, and skipping those that others have.
_WRITER = """
import sys
from pathlib import Path
from advisor.records.store import SessionStore, StoreError
from tests.records.example_session import plain_turn
store = SessionStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, int(sys.argv[3]) + 1):
    try:
        store.append(sys.argv[2], plain_turn(number, f"{sys.argv[4]} {number} " + "x" * (number * 7919 % 20000)))
    except StoreError as error:
        if "already has a turn" not in str(error):
            raise
        continue
    print(number, flush=True)
"""


def _program(script: str, store: SessionStore, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(store.path.parent), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _start(*writers: subprocess.Popen[str]) -> None:
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()


def test_two_programs_on_one_session_overwrite_nothing(store: SessionStore) -> None:
    session_id = create(store)
    writers = [_program(_WRITER, store, session_id, "120", name) for name in ("one", "two")]
    _start(*writers)
    acknowledged = [writer.communicate()[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(map(int, acknowledged[0] + acknowledged[1])) == list(range(1, 121))
    turns = {str(turn.number): turn.utterance.split()[0] for turn in store.load(session_id).turns}
    assert turns == dict.fromkeys(acknowledged[0], "one") | dict.fromkeys(acknowledged[1], "two")


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("moment", range(14))
def test_every_acknowledged_turn_survives_a_kill(store: SessionStore, moment: int) -> None:
    session_id = create(store)
    store.close()
    writer = _program(_WRITER, store, session_id, "1000000", "killed")
    _start(writer)
    time.sleep(random.Random(moment).uniform(0, 0.15))
    writer.send_signal(signal.SIGKILL)
    output, _ = writer.communicate()
    acknowledged = [int(line) for line in output.split("\n")[:-1]]
    turns = store.load(session_id).turns
    numbers = [turn.number for turn in turns]
    assert numbers[: len(acknowledged)] == acknowledged
    assert len(numbers) - len(acknowledged) in (0, 1)
    for turn in turns:
        expected = f"killed {turn.number} " + "x" * (turn.number * 7919 % 20000)
        assert turn == plain_turn(turn.number, expected)
    assert store.load(session_id).info.turns == len(turns)


_OPENER = """
import sys
from pathlib import Path
from tests.records.example_session import create
from advisor.records.store import SessionStore
store = SessionStore(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(create(store), flush=True)
"""


def test_many_programs_may_open_a_new_store_at_once(store: SessionStore) -> None:
    openers = [_program(_OPENER, store) for _ in range(6)]
    _start(*openers)
    ids = {opener.communicate()[0].strip() for opener in openers}
    assert [opener.returncode for opener in openers] == [0] * 6
    assert {info.id for info in store.sessions()} == ids
    assert len(ids) == 6


def test_a_busy_database_is_explained(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = create(store)
    store.close()
    monkeypatch.setattr(store_module, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(store.path, isolation_level=None)
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
        store.sessions,
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


def test_a_directory_in_place_of_the_file_is_explained(store: SessionStore) -> None:
    store.path.mkdir(parents=True)
    assert all("is a directory" in message for message in _attempts(store))


def test_an_impossible_name_is_explained(tmp_path: Path) -> None:
    assert all("null" in message for message in _attempts(SessionStore(tmp_path / "a\0b")))


def test_a_directory_without_permission_is_explained(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    assert all("(permission denied)" in message for message in _attempts(store))


def test_a_read_only_database_is_explained_and_can_be_read(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = create(store)
    assert store._connection is not None
    store._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="it is read-only; make it writable, or choose another directory"):
        store.append(session_id, plain_turn(1))
    store.append(session_id, plain_turn(1))


def test_a_full_disk_is_explained_and_loses_nothing_stored(store: SessionStore) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    assert store._connection is not None
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="the disk is full; free some space, or choose another directory"):
        store.append(session_id, plain_turn(2, "x" * 100_000))
    assert [turn.number for turn in store.load(session_id).turns] == [1]
    store.append(session_id, plain_turn(2))


@pytest.mark.skipif(sys.platform != "linux", reason="limits of file size")
def test_a_disk_that_refuses_to_grow_loses_nothing_stored(store: SessionStore) -> None:
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
        [sys.executable, "-c", script, str(store.path.parent), session_id],
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


def test_a_newer_schema_is_refused_and_left_alone(store: SessionStore) -> None:
    create(store)
    store.close()
    _execute(store.path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = store.path.read_bytes()
    assert all("newer version of advisor" in message for message in _attempts(store))
    assert store.path.read_bytes() == before
    assert [path.name for path in store.path.parent.iterdir()] == [DATABASE]


def test_a_database_of_another_program_is_left_alone(store: SessionStore) -> None:
    store.path.parent.mkdir()
    _execute(store.path, "CREATE TABLE precious (thing)")
    assert all("belongs to another program" in message for message in _attempts(store))
    _execute(store.path, "SELECT * FROM precious")


def _execute(path: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute(statement, values)
    finally:
        connection.close()


@pytest.mark.parametrize(
    "content", [b"not a database at all " * 500, b"short", bytes(8192), b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_corrupt_file_is_put_aside_and_never_lost(store: SessionStore, content: bytes) -> None:
    store.path.parent.mkdir()
    store.path.write_bytes(content)
    with pytest.raises(
        StoreError, match=rf"{DATABASE} is damaged; it was kept as {DATABASE}\.damaged-\d{{8}}-\d{{6}} "
    ):
        store.sessions()
    (aside,) = store.path.parent.iterdir()
    assert aside.read_bytes() == content
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    assert store.load(session_id).info.turns == 1
    store.close()
    store.path.write_bytes(content)
    with pytest.raises(StoreError, match="is damaged"):
        create(store)
    assert sum(".damaged-" in path.name for path in store.path.parent.iterdir()) == 2


@pytest.mark.skipif(os.name != "posix", reason="open files can be renamed")
def test_the_log_of_a_corrupt_file_goes_with_it_and_other_programs_move_on(store: SessionStore) -> None:
    create(store)
    assert store._connection is not None
    store._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with store.path.open("r+b") as file:
        file.write(b"damaged " * 100)
    other = SessionStore(store.path.parent)
    with pytest.raises(StoreError, match="is damaged; it was kept as"):
        other.sessions()
    names = sorted(path.name.partition(".damaged-")[2][15:] for path in store.path.parent.iterdir())
    assert names == ["", "-shm", "-wal"]
    session_id = create(other)
    store.append(session_id, plain_turn(1))
    assert other.load(session_id).info.turns == 1
    other.close()


def test_damage_in_the_middle_is_noticed_when_it_is_met(store: SessionStore) -> None:
    session_id = create(store)
    for number in range(1, 40):
        store.append(session_id, plain_turn(number, "x" * 5000))
    store.close()
    content = bytearray(store.path.read_bytes())
    content[4096 * 3 :] = b"\xa5" * len(content[4096 * 3 :])
    store.path.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        store.load(session_id)
    (aside,) = (path for path in store.path.parent.iterdir() if ".damaged-" in path.name)
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
    content = bytearray(opened.path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=40)):
        content[place] ^= data.draw(st.integers(1, 255))
    opened.path.write_bytes(content)
    with suppress(StoreError):
        opened.load(session_id)
        opened.sessions()
        opened.append(session_id, plain_turn(6))
    with suppress(StoreError):
        opened.load(create(opened))
    opened.close()


def test_a_schema_that_is_no_text_is_damage(store: SessionStore) -> None:
    create(store)
    store.close()
    content = store.path.read_bytes()
    store.path.write_bytes(content.replace(b"CREATE TABLE turn", b"CREATE TABLE \xce\xce\xce\xce"))
    with pytest.raises(StoreError, match="is damaged; it was kept as"):
        store.sessions()
    assert store.sessions() == ()


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000, '{"number": 2}', "\ud83d", "null"])
def test_a_damaged_turn_is_named_and_the_others_are_untouched(store: SessionStore, content: str) -> None:
    damaged, whole = create(store), create(store)
    for session_id in (damaged, whole):
        store.append(session_id, plain_turn(1))
        store.append(session_id, plain_turn(2))
    store.close()
    _execute(
        store.path,
        "UPDATE turn SET content = CAST(? AS TEXT) WHERE session = ? AND number = 2",
        content.encode(errors="surrogatepass"),
        damaged,
    )
    with pytest.raises(StoreError, match=rf"turn 2 of session {damaged} .* is damaged"):
        store.load(damaged)
    assert store.load(whole).info.turns == 2
    assert len(store.sessions()) == 2


def test_a_damaged_entry_is_named(store: SessionStore) -> None:
    session_id = create(store)
    store.close()
    _execute(store.path, "UPDATE session SET created = 'yesterday'")
    with pytest.raises(StoreError, match=f"the entry of session {session_id} in .* is damaged"):
        store.sessions()


@pytest.mark.skipif(os.name != "posix", reason="open files can be removed")
def test_turns_do_not_vanish_into_a_deleted_database(store: SessionStore) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    for path in store.path.parent.iterdir():
        path.unlink()
    with pytest.raises(StoreError, match="there is no session"):
        store.append(session_id, plain_turn(2))
    store.append(create(store), plain_turn(1))
    assert len(store.sessions()) == 1
