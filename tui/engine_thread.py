"""Keeps everything slow off the screen: one daemon thread loads the engine, then works through jobs in order.

A daemon thread and not a Textual worker, because quitting must not wait for loading (textual #3966). The thread touches
no widget; it hands results over as messages, each with the ticket of the job that it belongs to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING

from textual.message import Message

from tui.chat_port import ChatPort, Decision, FaceError, Load, ResumeError, StoredSession

if TYPE_CHECKING:
    from advisor.conversation.blocks import Matrix
    from advisor.conversation.transcript import Turn


@dataclass
class Loaded(Message):
    """The engine is loaded; `turns` are those of the resumed conversation."""

    decision: Decision
    blank: Matrix
    turns: Sequence[Turn]
    session_id: str | None


@dataclass
class LoadFailed(Message):
    """Loading failed for the reason in `text`; the thread waits for `EngineThread.retry`."""

    text: str


@dataclass
class ResumeFailed(Message):
    """The conversation to go on with cannot be read."""

    text: str


@dataclass
class Replied(Message):
    """The reply to an utterance. `trouble`: why it could not be stored."""

    ticket: int
    turn: Turn
    session_id: str | None
    trouble: str | None


@dataclass
class Exported(Message):
    """The rationale was written to `path`."""

    ticket: int
    path: str


@dataclass
class SessionsListed(Message):
    """The stored conversations, latest first."""

    ticket: int
    sessions: Sequence[StoredSession]


@dataclass
class JobFailed(Message):
    """A job could not be done."""

    ticket: int
    text: str


Job = Callable[[ChatPort], Message]


class EngineThread:
    """Runs `load`, then jobs one after the other. `post` must be safe to call from another thread."""

    def __init__(self, load: Load, post: Callable[[Message], object]) -> None:
        self._load = load
        self._post = post
        self._jobs: SimpleQueue[tuple[int, Job]] = SimpleQueue()
        self._again = threading.Event()

    def start(self) -> None:
        """Starts to load."""
        threading.Thread(target=self._run, name="engine", daemon=True).start()

    def retry(self) -> None:
        """Loads again after a failure."""
        self._again.set()

    def say(self, ticket: int, utterance: str) -> None:
        """Asks for the reply to an utterance."""

        def job(chat: ChatPort) -> Message:
            turn = chat.say(utterance)
            return Replied(ticket, turn, chat.session_id, chat.trouble)

        self._jobs.put((ticket, job))

    def export(self, ticket: int, name: str) -> None:
        """Asks for the rationale in a file."""
        self._jobs.put((ticket, lambda chat: Exported(ticket, chat.export(name))))

    def sessions(self, ticket: int) -> None:
        """Asks for the stored conversations."""
        self._jobs.put((ticket, lambda chat: SessionsListed(ticket, chat.sessions())))

    def _run(self) -> None:
        chat = self._loaded()
        while chat is not None:
            ticket, job = self._jobs.get()
            try:
                self._post(job(chat))
            except FaceError as error:
                self._post(JobFailed(ticket, str(error)))
            except Exception as error:  # A fault in the engine costs one reply, never the conversation.
                self._post(JobFailed(ticket, fault(error)))

    def _loaded(self) -> ChatPort | None:
        while True:
            self._again.clear()
            try:
                chat = self._load()
                self._post(Loaded(chat.decision, chat.blank, tuple(chat.turns), chat.session_id))
                return chat
            except ResumeError as error:
                self._post(ResumeFailed(str(error)))
                return None
            except FaceError as error:
                self._post(LoadFailed(str(error)))
            except Exception as error:  # Whatever went wrong is shown where the user looks, and can be tried again.
                self._post(LoadFailed(fault(error)))
            self._again.wait()


def fault(error: Exception) -> str:
    """What to tell about an error that nobody foresaw."""
    detail = str(error).strip()
    what = f"{type(error).__name__}: {detail}" if detail else type(error).__name__
    return f"Something went wrong that this program did not foresee ({what}). Run `advisor doctor` for more."
