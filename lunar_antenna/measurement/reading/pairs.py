"""Complex numbers from the pairs of columns in which files hold them."""

from __future__ import annotations

import numpy as np

from ...conventions import ComplexArray, FloatArray


def complex_pairs(first: FloatArray, second: FloatArray, kind: str) -> ComplexArray:
    """Complex numbers from the two columns of ``kind`` DB, MA or RI (angles in degrees)."""
    if kind == "RI":
        return np.asarray(first + 1j * second)
    with np.errstate(over="ignore"):
        magnitude = 10.0 ** (np.maximum(first, -6000.0) / 20.0) if kind == "DB" else first
    angle = np.deg2rad(np.remainder(second, 360.0))
    return np.asarray(magnitude * np.cos(angle) + 1j * magnitude * np.sin(angle))
