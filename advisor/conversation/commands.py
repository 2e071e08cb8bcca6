"""The slash commands: one registry from which dispatch, completion and every help text derive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """A slash command.

    `scope`: whether the conversation carries it out, the face (chat and line mode), or the screen (the chat alone).
    `argument` in brackets may be left out.
    """

    name: str
    argument: str
    description: str
    scope: Literal["conversation", "face", "screen"] = "conversation"
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """How the command is typed."""
        return f"/{self.name} {self.argument}".rstrip()

    @property
    def needs_argument(self) -> bool:
        """Whether the command means nothing without more words."""
        return bool(self.argument) and not self.argument.startswith("[")


@dataclass(frozen=True, slots=True)
class Command:
    """A typed command; `spec` is None when there is none of that name."""

    name: str
    argument: str
    spec: CommandSpec | None


COMMANDS = (
    CommandSpec("help", "", "What you can say and do", aliases=("h", "?")),
    CommandSpec("recap", "", "The matrix and the verdict as they stand", aliases=("status", "verdict")),
    CommandSpec("why", "[row|all]", "Why this verdict; how one row, or all, got its lean"),
    CommandSpec("whynot", "[option]", "What stands against an option, rule by rule"),
    CommandSpec("whyask", "", "Which rules wait for the answer to my question"),
    CommandSpec("sure", "", "How firm the verdicts are, in counts"),
    CommandSpec("flip", "[option]", "The smallest changes that would turn the verdict"),
    CommandSpec("tie", "", "What pulls both ways, and what would settle it"),
    CommandSpec("changed", "[message]", "What your last change did, or all since a message"),
    CommandSpec("advice", "", "Which tools follow, and what never to start on"),
    CommandSpec("whatif", "text", "Try an assumption beside what holds now"),
    CommandSpec("commit", "", "Make the assumptions part of your project"),
    CommandSpec("forget", "", "Drop the assumptions"),
    CommandSpec("ask", "question", "Look a question up in the FAQ"),
    CommandSpec("topics", "", "All questions that the FAQ answers"),
    CommandSpec("sources", "", "The sources behind the last answer"),
    CommandSpec("set", "what: value", "Correct one thing about your project"),
    CommandSpec("withdraw", "what", "Make one thing about your project unknown again"),
    CommandSpec("undo", "", "Take back what the last message said about your project"),
    CommandSpec("reset", "", "Start over with an empty project", aliases=("new",)),
    CommandSpec("rewind", "[message]", "Go back to an earlier message and answer it differently", scope="face"),
    CommandSpec("find", "[words]", "Search this conversation", scope="face", aliases=("search",)),
    CommandSpec("export", "[file|format]", "Write the decision record to a file", scope="face"),
    CommandSpec(
        "sessions", "[words]", "Earlier conversations: go on, rename, delete", scope="face", aliases=("resume",)
    ),
    CommandSpec("decision", "[row]", "Walk through the matrix, row by row", scope="screen", aliases=("matrix",)),
    CommandSpec("copy", "[all]", "Copy the last reply, or the whole conversation", scope="screen"),
    CommandSpec("theme", "[name]", "Choose the colours", scope="screen"),
    CommandSpec("quit", "", "Leave; the conversation is kept", scope="face", aliases=("exit", "q")),
)

_BY_NAME = {name: spec for spec in COMMANDS for name in (spec.name, *spec.aliases)}


def parse_command(text: str) -> Command | None:
    """The command in a message, or None when the message is not one.

    A command starts with a slash and a letter or question mark; paths such as ``/usr/bin`` are none.
    """
    first, _, rest = text.strip().partition(" ")
    word = first[1:].lower()
    if not first.startswith("/") or not word or "/" in word or not (word[0].isalpha() or word == "?"):
        return None
    return Command(word, rest.strip(), _BY_NAME.get(word))
