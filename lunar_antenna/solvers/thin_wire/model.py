"""Wire model of a layout: what a thin-wire code is given.

Rules (measured with NEC-2 in free space; radius a, segment length d):

* A narrow strip of width w is a wire of radius w/4, good to about 2 % in |Z|.  Narrow means
  w at most 1/16 of the shortest wavelength and of the layout's extent, at most 1/3 of the
  ribbon's own length (or 1/40 of the extent), and the widest part at most 1.5 times the
  narrowest; other ribbons become grids (grid.py).
* d >= 4a, so a gap shorter than 4a is fed over a segment of 4a, said in ``notes``.  momwire's
  reduced kernel wants the same: at 3a and 2a the strip of 10 m x 0.2 m is further off.
* A gap is bridged by one segment of its own length, with neighbours of the same length and
  radius; a longer one by several, all of them source.
* Segments of a grid are 3a long within a quarter of the extent from a feed, 6a beyond: NEC's
  junctions of more than two wires need short segments (average gain 1.28 with one segment
  to the cell, 0.98 to 1.00 so).
* Wires end at every junction.
* A relief lifts every node to its elevation, and each segment of a curved one is a wire of its
  own; a gap is bridged straight between its ends.  Segments are counted in the plan view.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from ...conventions import FloatArray
from ...errors import GeometryError
from ...geometry.layout import Layout
from ...geometry.relief import Relief
from ...geometry.ribbon import Ribbon
from .columns import column_grid, connected_cell
from .fan import open_fans
from .feed import Feeder, faces_of, piece_sizes
from .graph import Edge, WireGraph
from .grid import ribbon_grid, thin_beside_short
from .types import Feed, Resolution, Wire, WireModel

__all__ = ["Feed", "Resolution", "Wire", "WireModel", "extent_of", "is_narrow", "wire_model"]

MOST_SEGMENTS = 4000
FINE = 200  # points along a straight piece
PIECE = 1.0  # widths, of what is cut off it: 4 radii
FED_OVER = 1.7  # widths, that a source may take of the gap and the metal on both sides
SEGMENTS_PER_SCALE = 6.0  # fewer do not show a wave: its height is met to 13 % with six


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
    """The wires of ``layout``; ``z`` (m) is that of its metal where the relief is 0.

    wavelength: the shortest one solved, m, which decides what is narrow.  coarser: factor on
    every segment, cell and feed segment, for an estimate of the discretisation error.
    Raises :class:`GeometryError` where no wire model can be made.
    """
    extent = extent_of(layout)
    graph = WireGraph(tolerance=1e-7 * extent)
    sizes = resolution.coarser(coarser)
    notes, opened = _draw(graph, layout, extent, wavelength, sizes)
    thin_beside_short(graph)
    builder = Feeder(graph, sizes, coarser, extent, notes)
    for number, gap in enumerate(layout.gaps):
        builder.bridge(number, gap)
    return replace(_cut(graph, builder, z, layout.relief), opened=opened)


def _fine_enough(relief: Relief | None, segment: float, at: FloatArray) -> None:
    if relief is not None and segment * SEGMENTS_PER_SCALE > relief.scale:
        raise GeometryError(
            f"relief ({relief}) changes within {relief.scale:.3g} m, the wire segments at "
            f"({at[0]:.3g}, {at[1]:.3g}) m are {segment:.3g} m long, allowed "
            f"{relief.scale / SEGMENTS_PER_SCALE:.3g} m; use solver openems"
        )


def _draw(
    graph: WireGraph, layout: Layout, extent: float, wavelength: float, sizes: Resolution
) -> tuple[list[str], int]:
    """Draws the wires; the notes, and how many acute fans were opened."""
    notes: list[str] = []
    if not layout.ribbons:
        for number, polygon in enumerate(layout.conductors):
            touching = [gap for gap in layout.gaps if gap.polygon.distance(polygon) < 1e-6 * extent]
            gap = touching[0] if touching else None
            cell = connected_cell(polygon, sizes.cell, gap, graph.tolerance)
            column_grid(graph, polygon, number, cell, gap)
            notes.append(
                f"conductor {number + 1} as wire grid, cell {cell:.3g} m; "
                "a grid is 6 % of Z off, 27 % at some frequencies"
            )
        _thin_at_slots(graph, list(layout.conductors))
        return notes, 0
    narrow = [is_narrow(ribbon, extent, wavelength) for ribbon in layout.ribbons]
    gaps = [(face, gap.length) for gap in layout.gaps for face in faces_of(gap)]
    faces = [face for face, _ in gaps]
    for number, ribbon in enumerate(layout.ribbons):
        if narrow[number]:
            _line(graph, ribbon, number, sizes.even, gaps)
        else:
            ribbon_grid(graph, ribbon, number, sizes.cell)
    if not all(narrow):
        notes.append(
            f"{narrow.count(False)} wide ribbons as wire grids, cell {sizes.cell:.3g} m, radius "
            "spacing/(4 pi); a grid is 6 % of Z off, 27 % at some frequencies"
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
    return notes, opened


def _thin_at_slots(graph: WireGraph, polygons: list[Polygon]) -> None:
    """Grid wires along a slot to other metal get a radius of a quarter of it at most.

    A single wire that ends at the slot gets half of it at most.
    """
    for number, edge in enumerate(graph.edges):
        if not edge.grid:
            continue
        share = 2.0 if edge.kind == "strip" else 4.0
        line = LineString((graph.points[edge.start], graph.points[edge.end]))
        slot = min(
            (
                line.distance(other)
                for index, other in enumerate(polygons)
                if index != edge.conductor and other.distance(polygons[edge.conductor]) > 0.0
            ),
            default=math.inf,
        )
        if slot < share * edge.radius:
            graph.edges[number] = replace(edge, radius=slot / share)


def _line(
    graph: WireGraph,
    ribbon: Ribbon,
    number: int,
    even: float,
    gaps: list[tuple[FloatArray, float]],
) -> None:
    """The centre line, freed of points that bend it by less than an eighth of the width.

    Straight pieces along which the width changes by more than the factor ``even`` are cut.
    """
    path, half = ribbon.path, ribbon.half_width
    mean, loss = mean_widths(path, half)
    kept = np.array(LineString(path).simplify(mean / 8.0).coords)
    places = [int(np.argmin(np.hypot(*(path - point).T))) for point in kept]
    if even == math.inf:  # one radius all along
        for a, b in itertools.pairwise(kept):
            start, end = graph.node(a), graph.node(b)
            graph.connect(start, end, Edge(start, end, mean / 4.0, loss, "strip", number))
        return
    for first, last in itertools.pairwise(places):
        local = np.linalg.norm(np.diff(path[first : last + 1], axis=0), axis=1).cumsum()
        local, width = np.r_[0.0, local], half[first : last + 1]
        least = PIECE * 2.0 * float(width.max())
        first_least, last_least = (
            least + max((_taken(least, g) for at, g in gaps if _meet(graph, p, at)), default=0.0)
            for p in (path[first], path[last])
        )
        for piece in _even_pieces(local, width, even, (least, first_least, last_least)):
            charge, loss = mean_widths(piece[:, None], np.interp(piece, local, width))
            step = (path[last] - path[first]) / local[-1]
            start, end = (graph.node(path[first] + step * piece[k]) for k in (0, -1))
            graph.connect(start, end, Edge(start, end, charge / 4.0, loss, "strip", number))


def _meet(graph: WireGraph, one: FloatArray, other: FloatArray) -> bool:
    return bool(np.hypot(*(one - other)) <= graph.tolerance)


def _taken(width: float, gap: float) -> float:
    """Length, m, that a source in a ``gap`` (m) takes of a strip of ``width`` (m) beside it."""
    return max(0.0, FED_OVER * width - gap) / 2.0


def _even_pieces(
    place: FloatArray, half_width: FloatArray, even: float, least: tuple[float, float, float]
) -> list[FloatArray]:
    """Arc lengths (m) of the points of each piece.

    least: length of a piece, m, if one is cut; of the first; of the last.
    """
    at = np.union1d(place, np.linspace(0.0, place[-1], FINE + 1))
    change = np.abs(np.diff(np.log(np.interp(at, place, half_width)))).cumsum()
    cuts = [0]
    for k in range(1, len(at) - 1):
        since = change[k - 1] - (change[cuts[-1] - 1] if cuts[-1] else 0.0)
        shortest = least[0] if cuts[-1] else least[1]
        room = at[k] - at[cuts[-1]] >= shortest and at[-1] - at[k] >= least[2]
        if since > math.log(even) and room:
            cuts.append(k)
    return [at[a : b + 1] for a, b in itertools.pairwise([*cuts, len(at) - 1])]


def mean_widths(path: FloatArray, half_width: FloatArray) -> tuple[float, float]:
    """Means of the width (m) along ``path`` (n, any) m: of its logarithm, and of its inverse.

    The first is that of the charge, the second that of the loss.
    """
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    piece = half_width[:-1] + half_width[1:]
    share, first = steps / steps.sum(), piece[0]  # exact where all are alike
    charge = first * np.exp(share @ np.log(piece / first))
    return float(charge), float(first / (1.0 + share @ (first / piece - 1.0)))


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


def _cut(graph: WireGraph, feeder: Feeder, z: float, relief: Relief | None) -> WireModel:
    """Edges to wires with segment counts, graded from the feeds; the feeds' sources."""
    wires: list[Wire] = []
    feeds: dict[int, Feed] = {}
    curved = relief is not None and math.isfinite(relief.scale)

    def lifted(point: FloatArray) -> tuple[float, float, float]:
        x, y = float(point[0]), float(point[1])
        return x, y, z if relief is None else z + float(relief.elevation(x, y))

    def add(edge: Edge, a: FloatArray, b: FloatArray, count: int) -> None:
        ends = (lifted(a), lifted(b))
        wires.append(
            Wire(*ends, edge.radius, count, edge.conductor, edge.width, edge.kind, edge.grid)
        )

    def follow(edge: Edge, a: FloatArray, b: FloatArray, count: int) -> None:
        """Metal between two points: one wire, or one to each segment on a curved relief."""
        if not curved:
            add(edge, a, b, count)
            return
        _fine_enough(relief, float(np.linalg.norm(b - a)) / count, a)
        for k in range(count):
            add(edge, a + (b - a) * (k / count), a + (b - a) * ((k + 1) / count), 1)

    for edge in graph.edges:
        a, b = graph.points[edge.start], graph.points[edge.end]
        if edge.gap >= 0:
            count = feeder.pieces[edge.gap]
            sources = tuple((len(wires), k, 1.0 / count) for k in range(count))
            before = feeds[edge.gap].sources if edge.gap in feeds else ()
            feeds[edge.gap] = Feed(edge.gap, before + sources)
            add(edge, a, b, count)
            continue
        target = feeder.target(edge)
        length = float(np.linalg.norm(b - a))
        sizes = piece_sizes(edge, feeder.beside, target, length)
        at = 0.0
        for part, count in sizes:
            low, at = at, at + part
            follow(edge, a + (b - a) * low / length, a + (b - a) * at / length, count)
    segments = sum(wire.segments for wire in wires)
    if segments > MOST_SEGMENTS:
        raise GeometryError(
            f"the wire model has {segments} segments, at most {MOST_SEGMENTS} are allowed; use "
            "accuracy='draft', a simpler layout or another solver"
        )
    order = tuple(feeds[number] for number in sorted(feeds))
    return WireModel(tuple(wires), order, tuple(feeder.notes))
