"""Reads corrections by hand: which attribute is meant, and which of its values."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from advisor.knowledge_base.pack import KnowledgePack
from advisor.text import shorten

_SHOWN = 60


class CorrectionError(Exception):
    """A correction that cannot be read; the message tells the user what would be."""


def named_attribute(pack: KnowledgePack, words: str) -> str:
    """The attribute of this id or title, or of the one nearest to it. Raises CorrectionError."""
    names = {key.casefold(): a.id for a in pack.attributes.values() if not a.derived for key in (a.id, a.title)}
    found = _nearest(words, names)
    if found is None:
        asked = shorten(words, _SHOWN)
        raise CorrectionError(f"I know nothing called “{asked}”. I show the names with what I understood.")
    return found


def named_value(pack: KnowledgePack, attribute: str, words: str) -> str:
    """The value of this id or label, or of the one nearest to it. Raises CorrectionError."""
    values = pack.attributes[attribute].values
    found = _nearest(words, {key.casefold(): value for value, label in values.items() for key in (value, label)})
    if found is None:
        title = pack.attributes[attribute].title
        raise CorrectionError(f"“{title}” can be: {', '.join(values.values())}.")
    return found


def split_correction(pack: KnowledgePack, words: str) -> tuple[str, str]:
    """What stands before and after the first colon or equals sign. Raises CorrectionError."""
    for mark in (":", "="):
        name, found, value = words.partition(mark)
        if found and name.strip() and value.strip():
            return name.strip(), value.strip()
    example = next(attribute for attribute in pack.attributes.values() if not attribute.derived)
    label = next(iter(example.values.values()))
    raise CorrectionError(f"Write what it is and its value with a colon between: /set {example.title}: {label}")


def _nearest(words: str, names: Mapping[str, str]) -> str | None:
    near = get_close_matches(words.strip().casefold()[:_SHOWN], list(names), 1, cutoff=0.75)
    return names[near[0]] if near else None
