"""The help text: derived from the one registry of commands and the list of keys below."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from advisor.conversation.commands import COMMANDS
from tui.paragraphs import BLANK, Paragraph, prose
from tui.text_styles import HEADING, STRONG

KEYS = (
    ("Enter", "Send the message"),
    ("Ctrl+J, Alt+Enter, Shift+Enter", "Start a new line"),
    ("Up, Down", "Recall what you sent, on the first or last line"),
    ("PageUp, PageDown", "Scroll the conversation"),
    ("Tab, then Up, Down, Enter", "Pick one of the offered answers"),
    ("1 to 9", "Pick by number: type it and press Enter"),
    ("Escape", "Return to the message"),
    ("Ctrl+C", "Copy what is selected, or clear the message, or press twice to quit"),
    ("Ctrl+P", "All commands and the themes"),
    ("F1", "This help"),
    ("Ctrl+Q", "Quit; the conversation is kept"),
)

_NAME_WIDTH = 18
_INTRODUCTION = (
    "Describe your project in plain words, ask questions on the way, or answer the advisor's question. "
    "Say “why”, “what if …”, “undo” or “recap” at any time."
)


def help_paragraphs() -> list[Paragraph]:
    """What one can say, which keys there are, and which commands."""
    commands = [(spec.usage, spec.description) for spec in COMMANDS]
    return [
        *prose(_INTRODUCTION),
        BLANK,
        Paragraph(Content.styled("Keys", HEADING)),
        *_table(KEYS),
        BLANK,
        Paragraph(Content.styled("Commands", HEADING)),
        *_table(commands),
    ]


def _table(rows: Iterable[tuple[str, str]]) -> list[Paragraph]:
    """Names with their descriptions beside them, or below them where a name is long."""
    table = []
    for name, description in rows:
        label = Content.styled(name, STRONG)
        if len(name) > _NAME_WIDTH:
            table += [Paragraph(label), Paragraph(Content(description), Content(" " * (_NAME_WIDTH + 2)))]
        else:
            table.append(Paragraph(Content(description), label.pad_right(_NAME_WIDTH + 2 - len(name))))
    return table
