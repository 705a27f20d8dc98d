"""Feeds of a wire model: bridging the gaps, and segments that grow away from them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ...conventions import FloatArray
from ...errors import GeometryError
from ...geometry.layout import Gap
from .graph import Edge, WireGraph
from .grid import grid_radius
from .types import GRID_NEAR_IN_RADII, NEAR_FEED, SHORTEST_IN_RADII, Resolution


def faces_of(gap: Gap) -> tuple[FloatArray, FloatArray]:
    """Centres (2,) m of the faces at which the current enters and leaves the metal."""
    centre = np.array([gap.x, gap.y])
    half = gap.direction * gap.length / 2.0
    return centre - half, centre + half


class Feeder:
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
        low, high = (self._terminal(gap, face) for face in faces_of(gap))
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
        self.pieces[number] = count
        for start, end in self._bridges(gap, low, high):
            length = float(np.linalg.norm(self.graph.points[end] - self.graph.points[start]))
            for node in (start, end):
                self.beside[node] = min(self.beside.get(node, np.inf), length / count)
            self.graph.edges.append(Edge(start, end, radius, gap.width, "tab", -1, gap=number))

    def _bridges(self, gap: Gap, low: int, high: int) -> list[tuple[int, int]]:
        """Pairs of nodes that face each other across the gap within its width."""
        centre, along = np.array([gap.x, gap.y]), gap.direction
        across = np.array([-along[1], along[0]])
        used = {node for edge in self.graph.edges for node in (edge.start, edge.end)}
        faces: tuple[dict[int, int], dict[int, int]] = ({}, {})
        unit = 1e-6 * self.extent
        for node in used:
            offset = self.graph.points[node] - centre
            u, v = float(offset @ along), float(offset @ across)
            if abs(v) <= gap.width / 2.0 + unit:
                for face, sign in zip(faces, (-1.0, 1.0), strict=True):
                    if abs(u - sign * gap.length / 2.0) <= unit:
                        face[round(v / unit)] = node
        pairs = [(faces[0][v], faces[1][v]) for v in sorted(set(faces[0]) & set(faces[1]))]
        return pairs if len(pairs) > 1 else [(low, high)]

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
        edges = self.graph.edges
        for number, edge in enumerate(edges):  # no radius step at the feed
            if edge in arms and edge.grid:
                edges[number] = replace(edge, radius=radius)
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
        if step > 5e-3 * gap.length:
            self.notes.append(
                f"gap of {gap.length:.3g} m at ({gap.x:g}, {gap.y:g}) m fed over a segment of "
                f"{length + 2.0 * step:.3g} m: 4 radii are the least that thin-wire codes allow"
            )
        return radius, 1


def piece_sizes(
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
    if rest <= 4.5 * size:  # a short arm: what fits of the feed's own segments, then the rest
        same = max(0, int(rest / size - 0.7))
        pieces = [(same * size, same)] if same else []
        return [*pieces, (rest - same * size, 1 if same else max(1, round(rest / size)))]
    while rest > 4.5 * size:
        pieces.append((3.0 * size, 3))
        rest -= 3.0 * size
        if size * 1.4 >= target:
            break
        size = min(2.0 * size, target)
    best = target if size * 1.4 >= target else size
    return [*pieces, (rest, max(1, round(rest / best)))]
