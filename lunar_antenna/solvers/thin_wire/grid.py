"""Wide ribbons as grids of wires, along and across them (free shapes: columns.py).

Equal-area rule: wire radius = spacing/(4 pi), 1.9 % off in the impedance of a sheet where the
usual spacing/(2 pi) is 14 % off (both measured on wire grids of strips with NEC-2).  Where one wire
is left across a ribbon it has a quarter of the width, as a strip has.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np

from ...conventions import FloatArray
from ...geometry.ribbon import Ribbon
from .graph import Edge, WireGraph
from .types import SHORTEST_IN_RADII

BESIDE = 0.4  # of the shortest wire that one meets: its radius at most


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


def lines_across(half_width: float, cell: float) -> list[float]:
    """Where :func:`line_count` lines are, from -1 to 1."""
    count = line_count(half_width, cell)
    return np.linspace(-1.0, 1.0, count).tolist() if count > 1 else [0.0]


def connect_metal(
    graph: WireGraph,
    ends: tuple[int, int],
    spacing: float,
    kind: str,
    like: tuple[int, float],
    thickest: float = math.inf,
) -> None:
    """A wire of a grid that stands for ``spacing`` (m) of the sheet across it, a "rim" for half.

    kind: of :class:`~.graph.Edge`.  like: the conductor's number, the grid's cell (m).
    thickest: radius at most, m.
    """
    conductor, cell = like
    length = float(np.linalg.norm(graph.points[ends[0]] - graph.points[ends[1]]))
    radius = spacing / 4.0 if kind == "strip" else grid_radius(min(spacing, cell))
    width = spacing / 2.0 if kind == "rim" else spacing
    radius = min(radius, length / SHORTEST_IN_RADII, thickest)
    graph.connect(*ends, Edge(*ends, radius, width, kind, conductor, grid=True))


def ribbon_grid(graph: WireGraph, ribbon: Ribbon, conductor: int, cell: float) -> None:
    """Wires at constant t along the ribbon and across it at its stations.

    The number of lines doubles as the ribbon widens, so that near a narrow feed one wire is
    left and no acute fan of wires crowds there.
    """
    centre, mitre, half = stations(ribbon, cell)
    like = (conductor, cell)
    rows = [
        {t: graph.node(at + t * reach * across) for t in lines_across(float(reach), cell)}
        for at, across, reach in zip(centre, mitre, half, strict=True)
    ]
    steps = np.linalg.norm(np.diff(centre, axis=0), axis=1)
    for index, row in enumerate(rows):
        around = float(steps[max(0, index - 1) : index + 1].mean())
        kind = "rim" if index in (0, len(rows) - 1) else "cell"
        for low, high in itertools.pairwise(sorted(row)):
            connect_metal(graph, (row[low], row[high]), around, kind, like)
    for index, (row, following) in enumerate(itertools.pairwise(rows)):
        connect_lines(graph, (row, following), float(half[index : index + 2].sum()), like)


def connect_lines(
    graph: WireGraph,
    rows: tuple[dict[float, int], dict[float, int]],
    width: float,
    like: tuple[int, float],
    thickest: float = math.inf,
) -> None:
    """The lines that two rows (place from -1 to 1: node) have in common; width: of the metal, m."""
    common = sorted(set(rows[0]) & set(rows[1]))
    spacing = width / max(1, len(common) - 1)
    for t in common:
        kind = "strip" if len(common) == 1 else "rim" if abs(t) == 1.0 else "cell"
        connect_metal(graph, (rows[0][t], rows[1][t]), spacing, kind, like, thickest)


def thin_beside_short(graph: WireGraph) -> None:
    """No wire of a grid thicker than BESIDE of the shortest wire that it meets."""
    shortest: dict[int, float] = {}
    for edge in graph.edges:
        length = float(np.linalg.norm(graph.points[edge.end] - graph.points[edge.start]))
        for node in (edge.start, edge.end):
            shortest[node] = min(shortest.get(node, math.inf), length)
    for number, edge in enumerate(graph.edges):
        most = BESIDE * min(shortest[edge.start], shortest[edge.end])
        if edge.grid and edge.radius > most:
            graph.edges[number] = replace(edge, radius=most)
