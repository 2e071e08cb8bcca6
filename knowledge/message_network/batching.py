"""Batches of texts of like length, which saves padding."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(
    texts: Sequence[T], size: int, together: int, length: Callable[[T], int], rng: random.Random
) -> Iterator[list[T]]:
    """All texts once, in batches of `size`, at random but for those of like `length` among `together` batches."""
    order = list(texts)
    rng.shuffle(order)
    chunk = size * together
    for start in range(0, len(order), chunk):
        part = sorted(order[start : start + chunk], key=length)
        cut = [part[at : at + size] for at in range(0, len(part), size)]
        rng.shuffle(cut)
        yield from cut
