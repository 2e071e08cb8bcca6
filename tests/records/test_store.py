"""Every store, whatever it is kept in, keeps each turn that it acknowledged, and loses none of them."""

from __future__ import annotations

import os
import random
import re
import secrets
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.conversation.blocks import Note, Observation
from advisor.conversation.transcript import State, Turn
from advisor.records.queries import Queries
from advisor.records.session import UNTITLED
from advisor.records.store import SessionGoneError, SessionStore, StoreError, TurnTakenError
from advisor.text import clean
from tests.records.example_session import BEGUN, create, plain_turn
from tests.records.programs import HAMMER, NURSERY, OPENER, WRITER, program, start

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
    with pytest.raises(TurnTakenError, match=rf"session {session_id} already has a turn 1"):
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


def test_the_same_turn_may_be_stored_again(store: SessionStore) -> None:
    """After a connection was lost, nobody knows whether the turn had arrived."""
    session_id = create(store)
    for number in (1, 2, 1, 2):
        store.append(session_id, plain_turn(number))
    assert [turn.number for turn in store.load(session_id).turns] == [1, 2]


def test_everything_may_be_done_twice(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is lost after the work arrived makes a store do it again."""
    database = store._opened()
    once = database.run

    def twice(work: Callable[[Queries], Any], *, write: bool) -> Any:
        once(work, write=write)
        return once(work, write=write)

    monkeypatch.setattr(database, "run", twice)
    session_id = store.create(
        pack_id="p", pack_version="1", pack_fingerprint="f", encoder="e", turns=[plain_turn(1)], copy_of=None
    )
    store.append(session_id, plain_turn(2))
    assert store.rename(session_id, "Mine").title == "Mine"
    assert store.delete(session_id).id == session_id
    assert [info.id for info in store.deleted()] == [session_id]
    assert store.restore(session_id).id == session_id
    (info,) = store.sessions()
    assert (info.id, info.turns) == (session_id, 2)
    store.delete(session_id)
    store.purge()
    assert store.sessions() == store.deleted() == ()


def test_a_clock_that_jumps_changes_no_order(store: SessionStore) -> None:
    session_id = create(store)
    times = [BEGUN, BEGUN - timedelta(days=9000), BEGUN + timedelta(days=9000), BEGUN - timedelta(seconds=1)]
    for number, at in enumerate(times, 1):
        store.append(session_id, plain_turn(number, at=at))
    session = store.load(session_id)
    assert [turn.at for turn in session.turns] == times
    assert session.info.updated == times[-1]


# What can be done with a session -----------------------------------------------------------------------------------


def test_a_session_begins_with_its_turns_or_not_at_all(store: SessionStore) -> None:
    held_with = {"pack_id": "p", "pack_version": "1", "pack_fingerprint": "f", "encoder": "e"}
    turns = [plain_turn(1, "/help"), plain_turn(2, "We are six", at=BEGUN + timedelta(hours=1))]
    session_id = store.create(**held_with, turns=turns)
    session = store.load(session_id)
    assert session.turns == tuple(turns)
    assert (session.info.title, session.info.updated) == ("We are six", turns[1].at)
    with pytest.raises(StoreError):
        store.create(**held_with, turns=[plain_turn(1), plain_turn(1)])
    assert [info.id for info in store.sessions()] == [session_id]


def test_a_copy_is_named_after_its_original(store: SessionStore) -> None:
    held_with = {"pack_id": "p", "pack_version": "1", "pack_fingerprint": "f", "encoder": "e"}
    original = create(store)
    store.append(original, plain_turn(1, "many words " * 20))
    copy = store.create(**held_with, turns=[plain_turn(1)], copy_of=original)
    title = store.load(copy).info.title
    assert title.startswith("many words many words")
    assert title.endswith("… (copy)")
    assert len(title) <= 60
    second = store.create(**held_with, turns=[plain_turn(1)], copy_of=copy)
    assert store.load(second).info.title == title
    of_nothing = store.create(**held_with, turns=[plain_turn(1, "Hello")], copy_of="gone")
    assert store.load(of_nothing).info.title == "Hello"


def test_a_new_title_stays(store: SessionStore) -> None:
    session_id = create(store)
    info = store.rename(session_id[:-1], "  Phones,\n\x1b[31mthe “second” try\u202e ")
    assert (info.id, info.title) == (session_id, "Phones, the “second” try")
    store.append(session_id, plain_turn(1, "Something else"))
    assert store.load(session_id).info.title == "Phones, the “second” try"
    assert len(store.rename(session_id, "word " * 99_999).title) <= 60
    for nothing in ("", " \n\t", "\x1b[2J"):
        with pytest.raises(StoreError, match="the new title is empty"):
            store.rename(session_id, nothing)
    with pytest.raises(SessionGoneError, match="there is no session"):
        store.rename("1999", "title")


def test_what_is_deleted_can_be_restored_until_it_is_purged(store: SessionStore) -> None:
    kept, gone = create(store), create(store)
    for session_id in (kept, gone):
        store.append(session_id, plain_turn(1))
    assert store.delete(gone).id == gone
    assert [info.id for info in store.sessions()] == [kept]
    assert [info.id for info in store.deleted()] == [gone]
    assert store.latest() == kept
    uses = (store.load, store.delete, lambda found: store.append(found, plain_turn(2)), lambda i: store.rename(i, "x"))
    for use in uses:
        with pytest.raises(SessionGoneError, match=f"{gone} was deleted; .* advisor sessions restore {gone}"):
            use(gone)
    assert store.restore(gone).id == gone
    assert [turn.number for turn in store.load(gone).turns] == [1]
    with pytest.raises(StoreError, match=f"session {gone} is not deleted"):
        store.restore(gone)
    store.delete(gone)
    assert store.purge() == 1
    assert store.purge() == 0
    assert store.deleted() == ()
    for use in (*uses, store.restore):
        with pytest.raises(SessionGoneError, match="there is no session"):
            use(gone)
    assert store.load(kept).info.turns == 1


def test_a_deleted_session_is_in_nobodys_way(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    endings = iter(["aa11", "aa22"])
    monkeypatch.setattr(secrets, "token_hex", lambda size: next(endings))
    monkeypatch.setattr(time, "strftime", lambda *given: "20261122-153012")
    first, second = create(store), create(store)
    store.delete(first)
    assert store.load("20261122").info.id == second
    assert store.restore("20261122").id == first


def test_search_finds_titles_messages_and_answers(store: SessionStore) -> None:
    greeting, phones = create(store), create(store)
    store.append(greeting, plain_turn(1, "Grüße aus der STRASSE\n100% _sure_ of C:\\path it's"))
    store.append(phones, plain_turn(1, "It must run on phones"))
    store.append(phones, plain_turn(2, "and offline"))
    store.rename(phones, "Éclair’s app")

    def found(text: str) -> list[str]:
        return [info.id for info in store.search(text)]

    assert found("grüsse AUS") == [greeting]
    assert found("straße 100%") == [greeting]
    assert found("_SURE_") == [greeting]
    assert found("C:\\PATH IT'S") == [greeting]
    assert found("phones") == found("e\u0301clair") == found("  Offline ") == [phones]
    assert found("reply 2") == [phones]
    for nowhere in ("0% of", "1__% ", "%", "phones and", "utterance", "kind", "'; DROP TABLE turn; --"):
        assert found(nowhere) == ([greeting] if nowhere == "%" else [])
    assert set(found("")) == set(found("re")) == {greeting, phones}
    store.delete(phones)
    assert found("phones") == []
    assert [info.id for info in store.search("phones", deleted=True)] == [phones]
    with pytest.raises(StoreError, match="too long; use at most 200 characters"):
        store.search("x" * 10**6)
    assert found("\ufdfa%_/" * 8) == []


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


def test_two_programs_on_one_session_overwrite_nothing(store: SessionStore, address: str) -> None:
    session_id = create(store)
    writers = [program(WRITER, address, session_id, "120", name) for name in ("one", "two")]
    start(*writers)
    acknowledged = [writer.communicate()[0].split() for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert sorted(map(int, acknowledged[0] + acknowledged[1])) == list(range(1, 121))
    turns = {str(turn.number): turn.utterance.split()[0] for turn in store.load(session_id).turns}
    assert turns == dict.fromkeys(acknowledged[0], "one") | dict.fromkeys(acknowledged[1], "two")


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_every_acknowledged_turn_survives_a_kill(store: SessionStore, address: str) -> None:
    create(store)
    nursery = program(NURSERY, address)
    start(nursery)
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    chance = random.Random(9)
    for _ in range(48):
        session_id = create(store)
        store.close()
        nursery.stdin.write(f"{session_id}\n")
        nursery.stdin.flush()
        # The writer may have stored turns before the nursery says who it is.
        said = [nursery.stdout.readline()]
        while not said[-1].startswith("writer"):
            assert said[-1], "the nursery died"
            said.append(nursery.stdout.readline())
        time.sleep(chance.uniform(0, 0.15))
        os.kill(int(said.pop().split()[1]), signal.SIGKILL)
        acknowledged = [int(line) for line in (*said, *iter(nursery.stdout.readline, "END\n"))]
        session = store.load(session_id)
        numbers = [turn.number for turn in session.turns]
        assert numbers[: len(acknowledged)] == acknowledged
        assert len(numbers) - len(acknowledged) in (0, 1)
        for turn in session.turns:
            expected = f"killed {turn.number} " + "x" * (turn.number * 7919 % 20000)
            assert turn == plain_turn(turn.number, expected)
        assert session.info.turns == len(numbers)
    nursery.communicate()


def test_many_programs_may_open_a_new_store_at_once(store: SessionStore, address: str) -> None:
    openers = [program(OPENER, address) for _ in range(6)]
    start(*openers)
    ids = {opener.communicate()[0].strip() for opener in openers}
    assert [opener.returncode for opener in openers] == [0] * 6
    assert {info.id for info in store.sessions()} == ids
    assert len(ids) == 6


def test_programs_hammer_one_store(store: SessionStore, address: str) -> None:
    names, count = ("one", "two", "three", "four"), 30
    shared = create(store)
    hammers = [program(HAMMER, address, shared, name, str(count)) for name in names]
    start(*hammers)
    acknowledged = {name: hammer.communicate()[0].split() for name, hammer in zip(names, hammers, strict=True)}
    assert [hammer.returncode for hammer in hammers] == [0] * len(names)
    assert sorted(int(number) for numbers in acknowledged.values() for number in numbers) == list(range(1, count + 1))
    for turn in store.load(shared).turns:
        name, number = turn.utterance.split()
        assert number == str(turn.number)
        assert number in acknowledged[name]
    own = {info.title: info for info in store.sessions() if info.id != shared}
    assert set(own) == {f"{name} {count}" for name in names}
    for name in names:
        assert store.load(own[f"{name} {count}"].id).turns == tuple(
            plain_turn(number, f"{name} {number}") for number in range(1, count + 1)
        )
    assert store.purge() == len(names)
