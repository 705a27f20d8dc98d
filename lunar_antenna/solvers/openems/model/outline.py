"""Conductors, gaps and film of a layout as mesh edges and as polygons without holes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

from ....conventions import FloatArray, IntArray
from ....geometry.layout import Gap, Layout
from .levels import height_above_gap
from .mesh import Grid

BoolArray = npt.NDArray[np.bool_]
SLACK = 1e-6  # m by which polygons grow, so that edges on their border count as inside


@dataclass(frozen=True, slots=True, eq=False)
class GapEdges:
    """Mesh edges of one gap: all parallel to ``axis``, from line ``start`` to ``stop``.

    cells: along the whole gap, of which a symmetric model may hold half.  across: indices of the
    lines of the other axis.  level: index of its z line.  sign: +1 where positive current runs
    towards increasing coordinates.
    """

    axis: int
    start: int
    stop: int
    cells: int
    across: IntArray
    level: int
    sign: float


def pieces(shape: Polygon | MultiPolygon) -> list[Polygon]:
    """``shape`` cut into polygons without holes."""
    result: list[Polygon] = []
    stack = [shape]
    while stack:
        item = stack.pop()
        if item.is_empty or item.area == 0.0:
            continue
        if item.geom_type != "Polygon":
            stack.extend(g for g in item.geoms if g.geom_type == "Polygon")
        elif item.interiors:
            middle = item.interiors[0].centroid.x
            x0, y0, x1, y1 = item.bounds
            stack.append(item.intersection(box(x0 - 1, y0 - 1, middle, y1 + 1)))
            stack.append(item.intersection(box(middle, y0 - 1, x1 + 1, y1 + 1)))
        else:
            result.append(item)
    return result


def model_polygons(
    shape: Polygon | MultiPolygon, grid: Grid, slack: float = SLACK
) -> list[Polygon]:
    """The part of ``shape`` in the model, grown by ``slack``, without holes."""
    window = box(grid.x[0] - 1e-3, grid.y[0] - 1e-3, grid.x[-1], grid.y[-1])
    return [
        polygon.buffer(slack, join_style="mitre") if slack else polygon
        for polygon in pieces(shape.intersection(window))
    ]


def conductors(layout: Layout) -> Polygon | MultiPolygon:
    """All metal without the tabs, merged."""
    return unary_union(layout.conductors)


def gap_edges(layout: Layout, grid: Grid) -> list[GapEdges]:
    """The edges of every gap in the model, gap after gap."""
    result = []
    for gap in filter(grid.symmetry.holds, layout.gaps):
        axis = 0 if abs(gap.direction[0]) > 0.5 else 1
        centre = (gap.x, gap.y)
        lines, other = grid.axis(axis), grid.axis(1 - axis)
        ends = np.array([centre[axis] - gap.length / 2, centre[axis] + gap.length / 2])
        start, stop = (int(np.abs(lines - end).argmin()) for end in ends)
        if grid.symmetry.halves(gap):
            start = 0
        half = gap.width / 2 + SLACK
        inside = np.abs(other - centre[1 - axis]) <= half
        if axis == 0 and grid.symmetry.y:
            inside[0] = False
        result.append(
            GapEdges(
                axis,
                start,
                stop,
                (stop - start) * (2 if grid.symmetry.halves(gap) else 1),
                np.flatnonzero(inside),
                gap_level(layout, gap, grid),
                float(np.sign(gap.direction[axis])),
            )
        )
    return result


def gap_level(layout: Layout, gap: Gap, grid: Grid) -> int:
    """Index of the z line of the level nearest to a gap."""
    z = grid.plane + float(height_above_gap(layout, np.array(gap.x), np.array(gap.y)))
    level = grid.levels[int(np.argmin(np.abs(grid.levels - z)))]
    return int(np.argmin(np.abs(grid.z - level)))


def metal_masks(shape: Polygon | MultiPolygon, grid: Grid) -> tuple[BoolArray, BoolArray]:
    """(nx, ny) bool each: the x edge, the y edge that starts at this node is metal.

    An edge is metal where both its nodes and its middle are.  The engine's own test, the middle
    alone, leaves edges that stick out of a staircase: charge sits on lines where no current
    flows, and a bow-tie is 4 % too capacitive and too inductive.
    """
    grown = shape.buffer(SLACK, join_style="mitre")
    shapely.prepare(grown)
    x, y = np.meshgrid(grid.x, grid.y, indexing="ij")
    nodes = np.asarray(shapely.contains_xy(grown, x, y))
    result = []
    for axis in (0, 1):
        inside = edge_mask(grown, grid, axis)
        inside &= nodes & np.roll(nodes, -1, axis=axis)
        result.append(inside)
    return result[0], result[1]


def edge_mask(shape: Polygon | MultiPolygon, grid: Grid, axis: int) -> BoolArray:
    """(nx, ny) bool: the edge that starts at this node along ``axis`` has its middle inside."""
    grown = shape.buffer(SLACK, join_style="mitre")
    shapely.prepare(grown)
    x, y = np.meshgrid(*(_points(grid, index, axis) for index in (0, 1)), indexing="ij")
    inside = np.asarray(shapely.contains_xy(grown, x, y))
    inside[(-1, slice(None)) if axis == 0 else (slice(None), -1)] = False
    return inside


def runs(mask: BoolArray, axis: int) -> list[tuple[int, int, int]]:
    """(line, first node, last node) of every unbroken run of edges along ``axis``."""
    result: list[tuple[int, int, int]] = []
    table = mask.T if axis == 0 else mask
    for line in np.flatnonzero(table.any(axis=1)):
        steps = np.diff(np.concatenate(([0], table[line].astype(int), [0])))
        starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
        result.extend((int(line), int(a), int(b)) for a, b in zip(starts, stops, strict=True))
    return result


def _points(grid: Grid, index: int, axis: int) -> FloatArray:
    lines = grid.axis(index)
    if index != axis:
        return lines
    return np.append(0.5 * (lines[1:] + lines[:-1]), lines[-1])
