"""Keeps everything slow off the screen: one daemon thread loads the engine, then works through jobs in order.

A daemon thread and not a Textual worker, because quitting must not wait for loading (textual #3966). The thread touches
no widget; it hands results over as messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from textual.message import Message

from tui.face_errors import FaceError, ResumeError

if TYPE_CHECKING:
    from advisor.conversation.transcript import Turn
    from tui.chat_port import ChatPort, Decision, Load, Standing, Vocabulary

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation to go on with, as it stands."""

    turns: Sequence[Turn]
    session_id: str | None
    standing: Standing


@dataclass(eq=False, repr=False)
class Loaded(Message):
    """The engine is loaded."""

    decision: Decision
    vocabulary: Vocabulary
    opened: Opened


@dataclass(eq=False, repr=False)
class LoadFailed(Message):
    """Loading failed for the reason in `text`; the thread waits for `EngineThread.retry`."""

    text: str


@dataclass(eq=False, repr=False)
class ResumeFailed(Message):
    """The conversation to go on with cannot be read."""

    text: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply to an utterance. `trouble`: why it could not be stored; `notice`: what else has to be told of that."""

    turn: Turn
    session_id: str | None
    trouble: str | None
    notice: str | None
    standing: Standing


@dataclass(eq=False, repr=False)
class Finished(Message):
    """A job is done or failed; `deliver` hands the outcome over, in the app's own thread."""

    deliver: Callable[[], None]


class EngineThread:
    """Runs `load`, then jobs one after the other. `post` must be safe to call from another thread."""

    def __init__(self, load: Load, post: Callable[[Message], object]) -> None:
        self._load = load
        self._post = post
        self._jobs: SimpleQueue[Callable[[ChatPort], Finished]] = SimpleQueue()
        self._again = threading.Event()

    def start(self) -> None:
        """Starts to load."""
        threading.Thread(target=self._run, name="engine", daemon=True).start()

    def retry(self) -> None:
        """Loads again after a failure."""
        self._again.set()

    def do(
        self, job: Callable[[ChatPort], ResultT], then: Callable[[ResultT], None], failed: Callable[[str], None]
    ) -> None:
        """Runs a job in its turn; its result goes to `then`, or the reason why there is none to `failed`."""

        def run(chat: ChatPort) -> Finished:
            try:
                result = job(chat)
            except FaceError as error:
                reason = str(error)
            except Exception as error:  # A fault in the engine costs one job, never the conversation.
                reason = fault(error)
            else:
                return Finished(lambda: then(result))
            return Finished(lambda: failed(reason))

        self._jobs.put(run)

    def _run(self) -> None:
        chat = self._loaded()
        while chat is not None:
            self._post(self._jobs.get()(chat))

    def _loaded(self) -> ChatPort | None:
        while True:
            self._again.clear()
            try:
                chat = self._load()
                self._post(Loaded(chat.decision, chat.vocabulary, opened(chat)))
                return chat
            except ResumeError as error:
                self._post(ResumeFailed(str(error)))
                return None
            except FaceError as error:
                self._post(LoadFailed(str(error)))
            except Exception as error:  # Whatever went wrong is shown where the user looks, and can be tried again.
                self._post(LoadFailed(fault(error)))
            self._again.wait()


def opened(chat: ChatPort) -> Opened:
    """The conversation that the chat goes on with."""
    return Opened(tuple(chat.turns), chat.session_id, chat.standing)


def answer(chat: ChatPort, utterance: str) -> Answered:
    """Says something and tells what came of it."""
    turn = chat.say(utterance)
    return Answered(turn, chat.session_id, chat.trouble, chat.notice, chat.standing)


def fault(error: Exception) -> str:
    """What to tell about an error that nobody foresaw."""
    detail = str(error).strip()
    what = f"{type(error).__name__}: {detail}" if detail else type(error).__name__
    return f"Something went wrong that this program did not foresee ({what}). Run `advisor doctor` for more."
