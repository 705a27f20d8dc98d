"""Free shapes: polygons and gaps as listed in a file.

[[polygon]]
points = [[0.05, -0.1], [5.0, -0.1], [5.0, 0.1], [0.05, 0.1]]   # m
holes = []                                                       # rings like points

[[gap]]
x = 0.0          # centre, m
y = 0.0
length = 0.1     # m, along the current
width = 0.2      # m, of the feed tab
angle = 0.0      # rad, of the current from +x towards +y
port = "1"       # gaps with the same port are in series
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shapely.geometry import Polygon

from ..common.checks import number
from ..errors import GeometryError
from .layout import Gap, Port
from .shape import Shape

GAP_KEYS = ("x", "y", "length", "width", "angle", "feed", "port")


def read_ring(label: str, points: object) -> Polygon:
    """Polygon without holes from a list of [x, y] in m; :class:`GeometryError` otherwise."""
    return Polygon(_ring(label, points))


def _ring(label: str, points: object) -> list[tuple[float, float]]:
    if not isinstance(points, (list, tuple)) or len(points) < 3:
        raise GeometryError(f"{label} has no outline; give at least three points [x, y] in m")
    ring = []
    for index, point in enumerate(points, 1):
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise GeometryError(f"{label} point {index} = {point!r} is not [x, y] in m")
        x, y = (
            number(f"{label} point {index}", value, unit="m", error=GeometryError)
            for value in point
        )
        ring.append((x, y))
    return ring


def draw_free(spec: Mapping[str, Any]) -> Shape:
    """Shape of the [[polygon]] and [[gap]] tables; it has no ribbons."""
    polygons = _tables(spec, "polygon")
    conductors = []
    for index, table in enumerate(polygons, 1):
        label = f"polygon {index}"
        _keys(label, table, ("points", "holes"))
        holes = table.get("holes", [])
        if not isinstance(holes, list):
            raise GeometryError(f"{label} holes = {holes!r} is not a list of rings")
        conductors.append(
            Polygon(
                _ring(label, table.get("points")),
                [_ring(f"{label} hole {n}", ring) for n, ring in enumerate(holes, 1)],
            )
        )
    return Shape(tuple(conductors), (), _ports(_tables(spec, "gap")))


def _tables(spec: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    tables = spec.get(key, [])
    if not isinstance(tables, list) or not tables or not all(isinstance(t, dict) for t in tables):
        raise GeometryError(f"free shape has no [[{key}]] tables; give at least one")
    return tables


def _keys(label: str, table: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    for key in table:
        if key not in allowed:
            raise GeometryError(f"{label} has unknown key {key!r}; allowed: {', '.join(allowed)}")


def _ports(tables: list[dict[str, Any]]) -> tuple[Port, ...]:
    series: dict[str, list[Gap]] = {}
    for index, table in enumerate(tables, 1):
        label = f"gap {index}"
        _keys(label, table, GAP_KEYS)
        for key in ("length", "width"):
            if key not in table:
                raise GeometryError(f"{label} lacks {key}; give it in m")
        values = {key: table.get(key, 0.0) for key in GAP_KEYS[:-2]}
        checked = {
            key: number(f"{label} {key}", value, error=GeometryError)
            for key, value in values.items()
        }
        gap = Gap(**checked, feed=table.get("feed", "uniform"))
        series.setdefault(str(table.get("port", "1")), []).append(gap)
    return tuple(Port(tuple(gaps), name) for name, gaps in series.items())
