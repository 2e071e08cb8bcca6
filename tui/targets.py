"""What can be opened from a text: plain values that travel inside it and come back when they are clicked or chosen."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.style import Style

_KEY = "target"


@dataclass(frozen=True, slots=True)
class Words:
    """The user's words: characters `start` to `end` of the message of `turn`."""

    turn: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A value that was understood, or noticed and set aside; `words` is its evidence, where its place is known."""

    attribute: str
    title: str
    value: str
    label: str
    quote: str
    words: Words | None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the matrix, by its criterion."""

    criterion: str


@dataclass(frozen=True, slots=True)
class Source:
    """A source as cited. `status` and `claim` tell what it was checked for, if anything."""

    id: str
    title: str
    url: str | None
    date: str | None
    status: str = ""
    claim: str = ""
    truth: str = ""


@dataclass(frozen=True, slots=True)
class Send:
    """Something to say to the advisor."""

    text: str


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of the text that opens and closes."""

    key: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Text to copy."""

    text: str


@dataclass(frozen=True, slots=True)
class Act:
    """An action of the app, by its name."""

    name: str


Target = Words | Chip | Row | Source | Send | Fold | Copy | Act


def link(text: str | Content, target: Target, style: str = "") -> Content:
    """Text that opens `target`."""
    content = text if isinstance(text, Content) else Content.styled(text, style)
    return content.stylize(Style.from_meta({_KEY: target}))


def target_of(style: Style | str) -> Target | None:
    """The target that a style carries."""
    if isinstance(style, str) or not style.meta:
        return None
    found: Target | None = style.meta.get(_KEY)
    return found
