"""Mesh lines of one axis at the edges, gaps and slanted pieces of the metal.

An edge across the axis lies ``offset`` of a cell outside the last line of the metal.  The offset of
a strip is that of its own cross-section (:func:`.edge_laws.strip_offset`), so that N cells
between its outer lines are w/(N + 2 offset) long; elsewhere it is the thirds rule.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from ....conventions import FloatArray
from ....geometry.layout import Layout
from .accuracy import Density
from .edge_laws import strip_offset
from .grading import Axis

# Where slanted rims stay a staircase: an edge is metal where both its nodes are, so that current
# along an outline that is nearly parallel to an axis loses half a cell of that axis times the
# slope, and only a sixth of a cell of the other axis.  On a bow-tie this factor halves |dGamma|.
ALONG_STAIRCASE = 4.0
STEEP = 0.7  # share of the other axis above which an outline is not nearly parallel to an axis
GAP_CELLS = 2  # along a gap, whether or not the model is cut there: the feed's cells are its own
THIRD = 1.0 / 3.0  # offset, in cells, of edges that belong to no narrow strip
CELLS_PER_END = 3.0  # along a strip per its width: with one, its end is 0.2 cells short
SHORTEST_END = 1 / 500  # of the layout's larger side: shorter cells at ends change nothing
CELLS_PER_SCALE = 10.0  # cells per length over which a relief's slope changes
TALLEST = 2.0  # cell along z over the one across a strip: offsets beyond would pass a whole cell
SAME = 1e-6  # m: edges closer than this are one


def put_lines(
    axis: Axis,
    layout: Layout,
    index: int,
    density: Density,
    larger: float,
    fine: float | None,
    staircase: bool,
) -> dict[str, float]:
    """Puts lines, seeds and size caps of the metal on ``axis``; returns the required lines.

    index: 0 for x, 1 for y.  larger: m, larger side of the layout, times the coarsening.  fine: m,
    cell along z at the metal, None while it is not known yet.  staircase: slanted rims get no
    correction (:mod:`.rims`).
    """
    exact, required = _gap_lines(axis, layout, index)
    outline = outlines(layout.surface, index)
    _caps(axis, layout, index, density, larger, outline, ALONG_STAIRCASE if staircase else 1.0)
    taken = list(exact)
    for position, outward in outline.edges:
        if any(abs(position - other) < SAME for other in exact):
            continue
        cell, offset, middle = _edge_cell(
            (position, outward), outline, exact, density, larger, fine
        )
        if middle is not None:
            axis.exact[middle] = density.across
        inner = position - outward * offset * cell
        outer = inner + outward * cell
        for line in (inner, outer):
            if all(abs(line - other) >= 0.3 * cell for other in taken):
                taken.append(line)
                axis.fixed.append(line)
            axis.seeds.append((line, cell))
    return required


def _gap_lines(axis: Axis, layout: Layout, index: int) -> tuple[list[float], dict[str, float]]:
    """Lines on both ends of every gap along the axis: (positions, the same by what they are)."""
    required: dict[str, float] = {}
    exact: list[float] = []
    for number, gap in enumerate(layout.gaps, 1):
        if abs(gap.direction[index]) < 0.5:
            continue
        centre = (gap.x, gap.y)[index]
        ends = (centre - gap.length / 2.0, centre + gap.length / 2.0)
        exact.extend(ends)
        axis.exact[centre] = GAP_CELLS
        axis.seeds.extend((end, gap.length / GAP_CELLS) for end in ends)
        for end in ends:
            required[f"gap {number}"] = end
    axis.fixed.extend(exact)
    return exact, required


def _caps(
    axis: Axis,
    layout: Layout,
    index: int,
    density: Density,
    larger: float,
    outline: Outlines,
    along: float,
) -> None:
    """Largest cells over the metal and along slanted pieces of its outline."""
    low, high = layout.bounds[index], layout.bounds[index + 2]
    size = larger * (0.5 * density.along if outline.slants else density.along)
    if layout.relief is not None:
        size = min(size, layout.relief.scale_along(index) / CELLS_PER_SCALE)
    axis.caps.append((low, high, size))
    coarsening = larger / max(
        layout.bounds[2] - layout.bounds[0], layout.bounds[3] - layout.bounds[1]
    )
    for start, stop, lean, width in outline.slants:
        limit = larger * density.slanted / lean / (along if lean < STEEP else 1.0)
        narrow = coarsening * width / lean / (density.across + 1)
        if min(limit, narrow) < size:
            axis.caps.append((start, stop, min(limit, narrow)))


def _edge_cell(
    edge: tuple[float, int],
    outline: Outlines,
    exact: list[float],
    density: Density,
    larger: float,
    fine: float | None,
) -> tuple[float, float, float | None]:
    """(cell, offset, middle) at an edge: m, cells, and the strip's middle where it is a strip.

    Opposite edges across the metal make a strip, opposite edges across a slot share it, edges of
    the same sense keep a cell between them.
    """
    position, outward = edge
    cell, offset, strip = larger * density.edge, THIRD, 0.0
    if edge in outline.ends:
        cell = min(cell, max(outline.ends[edge] / CELLS_PER_END, larger * SHORTEST_END))
    for other in exact:
        distance = (other - position) * outward
        size = distance / (2.0 - THIRD) if distance > 0.0 else -distance / (density.across + THIRD)
        if size < cell:
            cell = size
    for other, sense in outline.edges:
        distance = (other - position) * outward
        if abs(distance) < SAME or any(abs(other - line) < SAME for line in exact):
            continue
        if sense == outward:
            cell = min(cell, abs(distance))
        elif distance > 0.0:  # the rest of a cell on either side and a cell between
            cell = min(cell, distance / (3.0 - 2.0 * THIRD))
        elif -distance / (density.across + 2.0 * THIRD) < cell:
            strip = cell = -distance / (density.across + 2.0 * THIRD)
    if strip == 0.0 or cell < strip:
        return cell, offset, None
    width = strip * (density.across + 2.0 * THIRD)
    if fine is not None:
        offset = strip_offset(density.across, min(TALLEST, round(fine / strip, 2)))
        cell = width / (density.across + 2.0 * offset)
    return cell, offset, position - outward * 0.5 * width


@dataclass(frozen=True, slots=True)
class Outlines:
    """Outline of the metal as one axis sees it.

    edges: (coordinate, +1 where metal ends going up, -1 going down) of pieces across the axis.
    slants: (low end, high end, share of the other axis in the direction, width of the metal at
    its middle) of the slanted pieces; a cell along the axis displaces their staircase by that
    share of it.
    ends: width of the narrowest strip that ends squarely in an edge, by edge.
    """

    edges: list[tuple[float, int]]
    slants: list[tuple[float, float, float, float]]
    ends: dict[tuple[float, int], float]


def outlines(surface: MultiPolygon, index: int) -> Outlines:
    """What the mesh of axis ``index`` needs to know of an outline."""
    edges: set[tuple[float, int]] = set()
    slants: list[tuple[float, float, float, float]] = []
    ends: dict[tuple[float, int], float] = {}
    x0, y0, x1, y1 = surface.bounds
    step = 1e-5 * max(x1 - x0, y1 - y0)
    for polygon in surface.geoms:
        for ring in (polygon.exterior, *polygon.interiors):
            points = np.asarray(ring.coords)[:-1]
            pieces = np.roll(points, -1, axis=0) - points
            for n, (start, piece) in enumerate(zip(points, pieces, strict=True)):
                delta = np.abs(piece)
                if delta.min() > 1e-6 and delta.max() > 1e3 * step:
                    low, high = sorted((float(start[index]), float(start[index] + piece[index])))
                    lean = float(delta[1 - index] / np.hypot(*delta))
                    slants.append((low, high, lean, _width(polygon, start + 0.5 * piece, piece)))
                if delta[index] > 1e-9 or delta[1 - index] < 1e-6:
                    continue
                middle = start + 0.5 * piece
                shift = np.zeros(2)
                shift[index] = step
                up = surface.contains(Point(middle + shift))
                down = surface.contains(Point(middle - shift))
                if up == down:
                    continue
                outward = 1 if down else -1
                key = (round(float(middle[index]), 9), outward)
                edges.add(key)
                before, after = pieces[n - 1], pieces[(n + 1) % len(pieces)]
                square = max(abs(before[1 - index]), abs(after[1 - index])) < 1e-6
                if square and before[index] * outward > 0.0 > after[index] * outward:
                    ends[key] = min(ends.get(key, math.inf), float(delta[1 - index]))
    return Outlines(sorted(edges), slants, ends)


def _width(polygon: Polygon, point: FloatArray, direction: FloatArray) -> float:
    """Length of the metal, m, from a point of its outline straight across."""
    x0, y0, x1, y1 = polygon.bounds
    reach = np.hypot(x1 - x0, y1 - y0)
    normal = np.array([-direction[1], direction[0]]) / np.hypot(*direction)
    widths = []
    for side in (normal, -normal):
        ray = LineString([point + 1e-6 * reach * side, point + reach * side])
        chord = polygon.intersection(ray)
        parts = getattr(chord, "geoms", [chord])
        near = [p.length for p in parts if p.length and p.distance(Point(point)) < 1e-5 * reach]
        widths.extend(near)
    return float(max(widths, default=reach))
