"""Triangle meshes of planar conductors by a vertical sweep, graded towards edges and the feed.

The plane is cut by vertical lines through every corner and between them as finely as the size
field asks.  On every line each stretch of metal gets nodes, spaced by the same field, and the
trapezoid between two lines is triangulated by merging the two node lists.  Cells may be long
along a conductor and narrow across it, which is what the edge singularity of a thin conductor
wants; corners, tabs, slots, parasitic strips and free shapes need no special case.  Where the
layout is mirror symmetric only the fundamental part is meshed and the rest is its image, so that
the mesh has the symmetry exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

from ..conventions import FloatArray, IntArray
from ..errors import GeometryError
from .layout import Gap, Layout

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


@dataclass(frozen=True, slots=True, eq=False)
class TriangleMesh:
    """vertices (n_v, 2) m; triangles (n_t, 3), counter-clockwise; tab (n_t,) gap index or -1.

    mirror_x, mirror_y: the mesh is its own image under x -> -x, y -> -y.  The first
    n_fundamental triangles are the fundamental part; image k of them follows in the order
    identity, x, y, xy of the mirrors present, with the same numbering inside.
    """

    vertices: FloatArray
    triangles: IntArray
    tab: IntArray
    mirror_x: bool
    mirror_y: bool
    n_fundamental: int

    @property
    def centroids(self) -> FloatArray:
        return np.asarray(self.vertices[self.triangles].mean(axis=1))

    @property
    def areas(self) -> FloatArray:
        a, b, c = (self.vertices[self.triangles[:, i]] for i in range(3))
        ab, ac = b - a, c - a
        return np.asarray(0.5 * (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]))


def triangulate(layout: Layout, size: MeshSize, *, use_symmetry: bool = True) -> TriangleMesh:
    """Mesh of everything that carries current.

    Raises :class:`GeometryError` where the mesh does not cover the layout.
    """
    regions = _regions(layout)
    mirror_x = use_symmetry and _mirrored(layout, 0)
    mirror_y = use_symmetry and _mirrored(layout, 1)
    x0, y0, x1, y1 = layout.bounds
    span = max(x1 - x0, y1 - y0)
    window = box(
        0.0 if mirror_x else x0 - span,
        0.0 if mirror_y else y0 - span,
        x1 + span,
        y1 + span,
    )
    clipped: list[tuple[Polygon, int]] = []
    for polygon, tab in regions:
        part = polygon.intersection(window) if (mirror_x or mirror_y) else polygon
        for piece in _polygons(part):
            if piece.area > 1e-12 * span**2:
                clipped.append((piece, tab))
    pieces = [
        _sweep(part, size, layout.gaps, (mirror_x, mirror_y), span) for part in _components(clipped)
    ]
    offsets = np.cumsum([0] + [len(piece[0]) for piece in pieces[:-1]])
    vertices = np.vstack([piece[0] for piece in pieces])
    triangles = np.vstack([p[1] + start for p, start in zip(pieces, offsets, strict=True)])
    tab_of = np.concatenate([piece[2] for piece in pieces])
    covered = _areas(vertices, triangles).sum()
    wanted = sum(piece.area for piece, _ in clipped)
    if abs(covered - wanted) > 1e-6 * wanted:
        raise GeometryError(
            f"mesh covers {covered:.6g} of {wanted:.6g} m2 of layout {layout.name!r}; "
            "simplify the outline (vertices closer than a micrometre?)"
        )
    return _unfold(vertices, triangles, tab_of, mirror_x, mirror_y, span, layout.gaps)


def _sweep(
    part: list[tuple[Polygon, int]],
    size: MeshSize,
    gaps: tuple[Gap, ...],
    mirror: tuple[bool, bool],
    span: float,
) -> tuple[FloatArray, IntArray, IntArray]:
    """One connected conductor, swept along its longer side."""
    bounds = np.array([polygon.bounds for polygon, _ in part])
    extent = bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)
    if extent[1] <= extent[0]:
        return _Sweep(part, size, gaps, mirror, span).run()
    turned = [(shapely.transform(p, lambda points: points[:, ::-1]), tab) for p, tab in part]
    vertices, triangles, tabs = _Sweep(
        turned, size, gaps, (mirror[1], mirror[0]), span, swapped=True
    ).run()
    return vertices[:, ::-1], triangles[:, [0, 2, 1]], tabs


def _components(regions: list[tuple[Polygon, int]]) -> list[list[tuple[Polygon, int]]]:
    """Regions grouped into connected conductors; each is swept with lines of its own."""
    merged = _polygons(unary_union([polygon for polygon, _ in regions]))
    if len(merged) == 1:
        return [regions]
    groups: list[list[tuple[Polygon, int]]] = [[] for _ in merged]
    for polygon, tab in regions:
        point = polygon.representative_point()
        groups[next(k for k, whole in enumerate(merged) if whole.intersects(point))].append(
            (polygon, tab)
        )
    return groups


def _areas(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return np.asarray(
        0.5
        * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    )


def _polygons(shape: Any) -> list[Polygon]:
    kind = getattr(shape, "geom_type", "")
    if kind == "Polygon":
        return [shape]
    if kind in ("MultiPolygon", "GeometryCollection"):
        return [p for part in shape.geoms for p in _polygons(part)]
    return []


def _regions(layout: Layout) -> list[tuple[Polygon, int]]:
    """Conductors (tab -1) and gap rectangles (tab = gap index), with disjoint interiors."""
    tabs = [gap.polygon for gap in layout.gaps]
    merged = unary_union(list(layout.conductors))
    metal = merged.difference(unary_union(tabs)) if merged.intersects(unary_union(tabs)) else merged
    regions = [(piece, -1) for piece in _polygons(metal)]
    regions.extend((tab, index) for index, tab in enumerate(tabs))
    return regions


def _mirrored(layout: Layout, axis: int) -> bool:
    """True where the layout, ports included, is its own mirror image in that coordinate."""
    factors = {"xfact": -1.0, "yfact": 1.0} if axis == 0 else {"xfact": 1.0, "yfact": -1.0}
    metal: MultiPolygon = unary_union(list(layout.conductors))
    image = affinity.scale(metal, origin=(0, 0), **factors)
    if metal.symmetric_difference(image).area > 1e-9 * metal.area:
        return False
    tolerance = 1e-9 * max(abs(v) for v in layout.bounds)
    return all(
        mirror_gap(layout.gaps, index, axis, tolerance) is not None
        for index in range(len(layout.gaps))
    )


def mirror_gap(
    gaps: tuple[Gap, ...], index: int, axis: int, tolerance: float
) -> tuple[int, float] | None:
    """(index, sign) of the gap that is the mirror image of gap ``index``, or None.

    sign is +1 where the image's positive current equals the mirrored positive current.
    """
    gap = gaps[index]
    sign = np.array([-1.0, 1.0]) if axis == 0 else np.array([1.0, -1.0])
    centre = np.array([gap.x, gap.y]) * sign
    direction = gap.direction * sign
    for other_index, other in enumerate(gaps):
        if (
            np.abs(centre - [other.x, other.y]).max() <= tolerance
            and abs(gap.length - other.length) <= tolerance
            and abs(gap.width - other.width) <= tolerance
        ):
            cosine = float(direction @ other.direction)
            if abs(abs(cosine) - 1.0) < 1e-9:
                return other_index, 1.0 if cosine > 0 else -1.0
    return None


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


class _Sweep:
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


def _mirrored_tabs(
    tab: IntArray, gaps: tuple[Gap, ...], sign: tuple[float, float], tolerance: float
) -> IntArray:
    """Gap indices of one mirror image of the fundamental part; -1 stays -1."""
    partner = np.arange(len(gaps) + 1)  # the last entry serves tab = -1
    for axis, factor in enumerate(sign):
        if factor > 0.0:
            continue
        for index in range(len(gaps)):
            image = mirror_gap(gaps, int(partner[index]), axis, tolerance)
            if image is not None:
                partner[index] = image[0]
    partner[-1] = -1
    return np.asarray(partner[tab])


def _unfold(
    vertices: FloatArray,
    triangles: IntArray,
    tab: IntArray,
    mirror_x: bool,
    mirror_y: bool,
    span: float,
    gaps: tuple[Gap, ...],
) -> TriangleMesh:
    """The fundamental mesh and its mirror images as one mesh with shared vertices."""
    parts = [(1.0, 1.0)]
    if mirror_x:
        parts.append((-1.0, 1.0))
    if mirror_y:
        parts.append((1.0, -1.0))
    if mirror_x and mirror_y:
        parts.append((-1.0, -1.0))
    points = vertices.copy()
    if mirror_x:
        points[np.abs(points[:, 0]) < 1e-9 * span, 0] = 0.0
    if mirror_y:
        points[np.abs(points[:, 1]) < 1e-9 * span, 1] = 0.0
    all_points = np.vstack([points * np.array(sign) for sign in parts])
    all_triangles = []
    for index, (sx, sy) in enumerate(parts):
        block = triangles + index * len(points)
        all_triangles.append(block if sx * sy > 0 else block[:, [0, 2, 1]])
    keys = np.round(all_points / (1e-9 * span)).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return TriangleMesh(
        vertices=all_points[first],
        triangles=np.asarray(inverse).ravel()[np.vstack(all_triangles)],
        tab=np.concatenate([_mirrored_tabs(tab, gaps, sign, 1e-9 * span) for sign in parts]),
        mirror_x=mirror_x,
        mirror_y=mirror_y,
        n_fundamental=len(triangles),
    )
