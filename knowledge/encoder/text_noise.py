"""The ways people mistype and shorten, used to make noisy twins of training texts.

The tokenizer lower-cases and strips accents, so casing needs no twin: `PyTorch`, `pytorch` and `PYTORCH` are one input.
"""

from __future__ import annotations

import random
import re

_NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl",
    "p": "ol", "a": "qsz", "s": "adw", "d": "sfe", "f": "dgr", "g": "fht", "h": "gjy", "j": "hku", "k": "jli",
    "l": "kop", "z": "xa", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nj",
}  # fmt: skip
"""Keys beside each other on a QWERTY keyboard."""

_SHORTER = {
    "pytorch": ("torch", "py torch", "pytorh"),
    "tensorflow": ("tf", "tensor flow", "tensorfow"),
    "machine learning": ("ml",),
    "deep learning": ("dl",),
    "reinforcement learning": ("rl",),
    "natural language processing": ("nlp",),
    "computer vision": ("cv",),
    "google cloud": ("gcp",),
    "kubernetes": ("k8s",),
    "javascript": ("js",),
    "hugging face": ("huggingface", "hf"),
    "large language model": ("llm",),
    "graphics card": ("gpu",),
    "neural network": ("nn", "neural net"),
    "quantization": ("quantisation",),
    "because": ("cuz", "bc"),
    "please": ("pls", "plz"),
    "you": ("u",),
    "are": ("r",),
    "with": ("w/",),
    "without": ("w/o",),
    "versus": ("vs",),
    "something": ("smth",),
    "and": ("&",),
}
"""Everyday short forms; applied in either direction would be wrong for the ambiguous ones, so only long to short."""

_LONG_FORMS = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, _SHORTER), key=len, reverse=True)) + r")\b", re.IGNORECASE
)


def shorten(text: str, rng: random.Random, rate: float = 0.5) -> str:
    """`text` with some long forms replaced by the short forms people type."""

    def replace(match: re.Match[str]) -> str:
        return rng.choice(_SHORTER[match[0].lower()]) if rng.random() < rate else match[0]

    return _LONG_FORMS.sub(replace, text)


def mistype(text: str, rng: random.Random, rate: float = 0.12) -> str:
    """`text` with about `rate` of its longer words mistyped: a letter dropped, doubled, swapped or hit beside."""
    return " ".join(
        _mistype_word(word, rng) if len(word) > 3 and rng.random() < rate else word for word in text.split()
    )


def make_noisy(text: str, rng: random.Random) -> str:
    """One noisy twin of `text`: short forms, at least one typing slip likely, punctuation sometimes lost."""
    noisy = mistype(shorten(text, rng), rng, rate=0.2)
    if rng.random() < 0.5:
        noisy = noisy.replace("'", "").rstrip("?.! ")
    return noisy


def _mistype_word(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    slip = rng.randrange(4)
    if slip == 0:
        return word[:at] + word[at + 1 :]
    if slip == 1:
        return word[:at] + word[at] + word[at:]
    if slip == 2:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + rng.choice(_NEIGHBOURS.get(word[at].lower(), word[at])) + word[at + 1 :]
