"""Other wordings of labelled texts that leave their labels true, so that a network learns more than their letters.

Product names give way to others that stand for the same value in the pack's phrases, small numbers to small ones and
large ones to large ones, and some texts are mistyped and shortened as people do.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "encoder"), str(HERE.parent.parent)]  # imported by a script

from text_noise import make_noisy  # noqa: E402

from advisor.knowledge_base.language_schema import AttributePhrases  # noqa: E402

_PLAIN = re.compile(r"[a-z0-9 ]+")
"""A phrase that is a name: it uses none of the syntax of phrases."""
_NUMBER = re.compile(
    r"(?<![\w.,-])(\d{1,3}|\d{4,6})(?![\w.,%-]| ?(?:k|m|million|thousand|rps|[gmt]b)\b)", re.IGNORECASE
)
_SMALL = range(2, 301)
_LARGE = range(3_000, 1_000_000)
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Rates:
    """How many texts are varied in each way, as shares."""

    names: float = 0.3
    numbers: float = 0.3
    noise: float = 0.15


class Variations:
    """Varies texts at random."""

    def __init__(self, phrases: Iterable[AttributePhrases], rates: Rates) -> None:
        self._rates = rates
        self._alike: Mapping[str, Sequence[str]] = {
            name: names
            for attribute in phrases
            for value in attribute.values.values()
            if (names := [phrase for phrase in value.implied if _PLAIN.fullmatch(phrase)])
            for name in names
        }

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = sorted(map(re.escape, self._alike), key=len, reverse=True)
        return re.compile(rf"(?<![\w-])({'|'.join(names) or '(?!)'})(?![\w-])", re.IGNORECASE)

    def of(self, text: str, rng: random.Random) -> str:
        """A text as it may also have been written."""
        rates = self._rates
        if rng.random() < rates.names:
            text = self._names.sub(lambda found: self._other_name(found[1], rng), text)
        if rng.random() < rates.numbers:
            text = _NUMBER.sub(lambda found: _other_number(found[1], rng), text)
        return make_noisy(text, rng) if rng.random() < rates.noise else text

    def _other_name(self, name: str, rng: random.Random) -> str:
        other = rng.choice(self._alike[name.lower()])
        return other if name.islower() else other.upper() if name.isupper() else other.title()


def _other_number(written: str, rng: random.Random) -> str:
    number = int(written)
    if number in _YEARS:
        return written
    if number in _SMALL:
        return str(rng.randrange(2, rng.choice((12, 60, 301))))
    return str(rng.randrange(3, 100) * 1_000) if number in _LARGE else written
