"""What the check of a pack can find: the kinds, how grave each is, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


class Kind(NamedTuple):
    """How grave findings of a kind are, and what to do about one."""

    level: Level
    remedy: str


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "invalid": Kind("error", "Correct it."),
        "broken-reference": Kind("error", "Correct the name, or define what it names."),
        "cycle-through-unknown": Kind("error", "Let one of the rules stop asking whether the other is unknown."),
        "too-much-for-the-engine": Kind("error", "Split the rules, or let fewer of them end in the same condition."),
        "unreachable-rule": Kind("error", "Correct its conditions, or remove it."),
        "duplicate-rule": Kind("error", "Remove one of the two; the other can cite the claims of both."),
        "contradictory-rules": Kind("error", "Remove one, tell their cases apart, or let one defeat the other."),
        "side-cannot-win": Kind("error", "Add rules that let more rows lean to it, or say why it is an option."),
        "failing-example": Kind("error", "Correct the example or the rule, whichever is wrong."),
        "cycle": Kind("warning", "Break the circle, or say why each may support the other."),
        "subsumed-rule": Kind("warning", "Remove it, narrow the wider rule, or say what it is kept for."),
        "outvoted-rule": Kind("warning", "Tell its case apart in the other rules' conditions, or conclude neutral."),
        "one-sided-row": Kind("warning", "Add the missing rule, or say why this reading has none."),
        "lopsided-reading": Kind("warning", "Look for rules that are missing on the other side, or say why it is so."),
        "gap": Kind("warning", "Add a rule that says what it means for the row, if only that it favours neither."),
        "unread-attribute": Kind("warning", "Add a rule that reads it, or stop asking for it."),
        "unproducible-value": Kind("warning", "Add words for it, let a rule conclude it, or remove it."),
        "no-example": Kind("warning", "Add examples: at least one in which it fires, and one in which it does not."),
        "unnoticed-change": Kind("warning", "Add an example that comes out differently then."),
        "old-source": Kind("warning", "Read it again and set the date on which it was checked."),
        "old-claim": Kind("warning", "Check it against a newer source."),
        "undated-source": Kind("warning", "Give its date, or the date on which it was checked."),
        "misplaced-phrasings": Kind("warning", "Move the phrasings, or tell the two entries further apart."),
        "stale-answer": Kind("warning", "Remove it from check.yaml."),
        "bias": Kind("note", "Nothing, if it is as you mean it."),
        "tension": Kind("note", "Nothing: such a row is neutral, and both rules are shown."),
        "not-exact": Kind("note", "Let fewer attributes bear on it, if it matters."),
    }
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something found, before it is known on which line.

    `subject`: what it is about, in a form that an answer in check.yaml can name. `part`: the part of the pack that it
    points at, by type and id, with the `field` in it; None for the pack as a whole.
    """

    kind: str
    subject: str
    what: str
    part: tuple[type, str] | None = None
    field: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found, as it is told. `line` counts from 1; None where no line can be named."""

    kind: str
    level: Level
    file: str
    line: int | None
    subject: str
    what: str
    remedy: str

    @property
    def place(self) -> str:
        """File and line in the form that editors jump to."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


def finding(kind: str, file: str, line: int | None, subject: str, what: str) -> Finding:
    """A finding with the level and remedy of its kind."""
    return Finding(kind, KINDS[kind].level, file, line, subject, what, KINDS[kind].remedy)
