"""Copying that tells the truth about what came of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from textual.app import App

from tui import clipboard
from tui.engine_thread import Finished


class Copying(App[None]):
    """Copies by a program of the desktop where one helps, else by way of the terminal."""

    environment: Mapping[str, str]

    def notice(self, text: str) -> None:
        """Shows a passing remark."""
        raise NotImplementedError

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own widgets copy in the same way."""
        self.copy(text)

    def copy(self, text: str) -> None:
        """Copies, and tells what came of it."""
        self._clipboard = text
        tool = None if self.is_web or self.is_headless else clipboard.native_tool(self.environment)
        if tool is None:
            self._copy_by_terminal(text)
            return

        def run() -> None:
            done = clipboard.copied_by(tool, text)
            self.post_message(Finished(lambda: self._copied(text, done)))

        threading.Thread(target=run, name="copy", daemon=True).start()

    def _copied(self, text: str, done: bool) -> None:
        if done:
            self.notice(f"Copied, {len(text):,} characters")
        else:
            self._copy_by_terminal(text)

    def _copy_by_terminal(self, text: str) -> None:
        sequence = clipboard.for_terminal(text, self.environment)
        if sequence is None:
            self.notice("Too long for the terminal's clipboard; /export writes it to a file")
        elif self._driver is not None:
            self._driver.write(sequence)
            self.notice(clipboard.sent_to_terminal(self.environment))
