"""`advisor sessions`, and stores chosen on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor import doctor
from advisor.cli import main
from advisor.records.store import SessionStore, open_store
from advisor.settings import Settings
from tests.records.example_session import create, plain_turn
from tests.records.postgresql import Server
from tests.running import run

Output = pytest.CaptureFixture[str]


def call(capsys: Output, *arguments: str) -> tuple[int, str, str]:
    """Status, output and messages of `advisor sessions`."""
    try:
        status = main(["sessions", *arguments])
    except SystemExit as ended:
        status = int(ended.code or 0)
    return status, *capsys.readouterr()


def _ids(capsys: Output, *arguments: str) -> list[str]:
    status, out, _ = call(capsys, "--json", *arguments)
    assert status == 0
    return [json.loads(line)["id"] for line in out.splitlines()]


@pytest.fixture
def two(store: SessionStore) -> tuple[str, str]:
    """Two sessions, the second about phones."""
    ids = create(store), create(store)
    for session_id, utterance in zip(ids, ("We host on AWS.", "It runs on Phones"), strict=True):
        store.append(session_id, plain_turn(1, utterance))
    return ids


def test_sessions_are_searched_renamed_deleted_restored_and_purged(
    address: str, two: tuple[str, str], capsys: Output
) -> None:
    store = ("--store", address)
    cloud, phones = two
    assert set(_ids(capsys, *store)) == {cloud, phones}
    assert _ids(capsys, *store, "--search", "phoneS") == [phones]
    assert call(capsys, *store, "--search", "egg") == (0, "", "No conversation contains that.\n")
    assert call(capsys, "rename", phones, "The", "app", *store)[1] == f"{phones} is now called: The app\n"
    assert "The app" in call(capsys, *store)[1]
    _, out, hint = call(capsys, *store, "delete", phones)
    assert out == f"{phones} deleted: The app\n"
    assert "advisor sessions restore ID" in hint
    assert _ids(capsys, *store) == [cloud]
    assert _ids(capsys, *store, "--deleted") == [phones]
    assert call(capsys, "restore", phones, *store)[1] == f"{phones} restored: The app\n"
    assert set(_ids(capsys, *store)) == {cloud, phones}
    call(capsys, "delete", *two, *store)
    assert call(capsys, "purge", *store)[1] == "Conversations removed for good: 2\n"
    assert _ids(capsys, *store) == _ids(capsys, *store, "--deleted") == []


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["rename", "nonsense", "x"], 1, "there is no session “nonsense”"),
        (["delete", "nonsense"], 1, "there is no session “nonsense”"),
        (["restore", "\x1b[2J"], 1, "there is no session “”"),
        (["rename", "nonsense"], 2, "TITLE"),
        (["frobnicate"], 2, "invalid choice"),
        (["--store", "mysql://me:hunter2@host/base"], 1, "a kind that is not supported"),
        (["--sotre", "postgresql://me:hunter2@host/base"], 2, "me:***@host/base"),
        (["--sotre", "postgresql://me@host/base?password=hunter2&x=y"], 2, "password=***&x=y"),
        (["postgresql://me:p:/hun@hunter2@host/base"], 2, "me:***@host/base"),
        (["--store", "sqlite:////tmp/x", "--data-dir", "y"], 2, "give one of them"),
    ],
)
def test_mistakes_get_a_message_and_a_status(arguments: list[str], status: int, message: str, capsys: Output) -> None:
    ended, out, said = call(capsys, *arguments)
    assert ended == status
    assert message in said
    assert "hunter2" not in out + said
    assert "\x1b" not in said


def test_which_store_is_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADVISOR_DATA_DIR", str(tmp_path / "usual"))
    assert open_store(Settings()).place == str(tmp_path / "usual" / "sessions.sqlite3")
    monkeypatch.setenv("ADVISOR_STORE", f"sqlite:///{tmp_path}/variable")
    assert open_store(Settings()).place == str(tmp_path / "variable")
    assert open_store(Settings(data_dir=tmp_path / "given")).place == str(tmp_path / "given" / "sessions.sqlite3")
    assert open_store(Settings(store=f"sqlite:///{tmp_path}/option")).place == str(tmp_path / "option")
    monkeypatch.setenv("ADVISOR_STORE", "")
    assert open_store(Settings()).place == str(tmp_path / "usual" / "sessions.sqlite3")
    assert "secret" not in repr(Settings(store="postgresql://me:secret@host/base"))


def test_a_conversation_is_kept_on_a_server(postgresql: Server) -> None:
    server = {"ADVISOR_STORE": postgresql.address}
    (turn,) = run("chat", "--json", stdin="We use AWS.\n", **server).stdout.splitlines()
    assert json.loads(turn)["session"]
    assert "We use AWS" in run("export", **server).stdout
    resumed = run("chat", "--json", "--resume", json.loads(turn)["session"], stdin="/recap\n", **server)
    assert json.loads(resumed.stdout)["turn"] == 2
    assert doctor._store(Settings(store=postgresql.address)).startswith("1 stored in the PostgreSQL database postgres")


def test_a_server_that_cannot_be_reached_does_not_stop_the_chat() -> None:
    address = "postgresql://me:hunter2@127.0.0.1:1/base"
    done = run("chat", "--json", "--store", address, stdin="We use AWS.\n")
    assert done.returncode == 0
    assert json.loads(done.stdout)["criteria"]["vendor"]["lean"] == "pytorch"
    assert "not stored" in done.stderr
    assert "the end of the conversation is not stored" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
