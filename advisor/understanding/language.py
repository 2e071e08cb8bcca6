"""Tells whether a text is in another language than English, so that it is not guessed at."""

from __future__ import annotations

from functools import lru_cache

_CLEARLY = 25.0
"""By how much another language must be more likely than English (difference of log probabilities).

Of 2,680 English FAQ phrasings and 100 descriptions, full of product names and typing mistakes, none reaches it.
"""

_FEWEST_LETTERS = 10
_MOST_CHARACTERS = 2_000


def is_foreign(text: str) -> bool:
    """Whether `text` is clearly not English. Short texts and lists of names get the benefit of the doubt.

    The first call loads the language model, which takes a few tenths of a second.
    """
    words = text[:_MOST_CHARACTERS]
    letters = sum(character.isalpha() for character in words)
    latin = words.isascii() or all(ord(character) < 0x250 for character in words if character.isalpha())
    if letters < _FEWEST_LETTERS and latin:
        return False
    ranks = _ranks(words)
    likeliest = max(ranks.values())
    return likeliest - ranks.get("en", likeliest) > _CLEARLY


@lru_cache(maxsize=16)
def _ranks(text: str) -> dict[str, float]:
    import py3langid

    return dict(py3langid.rank(text))
