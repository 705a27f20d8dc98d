"""Vertical sweep over one connected conductor: cut lines, nodes on them, triangles between."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from shapely.geometry import Polygon

from ...conventions import FloatArray, IntArray
from ...geometry.layout import Gap

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MeshSize:
    """What the mesher aims at.

    longest: m, longest spacing of nodes.  edge: first spacing at a metal edge as a fraction of
    the local width.  growth: increase of the spacing per metre away from an edge or the feed
    (0.7 means each cell about 1.7 times its neighbour).  feed: spacing at the corners of a feed
    tab as a fraction of its smaller side, growing away from them by feed_growth.
    """

    longest: float
    edge: float
    growth: float
    feed: float = 0.5
    feed_growth: float = 1.0

    def coarser(self, factor: float) -> MeshSize:
        """Spacings larger by ``factor`` at the same grading."""
        return MeshSize(
            self.longest * factor,
            self.edge * factor,
            self.growth * factor,
            self.feed * factor,
            self.feed_growth * factor,
        )


_HALF = 0.5 * np.concatenate(([0.0], np.geomspace(1e-6, 1.0, 56)))
# where the size field is sampled between two cuts: dense at both ends, where it may be small
_GRID = np.concatenate((_HALF, 1.0 - _HALF[-2::-1]))


def nodes_between(
    start: float, end: float, spacing: FloatArray, grid: FloatArray, least: int = 1
) -> FloatArray:
    """Nodes from ``start`` to ``end`` whose distances follow ``spacing`` sampled on ``grid``."""
    density = 1.0 / spacing
    step = np.diff(grid)
    cumulative = np.concatenate(([0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * step)))
    count = max(least, int(np.ceil(cumulative[-1] - 1e-9)))
    nodes = np.interp(np.linspace(0.0, cumulative[-1], count + 1), cumulative, grid)
    nodes[0], nodes[-1] = start, end
    return nodes


class Sweep:
    """One sweep over one set of regions; state lives for one mesh."""

    def __init__(
        self,
        regions: list[tuple[Polygon, int]],
        size: MeshSize,
        gaps: tuple[Gap, ...],
        mirror: tuple[bool, bool],
        span: float,
        swapped: bool = False,
    ) -> None:
        self.size = size
        self.mirror = mirror
        self.tolerance = 1e-9 * span
        self.regions = regions
        self.rings = [
            (index, np.asarray(ring.coords))
            for index, (polygon, _) in enumerate(regions)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        self.segments = np.vstack(
            [np.hstack((points[:-1], points[1:])) for _, points in self.rings]
        )
        self.segment_region = np.concatenate(
            [np.full(len(points) - 1, index) for index, points in self.rings]
        )
        own = [gaps[tab] for _, tab in regions if tab >= 0]
        corners = [gap.corners[:, ::-1] if swapped else gap.corners for gap in own]
        self.feed = np.vstack([np.zeros((0, 2)), *corners])
        self.feed_size = np.repeat([size.feed * min(gap.length, gap.width) for gap in own], 4)

    def run(self) -> tuple[FloatArray, IntArray, IntArray]:
        lines = self._lines()
        vertices: list[tuple[float, float]] = []
        triangles: list[tuple[int, int, int]] = []
        tabs: list[int] = []
        traces = [self._trace(a, b) for a, b in pairwise(lines)]
        columns: list[tuple[FloatArray, IntArray]] = []
        for index, x in enumerate(lines):
            breaks: list[float] = []
            for side, neighbour in ((1, index - 1), (0, index)):
                if 0 <= neighbour < len(traces):
                    for low, high, _ in traces[neighbour]:
                        breaks.extend((low[side], high[side]))
            metal = []
            if index > 0:
                metal += [(low[1], high[1]) for low, high, _ in traces[index - 1]]
            if index < len(traces):
                metal += [(low[0], high[0]) for low, high, _ in traces[index]]
            nodes = self._column(x, breaks, metal)
            start = len(vertices)
            vertices.extend((x, y) for y in nodes)
            columns.append((nodes, np.arange(start, start + nodes.size)))
        for index, trace in enumerate(traces):
            left_y, left_id = columns[index]
            right_y, right_id = columns[index + 1]
            for low, high, region in trace:
                left = self._between(left_y, left_id, low[0], high[0])
                right = self._between(right_y, right_id, low[1], high[1])
                new = _zip(vertices, left, right)
                triangles.extend(new)
                tabs.extend([self.regions[region][1]] * len(new))
        used = np.unique(np.asarray(triangles))
        renumber = np.full(len(vertices), -1)
        renumber[used] = np.arange(used.size)
        return (
            np.asarray(vertices)[used],
            renumber[np.asarray(triangles)],
            np.asarray(tabs, dtype=np.int64),
        )

    def _lines(self) -> FloatArray:
        """x of all cut lines: every corner, and between them what the size field asks."""
        xs = np.sort(np.concatenate([self.segments[:, 0], self.feed[:, 0]]))
        lowest, highest = self.segments[:, 0].min(), self.segments[:, 0].max()
        xs = xs[(xs >= lowest) & (xs <= highest)]
        cuts = xs[np.concatenate(([True], np.diff(xs) > 1e3 * self.tolerance))]
        edges = self._vertical_edges()
        sources, sizes = [], []
        for x, extent in edges:
            sources.append(x)
            sizes.append(extent)
        lines = [cuts[:1]]
        for a, b in pairwise(cuts):
            grid = a + (b - a) * _GRID
            spacing = np.full(grid.shape, self.size.longest)
            for x, extent in zip(sources, sizes, strict=True):
                first = max(self.size.edge * extent, 1e3 * self.tolerance)
                spacing = np.minimum(spacing, first + self.size.growth * np.abs(grid - x))
            for corner, feed in zip(self.feed, self.feed_size, strict=True):
                spacing = np.minimum(
                    spacing, feed + self.size.feed_growth * np.abs(grid - corner[0])
                )
            lines.append(nodes_between(a, b, spacing, grid)[1:])
        return np.concatenate(lines)

    def _vertical_edges(self) -> list[tuple[float, float]]:
        """(x, local width) of metal edges parallel to y, tab faces and mirror plane excluded."""
        found: list[tuple[float, float]] = []
        vertical = np.abs(self.segments[:, 0] - self.segments[:, 2]) <= self.tolerance
        for x in np.unique(np.round(self.segments[vertical, 0], 12)):
            if self.mirror[0] and abs(x) <= self.tolerance:
                continue
            here = vertical & (np.abs(self.segments[:, 0] - x) <= self.tolerance)
            exposed, middle = self._exposed(here)
            if exposed > self.tolerance:
                width = self._metal_width(x, middle)
                found.append((float(x), float(min(width, exposed, 8.0 * self.size.longest))))
        return found

    def _exposed(self, here: BoolArray) -> tuple[float, float]:
        """Length of the edges of one line that bound metal on one side only, and a y on them."""
        ends = self.segments[here][:, [1, 3]]
        cuts = np.unique(np.round(ends, 12))
        total, longest, where = 0.0, 0.0, 0.0
        for a, b in pairwise(cuts):
            middle = 0.5 * (a + b)
            covering = (ends.min(axis=1) < middle) & (ends.max(axis=1) > middle)
            if covering.sum() % 2 == 1:
                total += b - a
                if b - a > longest:
                    longest, where = b - a, middle
        return total, where

    def _metal_width(self, x: float, y: float) -> float:
        """Extent along x of the metal that ends at (x, y)."""
        x1, y1, x2, y2 = self.segments.T
        crossing = (np.minimum(y1, y2) < y) & (np.maximum(y1, y2) > y)
        slope = (x2[crossing] - x1[crossing]) / (y2[crossing] - y1[crossing])
        at = np.sort(x1[crossing] + slope * (y - y1[crossing]))
        single: list[float] = []
        for value in at:  # faces shared by two regions occur twice and bound nothing
            if single and abs(single[-1] - value) <= self.tolerance:
                single.pop()
            else:
                single.append(float(value))
        for low, high in zip(single[::2], single[1::2], strict=False):
            if min(abs(low - x), abs(high - x)) <= 10 * self.tolerance:
                return (2.0 if self.mirror[0] and low <= self.tolerance else 1.0) * (high - low)
        return float("inf")

    def _trace(
        self, a: float, b: float
    ) -> list[tuple[tuple[float, float], tuple[float, float], int]]:
        """Trapezoids between lines a and b: ((y_low at a, b), (y_high at a, b), region)."""
        x1, y1, x2, y2 = self.segments.T
        middle = 0.5 * (a + b)
        crossing = (np.minimum(x1, x2) < middle) & (np.maximum(x1, x2) > middle)
        index = np.flatnonzero(crossing)
        slope = (y2[index] - y1[index]) / (x2[index] - x1[index])
        at_a = y1[index] + slope * (a - x1[index])
        at_b = y1[index] + slope * (b - x1[index])
        result = []
        for region in np.unique(self.segment_region[index]):
            own = np.flatnonzero(self.segment_region[index] == region)
            order = own[np.argsort(0.5 * (at_a[own] + at_b[own]))]
            for low, high in zip(order[::2], order[1::2], strict=True):
                result.append(
                    (
                        (float(at_a[low]), float(at_b[low])),
                        (float(at_a[high]), float(at_b[high])),
                        int(region),
                    )
                )
        return result

    def _column(
        self, x: float, breaks: list[float], metal: list[tuple[float, float]]
    ) -> FloatArray:
        """Nodes on the line x: all break points, and graded nodes between those with metal."""
        ordered = np.sort(np.asarray(breaks))
        unique = ordered[np.concatenate(([True], np.diff(ordered) > 10 * self.tolerance))]
        spans = np.asarray(metal)
        nodes = [unique[:1]]
        for a, b in pairwise(unique):
            middle = 0.5 * (a + b)
            if not np.any((spans[:, 0] < middle) & (spans[:, 1] > middle)):
                nodes.append(np.array([b]))
                continue
            grid = a + (b - a) * _GRID
            spacing = np.full(grid.shape, self.size.longest)
            inside = [s for s in metal if s[0] < middle < s[1]]
            width = max(s[1] - s[0] for s in inside)
            for edge in (a, b):
                if self.mirror[1] and abs(edge) <= 10 * self.tolerance:
                    continue
                if not _is_metal_edge(edge, spans, 10 * self.tolerance):
                    continue
                first = max(self.size.edge * min(width, b - a), 1e3 * self.tolerance)
                spacing = np.minimum(spacing, first + self.size.growth * np.abs(grid - edge))
            for corner, feed in zip(self.feed, self.feed_size, strict=True):
                distance = np.hypot(corner[0] - x, corner[1] - grid)
                spacing = np.minimum(spacing, feed + self.size.feed_growth * distance)
            nodes.append(nodes_between(a, b, spacing, grid)[1:])
        return np.concatenate(nodes)

    def _between(
        self, y: FloatArray, ids: IntArray, low: float, high: float
    ) -> tuple[FloatArray, IntArray]:
        keep = (y >= low - 20 * self.tolerance) & (y <= high + 20 * self.tolerance)
        return y[keep], ids[keep]


def _is_metal_edge(y: float, spans: FloatArray, near: float) -> bool:
    """True where some stretch of metal on a line ends at y and none continues past it."""
    inside = (spans[:, 0] < y - near) & (spans[:, 1] > y + near)
    below = np.any(np.abs(spans[:, 1] - y) <= near)
    above = np.any(np.abs(spans[:, 0] - y) <= near)
    return not np.any(inside) and not (below and above)


def _zip(
    vertices: list[tuple[float, float]],
    left: tuple[FloatArray, IntArray],
    right: tuple[FloatArray, IntArray],
) -> list[tuple[int, int, int]]:
    """Triangles between two node lists, upwards, always across the shorter diagonal."""
    (yl, il), (yr, ir) = left, right
    width = vertices[ir[0]][0] - vertices[il[0]][0]
    result = []
    i = j = 0
    span_l = yl[-1] - yl[0]
    span_r = yr[-1] - yr[0]
    while i < il.size - 1 or j < ir.size - 1:
        if i == il.size - 1:
            advance_left = False
        elif j == ir.size - 1:
            advance_left = True
        else:
            # diagonals compared in relative position, which keeps rows along the trapezoid
            tl = (yl[i + 1] - yl[0]) / span_l if span_l > 0 else 1.0
            tr = (yr[j + 1] - yr[0]) / span_r if span_r > 0 else 1.0
            if abs(tl - tr) > 1e-12:
                advance_left = tl < tr
            else:
                up = np.hypot(width, yr[j] - yl[i + 1])
                down = np.hypot(width, yr[j + 1] - yl[i])
                advance_left = bool(up <= down)
        if advance_left:
            result.append((int(il[i]), int(ir[j]), int(il[i + 1])))
            i += 1
        else:
            result.append((int(il[i]), int(ir[j]), int(ir[j + 1])))
            j += 1
    return result
