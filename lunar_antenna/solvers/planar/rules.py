"""Quadrature rules on a triangle, in barycentric coordinates; weights sum to one."""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray

# Triangle rules in barycentric coordinates (Dunavant 1985): degree 2 with 3 points, 5 with 7.
RULE_3 = np.array([[2 / 3, 1 / 6, 1 / 6], [1 / 6, 2 / 3, 1 / 6], [1 / 6, 1 / 6, 2 / 3]])
WEIGHT_3 = np.full(3, 1.0 / 3.0)
_R15 = np.sqrt(15.0)
_A1, _A2 = (6.0 - _R15) / 21.0, (6.0 + _R15) / 21.0
RULE_7 = np.array(
    [
        [1 / 3, 1 / 3, 1 / 3],
        *([1 - 2 * _A1, _A1, _A1], [_A1, 1 - 2 * _A1, _A1], [_A1, _A1, 1 - 2 * _A1]),
        *([1 - 2 * _A2, _A2, _A2], [_A2, 1 - 2 * _A2, _A2], [_A2, _A2, 1 - 2 * _A2]),
    ]
)
WEIGHT_7 = np.array([0.225] + [(155.0 - _R15) / 1200.0] * 3 + [(155.0 + _R15) / 1200.0] * 3)


def refined_rule(rule: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The rule on each of the four halves-sized parts of the triangle."""
    half = 0.5
    maps = [
        np.array([[1, 0, 0], [half, half, 0], [half, 0, half]]),
        np.array([[half, half, 0], [0, 1, 0], [0, half, half]]),
        np.array([[half, 0, half], [0, half, half], [0, 0, 1]]),
        np.array([[half, half, 0], [0, half, half], [half, 0, half]]),
    ]
    return np.vstack([rule @ m for m in maps]), np.tile(weight / 4.0, 4)


RULE_28, WEIGHT_28 = refined_rule(RULE_7, WEIGHT_7)
RULE_112, WEIGHT_112 = refined_rule(RULE_28, WEIGHT_28)
