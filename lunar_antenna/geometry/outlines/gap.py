"""The gap of two conductors that nobody has said: between the parallel edges nearest each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from shapely.geometry import Polygon

from ...conventions import FloatArray
from ...errors import GeometryError
from ..layout import Gap

PARALLEL = 1e-6  # rad


def find_gap(polygons: Sequence[Polygon]) -> Gap:
    """The shortest gap between edges of two polygons that face each other.

    As wide as the edges face each other.  Raises :class:`GeometryError` where no two do.
    """
    found = [
        gap
        for first, second in combinations(polygons, 2)
        for gap in _facing(_edges(first), _edges(second))
    ]
    if not found:
        raise GeometryError(
            f"{len(polygons)} outline(s) have no parallel edges that face each other, so no gap is "
            "found; write [[gap]] with x, y, length and width in m"
        )
    shortest = min(gap.length for gap in found)
    return max((gap for gap in found if gap.length <= 1.000001 * shortest), key=lambda g: g.width)


def _edges(polygon: Polygon) -> FloatArray:
    """(n, 2, 2) m: straight edges counter-clockwise, metal to the left."""
    points = np.asarray(polygon.normalize().exterior.coords)[:, :2]
    if not polygon.normalize().exterior.is_ccw:
        points = points[::-1]
    return np.stack((points[:-1], points[1:]), axis=1)


def _facing(first: FloatArray, second: FloatArray) -> list[Gap]:
    gaps = []
    for start, end in first:
        along = end - start
        side = float(np.hypot(*along))
        along = along / side
        out = np.array([along[1], -along[0]])  # from the first metal to the second
        for far_start, far_end in second:
            other = far_end - far_start
            size = float(np.hypot(*other))
            turned = along[0] * other[1] - along[1] * other[0]
            if along @ other >= 0.0 or abs(turned) > PARALLEL * size:
                continue
            distance = float((far_start - start) @ out)
            low = max(0.0, float((far_end - start) @ along))
            high = min(side, float((far_start - start) @ along))
            if distance <= 0.0 or high - low <= 0.0:
                continue
            centre = start + 0.5 * (low + high) * along + 0.5 * distance * out
            gaps.append(_gap(centre, distance, high - low, out))
    return gaps


def _gap(centre: FloatArray, length: float, width: float, along: FloatArray) -> Gap:
    """The current towards +x, or +y where the gap lies across."""
    turn = -1.0 if along[0] < -1e-12 or (abs(along[0]) <= 1e-12 and along[1] < 0.0) else 1.0
    angle = math.atan2(turn * along[1], turn * along[0]) + 0.0
    return Gap(float(centre[0]) + 0.0, float(centre[1]) + 0.0, length, width, angle)
