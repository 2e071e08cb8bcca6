"""The commands of the face on plain lines."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from advisor.assistant import Assistant
from advisor.conversation.commands import COMMANDS
from advisor.line_mode import run_line_mode
from advisor.records.store import SessionStore


def said(assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str], *lines: str) -> str:
    store = SessionStore(tmp_path / "data")
    assert run_line_mode(assistant, store, None, io.StringIO("\n".join(lines)), as_json=False) == 0
    return capsys.readouterr().out


def test_searching_the_conversation(assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = said(assistant, tmp_path, capsys, "We are on AWS.", "No phones.", "/find PHONES", "/find [/] zebra", "/find")
    assert "\n2. No phones.\n" in out
    assert "“[/] zebra” was not found." in out
    assert "Write what to look for" in out


def test_going_back_begins_a_new_conversation(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("/rewind", "We are on AWS.", "No phones.", "/rewind 9", "/rewind 2", "It runs on phones.", "/sessions")
    out = said(assistant, tmp_path, capsys, *lines)
    assert "Nothing was said yet." in out
    assert "type /rewind and its number" in out
    assert "Gone back to before message 2. The former course is kept as" in out
    store = SessionStore(tmp_path / "data")
    courses = [[turn.utterance for turn in store.load(info.id).turns] for info in store.sessions()]
    assert sorted(courses) == [["We are on AWS.", "It runs on phones."], ["We are on AWS.", "No phones."]]


def test_commands_that_need_the_screen_say_so(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [spec for spec in COMMANDS if spec.scope == "screen"]
    out = said(assistant, tmp_path, capsys, *(f"/{spec.name}" for spec in commands))
    assert out.count("full-screen chat only") == len(commands) > 0


def test_conversations_are_listed_and_searched(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(assistant, tmp_path, capsys, "/sessions", "We are on AWS.", "/sessions aws", "/sessions zebra")
    assert out.count("No conversations.") == 2
    assert "  We are on AWS.\n" in out
    assert "advisor chat --resume ID" in out


def test_the_name_of_a_format_alone_exports_in_it(
    assistant: Assistant, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    out = said(assistant, tmp_path, capsys, "We are on AWS.", "/export nygard", "/export CSV")
    assert "Written to 0001-" in out
    assert [path.suffix for path in sorted(tmp_path.iterdir()) if path.suffix in (".md", ".csv")] == [".md", ".csv"]
