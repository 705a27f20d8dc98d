"""Chebyshev points on an interval and interpolation between them.

Barycentric formula of the second kind (Berrut and Trefethen, SIAM Review 46 (2004) 501, eq. 4.2,
weights eqs. 5.3 and 5.4): for n points its matrix reproduces every polynomial of degree n - 1 to
rounding times its Lebesgue constant, below 1 + (2/pi) log n.
"""

from __future__ import annotations

import numpy as np

from ..conventions import FloatArray

_HIT = 1e-15  # of the interval: closer to a node is on it; the formula itself would divide by 0


def points(low: float, high: float, count: int, *, ends: bool) -> FloatArray:
    """(count,) points from ``low`` to ``high``: extrema with both ``ends``, or roots without."""
    order = np.arange(count)
    angle = order / (count - 1) if ends else (order + 0.5) / count
    return np.asarray(0.5 * (low + high) - 0.5 * (high - low) * np.cos(np.pi * angle))


def matrix(nodes: FloatArray, wanted: FloatArray, *, ends: bool) -> FloatArray:
    """(n_wanted, n_nodes): from values at :func:`points` of the same ``ends`` to ``wanted``."""
    count = nodes.size
    weight = (-1.0) ** np.arange(count)
    if ends:
        weight[[0, -1]] *= 0.5
    else:
        weight *= np.sin(np.pi * (np.arange(count) + 0.5) / count)
    gap = wanted[:, None] - nodes
    hit = np.abs(gap) <= _HIT * abs(nodes[-1] - nodes[0])
    gap[hit] = 1.0
    result = weight / gap
    result[hit.any(axis=1)] = 0.0
    result[hit] = 1.0
    result /= result.sum(axis=1, keepdims=True)
    return np.asarray(result)
