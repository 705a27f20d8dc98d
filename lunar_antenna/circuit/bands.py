"""Bands of a curve over frequency: where it stays above a threshold, and the widest of them.

The widest band is the one with the largest ratio hi/lo of its edges: a band of 5 to 8 MHz (1.6) is
wider than one of 20 to 30 MHz (1.5).  Whatever names a band - a study's objective, a comparison, a
report - means this one.
"""

from __future__ import annotations

import math

import numpy as np

from ..conventions import ComplexArray, FloatArray

MATCHED = 0.9  # mismatch efficiency 1 - |Gamma|^2 at the edge of a matched band


def bands(
    frequency: FloatArray, value: FloatArray, threshold: float
) -> tuple[tuple[float, float], ...]:
    """(lo, hi) Hz of every contiguous band with ``value`` (n,) >= threshold, rising.

    Edges are linear in ``value`` between the points; the ends of the data count as edges.
    """
    above = value >= threshold
    if not above.any():
        return ()
    change = np.flatnonzero(np.diff(above.astype(np.int8)))
    crossing = frequency[change] + (threshold - value[change]) * (
        frequency[change + 1] - frequency[change]
    ) / (value[change + 1] - value[change])
    edges = list(crossing)
    if above[0]:
        edges.insert(0, frequency[0])
    if above[-1]:
        edges.append(frequency[-1])
    return tuple((float(lo), float(hi)) for lo, hi in zip(edges[::2], edges[1::2], strict=True))


def ratio(band: tuple[float, float]) -> float:
    """hi/lo of a band; infinite for one that starts at 0 Hz."""
    return band[1] / band[0] if band[0] > 0.0 else math.inf


def widest_band(
    frequency: FloatArray, value: FloatArray, threshold: float
) -> tuple[float, float] | None:
    """The one of :func:`bands` with the largest hi/lo (of several at 0 Hz the first), or None."""
    return max(bands(frequency, value, threshold), key=ratio, default=None)


def matched_band(frequency: FloatArray, gamma: ComplexArray) -> tuple[float, float] | None:
    """(lo, hi) Hz of the widest band with 1 - |Gamma|^2 >= 0.9, ``gamma`` (n,); None: no such."""
    return widest_band(frequency, 1.0 - np.abs(gamma) ** 2, MATCHED)
