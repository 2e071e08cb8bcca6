"""The engine behind the chat's port. Imported by the engine thread only, because this loads all of the engine."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from advisor.assistant import Chat, load_assistant
from advisor.conversation import replies
from advisor.conversation.blocks import Matrix
from advisor.conversation.transcript import Turn
from advisor.errors import AdvisorError
from advisor.knowledge_base.yaml_document import PackError
from advisor.reasoning.rule_engine import EngineError
from advisor.records.export import FORMATS, ExportError, export
from advisor.records.files import FileWriteError, write_text
from advisor.records.store import Session, SessionStore, StoreError, open_store
from advisor.settings import Settings
from tui.chat_port import Decision, FaceError, ResumeError, StoredSession


def open_chat(settings: Settings, resume: str | None) -> EngineChat:
    """Loads the assistant and the conversation to go on with. Raises ResumeError or FaceError."""
    store = open_store(settings)
    session = _session(store, resume)
    try:
        assistant = load_assistant(settings)
        assistant.interpreter.prepare()
    except PackError as error:
        raise FaceError(f"The knowledge pack cannot be used:\n{error}\n`advisor check` lists the same.") from error
    except AdvisorError as error:
        raise FaceError(f"{error}\n`advisor doctor` tells more.") from error
    # While the first message is being typed.
    threading.Thread(target=store.prepare, daemon=True).start()
    return EngineChat(Chat(assistant, store, session))


def _session(store: SessionStore, resume: str | None) -> Session | None:
    if resume is None:
        return None
    try:
        return store.load(resume)
    except StoreError as error:
        raise ResumeError(str(error)) from error


class EngineChat:
    """A ChatPort over an advisor.assistant.Chat."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        pack, reasoner = chat.assistant.pack, chat.assistant.reasoner
        manifest = pack.manifest
        self.decision = Decision(
            manifest.title, {option.id: option.name for option in manifest.options}, manifest.decisive_rows
        )
        self.blank: Matrix = replies.matrix(pack, reasoner.recommend({}), (), same_rules=not reasoner.amendments)

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""
        return self._chat.turns

    @property
    def session_id(self) -> str | None:
        """The id to resume by; None while nothing is stored."""
        return self._chat.session_id

    @property
    def trouble(self) -> str | None:
        """Why turns cannot be stored, if they cannot."""
        return self._chat.trouble

    def say(self, utterance: str) -> Turn:
        """Replies to an utterance and stores the turn. Raises FaceError."""
        try:
            return self._chat.say(utterance)
        except EngineError as error:
            raise FaceError(f"The rule engine could not take that in: {error}") from error

    def export(self, name: str) -> str:
        """Writes the rationale in the format that the file's suffix names. Raises FaceError."""
        session = self._chat.session()
        if session is None:
            raise FaceError("There is nothing to export, because nothing was said yet.")
        path = Path(name).expanduser() if name else _unused(f"advisor-{session.info.id}", ".md")
        formats = {form.suffix: key for key, form in FORMATS.items()}
        if path.suffix not in formats:
            endings = " or ".join(formats)
            raise FaceError(f"Not written: the file's name must end in {endings}, as in /export reasons.md.")
        if path.exists():
            raise FaceError(f"Not written: {path} exists already and was left as it is. Give another name.")
        try:
            text = export(session, self._chat.assistant.pack, formats[path.suffix])
            write_text(path, text)
        except (ExportError, FileWriteError) as error:
            raise FaceError(f"Not written: {error}") from error
        return str(path.absolute())

    def sessions(self) -> Sequence[StoredSession]:
        """The stored conversations, latest first. Raises FaceError."""
        try:
            found = self._chat.store.sessions()
        except StoreError as error:
            raise FaceError(str(error)) from error
        return [StoredSession(info.id, info.title, info.updated, info.turns) for info in found]


def _unused(stem: str, suffix: str) -> Path:
    """The first file name of this form that is not taken in the current directory."""
    path, number = Path(stem + suffix), 1
    while path.exists():
        number += 1
        path = Path(f"{stem}-{number}{suffix}")
    return path
