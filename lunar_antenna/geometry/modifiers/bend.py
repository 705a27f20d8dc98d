"""Bend in plane: everything beyond ``start`` follows a circular arc, then goes straight on.

                            _/  angle
         _____| |_______---`
              | |  start   extent (of the arc, along the axis)

Law: a point at (x, y) has arc length s = |x| - start beyond the start; the axis turns by
theta = angle min(s/extent, 1), and y stays the distance from the bent axis, positive angles
towards +y.  Lengths along the axis are kept.  Straight edges get vertices on the arc.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon

from ...common.parameter import Parameter
from ...conventions import FloatArray
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, map_polygon
from .base import Modifier, Values


def derive(values: Values, family: Values) -> Values:
    start = values.get("start", family["length"] / 10.0)
    return {"start": start, "extent": max(family["length"] / 2.0 - start, 1e-3)}


def apply(shape: Shape, values: Values) -> Shape:
    """The bent shape; the ports, which must lie before ``start``, stay."""
    start, extent, angle = values["start"], values["extent"], values["angle"]
    for gap in (gap for port in shape.ports for gap in port.gaps):
        reach = float(np.abs(gap.corners[:, 0]).max())
        if reach > start:
            raise GeometryError(
                f"bend starts at x = {start:g} m, inside the feed tab that ends at {reach:g} m; "
                f"make bend.start at least {reach:g} m"
            )
    if angle == 0.0:
        return shape
    inside = max(
        math.copysign(1.0, angle) * y
        for polygon in shape.conductors
        for x, y, *_ in polygon.exterior.coords
    )
    if inside * abs(angle) >= extent:
        raise GeometryError(
            f"metal {inside:g} m from the axis folds over itself inside the bend's radius of "
            f"{extent / abs(angle):g} m at x = {start:g} m; "
            "make bend.extent larger or bend.angle smaller"
        )
    stations = np.linspace(start, start + extent, int(values["samples"]) + 1)

    def change(points: FloatArray) -> FloatArray:
        return bend_points(points, start, extent, angle)

    conductors = tuple(map_polygon(_densify(item, stations), change) for item in shape.conductors)
    ribbons = tuple(_bend_ribbon(item, stations, change) for item in shape.ribbons)
    return replace(shape, conductors=conductors, ribbons=ribbons)


def bend_points(points: FloatArray, start: float, extent: float, angle: float) -> FloatArray:
    """(n, 2) m bent by the law in the module's docstring; exactly even in x."""
    s = np.maximum(np.abs(points[:, 0]) - start, 0.0)
    theta = angle * np.minimum(s / extent, 1.0)
    arc, rest = np.minimum(s, extent), np.maximum(s - extent, 0.0)
    chord = arc * np.sinc(theta / (2.0 * math.pi))  # of an arc that turns by theta
    x = np.minimum(np.abs(points[:, 0]), start)
    x = x + chord * np.cos(theta / 2.0) + rest * np.cos(theta)
    y = chord * np.sin(theta / 2.0) + rest * np.sin(theta)
    x, y = x - points[:, 1] * np.sin(theta), y + points[:, 1] * np.cos(theta)
    side = np.where(points[:, 0] < 0.0, -1.0, 1.0)
    return np.column_stack((x * side, y)) + 0.0


def _bend_ribbon(
    ribbon: Ribbon, stations: FloatArray, change: Callable[[FloatArray], FloatArray]
) -> Ribbon:
    """Centre line and width of the bent metal: off the axis the map keeps lengths across it only.

    At every point the cut from side to side is mapped; its part across either straight piece that
    meets there is that piece's width, their mean the ribbon's.
    """
    columns = np.column_stack((ribbon.path, ribbon.half_width))
    dense = _insert(columns, stations, closed=False)
    left, right = Ribbon(dense[:, :2], dense[:, 2]).sides
    path = change(dense[:, :2])
    cut = change(left) - change(right)
    along = np.diff(path, axis=0)
    along = along / np.linalg.norm(along, axis=1)[:, None]
    before, after = np.vstack((along[:1], along)), np.vstack((along, along[-1:]))
    across = [abs(cut[:, 0] * u[:, 1] - cut[:, 1] * u[:, 0]) for u in (before, after)]
    return Ribbon(path, 0.25 * (across[0] + across[1]))


def _densify(polygon: Polygon, stations: FloatArray) -> Polygon:
    return map_polygon(polygon, lambda ring: _insert(ring, stations, closed=True))


def _insert(rows: FloatArray, stations: FloatArray, *, closed: bool) -> FloatArray:
    """Rows (n, k), x first, with linear in-betweens at |x| = each station."""
    result: list[FloatArray] = []
    same = 1e-9 * stations[-1]  # a vertex this near to a station is the station's
    count = len(rows)
    for index in range(count if closed else count - 1):
        a, b = rows[index], rows[(index + 1) % count]
        result.append(a)
        inner, outer = (a, b) if abs(a[0]) <= abs(b[0]) else (b, a)
        if a[0] * b[0] < 0.0:
            inner, outer = (a, b) if a[0] < b[0] else (b, a)
        cuts = [
            sign * station
            for station in stations
            for sign in (1.0, -1.0)
            if min(a[0], b[0]) + same < sign * station < max(a[0], b[0]) - same
        ]
        for x in sorted(cuts, reverse=bool(a[0] > b[0])):
            row = inner + (outer - inner) * ((x - inner[0]) / (outer[0] - inner[0]))
            row[0] = x
            result.append(row)
    if not closed:
        result.append(rows[-1])
    return np.array(result)


MODIFIER = Modifier(
    "bend",
    "arms bent in plane along an arc",
    __doc__,
    (
        Parameter("angle", "rad", 0.5, -3.0, 3.0, "turn of each arm, positive towards +y"),
        Parameter("start", "m", None, 1e-4, 500.0, "x where the arc begins", "length / 10"),
        Parameter("extent", "m", None, 1e-3, 500.0, "of the arc along the axis", "up to the tip"),
        Parameter("samples", "1", 8, 2, 200, "straight pieces of the arc", integer=True),
    ),
    derive,
    apply,
    order=30.0,
)
