"""The chat on plain lines: for pipes, screen readers and terminals that cannot do more."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any, TextIO

from advisor.assistant import Assistant, Chat
from advisor.conversation.commands import Command, parse_command
from advisor.conversation.rendering import plain_text
from advisor.conversation.transcript import Turn
from advisor.one_shot import criteria_json, readings_json
from advisor.reasoning.rule_engine import EngineError
from advisor.records.export import FORMATS, ExportError, export, format_for
from advisor.records.file_names import suggested_name
from advisor.records.files import FileWriteError, write_text
from advisor.records.store import Session, SessionStore, StoreError
from advisor.text import shorten

_SHOWN = 100
_WELCOME = "{title}? Describe your project in plain words, ask anything on the way, or type /help. End with /quit."


def run_line_mode(
    assistant: Assistant, store: SessionStore, session: Session | None, stdin: TextIO, as_json: bool
) -> int:
    """Replies to one utterance per line until the input ends or /quit; returns the exit status."""
    assistant.interpreter.prepare()
    chat = Chat(assistant, store, session)
    if not as_json:
        welcome = _WELCOME.format(title=assistant.pack.manifest.title)
        print(welcome if session is None else f"Going on after {len(chat.turns)} messages.", flush=True)
    # While the first message is being typed, and not in the way of the welcome.
    threading.Thread(target=store.prepare, daemon=True).start()
    status = 0
    while True:
        if not as_json and stdin.isatty():
            print("\n> ", end="", flush=True)
        line = stdin.readline()
        command = parse_command(line)
        if not line or (command and command.spec and command.spec.name == "quit"):
            break
        if not line.strip():
            continue
        if command and command.spec and command.spec.scope != "conversation":
            chat, told = _obey(chat, command)
            print(told, file=sys.stderr if as_json else sys.stdout, flush=True)
            continue
        try:
            turn = chat.say(line.rstrip("\n"))
        except EngineError as error:
            print(f"advisor: {error}", file=sys.stderr, flush=True)
            status = 1
            continue
        if chat.trouble:
            print(f"advisor: not stored: {chat.trouble}", file=sys.stderr, flush=True)
        if chat.notice:
            print(f"advisor: {chat.notice}", file=sys.stderr, flush=True)
        print(json.dumps(turn_json(chat, turn), ensure_ascii=False) if as_json else _spoken(chat, turn), flush=True)
    if chat.trouble:
        chat.keep()
        if chat.trouble:
            print(f"advisor: the end of the conversation is not stored: {chat.trouble}", file=sys.stderr, flush=True)
    if not as_json and chat.session_id is not None:
        print(f"\nGo on later with: advisor chat --resume {chat.session_id}", flush=True)
    return status


def turn_json(chat: Chat, turn: Turn) -> dict[str, Any]:
    """One turn as the JSON object of ``chat --json``."""
    assistant = chat.assistant
    recommendations = assistant.reasoner.recommend(turn.state.profile)
    return {
        "turn": turn.number,
        "utterance": turn.utterance,
        "acts": list(turn.acts),
        "criteria": criteria_json(assistant, recommendations, turn.state.observations),
        "readings": readings_json(recommendations),
        "topics": [{"id": topic.id, "score": topic.score} for topic in turn.topics],
        "reply": plain_text(turn.blocks, assistant.pack.say),
        "blocks": [block.model_dump(mode="json") for block in turn.blocks],
        "session": chat.session_id,
    }


def _spoken(chat: Chat, turn: Turn) -> str:
    return "\n" + plain_text(turn.blocks, chat.assistant.pack.say)


def _obey(chat: Chat, command: Command) -> tuple[Chat, str]:
    """Carries out a command of the face; returns the chat to go on with, and what happened."""
    assert command.spec is not None
    match command.spec.name:
        case "sessions":
            return chat, _sessions(chat, command.argument)
        case "find":
            return chat, _find(chat, command.argument)
        case "rewind":
            return _rewind(chat, command.argument)
        case "export":
            return chat, _export(chat, command.argument)
        case _:
            return chat, f"{command.spec.usage} works in the full-screen chat only."


def _sessions(chat: Chat, words: str) -> str:
    try:
        found = chat.store.search(words) if words else chat.store.sessions()
    except StoreError as error:
        return str(error)
    lines = [f"{info.id}  {info.title}" for info in found]
    how = "To go on with one, leave and run: advisor chat --resume ID"
    return "\n".join([*lines, how]) if lines else "No conversations."


def _find(chat: Chat, words: str) -> str:
    """The messages in which the words stand, or whose replies hold them."""
    if not words:
        return "Write what to look for, as in: /find phones"
    wanted = words.casefold()
    say = chat.assistant.pack.say
    found = [
        f"{turn.number}. {shorten(turn.utterance, _SHOWN)}"
        for turn in chat.turns
        if wanted in turn.utterance.casefold() or wanted in plain_text(turn.blocks, say).casefold()
    ]
    return "\n".join(found) or f"“{shorten(words, _SHOWN)}” was not found."


def _rewind(chat: Chat, number: str) -> tuple[Chat, str]:
    """Goes on in a new conversation that begins before a message; without a number lists the messages."""
    if not chat.turns:
        return chat, "Nothing was said yet."
    if not number.isdecimal() or int(number) not in {turn.number for turn in chat.turns}:
        messages = (f"{turn.number}. {shorten(turn.utterance, _SHOWN)}" for turn in chat.turns)
        return chat, "\n".join([*messages, "To go back to before one of these, type /rewind and its number."])
    kept = [turn for turn in chat.turns if turn.number < int(number)]
    former = f" The former course is kept as {chat.session_id}." if chat.session_id else ""
    return Chat(chat.assistant, chat.store, beginning=kept), f"Gone back to before message {number}.{former}"


def _export(chat: Chat, name: str) -> str:
    session = chat.session()
    if session is None:
        return "There is nothing to export yet."
    pack = chat.assistant.pack
    if name.casefold() in FORMATS:
        name = suggested_name(name.casefold(), session.info.id, pack.manifest.id)
    path = Path(name or f"advisor-{session.info.id}.md")
    try:
        text = export(session, pack, format_for(path.name) or "markdown", file_name=path.name)
        write_text(path, text)
    except (ExportError, FileWriteError) as error:
        return f"Not exported: {error}"
    return f"Written to {path}"
