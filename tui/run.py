"""The chat from its start to what it leaves on the terminal when it ends."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from tui.app import EXAMPLES, QUESTION, AdvisorApp

if TYPE_CHECKING:
    from advisor.settings import Settings
    from tui.chat_port import ChatPort
    from tui.engine_chat import EngineChat


def run_app(settings: Settings, resume: str | None) -> int:
    """Runs the chat until the user leaves; returns the exit status: 0, or 1 when `resume` cannot be read.

    Prints how to go on with the conversation, if it was stored, and on standard error what was left unanswered.
    """

    chats: list[EngineChat] = []
    if os.environ.get("NO_COLOR") == "":  # no-color.org: it counts when it is not empty, but Textual takes any
        del os.environ["NO_COLOR"]

    def load() -> ChatPort:
        from tui.engine_chat import open_chat

        chats.append(open_chat(settings, resume))
        return chats[-1]

    own_pack = settings.knowledge is None
    app = AdvisorApp(load, *((QUESTION, EXAMPLES) if own_pack else ("What has to be decided?", ())))
    app.run()
    if app.resume_error is not None:
        print(f"advisor: {app.resume_error}", file=sys.stderr)
    for text in app.unanswered:
        print(f"advisor: not answered and not stored: {text}", file=sys.stderr)
    for chat in chats:
        shown = chat.notice
        chat.keep()
        if chat.trouble:
            print(f"advisor: the end of the conversation is not stored: {chat.trouble}", file=sys.stderr)
        elif chat.notice and chat.notice != shown:
            print(f"advisor: {chat.notice}", file=sys.stderr)
    # Who leaves before a conversation is loaded still goes on with it later.
    stored = chats[-1].session_id if chats else None
    session = stored or (resume if app.decision is None and app.resume_error is None else None)
    if session is not None:
        print(f"Go on later with: advisor chat --resume {session}")
    return app.return_code or 0
