"""The engine behind the chat's port. Imported by the engine thread only, because this loads all of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from advisor.assistant import Chat, load_assistant
from advisor.conversation import replies
from advisor.conversation.assumptions import suppose
from advisor.conversation.blocks import Matrix, Observation
from advisor.conversation.transcript import Turn, profile_of
from advisor.errors import AdvisorError
from advisor.knowledge_base.yaml_document import PackError
from advisor.reasoning.recommendation import READINGS
from advisor.reasoning.rule_engine import EngineError
from advisor.records.export import FORMATS, ExportError, export, format_for
from advisor.records.file_names import suggested_name
from advisor.records.files import FileWriteError, write_text
from advisor.records.store import Session, SessionStore, StoreError, open_store
from advisor.settings import Settings
from tui.chat_port import (
    Attribute,
    Decision,
    Format,
    RowDetail,
    Standing,
    StoredSession,
    Vocabulary,
)
from tui.face_errors import FaceError, ResumeError

ResultT = TypeVar("ResultT")


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
        pack = chat.assistant.pack
        manifest = pack.manifest
        self.decision = Decision(
            manifest.title, {option.id: option.name for option in manifest.options}, manifest.decisive_rows
        )
        self.vocabulary = Vocabulary(
            rows={criterion.id: criterion.title for criterion in pack.criteria.values()},
            attributes={
                attribute.id: Attribute(attribute.title, dict(attribute.values))
                for attribute in pack.attributes.values()
                if not attribute.derived
            },
            topics=tuple(sorted(entry.question for entry in pack.entries.values())),
            formats=tuple(Format(form.id, form.suffix, form.description) for form in FORMATS.values()),
        )

    @property
    def standing(self) -> Standing:
        """The decision as it stands. Raises FaceError."""
        state = self._chat.state
        try:
            now = self._last_matrix() or self._matrix(state.observations)
            reasoner = self._chat.assistant.reasoner
            supposition = suppose(reasoner, state.observations, state.assumptions)
            under_assumptions = self._matrix(supposition.holding) if state.assumptions else None
        except EngineError as error:
            raise FaceError(f"The rule engine could not take that in: {error}") from error
        pack = self._chat.assistant.pack
        assumed = (
            f"{pack.attributes[o.attribute].title}: {pack.value_label(o.attribute, o.value)}" for o in state.assumptions
        )
        set_aside = (replies.understood_item(pack, observation).in_words for observation in supposition.set_aside)
        return Standing(now, under_assumptions, tuple(assumed), tuple(set_aside))

    def _matrix(self, observations: tuple[Observation, ...]) -> Matrix:
        reasoner = self._chat.assistant.reasoner
        found = reasoner.recommend(profile_of(observations))
        return replies.matrix(self._chat.assistant.pack, found, observations, same_rules=not reasoner.amendments)

    def _last_matrix(self) -> Matrix | None:
        """The matrix that was shown last: every change of the project shows one, with more than could be had here."""
        blocks = (block for turn in reversed(self._chat.turns) for block in turn.blocks)
        return next((block for block in blocks if isinstance(block, Matrix)), None)

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

    @property
    def notice(self) -> str | None:
        """What has to be told about the conversation's place in the store, after the last turn."""
        return self._chat.notice

    def say(self, utterance: str) -> Turn:
        """Replies to an utterance and stores the turn. Raises FaceError."""
        try:
            return self._chat.say(utterance)
        except EngineError as error:
            raise FaceError(f"The rule engine could not take that in: {error}") from error

    def explain(self, criterion: str) -> RowDetail:
        """A row with its derivations, under the assumptions if there are any. Raises FaceError."""
        state = self._chat.state
        pack, reasoner = self._chat.assistant.pack, self._chat.assistant.reasoner
        try:
            known = suppose(reasoner, state.observations, state.assumptions).holding
            found = reasoner.recommend(profile_of(known))
        except EngineError as error:
            raise FaceError(f"The rule engine could not explain that: {error}") from error
        row = next((row for row in self._matrix(known).rows if row.criterion == criterion), None)
        if row is None:
            raise FaceError(f"There is no row “{criterion}”.")
        return RowDetail(
            row, {name: replies.explanation(pack, found[name], known, [criterion]).rows[0] for name in READINGS}
        )

    # Exports -------------------------------------------------------------------------------------------------------

    def preview(self, format_id: str, file_name: str = "") -> str:
        """The record of the conversation in a format, for a file of this name. Raises FaceError."""
        session = self._chat.session()
        if session is None:
            raise FaceError("There is nothing to export, because nothing was said yet.")
        try:
            return export(session, self._chat.assistant.pack, format_id, file_name=file_name)
        except ExportError as error:
            raise FaceError(f"Not written: {error}") from error

    def export(self, name: str, format_id: str = "") -> str:
        """Writes the record in a format, or in the one that the file's suffix names. Raises FaceError."""
        if self._chat.session() is None:
            raise FaceError("There is nothing to export, because nothing was said yet.")
        if not format_id and name.casefold() in FORMATS:
            name, format_id = "", name.casefold()
        chosen = format_id or _format_of(name or FORMATS[next(iter(FORMATS))].suffix)
        path = Path(name or self.suggested_name(chosen)).expanduser()
        if path.exists():
            raise FaceError(f"Not written: {path} exists already and was left as it is. Give another name.")
        try:
            write_text(path, self.preview(chosen, path.name))
        except FileWriteError as error:
            raise FaceError(f"Not written: {error}") from error
        return str(path.absolute())

    def suggested_name(self, format_id: str) -> str:
        """A file name for an export that is not taken yet."""
        session = self._chat.session()
        return suggested_name(format_id, session.info.id if session else "new", self._chat.assistant.pack.manifest.id)

    # Conversations -------------------------------------------------------------------------------------------------

    def sessions(self, search: str = "") -> Sequence[StoredSession]:
        """The stored conversations that hold a text, latest first. Raises FaceError."""
        store = self._chat.store
        found = _stored(lambda: store.search(search) if search.strip() else store.sessions())
        return [StoredSession(info.id, info.title, info.updated, info.turns) for info in found]

    def open(self, session_id: str | None) -> None:
        """Goes on with a stored conversation, or with a new one. Raises FaceError."""
        self._chat = Chat(self._chat.assistant, self._chat.store, _session(self._chat.store, session_id))

    def rewind(self, turn: int) -> None:
        """Goes on in a new conversation that begins with the turns before `turn`; the present one stays stored."""
        kept = [earlier for earlier in self._chat.turns if earlier.number < turn]
        self._chat = Chat(self._chat.assistant, self._chat.store, beginning=kept)

    def rename(self, session_id: str, title: str) -> None:
        """Gives a stored conversation another title. Raises FaceError."""
        _stored(lambda: self._chat.store.rename(session_id, title))

    def delete(self, session_id: str) -> None:
        """Takes a stored conversation out of the list. Raises FaceError."""
        _stored(lambda: self._chat.store.delete(session_id))

    def restore(self, session_id: str) -> None:
        """Puts a deleted conversation back. Raises FaceError."""
        _stored(lambda: self._chat.store.restore(session_id))

    def keep(self) -> None:
        """Tries once more to store what could not be stored; `trouble` says how it went."""
        self._chat.keep()


def _stored(work: Callable[[], ResultT]) -> ResultT:
    """Does something with the store. Raises FaceError."""
    try:
        return work()
    except StoreError as error:
        raise FaceError(str(error)) from error


def _format_of(name: str) -> str:
    """The format that a file's name asks for. Raises FaceError."""
    found = format_for(name)
    if found is None:
        endings = " or ".join(dict.fromkeys(form.suffix for form in FORMATS.values()))
        raise FaceError(
            f"Not written: the file's name must end in {endings}, as in /export reasons.md; or name a format alone."
        )
    return found
