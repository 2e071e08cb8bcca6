"""A chat and its store: nothing said is lost because it could not be stored at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.assistant import Assistant, Chat
from advisor.records.gaps import gaps, grouped
from advisor.records.store import SessionStore, StoreError


def test_turns_are_stored_before_they_are_returned(assistant: Assistant, tmp_path: Path) -> None:
    chat = Chat(assistant, SessionStore(tmp_path))
    said = [chat.say("We host on AWS."), chat.say("What is Keras 3?")]
    assert chat.session_id is not None
    assert SessionStore(tmp_path).load(chat.session_id).turns == tuple(said)


@pytest.fixture
def unwilling(monkeypatch: pytest.MonkeyPatch) -> Callable[[SessionStore, bool], None]:
    """Lets a store refuse everything, or again do its work."""

    def switch(store: SessionStore, refuse: bool) -> None:
        def fail(*given: object, **named: object) -> None:
            raise StoreError("the disk is full")

        for name in ("create", "append"):
            monkeypatch.setattr(store, name, fail if refuse else getattr(SessionStore, name).__get__(store))

    return switch


@pytest.mark.parametrize("stored_before", [0, 1, 2])
def test_what_could_not_be_stored_is_stored_later(
    assistant: Assistant, store: SessionStore, unwilling: Callable[[SessionStore, bool], None], stored_before: int
) -> None:
    chat = Chat(assistant, store)
    said = ["We host on AWS.", "The team writes Python.", "/recap", "why"]
    for utterance in said[:stored_before]:
        chat.say(utterance)
    unwilling(store, True)
    for utterance in said[stored_before:3]:
        chat.say(utterance)
    assert chat.trouble == "the disk is full"
    unwilling(store, False)
    chat.say(said[3])
    assert not chat.trouble
    assert not chat.notice
    assert chat.session_id is not None
    assert store.load(chat.session_id).turns == tuple(chat.turns)
    assert len(store.sessions()) == 1


def test_the_end_of_a_conversation_can_be_stored_without_another_message(
    assistant: Assistant, store: SessionStore, unwilling: Callable[[SessionStore, bool], None]
) -> None:
    chat = Chat(assistant, store)
    unwilling(store, True)
    chat.say("We host on AWS.")
    chat.keep()
    assert chat.trouble == "the disk is full"
    unwilling(store, False)
    chat.keep()
    assert chat.trouble is None
    assert chat.session_id is not None
    assert store.load(chat.session_id).turns == tuple(chat.turns)


def test_a_second_window_goes_on_as_a_copy(assistant: Assistant, store: SessionStore) -> None:
    first = Chat(assistant, store)
    first.say("We host on AWS.")
    assert first.session_id is not None
    second = Chat(assistant, store, store.load(first.session_id))
    first.say("The team writes Python.")
    second.say("It has to run on phones.")
    assert second.notice is not None
    assert first.session_id in second.notice
    assert second.session_id not in (None, first.session_id)
    second.say("/recap")
    first.say("/recap")
    assert not any([second.notice, second.trouble, first.notice, first.trouble])
    assert {info.title for info in store.sessions()} == {"We host on AWS.", "We host on AWS. (copy)"}
    for chat in (first, second):
        assert chat.session_id is not None
        assert store.load(chat.session_id).turns == tuple(chat.turns)
    assert [turn.utterance for turn in second.turns] == ["We host on AWS.", "It has to run on phones.", "/recap"]


@pytest.mark.parametrize("purged", [False, True])
def test_a_session_that_is_deleted_meanwhile_goes_on_as_a_copy(
    assistant: Assistant, store: SessionStore, purged: bool
) -> None:
    chat = Chat(assistant, store)
    chat.say("We host on AWS.")
    assert chat.session_id is not None
    store.delete(chat.session_id)
    if purged:
        store.purge()
    chat.say("The team writes Python.")
    assert chat.notice is not None
    assert "is no longer in the store" in chat.notice
    assert chat.session_id is not None
    assert store.load(chat.session_id).turns == tuple(chat.turns)
    assert len(store.sessions()) == 1


def test_a_copy_that_cannot_be_stored_is_stored_later(
    assistant: Assistant, store: SessionStore, unwilling: Callable[[SessionStore, bool], None]
) -> None:
    chat = Chat(assistant, store)
    chat.say("We host on AWS.")
    assert chat.session_id is not None
    store.delete(chat.session_id)
    unwilling(store, True)
    chat.say("The team writes Python.")
    assert chat.trouble == "the disk is full"
    assert not chat.notice
    unwilling(store, False)
    chat.keep()
    assert chat.trouble is None
    assert chat.notice is not None
    assert store.load(chat.session_id).turns == tuple(chat.turns)


def test_a_resumed_chat_goes_on(assistant: Assistant, tmp_path: Path) -> None:
    store = SessionStore(tmp_path)
    first = Chat(assistant, store)
    first.say("We host on AWS.")
    assert first.session_id is not None
    resumed = Chat(assistant, store, store.load(first.session_id))
    assert resumed.say("The team writes Python.").number == 2
    assert set(resumed.state.profile) == {"cloud.provider", "team.skill"}


def test_questions_without_a_good_answer_are_found_again(assistant: Assistant, tmp_path: Path) -> None:
    store = SessionStore(tmp_path)
    chat = Chat(assistant, store)
    chat.say("how long do I boil an egg?")
    chat.say("how long should I boil eggs?")
    chat.say("What is Keras 3?")
    chat.say("none of these")
    assert chat.session_id is not None
    found = gaps([store.load(chat.session_id)])
    assert [(gap.kind, gap.turn) for gap in found] == [("unanswered", 1), ("unanswered", 2), ("rejected", 4)]
    assert [len(group) for group in grouped(found, assistant.encoder)] == [2, 1]
