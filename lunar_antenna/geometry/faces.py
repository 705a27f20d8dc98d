"""The metal at the faces of a gap."""

from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, Point
from shapely.ops import unary_union

from .layout import Gap, Layout

INTO = 1e-3  # of the gap's length, from its face into the metal


def shorted(layout: Layout, gap: Gap) -> bool:
    """Whether the metal on both sides of ``gap`` is one conductor, as of a folded dipole."""
    centre, along = np.array([gap.x, gap.y]), gap.direction
    ends = [Point(centre + side * (0.5 + INTO) * gap.length * along) for side in (-1.0, 1.0)]
    metal = unary_union(layout.conductors)
    pieces = getattr(metal, "geoms", [metal])
    return any(all(piece.distance(end) <= INTO * gap.length for end in ends) for piece in pieces)


def widths_behind(layout: Layout, gap: Gap) -> tuple[float, float]:
    """Width, m, of the metal just behind each face of ``gap``, 0 where there is none."""
    x0, y0, x1, y1 = layout.bounds
    size = max(x1 - x0, y1 - y0)
    metal = unary_union(layout.conductors)
    centre, along = np.array([gap.x, gap.y]), gap.direction
    across = np.array([-along[1], along[0]])
    found = []
    for side in (-1.0, 1.0):
        place = centre + side * (0.5 + INTO) * gap.length * along
        cut = LineString([place - size * across, place + size * across]).intersection(metal)
        parts = [part for part in getattr(cut, "geoms", [cut]) if not part.is_empty]
        near = min(parts, key=lambda part: part.distance(Point(place)), default=None)
        found.append(0.0 if near is None else float(near.length))
    return found[0], found[1]
