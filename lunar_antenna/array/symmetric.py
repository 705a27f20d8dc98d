"""A large complex symmetric matrix factorised in place, in half the work of an LU.

    A = L D L^T,   D of blocks that are inverted whole, L of ones and blocks below,

without pivoting between blocks.  Blocks of the reduced matrix are dominated by the elements
themselves, whose resistances are positive definite; where that is not enough, the residual tells.
Only the lower triangle of blocks is read and written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BLOCK = 256
PANEL = 1024  # columns updated at once: what is held beside the matrix


@dataclass(frozen=True, slots=True, eq=False)
class Factors:
    """lower: L below its block diagonal, in place of A; inverse: of each block of D."""

    lower: Any
    inverse: tuple[Any, ...]

    def solve(self, right: Any) -> Any:
        """(n, m) A^-1 ``right``."""
        x = np.array(right)
        n = len(x)
        starts = range(0, n, BLOCK)
        for a in starts:
            b = min(a + BLOCK, n)
            x[b:] -= self.lower[b:, a:b] @ x[a:b]
        for a, inverse in zip(starts, self.inverse, strict=True):
            x[a : a + BLOCK] = inverse @ x[a : a + BLOCK]
        for a in reversed(starts):
            b = min(a + BLOCK, n)
            x[a:b] -= self.lower[b:, a:b].T @ x[b:]
        return x


def factorise(matrix: Any) -> Factors | None:
    """Factors of ``matrix`` (n, n), which they overwrite; None where a block has no inverse."""
    n = len(matrix)
    inverses = []
    for a in range(0, n, BLOCK):
        b = min(a + BLOCK, n)
        block = np.tril(matrix[a:b, a:b]).astype(np.complex128)
        block += np.tril(block, -1).T
        try:
            inverse = np.linalg.inv(block).astype(matrix.dtype)
        except np.linalg.LinAlgError:
            return None
        inverses.append(inverse)
        before = matrix[b:, a:b].copy()
        matrix[b:, a:b] = before @ inverse
        for c in range(b, n, PANEL):
            d = min(c + PANEL, n)
            matrix[c:, c:d] -= matrix[c:, a:b] @ before[c - b : d - b].T
    return Factors(matrix, tuple(inverses))
