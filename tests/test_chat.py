"""A chat and its store: nothing said is lost because it could not be stored at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.assistant import Assistant, Chat
from advisor.conversation.transcript import Turn
from advisor.records.gaps import gaps, grouped
from advisor.records.store import SessionStore, StoreError


def test_turns_are_stored_before_they_are_returned(assistant: Assistant, tmp_path: Path) -> None:
    chat = Chat(assistant, SessionStore(tmp_path))
    said = [chat.say("We host on AWS."), chat.say("What is Keras 3?")]
    assert chat.session_id is not None
    assert SessionStore(tmp_path).load(chat.session_id).turns == tuple(said)


def test_what_could_not_be_stored_is_stored_later(
    assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SessionStore(tmp_path)
    chat = Chat(assistant, store)
    append = store.append

    def fail(session_id: str, turn: Turn) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(store, "append", fail)
    chat.say("We host on AWS.")
    chat.say("The team writes Python.")
    assert chat.trouble == "the disk is full"
    monkeypatch.setattr(store, "append", append)
    chat.say("/recap")
    assert chat.trouble is None
    assert chat.session_id is not None
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
