"""What a newcomer is told once: each hint goes away when it was followed, or when it was seen often enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint. `after`: turns from which on it makes sense (0: only before the first).

    `done_by`: actions that show that it is no longer needed.
    """

    id: str
    text: str
    after: int
    done_by: frozenset[str]


HINTS = (
    Hint("examples", "Tab goes to the examples; F1 shows all keys.", 0, frozenset({"pick", "send"})),
    Hint("chips", "Alt+Up, then Enter corrects what was understood.", 1, frozenset({"chip"})),
    Hint("decision", "F2 walks through the decision to your words.", 2, frozenset({"decision"})),
    Hint("palette", "Ctrl+P lists everything that can be done.", 3, frozenset({"palette"})),
    Hint("export", "/export writes the decision record.", 4, frozenset({"export"})),
)


def next_hint(turns: int, seen: frozenset[str]) -> Hint | None:
    """The hint to show after this many turns, unless all were seen."""
    fitting = (hint for hint in HINTS if hint.after <= turns and (hint.after or not turns))
    return next((hint for hint in fitting if hint.id not in seen), None)


def done_with(action: str, seen: frozenset[str]) -> frozenset[str]:
    """The hints that need not be shown any more after an action."""
    return seen | {hint.id for hint in HINTS if action in hint.done_by}
