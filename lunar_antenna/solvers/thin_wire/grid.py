"""Wide metal as a grid of wires: along and across a ribbon, or square for free shapes.

Equal-area rule: wire radius = cell/(4 pi), 1.9 % off in the impedance of a sheet where the
usual cell/(2 pi) is 14 % off (both measured on wire grids of strips with NEC-2).
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from shapely.prepared import prep

from ...conventions import FloatArray
from ...errors import GeometryError
from ...geometry.layout import Gap
from ...geometry.ribbon import Ribbon
from .graph import Edge, WireGraph


def grid_radius(cell: float) -> float:
    """Radius in m of the wires of a grid with square cells of side ``cell`` (m)."""
    return cell / (4.0 * math.pi)


def stations(ribbon: Ribbon, cell: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centre (n, 2), mitre vector (n, 2) and half-width (n,) about every ``cell`` along it.

    Corners of the path that bend by more than 5 degrees are always stations.
    """
    steps = np.linalg.norm(np.diff(ribbon.path, axis=0), axis=1)
    at = np.concatenate(([0.0], np.cumsum(steps)))
    tangent = np.diff(ribbon.path, axis=0) / steps[:, None]
    bend = np.einsum("ij,ij->i", tangent[:-1], tangent[1:]) < math.cos(math.radians(5.0))
    knots = np.concatenate(([0.0], at[1:-1][bend], [at[-1]]))
    where = [np.zeros(1)]
    for low, high in itertools.pairwise(knots):
        count = max(1, round((high - low) / cell))
        where.append(np.linspace(low, high, count + 1)[1:])
    s = np.concatenate(where)

    def along(values: FloatArray) -> FloatArray:
        return np.interp(s, at, values)

    path, normal = ribbon.path, ribbon.normals
    centre = np.column_stack((along(path[:, 0]), along(path[:, 1])))
    mitre = np.column_stack((along(normal[:, 0]), along(normal[:, 1])))
    return centre, mitre, along(ribbon.half_width)


def line_count(half_width: float, cell: float) -> int:
    """Lines across: 1, 3, 5, 9, 17...: the rims join the centre as soon as 0.3 cell is between.

    Later doublings wait until the lines are at least 0.75 cell apart.
    """
    if half_width < 0.3 * cell:
        return 1
    count, intervals = 3, 4
    while 2.0 * half_width / intervals >= 0.75 * cell:
        count = intervals + 1
        intervals *= 2
    return count


def ribbon_grid(
    graph: WireGraph,
    ribbon: Ribbon,
    conductor: int,
    cell: float,
    metal: Polygon | MultiPolygon,
) -> None:
    """Wires at constant t along the ribbon and across it at its stations.

    The number of lines doubles as the ribbon widens, so that near a narrow feed one wire is
    left and no acute fan of wires crowds there.  Wires outside ``metal`` are dropped.
    """
    centre, mitre, half = stations(ribbon, cell)
    radius = grid_radius(cell)
    inside = prep(metal.buffer(1e-6 + 1e-3 * cell))
    nodes: list[dict[float, int]] = []
    counts = [line_count(value, cell) for value in half]
    for index, count in enumerate(counts):
        lines = np.linspace(-1.0, 1.0, count) if count > 1 else np.zeros(1)
        nodes.append(
            {float(t): graph.node(centre[index] + t * half[index] * mitre[index]) for t in lines}
        )

    def put(start: int, end: int, width: float, kind: str) -> None:
        if inside.covers(LineString((graph.points[start], graph.points[end]))):
            graph.connect(start, end, Edge(start, end, radius, width, kind, conductor, grid=True))

    last = len(nodes) - 1
    for index, row in enumerate(nodes):
        order = sorted(row)
        before = np.linalg.norm(centre[index] - centre[max(index - 1, 0)])
        after = np.linalg.norm(centre[min(index + 1, last)] - centre[index])
        kind = "rim" if index in (0, last) else "cell"
        for low, high in itertools.pairwise(order):
            put(row[low], row[high], float(before + after) / 2.0, kind)
        if index == last:
            break
        common = sorted(set(row) & set(nodes[index + 1]))
        width = float(half[index] + half[index + 1])
        if len(common) == 1:
            put(row[common[0]], nodes[index + 1][common[0]], width, "strip")
            continue
        spacing = width / (len(common) - 1)
        for t in common:
            rim = abs(t) == 1.0
            put(
                row[t],
                nodes[index + 1][t],
                spacing / 2.0 if rim else spacing,
                "rim" if rim else "cell",
            )


def square_grid(
    graph: WireGraph, polygon: Polygon, conductor: int, cell: float, gap: Gap | None
) -> None:
    """Square cells over a free shape, through the centre of the gap where there is one.

    Lines run along and across the gap's direction; a wire stays where it lies in the metal.
    The outline is met to half a cell.
    """
    angle = gap.angle if gap else 0.0
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    corners = np.asarray(polygon.exterior.coords)[:, :2]
    origin = np.array([gap.x, gap.y]) if gap else corners.mean(axis=0)
    u, v = (corners - origin) @ along, (corners - origin) @ across
    inside = prep(polygon.buffer(1e-6 + 1e-3 * cell))
    radius = grid_radius(cell)
    faces = (-gap.length / 2.0, gap.length / 2.0) if gap else ()
    columns = _marks_through(float(u.min()), float(u.max()), faces, cell)
    rows = _marks_through(float(v.min()), float(v.max()), (0.0,), cell)
    nodes: dict[tuple[int, int], int] = {}
    for i, x in enumerate(columns):
        for j, y in enumerate(rows):
            point = origin + x * along + y * across
            if inside.covers(Point(point)):
                nodes[i, j] = graph.node(point)
    for (i, j), start in nodes.items():
        for neighbour in ((i + 1, j), (i, j + 1)):
            end = nodes.get(neighbour)
            if end is None:
                continue
            if inside.covers(LineString((graph.points[start], graph.points[end]))):
                wire = Edge(start, end, radius, cell, "cell", conductor, grid=True)
                graph.connect(start, end, wire)


def _marks_through(low: float, high: float, through: tuple[float, ...], cell: float) -> FloatArray:
    """Marks about ``cell`` apart from ``low`` to ``high``, with those of ``through`` between."""
    knots = [low, *(value for value in through if low < value < high), high]
    parts = [np.array([low])]
    for start, end in itertools.pairwise(knots):
        parts.append(np.linspace(start, end, max(1, round((end - start) / cell)) + 1)[1:])
    return np.concatenate(parts)


def connected_cell(polygon: Polygon, cell: float, gap: Gap | None, tolerance: float) -> float:
    """The largest of cell, cell/1.4, cell/2 ... whose square grid hangs together.

    Raises :class:`GeometryError` where a sixth of ``cell`` still leaves the grid in pieces.
    """
    for step in range(6):
        smaller = cell / 1.4**step
        trial = WireGraph(tolerance)
        square_grid(trial, polygon, 0, smaller, gap)
        if trial.edges and trial.pieces() == 1:
            return smaller
    x, y = polygon.representative_point().coords[0]
    raise GeometryError(
        f"the shape round ({x:g}, {y:g}) m has parts too narrow for a wire grid of "
        f"{cell / 1.4**5:.2g} m; make them wider or use another solver"
    )
