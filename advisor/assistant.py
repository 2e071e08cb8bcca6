"""Puts the rooms together: a loaded assistant, and one chat that stores each turn before its reply is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from advisor.conversation.conversation import Conversation
from advisor.conversation.transcript import State, Turn
from advisor.knowledge_base.pack import KnowledgePack, load_pack
from advisor.reasoning.recommendation import Reasoner
from advisor.records.store import (
    Session,
    SessionGoneError,
    SessionInfo,
    SessionStore,
    StoreError,
    TurnTakenError,
    title_of,
)
from advisor.settings import Settings
from advisor.understanding.encoder import SentenceEncoder, load_encoder
from advisor.understanding.interpretation import Interpreter


@dataclass(frozen=True, repr=False)
class Assistant:
    """Everything that replies need, loaded once and shared by all conversations."""

    pack: KnowledgePack
    reasoner: Reasoner
    encoder: SentenceEncoder
    interpreter: Interpreter

    def conversation(self, turns: Sequence[Turn] = ()) -> Conversation:
        """A conversation that continues after `turns`."""
        return Conversation(self.interpreter, self.reasoner, turns)


def load_assistant(settings: Settings) -> Assistant:
    """Loads pack, rules and encoder. Raises PackError, RulebaseError, EngineError or EncoderError.

    `interpreter.prepare()` then gets ready what would otherwise delay the first reply.
    """
    return assistant_over(load_pack(settings.knowledge), settings)


def assistant_over(pack: KnowledgePack, settings: Settings) -> Assistant:
    """The same over a pack that is loaded already."""
    reasoner = Reasoner(pack)
    encoder = load_encoder(settings.encoder)
    return Assistant(pack, reasoner, encoder, Interpreter(pack, encoder))


class Chat:
    """One conversation with its place in the store.

    `beginning`: turns of another conversation with which a new one begins; they are stored with its first own turn.
    When turns cannot be stored the chat goes on and `trouble` says why, so that the face can show it; they are stored
    with the next turn that can be. When the session was continued in another window, or deleted there, this chat goes
    on as a copy that holds all its turns: `session_id` changes, and `notice` says so once, with the next turn.
    """

    def __init__(
        self,
        assistant: Assistant,
        store: SessionStore,
        session: Session | None = None,
        beginning: Sequence[Turn] = (),
    ) -> None:
        self.assistant = assistant
        self.store = store
        self.session_id = session.info.id if session else None
        self.conversation = assistant.conversation(session.turns if session else beginning)
        self.trouble: str | None = None
        self.notice: str | None = None
        self._unstored: list[Turn] = []

    @property
    def turns(self) -> Sequence[Turn]:
        """The turns so far, oldest first."""
        return tuple(self.conversation.turns)

    @property
    def state(self) -> State:
        """What holds now."""
        return self.conversation.state

    def session(self) -> Session | None:
        """The conversation as it would be stored, whether or not it could be; None before the first turn."""
        if not self.turns:
            return None
        pack = self.assistant.pack
        info = SessionInfo(
            id=self.session_id or "unstored",
            created=self.turns[0].at,
            updated=self.turns[-1].at,
            title=title_of(self.turns),
            turns=len(self.turns),
            pack_id=pack.manifest.id,
            pack_version=pack.manifest.version,
            pack_fingerprint=pack.fingerprint,
            encoder=self.assistant.encoder.fingerprint,
        )
        return Session(info=info, turns=tuple(self.turns))

    def say(self, utterance: str) -> Turn:
        """Replies to an utterance; the turn is durably stored before it is returned. Raises EngineError."""
        turn = self.conversation.respond(utterance, datetime.now().astimezone())
        self._unstored.append(turn)
        self.notice = None
        self.keep()
        return turn

    def keep(self) -> None:
        """Stores what could not be stored before, if anything; for the end of a chat. `trouble` says how it went."""
        try:
            self._store_turns()
            self.trouble = None
        except StoreError as error:
            self.trouble = str(error)

    def _store_turns(self) -> None:
        while self._unstored:
            if self.session_id is None:
                self.session_id = self._create()
                return
            try:
                self.store.append(self.session_id, self._unstored[0])
            except (TurnTakenError, SessionGoneError) as error:
                original, self.session_id = self.session_id, self._create(copy_of=self.session_id)
                taken = isinstance(error, TurnTakenError)
                why = "was continued in another window" if taken else "is no longer in the store"
                self.notice = f"Session {original} {why}, so this conversation goes on as a copy: {self.session_id}"
                return
            del self._unstored[0]

    def _create(self, copy_of: str | None = None) -> str:
        """Starts a session that holds the whole conversation."""
        pack = self.assistant.pack
        created = self.store.create(
            pack_id=pack.manifest.id,
            pack_version=pack.manifest.version,
            pack_fingerprint=pack.fingerprint,
            encoder=self.assistant.encoder.fingerprint,
            turns=self.turns,
            copy_of=copy_of,
        )
        self._unstored.clear()
        return created
