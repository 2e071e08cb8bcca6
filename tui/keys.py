"""The keys of the chat by the names of their actions: bindings, help and the user's own keys derive from this."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding

_ONE_SYMBOL = re.compile(r".|f\d+")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that one key does. `keys`: alternatives, separated by commas; `name` is what config.toml calls it."""

    name: str
    keys: str
    description: str
    priority: bool = False

    @property
    def binding(self) -> Binding:
        """The action as Textual binds it."""
        return Binding(self.keys, self.name, self.description, show=False, priority=self.priority, id=self.name)


ACTIONS = (
    Action("help", "f1", "This help"),
    Action("decision", "f2", "Walk through the decision: Enter opens a row, Escape goes back"),
    Action("browse", "alt+up", "Go to the newest links: what was understood, quotes, sources"),
    Action("find", "ctrl+f", "Search this conversation", priority=True),
    Action("sessions", "f3", "Earlier conversations"),
    Action("export", "f4", "Export the decision record"),
    Action("why", "alt+w", "Why every row leans as it does"),
    Action("flip", "alt+t", "What would turn the verdict"),
    Action("undo", "alt+u", "Take back what the last message said"),
    Action("keep", "alt+k", "Make a what-if part of the project"),
    Action("drop", "alt+x", "Leave the what-if"),
    Action("rewind", "alt+r", "Go back to an earlier message"),
    Action("copy", "alt+c", "Copy the last reply"),
    Action("theme", "f5", "Choose the colours"),
    Action("compose", "escape", "Back to the message"),
    Action("interrupt", "ctrl+c", "Copy what is selected, or clear the message, or press twice to quit", priority=True),
)

DIALOGS = ("help", "decision", "sessions", "export", "theme")
"""The actions that open a dialog."""

PICKS = tuple(Binding(f"alt+{n}", f"pick({n})", f"Pick {n}", show=False, id=f"pick{n}") for n in range(1, 10))


def shown(keys: str) -> str:
    """The first of several keys as people write it."""
    parts = keys.split(",")[0].strip().split("+")
    return "+".join(part.upper() if _ONE_SYMBOL.fullmatch(part) else part.capitalize() for part in parts)


def checked(chosen: Mapping[str, str], known: Sequence[Action] = ACTIONS) -> tuple[dict[str, str], list[str]]:
    """The user's own keys that can be used, and what is wrong with the others."""
    names = {action.name for action in known}
    usable = {name: keys for name, keys in chosen.items() if name in names and keys.strip(" ,")}
    problems = [f"there is no action “{name}” to give a key to" for name in chosen if name not in names]
    taken: dict[str, str] = {}
    for action in known:
        for key in usable.get(action.name, action.keys).split(","):
            other = taken.setdefault(key.strip(), action.name)
            if other != action.name:
                problems.append(f"the key {key.strip()} is given to both “{other}” and “{action.name}”")
    return usable, problems
