"""Ridge regression (regularised least squares) over rows that are mostly zeros."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_TOLERANCE = 1e-4
"""Of the residual's norm, relative to where it began; smaller ones give the same decisions."""
_MOST_STEPS = 400
_TINY = 1e-30


def ridge(
    sparse: Sequence[tuple[Sequence[int], Sequence[float]]],
    dense: NDArray[np.float32],
    wanted: NDArray[np.float32],
    width: int,
    regularisation: float,
    counts: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Weights of shape (width + columns of `dense`, outcomes) that come near to `wanted`, shape (rows, outcomes).

    Each row has `width` features of which `sparse` names those that are not zero, by column and value, followed by
    its row of `dense`. `counts`: 0 for a row and outcome of which it is not known what is wanted, else 1. Solved
    by conjugate gradients with a diagonal preconditioner (Hestenes and Stiefel 1952), all outcomes at once: with many
    columns the normal equations would be far larger than the rows themselves.
    """
    # Only learning needs it, and it is slow to import.
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *(len(columns) for columns, _ in sparse)])
    values = np.fromiter((value for _, row in sparse for value in row), dtype=np.float32, count=ends[-1])
    columns = np.fromiter((column for row, _ in sparse for column in row), dtype=np.int32, count=ends[-1])
    words = csr_array((values, columns, ends), shape=(len(sparse), width))
    across = words.T.tocsr()

    def back(rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.vstack([across @ rows, dense.T @ rows])

    known = np.float32(1) if counts is None else counts
    squares = np.concatenate([np.bincount(columns, values**2, width), (dense**2).sum(axis=0)])
    scale = (squares + regularisation).astype(np.float32)[:, None]
    residual = back(known * wanted)
    weights = np.zeros_like(residual)
    enough = _TOLERANCE * np.linalg.norm(residual)
    corrected = residual / scale
    step, strength = corrected, (residual * corrected).sum(axis=0)
    for _ in range(_MOST_STEPS):
        moved = back(known * (words @ step[:width] + dense @ step[width:])) + regularisation * step
        length = strength / np.maximum((step * moved).sum(axis=0), _TINY)
        weights += length * step
        residual = residual - length * moved
        if np.linalg.norm(residual) < enough:
            break
        corrected = residual / scale
        before, strength = strength, (residual * corrected).sum(axis=0)
        step = corrected + strength / np.maximum(before, _TINY) * step
    return weights
