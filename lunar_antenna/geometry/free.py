"""Free shapes: polygons and gaps as listed in a file.

[[polygon]]
points = [[0.05, -0.1], [5.0, -0.1], [5.0, 0.1], [0.05, 0.1]]   # m
holes = []                                                       # rings like points

[[polygon]]
file = "panel.dxf"   # in place of points: see :mod:`.outlines.read`

[[gap]]
x = 0.0          # centre, m
y = 0.0
length = 0.1     # m, along the current
width = 0.2      # m, of the feed tab
angle = 0.0      # rad, of the current from +x towards +y
port = "1"       # gaps with the same port are in series
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from shapely.geometry import Polygon

from ..common.checks import number, shown
from ..common.tables import Table
from ..errors import GeometryError
from .layout import Gap, Port
from .outlines.expand import expand, has_files
from .shape import Shape

GAP_KEYS = {"x": "m", "y": "m", "length": "m", "width": "m", "angle": "rad"}


def read_ring(label: str, points: object) -> Polygon:
    """Polygon without holes from a list of [x, y] in m; :class:`GeometryError` otherwise."""
    return Polygon(_ring(label, points))


def _ring(label: str, points: object) -> list[tuple[float, float]]:
    if not isinstance(points, (list, tuple)) or len(points) < 3:
        raise GeometryError(f"{label} has no outline; give at least three points [x, y] in m")
    ring = []
    for index, point in enumerate(points, 1):
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise GeometryError(
                f"{label} point {index} = {shown(point)} is not [x, y] in m; give two numbers"
            )
        x, y = (
            number(f"{label} point {index}", value, unit="m", error=GeometryError)
            for value in point
        )
        ring.append((x, y))
    return ring


def draw_free(spec: Mapping[str, Any]) -> Shape:
    """Shape of the [[polygon]] and [[gap]] tables; it has no ribbons."""
    conductors = []
    if has_files(spec):
        spec = expand(spec, Path())
    for row in _rows(spec, "polygon"):
        row.only("points", "holes")
        holes = row.content.get("holes", [])
        if not isinstance(holes, list):
            raise row.fault(
                f"holes = {shown(holes)} is not a list of rings; give [[[x, y], ...], ...]"
            )
        conductors.append(
            Polygon(
                _ring(row.name, row.content.get("points")),
                [_ring(f"{row.name} hole {n}", ring) for n, ring in enumerate(holes, 1)],
            )
        )
    return Shape(tuple(conductors), (), _ports(_rows(spec, "gap")))


def _rows(spec: Mapping[str, Any], key: str) -> tuple[Table, ...]:
    rows = Table(spec, error=GeometryError).tables(key)
    if not rows:
        raise GeometryError(f"free shape has no [[{key}]] tables; give at least one")
    return rows


def _ports(rows: Iterable[Table]) -> tuple[Port, ...]:
    series: dict[str, list[Gap]] = {}
    for row in rows:
        row.only(*GAP_KEYS, "feed", "port")
        row.needs("length", "width")
        values = {key: row.number(key, 0.0, unit=unit) for key, unit in GAP_KEYS.items()}
        gap = Gap(**values, feed=row.text("feed", "uniform"))
        series.setdefault(str(row.content.get("port", "1")), []).append(gap)
    return tuple(Port(tuple(gaps), name) for name, gaps in series.items())
