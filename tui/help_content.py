"""The help text: derived from the one registry of commands and the list of keys below."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.content import Content

from advisor.conversation.commands import COMMANDS
from tui.keys import ACTIONS
from tui.paragraphs import BLANK, Paragraph, prose
from tui.preferences import directory
from tui.text_styles import HEADING, MUTED, STRONG

_WRITING = (
    ("Enter", "Send the message"),
    ("Ctrl+J", "Start a new line; also Alt+Enter and Shift+Enter"),
    ("Up, Down", "Recall what you sent, on the first or last line"),
    ("Tab", "Complete what is listed; else go to the choices, the links and the decision"),
    ("1 to 9", "Pick a choice: type its number and Enter, or press Alt and the number"),
    ("PageUp, PageDown", "Scroll the conversation"),
)
_LEAVING = (
    ("Ctrl+P", "Everything that can be done"),
    ("Ctrl+Q", "Quit; the conversation is kept"),
)
_IN_LINKS = (
    ("Up, Down", "Walk through what can be opened; the words behind it light up"),
    ("Enter", "Open it: correct a chip, follow a quote or a source"),
    ("Delete", "Withdraw a chip"),
)

_NAME_WIDTH = 18
_INTRODUCTION = (
    "Describe your project in plain words, ask questions on the way, or answer the advisor's question. "
    "Say “why”, “what if …”, “undo” or “recap” at any time."
)


def help_paragraphs(key_of: Callable[[str], str]) -> list[Paragraph]:
    """What one can say, which keys there are, and which commands. `key_of` gives the key of an action."""
    actions = [(key_of(action.name), f"{action.description} ({action.name})") for action in ACTIONS]
    commands = [(spec.usage, spec.description) for spec in COMMANDS]
    return [
        *prose(_INTRODUCTION),
        BLANK,
        Paragraph(Content.styled("Writing", HEADING)),
        *_table(_WRITING),
        BLANK,
        Paragraph(Content.styled("Keys", HEADING)),
        *_table([*actions, *_LEAVING]),
        *prose(f"Other keys can be given to the names in brackets in {directory() / 'config.toml'}.", MUTED),
        BLANK,
        Paragraph(Content.styled("Chips, quotes, sources and rows", HEADING)),
        *_table(_IN_LINKS),
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
