"""What is said when a PostgreSQL server cannot keep conversations, and that nothing acknowledged is lost with it."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import text

from advisor.records import postgresql_database
from advisor.records.postgresql_database import SCHEMA
from advisor.records.queries import Queries
from advisor.records.store import SessionStore, StoreError
from advisor.records.tables import SCHEMA_VERSION
from tests.records.example_session import create, plain_turn
from tests.records.postgresql import Server


@pytest.fixture
def store(postgresql: Server) -> Iterator[SessionStore]:
    opened = SessionStore(address=postgresql.address)
    yield opened
    opened.close()


@pytest.fixture
def guest(postgresql: Server) -> Iterator[Callable[..., SessionStore]]:
    """Opens the store as a user who may do only what is granted here."""
    postgresql.execute("CREATE ROLE guest LOGIN PASSWORD 'sesame'")
    opened: list[SessionStore] = []

    def open_as_guest(*grants: str) -> SessionStore:
        for grant in grants:
            postgresql.execute(f"{grant} TO guest")
        opened.append(SessionStore(address=postgresql.address_of(user="guest", password="sesame")))
        return opened[-1]

    yield open_as_guest
    for each in opened:
        each.close()
    postgresql.execute("DROP OWNED BY guest CASCADE")
    postgresql.execute("DROP ROLE guest")


def _refusal(store: SessionStore, *secrets: str) -> str:
    """What reading and writing say, which is the same."""
    messages = set()
    for use in (store.sessions, lambda: create(store)):
        with pytest.raises(StoreError) as caught:
            use()
        messages.add(str(caught.value))
    (message,) = messages
    assert "\n" not in message
    assert len(message) < 500
    assert not [secret for secret in secrets if secret in message]
    return message


# Addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_the_usual_schemes_are_understood(postgresql: Server, scheme: str) -> None:
    store = SessionStore(address=postgresql.address.replace("postgresql", scheme, 1))
    assert store.sessions() == ()
    assert "postgresql" in store.place.lower()
    store.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense", "it cannot be read"),
        ("hunter2://", "a kind that is not supported"),
        ("mysql://me:hunter2@host/base", "a kind that is not supported"),
        ("postgresql+asyncpg://me:hunter2@host/base", "a kind that is not supported"),
        ("postgresql://me:hunter2/base", "the port is not a number"),
        ("postgresql://me:hun@ter2@host/base", "write an @ inside a password as %40"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite://hunter2/file", "names no file"),
        ("postgresql://me:hunter2@127.0.0.1:1/base?nonsense=hunter2", "correct --store"),
        ("postgresql://me:hunter2@127.0.0.1:1/base?connect_timeout=hunter2", "the server cannot be reached"),
        ("postgresql://me:hunter2@127.0.0.1:1/base?sslmode=hunter2", "correct --store"),
        ("postgresql://me@127.0.0.1:1/base?password=hunter2&sslmode=hunter2", "correct --store"),
        ("postgresql://me:hunter2@127.0.0.1:1/\x1b[31mbase", "on 127.0.0.1:1: the server cannot be reached"),
        ("postgresql://me:hunter2@127.0.0.1:1/" + "x" * 100_000, "the server cannot be reached"),
        ("postgresql://me:hunter2@host.invalid/base", "there is no such host; correct the host"),
        ("postgresql://me:hunter2@/base?host=/nowhere", "the server cannot be reached; check that it runs"),
    ],
)
def test_a_bad_address_is_explained_without_its_password(address: str, reason: str) -> None:
    message = _refusal(SessionStore(address=address), "hunter2", "ter2", "\x1b")
    assert reason in message


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    message = _refusal(SessionStore(address="postgresql://me:hunter2@127.0.0.1:1/base"), "hunter2")
    assert 'python -m pip install "psycopg[binary]"' in message


# Servers that refuse -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"password": "hunter2"}, "the user or the password is not accepted"),
        ({"password": ""}, "the user or the password is not accepted"),
        ({"user": "nobody-known"}, "the user or the password is not accepted"),
        ({"database": "missing"}, "there is no such database"),
    ],
)
def test_a_refused_connection_is_explained(postgresql: Server, other: dict[str, str], reason: str) -> None:
    message = _refusal(SessionStore(address=postgresql.address_of(**other)), "hunter2", postgresql.password)
    assert reason in message
    assert str(postgresql.directory) in message


def test_a_user_who_may_not_make_the_schema_is_told_what_to_ask_for(guest: Callable[..., SessionStore]) -> None:
    assert "ask for all privileges on the schema advisor, or CREATE on the database" in _refusal(guest())


def test_a_user_who_may_make_the_schema_can_begin(guest: Callable[..., SessionStore]) -> None:
    store = guest("GRANT CREATE ON DATABASE postgres")
    store.append(create(store), plain_turn(1))
    assert len(store.sessions()) == 1


def test_a_schema_made_for_the_user_is_used(postgresql: Server, guest: Callable[..., SessionStore]) -> None:
    postgresql.execute("CREATE SCHEMA advisor")
    store = guest("GRANT ALL ON SCHEMA advisor")
    store.append(create(store), plain_turn(1))
    assert len(store.sessions()) == 1


def test_a_reader_can_read(store: SessionStore, guest: Callable[..., SessionStore]) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    reader = guest("GRANT USAGE ON SCHEMA advisor", "GRANT SELECT ON ALL TABLES IN SCHEMA advisor")
    assert reader.load(session_id).info.turns == 1
    with pytest.raises(StoreError, match="the user may not do that"):
        reader.append(session_id, plain_turn(2))
    store.append(session_id, plain_turn(2))


def test_a_read_only_server_is_explained(
    postgresql: Server, store: SessionStore, guest: Callable[..., SessionStore]
) -> None:
    session_id = create(store)
    reader = guest("GRANT ALL ON SCHEMA advisor", "GRANT ALL ON ALL TABLES IN SCHEMA advisor")
    postgresql.execute("ALTER ROLE guest SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="the server is read-only at present"):
        reader.append(session_id, plain_turn(1))


def test_another_encoding_is_refused(postgresql: Server) -> None:
    postgresql.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    try:
        store = SessionStore(address=postgresql.address_of(database="latin"))
        assert "has the encoding LATIN1; ask for one with the encoding UTF8" in _refusal(store)
    finally:
        postgresql.execute("DROP DATABASE latin WITH (FORCE)")


def test_a_schema_of_another_program_is_left_alone(postgresql: Server, store: SessionStore) -> None:
    postgresql.execute("CREATE SCHEMA advisor")
    postgresql.execute("CREATE TABLE advisor.session (precious int)")
    assert "belongs to another program and was left as it is" in _refusal(store)
    assert postgresql.execute("SELECT precious FROM advisor.session") == []


def test_tables_of_another_program_are_not_in_the_way(postgresql: Server, store: SessionStore) -> None:
    postgresql.execute("CREATE TABLE IF NOT EXISTS public.session (precious int)")
    create(store)
    assert len(store.sessions()) == 1


def test_a_newer_schema_is_refused_and_left_alone(postgresql: Server, store: SessionStore) -> None:
    create(store)
    store.close()
    postgresql.execute(f"UPDATE {SCHEMA}.advisor_store SET version = {SCHEMA_VERSION + 1}")
    assert "written by a newer version of advisor" in _refusal(store)


def test_a_schema_that_is_dropped_is_made_anew_and_one_in_pieces_is_explained(
    postgresql: Server, store: SessionStore
) -> None:
    create(store)
    postgresql.forget()
    create(store)
    assert len(store.sessions()) == 1
    postgresql.execute(f"DROP TABLE {SCHEMA}.turn")
    with pytest.raises(StoreError, match="the schema advisor is not whole"):
        store.sessions()


# Durability and waiting --------------------------------------------------------------------------------------------


def test_turns_are_durable_even_where_the_server_is_set_up_not_to_be(postgresql: Server, store: SessionStore) -> None:
    postgresql.execute("ALTER ROLE advisor SET synchronous_commit = off")
    try:
        show = text("SHOW synchronous_commit")
        assert store._run(lambda queries: queries._connection.execute(show).scalar(), write=True) == "on"
    finally:
        postgresql.execute("ALTER ROLE advisor RESET synchronous_commit")


def test_waiting_for_another_program_ends(
    postgresql: Server, store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = create(store)
    monkeypatch.setattr(postgresql_database, "_CAREFUL", text("SELECT set_config('lock_timeout', '50ms', true)"))
    with psycopg.connect(
        host=str(postgresql.directory), user="advisor", password=postgresql.password, dbname="postgres"
    ) as other:
        other.execute(f"UPDATE {SCHEMA}.session SET title = 'mine'".encode())
        with pytest.raises(StoreError, match="another program is writing to the same conversation; try again"):
            store.append(session_id, plain_turn(1))
    store.append(session_id, plain_turn(1))
    assert store.load(session_id).info.title == "mine"


# Connections that end ----------------------------------------------------------------------------------------------


def test_a_connection_that_ended_between_turns_is_not_noticed(postgresql: Server, store: SessionStore) -> None:
    session_id = create(store)
    for number in range(1, 4):
        assert postgresql.disconnect() == 1
        store.append(session_id, plain_turn(number))
    assert store.load(session_id).info.turns == 3


def test_what_a_lost_connection_left_undone_is_done_again(postgresql: Server, store: SessionStore) -> None:
    session_id = create(store)
    attempts = []

    def work(queries: Queries) -> None:
        attempts.append(1)
        queries.set_title(session_id, f"Attempt {len(attempts)}")
        if len(attempts) == 1:
            postgresql.disconnect()
        queries.insert_turns(session_id, [(1, plain_turn(1).model_dump_json(), "")])

    store._run(work, write=True)
    assert len(attempts) == 2
    assert store.load(session_id).info.title == "Attempt 2"


def test_a_connection_that_is_lost_again_and_again_is_explained(postgresql: Server, store: SessionStore) -> None:
    create(store)

    def work(queries: Queries) -> None:
        postgresql.disconnect()
        queries.sessions()

    with pytest.raises(StoreError, match="the connection was lost; try again in a moment"):
        store._run(work, write=False)
    assert len(store.sessions()) == 1


def test_a_server_that_stops_is_explained_and_used_again_when_it_is_back(
    postgresql: Server, store: SessionStore, capfd: pytest.CaptureFixture[str]
) -> None:
    session_id = create(store)
    store.append(session_id, plain_turn(1))
    postgresql.stop()
    with pytest.raises(StoreError, match="the server cannot be reached; check that it runs, and the host and port"):
        store.append(session_id, plain_turn(2))
    postgresql.start()
    store.append(session_id, plain_turn(2))
    assert store.load(session_id).info.turns == 2
    assert capfd.readouterr() == ("", "")


def test_nothing_acknowledged_is_lost_when_the_server_crashes(postgresql: Server, store: SessionStore) -> None:
    """Four chats that try again until a turn is stored, as chats do, while connections end and the server crashes."""
    ids = [create(store) for _ in range(4)]
    acknowledged: dict[str, list[int]] = {session_id: [] for session_id in ids}
    failures: list[Exception] = []
    enough = threading.Event()

    def chat(session_id: str) -> None:
        own = SessionStore(address=postgresql.address)
        number, refused = 1, 0
        try:
            while not enough.is_set():
                try:
                    own.append(session_id, plain_turn(number, f"{session_id} {number}"))
                except StoreError:
                    refused += 1
                    if refused > 5000:
                        raise
                    time.sleep(0.01)
                    continue
                acknowledged[session_id].append(number)
                number += 1
        except Exception as error:
            failures.append(error)
        finally:
            own.close()

    threads = [threading.Thread(target=chat, args=(session_id,)) for session_id in ids]
    for thread in threads:
        thread.start()
    chance = random.Random(7)
    for crashes in [False, True, False, False, True, True, False, True]:
        time.sleep(chance.uniform(0, 0.3))
        if not crashes:
            postgresql.disconnect()
            continue
        postgresql.stop(signal.SIGQUIT)
        before = {session_id: list(numbers) for session_id, numbers in acknowledged.items()}
        postgresql.start()
        for session_id, numbers in before.items():
            stored = [turn.number for turn in store.load(session_id).turns]
            assert stored[: len(numbers)] == numbers
    while any(len(numbers) < 40 for numbers in acknowledged.values()) and not failures:
        time.sleep(0.01)
    enough.set()
    for thread in threads:
        thread.join()
    assert not failures
    for session_id, numbers in acknowledged.items():
        turns = store.load(session_id).turns
        assert numbers == list(range(1, len(numbers) + 1))
        # The last attempt may have arrived without anybody knowing.
        assert len(turns) - len(numbers) in (0, 1)
        assert turns == tuple(plain_turn(turn.number, f"{session_id} {turn.number}") for turn in turns)
