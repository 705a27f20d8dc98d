"""Wire model of a layout: what a thin-wire code such as NEC-2 is given.

Rules (measured with NEC-2 in free space; radius a, segment length d):

* A narrow strip of width w is a wire of radius w/4, good to about 2 % in |Z|.  Narrow means
  w at most 1/16 of the shortest wavelength and of the layout's extent, at most 1/3 of the
  ribbon's own length (or 1/40 of the extent), and the widest part at most 1.5 times the
  narrowest; other ribbons become grids (wire_grid.py).
* d >= 4a, so a gap shorter than 4a is fed over a segment of 4a, said in ``notes``.
* A gap is bridged by one segment of its own length, with neighbours of the same length and
  radius; a longer one by several, all of them source.
* Segments of a grid are 3a long within a quarter of the extent from a feed, 6a beyond: NEC's
  junctions of more than two wires need short segments (average gain 1.28 with one segment
  to the cell, 0.98 to 1.00 so).
* Wires end at every junction.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from ..conventions import FloatArray
from ..errors import GeometryError
from .layout import Gap, Layout
from .ribbon import Ribbon
from .wire_fan import open_fans
from .wire_graph import Edge, WireGraph
from .wire_grid import grid_radius, ribbon_grid, square_grid

SHORTEST_IN_RADII = 4.0  # segment length over radius of a wire
GRID_NEAR_IN_RADII = 3.0  # the same in a grid near a feed
GRID_FAR_IN_RADII = 6.0
NEAR_FEED = 0.25  # of the extent
MOST_SEGMENTS = 4000


@dataclass(frozen=True, slots=True)
class Resolution:
    """segment: m, longest segment of a narrow strip.  cell: m, side of a grid's cells.

    far_in_radii: segment length over radius in a grid away from the feeds.
    """

    segment: float
    cell: float
    far_in_radii: float = GRID_FAR_IN_RADII

    def coarser(self, factor: float) -> Resolution:
        return Resolution(self.segment * factor, self.cell * factor, self.far_in_radii)


@dataclass(frozen=True, slots=True)
class Wire:
    """A straight wire from ``start`` to ``end`` (x, y, z in m), cut in equal segments.

    width: m of sheet whose current it carries; kind: see :class:`~.wire_graph.Edge`.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    segments: int
    conductor: int
    width: float
    kind: str

    @property
    def length(self) -> float:
        return float(np.linalg.norm(np.subtract(self.end, self.start)))

    @property
    def segment_length(self) -> float:
        return self.length / self.segments


@dataclass(frozen=True, slots=True)
class Feed:
    """One gap: sources (wire number from 0, segment of it from 0, share of the gap voltage).

    The shares add up to 1; the gap current is the mean of the currents with the same weights.
    """

    gap: int
    sources: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class WireModel:
    """Wires, one feed for every gap in the order of ``layout.gaps``, and what was decided."""

    wires: tuple[Wire, ...]
    feeds: tuple[Feed, ...]
    notes: tuple[str, ...]

    @property
    def n_segments(self) -> int:
        return sum(wire.segments for wire in self.wires)

    @property
    def first_segment(self) -> list[int]:
        """Number (from 0) of each wire's first segment in the model's order."""
        return [0, *np.cumsum([wire.segments for wire in self.wires]).tolist()][:-1]

    @property
    def segment_ends(self) -> FloatArray:
        """(n_segments, 2, 3) m."""
        parts = []
        for wire in self.wires:
            t = np.linspace(0.0, 1.0, wire.segments + 1)[:, None]
            points = np.asarray(wire.start) * (1.0 - t) + np.asarray(wire.end) * t
            parts.append(np.stack((points[:-1], points[1:]), axis=1))
        return np.concatenate(parts)


def is_narrow(ribbon: Ribbon, extent: float, wavelength: float) -> bool:
    """Whether ``ribbon`` is one wire of radius w/4 by the rule at the top of this file."""
    widest = 2.0 * float(ribbon.half_width.max())
    narrowest = 2.0 * float(ribbon.half_width.min())
    long_enough = widest <= ribbon.length / 3.0 or widest <= extent / 40.0
    return widest <= min(extent, wavelength) / 16.0 and long_enough and widest <= 1.5 * narrowest


def extent_of(layout: Layout) -> float:
    """Larger side of the layout's bounding box, m."""
    x0, y0, x1, y1 = layout.bounds
    return max(x1 - x0, y1 - y0)


def wire_model(
    layout: Layout, z: float, wavelength: float, resolution: Resolution, coarser: float = 1.0
) -> WireModel:
    """The wires of ``layout`` in the plane ``z`` (m).

    wavelength: the shortest one solved, m, which decides what is narrow.  coarser: factor on
    every segment, cell and feed segment, for an estimate of the discretisation error.
    Raises :class:`GeometryError` where no wire model can be made.
    """
    extent = extent_of(layout)
    graph = WireGraph(tolerance=1e-7 * extent)
    sizes = resolution.coarser(coarser)
    notes = _draw(graph, layout, extent, wavelength, sizes)
    builder = _Feeder(graph, sizes, coarser, extent, notes)
    for number, gap in enumerate(layout.gaps):
        builder.bridge(number, gap)
    return _cut(graph, builder, z)


def _draw(
    graph: WireGraph, layout: Layout, extent: float, wavelength: float, sizes: Resolution
) -> list[str]:
    notes: list[str] = []
    if not layout.ribbons:
        for number, polygon in enumerate(layout.conductors):
            touching = [gap for gap in layout.gaps if gap.polygon.distance(polygon) < 1e-6 * extent]
            square_grid(graph, polygon, number, sizes.cell, touching[0] if touching else None)
        notes.append(
            f"free shape as square wire grid, cell {sizes.cell:.3g} m: outline met to half a cell"
        )
        return notes
    narrow = [is_narrow(ribbon, extent, wavelength) for ribbon in layout.ribbons]
    faces = [face for gap in layout.gaps for face in _faces(gap)]
    for number, ribbon in enumerate(layout.ribbons):
        if narrow[number]:
            _line(graph, ribbon, number)
        else:
            ribbon_grid(graph, ribbon, number, sizes.cell, layout.surface)
    if not all(narrow):
        notes.append(
            f"{narrow.count(False)} wide ribbons as wire grids, cell {sizes.cell:.3g} m, radius "
            "cell/(4 pi); a grid is a reference to about 10 %"
        )
    if any(narrow):
        notes.append(f"{narrow.count(True)} narrow ribbons as wires of radius width/4")
    polygons = [ribbon.polygon.buffer(0.0) for ribbon in layout.ribbons]
    for i in range(len(polygons)):
        for j in range(i + 1, len(polygons)):
            if polygons[i].distance(polygons[j]) <= 1e-6 * extent:
                _join(graph, (i, j), layout.ribbons, polygons, faces)
    _thin_at_slots(graph, polygons)
    opened = open_fans(graph)
    if opened:
        notes.append(f"{opened} acute fans of strips opened: a trunk with bars across")
    return notes


def _thin_at_slots(graph: WireGraph, polygons: list[Polygon]) -> None:
    """Grid wires next to other metal get a radius of a quarter of the slot at most."""
    for number, edge in enumerate(graph.edges):
        if not edge.grid or edge.kind == "strip":
            continue
        line = LineString((graph.points[edge.start], graph.points[edge.end]))
        slot = min(
            (
                line.distance(other)
                for index, other in enumerate(polygons)
                if index != edge.conductor and other.distance(polygons[edge.conductor]) > 0.0
            ),
            default=math.inf,
        )
        if slot < 4.0 * edge.radius:
            graph.edges[number] = replace(edge, radius=slot / 4.0)


def _line(graph: WireGraph, ribbon: Ribbon, number: int) -> None:
    """The centre line, freed of points that bend it by less than an eighth of the width."""
    width = 2.0 * float(np.mean(ribbon.half_width))
    line = LineString(ribbon.path).simplify(width / 8.0)
    nodes = [graph.node(np.array(point[:2])) for point in line.coords]
    for start, end in itertools.pairwise(nodes):
        graph.connect(start, end, Edge(start, end, width / 4.0, width, "strip", number))


def _faces(gap: Gap) -> tuple[FloatArray, FloatArray]:
    centre = np.array([gap.x, gap.y])
    half = gap.direction * gap.length / 2.0
    return centre - half, centre + half


def _nodes_of(graph: WireGraph, conductor: int) -> set[int]:
    return {
        node
        for edge in graph.edges
        if edge.conductor == conductor
        for node in (edge.start, edge.end)
    }


def _join(
    graph: WireGraph,
    pair: tuple[int, int],
    ribbons: tuple[Ribbon, ...],
    polygons: list[Polygon],
    faces: list[FloatArray],
) -> None:
    """Connect two ribbons whose metal touches: ends onto the other, crossings, else a link."""
    i, j = pair
    if _nodes_of(graph, i) & _nodes_of(graph, j):
        return
    reach = float(ribbons[i].half_width.max() + ribbons[j].half_width.max())
    for first, second in ((i, j), (j, i)):
        for tip in (ribbons[first].path[0], ribbons[first].path[-1]):
            near = float(ribbons[first].half_width.max())
            fixed = any(np.linalg.norm(tip - face) <= 1e-6 + graph.tolerance for face in faces)
            if fixed or polygons[second].distance(Point(tip)) > 1.001 * near:
                continue
            node = graph.node(tip)
            if graph.degree(node) == 0:
                continue
            distance, number, fraction = graph.nearest(tip, {second})
            if number >= 0 and distance <= 1.001 * reach:
                snap = 2.0 * graph.edges[number].radius
                graph.merge(node, graph.node_on(number, fraction, snap))
    graph.cross(i, j)
    if _nodes_of(graph, i) & _nodes_of(graph, j):
        return
    best = (np.inf, -1, -1, 0.0)
    for node in _nodes_of(graph, i):
        distance, number, fraction = graph.nearest(graph.points[node], {j})
        if distance < best[0]:
            best = (distance, node, number, fraction)
    _, node, number, fraction = best
    other = graph.node_on(number, fraction, 2.0 * graph.edges[number].radius)
    like = next(edge for edge in graph.edges if node in (edge.start, edge.end))
    graph.connect(node, other, replace(like, gap=-1))


class _Feeder:
    """Bridges gaps; remembers the length of the source segments beside each feed node."""

    def __init__(
        self,
        graph: WireGraph,
        sizes: Resolution,
        coarser: float,
        extent: float,
        notes: list[str],
    ) -> None:
        self.graph = graph
        self.sizes = sizes
        self.coarser = coarser
        self.extent = extent
        self.notes = notes
        self.beside: dict[int, float] = {}
        self.pieces: dict[int, int] = {}  # gap -> source segments

    def bridge(self, number: int, gap: Gap) -> None:
        low, high = (self._terminal(gap, face) for face in _faces(gap))
        if low == high:
            raise GeometryError(
                f"gap at ({gap.x:g}, {gap.y:g}) m has the same metal on both faces: a wire model "
                "cannot feed it; draw the conductors apart there or use another solver"
            )
        arms = [self._inline(node, gap, sign) for node, sign in ((low, -1.0), (high, 1.0))]
        if arms[0] is not None and arms[1] is not None:
            radius, count = self._inline_feed(gap, (low, high), (arms[0], arms[1]))
        else:
            radius, count = self._tab(gap, (low, high))
        length = float(np.linalg.norm(self.graph.points[high] - self.graph.points[low]))
        for node in (low, high):
            self.beside[node] = min(self.beside.get(node, np.inf), length / count)
        self.pieces[number] = count
        self.graph.edges.append(Edge(low, high, radius, gap.width, "tab", -1, gap=number))

    def target(self, edge: Edge) -> float:
        """Wanted segment length of an edge away from the feeds, m."""
        a, b = self.graph.points[edge.start], self.graph.points[edge.end]
        if not edge.grid or edge.kind == "strip":
            return max(self.sizes.segment, SHORTEST_IN_RADII * edge.radius)
        feeds = np.array([self.graph.points[node] for node in self.beside])
        near = np.linalg.norm(feeds - (a + b) / 2.0, axis=1).min() < NEAR_FEED * self.extent
        in_radii = GRID_NEAR_IN_RADII if near else self.sizes.far_in_radii
        return in_radii * grid_radius(self.sizes.cell)

    def _terminal(self, gap: Gap, face: FloatArray) -> int:
        """The node where the gap's face meets the metal."""
        metal = {edge.conductor for edge in self.graph.edges if edge.conductor >= 0}
        distance, number, fraction = self.graph.nearest(face, metal)
        if number < 0:
            raise GeometryError("layout has no wire to feed; make its metal larger than a cell")
        edge = self.graph.edges[number]
        node = self.graph.node_on(number, fraction, 2.0 * edge.radius)
        distance = float(np.linalg.norm(self.graph.points[node] - face))
        if distance <= 2.0 * edge.radius:
            return node
        start = self.graph.node(face)
        link = Edge(start, node, edge.radius, gap.width, "strip", edge.conductor)
        self.graph.connect(start, node, link)
        return start

    def _inline(self, node: int, gap: Gap, sign: float) -> Edge | None:
        """The one edge that leaves ``node`` straight on, if there is just that."""
        edges = [edge for edge in self.graph.edges if node in (edge.start, edge.end)]
        if len(edges) != 1:
            return None
        far = edges[0].end if edges[0].start == node else edges[0].start
        away = self.graph.points[far] - self.graph.points[node]
        straight = float(away @ gap.direction) * sign / float(np.linalg.norm(away))
        return edges[0] if straight > 0.99 else None

    def _tab(self, gap: Gap, nodes: tuple[int, int]) -> tuple[float, int]:
        """(radius, source segments) of a tab between metal that does not lead straight on."""
        around = [edge.radius for edge in self.graph.edges if {edge.start, edge.end} & set(nodes)]
        radius, thinnest = min(around), gap.length / 2.0
        if radius > thinnest:
            self.notes.append(
                f"gap of {gap.length:.3g} m at ({gap.x:g}, {gap.y:g}) m is under 2 radii of its "
                f"neighbours: tab of radius {thinnest:.3g} m, a radius step at the feed"
            )
        radius = min(radius, thinnest)
        target = max(self.sizes.segment, SHORTEST_IN_RADII * radius)
        return radius, max(1, round(gap.length / target))

    def _inline_feed(
        self, gap: Gap, nodes: tuple[int, int], arms: tuple[Edge, Edge]
    ) -> tuple[float, int]:
        """(radius, source segments); moves the arms back where the gap is shorter than 4a."""
        radius = min(arm.radius for arm in arms)
        wanted = max(gap.length, SHORTEST_IN_RADII * radius) * self.coarser
        low, high = (self.graph.points[node] for node in nodes)
        length = float(np.linalg.norm(high - low))
        target = max(self.sizes.segment, SHORTEST_IN_RADII * radius)
        if length >= 1.5 * target:
            return radius, max(1, round(length / target))
        room = []
        for node, arm in zip(nodes, arms, strict=True):
            far = arm.end if arm.start == node else arm.start
            room.append(float(np.linalg.norm(self.graph.points[far] - self.graph.points[node])))
        least = SHORTEST_IN_RADII * radius / 2.0  # of the arm that must be left
        step = min(max(0.0, wanted - length) / 2.0, max(0.0, min(room) - least))
        for node, sign in zip(nodes, (-1.0, 1.0), strict=True):
            self.graph.points[node] = self.graph.points[node] + sign * step * gap.direction
        if step > 0.0:
            self.notes.append(
                f"gap of {gap.length:.3g} m at ({gap.x:g}, {gap.y:g}) m fed over a segment of "
                f"{length + 2.0 * step:.3g} m: 4 radii are the least that NEC allows"
            )
        return radius, 1


def _cut(graph: WireGraph, feeder: _Feeder, z: float) -> WireModel:
    """Edges to wires with segment counts, graded from the feeds; the feeds' sources."""
    wires: list[Wire] = []
    feeds: dict[int, Feed] = {}

    def add(edge: Edge, a: FloatArray, b: FloatArray, count: int) -> None:
        start = (float(a[0]), float(a[1]), z)
        end = (float(b[0]), float(b[1]), z)
        wires.append(Wire(start, end, edge.radius, count, edge.conductor, edge.width, edge.kind))

    for edge in graph.edges:
        a, b = graph.points[edge.start], graph.points[edge.end]
        if edge.gap >= 0:
            count = feeder.pieces[edge.gap]
            sources = tuple((len(wires), k, 1.0 / count) for k in range(count))
            feeds[edge.gap] = Feed(edge.gap, sources)
            add(edge, a, b, count)
            continue
        target = feeder.target(edge)
        length = float(np.linalg.norm(b - a))
        sizes = _sizes(edge, feeder.beside, target, length)
        at = 0.0
        for part, count in sizes:
            low, at = at, at + part
            add(edge, a + (b - a) * low / length, a + (b - a) * at / length, count)
    segments = sum(wire.segments for wire in wires)
    if segments > MOST_SEGMENTS:
        raise GeometryError(
            f"the wire model has {segments} segments, at most {MOST_SEGMENTS} are allowed; use "
            "accuracy='draft', a simpler layout or another solver"
        )
    order = tuple(feeds[number] for number in sorted(feeds))
    return WireModel(tuple(wires), order, tuple(feeder.notes))


def _sizes(
    edge: Edge, beside: dict[int, float], target: float, length: float
) -> list[tuple[float, int]]:
    """(length, segments) of the pieces of an edge, from its start to its end."""
    first, last = beside.get(edge.start, math.inf), beside.get(edge.end, math.inf)
    least = (GRID_NEAR_IN_RADII if edge.grid else SHORTEST_IN_RADII) * edge.radius
    near = max(min(first, last), least)
    if edge.grid and near * 1.5 > target:
        return [(length, max(1, math.ceil(length / target - 0.25)))]
    pieces = graded(length, near, target)
    return pieces if first <= last else pieces[::-1]


def graded(length: float, first: float, target: float) -> list[tuple[float, int]]:
    """(length, segments) of pieces whose segments grow from ``first`` to ``target`` (m).

    Three segments of each size, the next twice as long; one piece where ``first`` is about
    ``target`` or larger.
    """
    if not np.isfinite(first):
        return [(length, max(1, round(length / target)))]
    pieces: list[tuple[float, int]] = []
    size, rest = first, length
    while rest > 4.5 * size:
        pieces.append((3.0 * size, 3))
        rest -= 3.0 * size
        if size * 1.4 >= target:
            break
        size = min(2.0 * size, target)
    best = target if size * 1.4 >= target else size
    return [*pieces, (rest, max(1, round(rest / best)))]
