"""Graph of straight wires in one plane: nodes, edges, and joining them where metal touches."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...conventions import FloatArray


@dataclass(frozen=True, slots=True)
class Edge:
    """One straight piece of wire between two nodes.

    radius: m.  width: m of sheet whose current the wire carries.  kind: what that sheet is,
    "strip" (both edges), "cell" (inside a sheet), "rim" (one edge) or "tab" (feed, no metal).
    conductor: number of the ribbon it came from.  gap: number of the gap it bridges, or -1.
    grid: part of a wire grid.
    """

    start: int
    end: int
    radius: float
    width: float
    kind: str
    conductor: int
    gap: int = -1
    grid: bool = False


@dataclass(slots=True, eq=False)
class WireGraph:
    """Mutable while a wire model is being drawn; nodes closer than ``tolerance`` (m) are one."""

    tolerance: float
    points: list[FloatArray] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    cells: dict[tuple[int, int], list[int]] = field(default_factory=dict)

    def node(self, point: FloatArray) -> int:
        """Number of the node at ``point`` (2,) m, new or existing."""
        side = 4.0 * self.tolerance  # hash cells; a near node lies in this cell or the next
        column, row = int(point[0] // side), int(point[1] // side)
        for i in (column - 1, column, column + 1):
            for j in (row - 1, row, row + 1):
                for known in self.cells.get((i, j), ()):
                    if np.linalg.norm(self.points[known] - point) <= self.tolerance:
                        return known
        self.points.append(np.array(point, dtype=float))
        number = len(self.points) - 1
        self.cells.setdefault((column, row), []).append(number)
        return number

    def connect(self, start: int, end: int, like: Edge) -> None:
        """An edge with the properties of ``like``; a repeated or empty one is left out."""
        if start == end:
            return
        for edge in self.edges:
            if (edge.start == start and edge.end == end) or (
                edge.start == end and edge.end == start
            ):
                return
        self.edges.append(replace(like, start=start, end=end))

    def nearest(self, point: FloatArray, conductors: set[int]) -> tuple[float, int, float]:
        """(distance m, edge number, fraction along it) nearest to ``point``; edge -1: none."""
        best = (np.inf, -1, 0.0)
        for number, edge in enumerate(self.edges):
            if edge.conductor not in conductors:
                continue
            a, b = self.points[edge.start], self.points[edge.end]
            along = b - a
            fraction = float(np.clip((point - a) @ along / (along @ along), 0.0, 1.0))
            distance = float(np.linalg.norm(a + fraction * along - point))
            if distance < best[0]:
                best = (distance, number, fraction)
        return best

    def node_on(self, number: int, fraction: float, snap: float) -> int:
        """The node at ``fraction`` of an edge: an end within ``snap`` (m), else a split."""
        edge = self.edges[number]
        a, b = self.points[edge.start], self.points[edge.end]
        length = float(np.linalg.norm(b - a))
        if fraction * length <= snap and fraction <= 0.5:
            return edge.start
        if (1.0 - fraction) * length <= snap:
            return edge.end
        if fraction * length <= snap:
            return edge.start
        middle = self.node(a + fraction * (b - a))
        if middle in (edge.start, edge.end):
            return middle
        self.edges[number] = replace(edge, end=middle)
        self.edges.append(replace(edge, start=middle))
        return middle

    def merge(self, loser: int, winner: int) -> None:
        """All edges of ``loser`` go to ``winner`` (the node itself stays, unused)."""
        if loser == winner:
            return
        moved: list[Edge] = []
        seen: set[frozenset[int]] = set()
        for edge in self.edges:
            start = winner if edge.start == loser else edge.start
            end = winner if edge.end == loser else edge.end
            key = frozenset((start, end))
            if start == end or key in seen:
                continue
            seen.add(key)
            moved.append(replace(edge, start=start, end=end))
        self.edges = moved

    def degree(self, node: int) -> int:
        return sum((edge.start == node) + (edge.end == node) for edge in self.edges)

    def pieces(self) -> int:
        """Number of separate pieces that the edges form."""
        root = list(range(len(self.points)))

        def find(node: int) -> int:
            while root[node] != node:
                root[node] = root[root[node]]
                node = root[node]
            return node

        for edge in self.edges:
            root[find(edge.start)] = find(edge.end)
        return len({find(edge.start) for edge in self.edges})

    def cross(self, first: int, second: int) -> None:
        """Split the edges of two conductors wherever they cross inside both."""
        again = True
        while again:
            again = False
            for i, one in enumerate(self.edges):
                if one.conductor != first:
                    continue
                for j, two in enumerate(self.edges):
                    if two.conductor != second:
                        continue
                    if {one.start, one.end} & {two.start, two.end}:
                        continue
                    at = self._crossing(one, two)
                    if at is None:
                        continue
                    snap_one, snap_two = 2.0 * one.radius, 2.0 * two.radius
                    node_one = self.node_on(i, at[0], snap_one)
                    node_two = self.node_on(j, at[1], snap_two)
                    self.merge(node_two, node_one)
                    again = True
                    break
                if again:
                    break

    def _crossing(self, one: Edge, two: Edge) -> tuple[float, float] | None:
        a, b = self.points[one.start], self.points[one.end]
        c, d = self.points[two.start], self.points[two.end]
        matrix = np.column_stack((b - a, c - d))
        scale = float(np.linalg.norm(b - a) * np.linalg.norm(d - c))
        if abs(float(np.linalg.det(matrix))) < 1e-9 * scale:
            return None
        s, t = np.linalg.solve(matrix, c - a)
        inside = -1e-9 <= s <= 1.0 + 1e-9 and -1e-9 <= t <= 1.0 + 1e-9
        return (float(s), float(t)) if inside else None
