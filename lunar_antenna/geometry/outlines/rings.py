"""Rings: closed outlines of points, joined from pieces, and the polygons that they bound."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from ...conventions import FloatArray
from ...errors import GeometryError, one_line

JOINED = 1e-6  # of the extent: ends nearer than that meet


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a file holds: closed rings and open pieces, (n, 2) each in its own unit.

    metres: of that unit, None where the file does not say.
    """

    rings: tuple[FloatArray, ...]
    pieces: tuple[FloatArray, ...] = ()
    metres: float | None = None


def closed(drawing: Drawing, metres: float, where: str) -> list[FloatArray]:
    """All rings in m, open pieces joined end to end; :class:`GeometryError` for an open chain."""
    rings = [ring * metres for ring in drawing.rings]
    pieces = [piece * metres for piece in drawing.pieces]
    every = [*rings, *pieces]
    if not every:
        raise GeometryError(f"{where} holds no outline; draw at least one closed outline")
    if not all(np.isfinite(part).all() for part in every):
        raise GeometryError(f"{where} has coordinates that are not finite; give finite numbers")
    extent = float(np.ptp(np.vstack(every), axis=0).max())
    near = JOINED * max(extent, 1e-9)
    rings += _chained(pieces, near, where)
    return [_cleaned(ring, near, where) for ring in rings]


def _chained(pieces: Sequence[FloatArray], near: float, where: str) -> list[FloatArray]:
    """Closed chains of open pieces, each turned round where it must be."""
    left = list(pieces)
    found: list[FloatArray] = []
    while left:
        chain = left.pop(0)
        while np.hypot(*(chain[0] - chain[-1])) > near or len(chain) < 3:
            end = chain[-1]
            ends = [(np.hypot(*(p[k] - end)), n, k) for n, p in enumerate(left) for k in (0, -1)]
            distance, number, side = min(ends, default=(np.inf, 0, 0))
            if distance > near:
                if len(chain) > 2:
                    distance = min(distance, np.hypot(*(chain[0] - end)))
                away = "no other end" if np.isinf(distance) else f"the next end {distance:g} m away"
                raise GeometryError(
                    f"{where} has an open outline at ({end[0]:g}, {end[1]:g}) m, {away}: "
                    "draw it closed"
                )
            piece = left.pop(number)
            chain = np.vstack((chain, (piece if side == 0 else piece[::-1])[1:]))
        found.append(chain)
    return found


def _cleaned(ring: FloatArray, near: float, where: str) -> FloatArray:
    """Without the closing repeat and repeated points; a simple outline."""
    kept = np.hypot(*(ring - np.roll(ring, 1, axis=0)).T) > near
    ring = ring[kept]
    if len(ring) < 3:
        raise GeometryError(f"{where} has an outline of {len(ring)} points; give three or more")
    polygon = Polygon(ring)
    if not polygon.is_valid:
        reason = one_line(explain_validity(polygon)).replace("[", " at (").replace("]", ") m")
        raise GeometryError(
            f"{where} has an outline that is not simple: {reason}; "
            "make it not cross or touch itself"
        )
    return ring


def nested(rings: Iterable[FloatArray], where: str) -> list[Polygon]:
    """Polygons by the even-odd rule: a ring within one other is a hole, within two metal again."""
    areas = sorted((Polygon(ring) for ring in rings), key=lambda item: -item.area)
    for index, one in enumerate(areas):
        for other in areas[index + 1 :]:
            if one.exterior.crosses(other.exterior) or one.equals(other):
                point = one.exterior.intersection(other.exterior).representative_point()
                raise GeometryError(
                    f"{where} has outlines that cross at ({point.x:g}, {point.y:g}) m; "
                    "unite them or move them apart"
                )
    outers: list[tuple[Polygon, list[Polygon]]] = []
    for index, area in enumerate(areas):
        round_it = [item for item in areas[:index] if item.contains(area)]
        if len(round_it) % 2 == 0:
            outers.append((area, []))
        else:
            owner = round_it[-1]  # the smallest
            next(holes for outer, holes in outers if outer is owner).append(area)
    return [Polygon(outer.exterior, [hole.exterior for hole in holes]) for outer, holes in outers]
