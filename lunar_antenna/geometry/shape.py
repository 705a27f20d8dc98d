"""Shape: what a family draws and a modifier changes, before materials are added.

Arms are drawn for x > 0 and mirrored by negation, so that the two halves are equal in
floating point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry import Polygon

from ..conventions import FloatArray
from ..errors import GeometryError
from .layout import Gap, Port
from .relief import Relief, Term
from .ribbon import Ribbon


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Conductors (without feed tabs), the same metal as ribbons, and the ports.

    ribbons run from the feed outwards, arm at x > 0 first; empty where the metal is not
    a set of ribbons (slots cut out).  relief: elevation over the plan view, None for a plane.
    """

    conductors: tuple[Polygon, ...]
    ribbons: tuple[Ribbon, ...]
    ports: tuple[Port, ...]
    relief: Relief | None = None

    def raised(self, term: Term) -> Shape:
        """The same plan view with one more term in its relief."""
        return replace(self, relief=(self.relief or Relief()).and_also(term))


def mirror_points(points: FloatArray) -> FloatArray:
    """(n, 2) m with x negated; y is untouched.  No negative zeros."""
    return np.column_stack((0.0 - points[:, 0], points[:, 1])) + 0.0


def polygon_points(polygon: Polygon) -> FloatArray:
    """Outer vertices (n, 2) m without the closing repeat."""
    return np.asarray(polygon.exterior.coords, dtype=float)[:-1, :2]


def map_polygon(polygon: Polygon, change: Callable[[FloatArray], FloatArray]) -> Polygon:
    """The polygon with ``change`` applied to the vertices of its outline and holes."""
    holes = [change(np.asarray(ring.coords, dtype=float)[:-1, :2]) for ring in polygon.interiors]
    return Polygon(change(polygon_points(polygon)), holes)


def mirror_polygon(polygon: Polygon) -> Polygon:
    """Mirror image in x = 0; the sense of rotation is kept."""
    return map_polygon(polygon, lambda points: mirror_points(points)[::-1])


def mirror_ribbon(ribbon: Ribbon) -> Ribbon:
    """Mirror image in x = 0, still running from the feed outwards."""
    return Ribbon(mirror_points(ribbon.path), ribbon.half_width)


def with_tab_points(outline: FloatArray, x: float, port_width: float) -> FloatArray:
    """Outline (n, 2) m with vertices at (x, +-port_width/2) on its edge at ``x``.

    Raises :class:`GeometryError` where no straight edge at ``x`` is that long.
    """
    half = port_width / 2.0
    widest = 0.0
    for index in range(len(outline)):
        start, end = outline[index], outline[(index + 1) % len(outline)]
        if start[0] != x or end[0] != x or start[1] * end[1] >= 0.0:
            continue
        sign = 1.0 if end[1] > start[1] else -1.0
        widest = 2.0 * min(abs(start[1]), abs(end[1]))
        if abs(start[1]) < half or abs(end[1]) < half:
            continue
        extra = [
            (x, y) for y, corner in ((-sign * half, start), (sign * half, end)) if y != corner[1]
        ]
        return np.insert(outline, index + 1, extra, axis=0) if extra else outline
    raise GeometryError(
        f"port_width = {port_width:g} m is wider than the arm's edge of {widest:g} m at "
        f"x = {x:g} m; make port_width at most {widest:g} or the arm wider at the feed"
    )


def symmetric_outline(x: FloatArray, half_width: FloatArray) -> FloatArray:
    """Counter-clockwise outline (2n, 2) m of an arm between -half_width and +half_width."""
    lower = np.column_stack((x, 0.0 - half_width))
    upper = np.column_stack((x, half_width))
    return np.vstack((lower, upper[::-1]))


def check_gap(length: float, gap: float) -> None:
    """:class:`GeometryError` unless the gap leaves metal on either side."""
    if gap >= length:
        raise GeometryError(
            f"gap = {gap:g} m is not smaller than length = {length:g} m: no metal is left "
            f"at ({gap / 2:g}, 0) m; make gap smaller than {length:g}"
        )


def feed(gap: float, port_width: float) -> tuple[Port, ...]:
    """The one port at the origin, its current along +x."""
    return (Port((Gap(0.0, 0.0, gap, port_width),)),)


def two_arms(
    outline: FloatArray,
    ribbons: Iterable[Ribbon],
    gap: float,
    port_width: float,
    left: tuple[FloatArray, Iterable[Ribbon]] | None = None,
) -> Shape:
    """Arm at x > 0 from its outline (n, 2) m and ribbons, its mirror image, and the feed.

    left: outline and ribbons of the other arm, drawn at x > 0 too, where it differs.
    """
    other, other_ribbons = (outline, ribbons := tuple(ribbons)) if left is None else left
    conductors = (
        Polygon(with_tab_points(outline, gap / 2.0, port_width)),
        mirror_polygon(Polygon(with_tab_points(other, gap / 2.0, port_width))),
    )
    arms = (*ribbons, *(mirror_ribbon(ribbon) for ribbon in other_ribbons))
    return Shape(conductors, arms, feed(gap, port_width))
