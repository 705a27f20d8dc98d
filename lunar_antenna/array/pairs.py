"""Pairs of elements by how far their metal is apart, and on how fine a grid each is coupled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ..array_problem import Array
from ..conventions import FloatArray, IntArray

# Lower ends of the classes of pairs, metal to metal in diameters of the largest element: of the
# first, every pair is integrated on the triangles themselves.
ENDS = (0.0, 0.03, 0.1, 0.3, 1.0, 2.5)
# (nodes along the longest side, by part or all in one box), tried in this order in each class.
PARTS = tuple((order, True) for order in (5, 7, 10, 14, 20))
BOXES = tuple((order, False) for order in (6, 8, 10, 12, 16))
TRIED = ((), PARTS[1:], PARTS, (*PARTS[:3], *BOXES[3:]), BOXES, BOXES)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """gap (n, n) m between the metal of two elements, a lower bound where it is large.

    kind (n, n): number of the class in :data:`ENDS`; the diagonal is -1.
    """

    gap: FloatArray
    kind: IntArray

    @property
    def least(self) -> float:
        """Smallest gap, m; infinite for one element."""
        return float(self.gap.min())

    def nearest(self, kind: int, types: tuple[str, ...], most: int) -> list[tuple[int, int]]:
        """Up to ``most`` pairs of that class for each pair of types, those of the least gap."""
        i, j = np.nonzero(np.triu(self.kind == kind, 1))
        order = np.argsort(self.gap[i, j], kind="stable")
        count: dict[tuple[str, ...], int] = {}
        found = []
        for a, b in zip(i[order].tolist(), j[order].tolist(), strict=True):
            key = tuple(sorted((types[a], types[b])))
            count[key] = count.get(key, 0) + 1
            if count[key] <= most:
                found.append((a, b))
        return found


def find_pairs(array: Array) -> Pairs:
    """Gaps and classes of all pairs of ``array``."""
    n = array.n_elements
    surfaces = np.array([array.surface(k) for k in range(n)], dtype=object)
    hulls = [np.asarray(item.convex_hull.exterior.coords)[:, :2] for item in surfaces]
    diameter = max(float(np.linalg.norm(h[:, None] - h, axis=2).max()) for h in hulls)
    radius = np.array(
        [np.linalg.norm(h - p, axis=1).max() for h, p in zip(hulls, array.positions, strict=True)]
    )
    gap = np.linalg.norm(array.positions[:, None] - array.positions, axis=2)
    gap -= radius[:, None] + radius
    i, j = np.nonzero(np.triu(gap < (ENDS[-1] + 0.5) * diameter, 1))
    if i.size:
        gap[i, j] = shapely.distance(surfaces[i], surfaces[j])
        gap[j, i] = gap[i, j]
    np.fill_diagonal(gap, np.inf)
    kind = np.searchsorted(np.array(ENDS) * diameter, gap, side="right") - 1
    np.fill_diagonal(kind, -1)
    return Pairs(gap, kind)
