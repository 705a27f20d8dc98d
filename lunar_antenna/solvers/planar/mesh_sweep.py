"""Sweep over one block: lines across it, nodes on them, triangles between.

Lines go through every corner of the block and between them as closely as the spacing law asks;
on every line each stretch of metal gets nodes by the same law, and the trapezoid between two lines
is triangulated by merging the two node lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...conventions import FloatArray, IntArray
from .mesh_field import MeshSize, Sources, graded_nodes
from .mesh_outline import CORNER, BoolArray, ray_hits, reach_at, turns

_NONE = np.zeros(0)
RIM, INTERFACE, PLANE = 0, 1, 2  # what an edge of a block bounds: metal, another block, a mirror


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """rings: outer ring and holes, (n, 2) m, metal on the left; kinds: of the edge after each
    vertex, RIM, INTERFACE or PLANE."""

    rings: tuple[FloatArray, ...]
    kinds: tuple[IntArray, ...]

    @property
    def seams(self) -> FloatArray:
        """(n, 4) x1, y1, x2, y2 of all edges shared with other blocks."""
        edges = [np.hstack((ring, np.roll(ring, -1, axis=0))) for ring in self.rings]
        return np.asarray(np.vstack(edges)[np.concatenate(self.kinds) == INTERFACE])

    def turned(self, rotation: FloatArray) -> Block:
        return Block(tuple(ring @ rotation.T for ring in self.rings), self.kinds)


@dataclass(frozen=True, slots=True)
class Trapezoid:
    """Metal between two lines: y of its lower and upper side at the left and the right line."""

    low: tuple[float, float]
    high: tuple[float, float]
    kind_low: int
    kind_high: int

    @property
    def middle(self) -> float:
        """y of the middle of the metal: of the mirror plane where one bounds it."""
        low, high = sum(self.low) / 2.0, sum(self.high) / 2.0
        if self.kind_low == PLANE:
            return low
        return high if self.kind_high == PLANE else 0.5 * (low + high)


class Sweep:
    """One sweep along x over one block; state lives for one mesh."""

    def __init__(
        self,
        block: Block,
        size: MeshSize,
        sources: Sources,
        rims: FloatArray,
        tolerance: float,
    ) -> None:
        """rims: (n, 4) x1, y1, x2, y2 of all metal, in the frame of the block."""
        self.size = size
        self.rims = rims
        self.sources = sources
        self.swapped = sources.swapped()
        self.tolerance = tolerance
        self.finest = 1e2 * tolerance
        self.kind = np.concatenate(block.kinds)
        turn = np.concatenate([turns(ring) for ring in block.rings])
        before = np.concatenate([np.roll(kind, 1) for kind in block.kinds])
        self.hard = (np.abs(turn) > CORNER) | (self.kind != before)
        self.soft = ~self.hard & (np.abs(turn) > 1e-7)
        self.true = np.vstack(block.rings)
        self.points = self.true.copy()
        self.points[:, 0] = _together(self.true[:, 0], self.hard | self.soft, 1e3 * tolerance)
        following = np.concatenate(
            [start + np.roll(np.arange(len(ring)), -1) for start, ring in _numbered(block.rings)]
        )
        self.segments = np.hstack((self.points, self.points[following]))

    def run(self) -> tuple[FloatArray, IntArray, IntArray]:
        """Vertices (n, 2), triangles (m, 3), counter-clockwise, and the cell of each, -1 where one
        is none with another."""
        lines = self._lines()
        traces = [self._trace(a, b) for a, b in pairwise(lines)]
        columns = [
            self._column(
                float(x),
                traces[index - 1] if index > 0 else [],
                traces[index] if index < len(traces) else [],
            )
            for index, x in enumerate(lines)
        ]
        starts = np.concatenate(([0], np.cumsum([column.size for column in columns])))
        x = [self._bent(float(line), column) for line, column in zip(lines, columns, strict=True)]
        vertices = np.column_stack((np.concatenate(x), np.concatenate(columns)))
        triangles: list[tuple[int, int, int]] = []
        cells: list[int] = []
        middle = self._middle()
        for index, trace in enumerate(traces):
            width = float(lines[index + 1] - lines[index])
            aside = 0.5 * float(lines[index + 1] + lines[index]) - middle
            turn = (-1.0) ** (index if aside < 0.0 else len(traces) - 1 - index)
            for part in trace:
                left = self._between(columns[index], part.low[0], part.high[0])
                right = self._between(columns[index + 1], part.low[1], part.high[1])
                found, advanced = _zip(
                    columns[index][left],
                    columns[index + 1][right],
                    int(starts[index]) + left.start,
                    int(starts[index + 1]) + right.start,
                    width,
                    aside,
                    turn,
                    part.middle,
                )
                cells += _in_cells(advanced, len(triangles))
                triangles += found
        corners = np.asarray(triangles)
        used = np.unique(corners)
        renumber = np.full(len(vertices), -1)
        renumber[used] = np.arange(used.size)
        return vertices[used], renumber[corners], np.asarray(cells)

    def _middle(self) -> float:
        """x of the middle of the block: of the mirror plane where one ends it."""
        x1, x2 = self.segments[:, 0], self.segments[:, 2]
        ends = float(x1.min()), float(x1.max())
        for end in ends:
            if np.any((self.kind == PLANE) & (x1 == end) & (x2 == end)):
                return end
        return 0.5 * sum(ends)

    def _lines(self) -> FloatArray:
        """x of all lines."""
        lowest, highest = self.points[:, 0].min(), self.points[:, 0].max()
        cuts = np.unique(np.append(self.points[self.hard, 0], (lowest, highest)))
        soft = np.setdiff1d(self.points[self.soft, 0], cuts)
        floor, ceiling = self.points[:, 1].min(), self.points[:, 1].max()
        lines = [cuts[:1]]
        for a, b in pairwise(cuts):
            nodes = self._nodes(float(a), float(b), float(floor), float(ceiling), self.sources)
            within = soft[(soft > a) & (soft < b)]
            lines.append((_pinned(nodes, within) if within.size else nodes)[1:])
        return np.concatenate(lines)

    def _bent(self, x: float, y: FloatArray) -> FloatArray:
        """True x of the nodes of a line that stands for corners slightly beside it."""
        own = np.flatnonzero((self.points[:, 0] == x) & (self.hard | self.soft))
        shift = self.true[own, 0] - x
        if not shift.any():
            return np.full(y.size, x)
        order = np.argsort(self.points[own, 1])
        return np.asarray(x + np.interp(y, self.points[own, 1][order], shift[order]))

    def _trace(self, a: float, b: float) -> list[Trapezoid]:
        """Metal between the lines a and b, from below."""
        x1, y1, x2, y2 = self.segments.T
        middle = 0.5 * (a + b)
        index = np.flatnonzero((np.minimum(x1, x2) <= middle) & (np.maximum(x1, x2) > middle))
        slope = (y2[index] - y1[index]) / (x2[index] - x1[index])
        at_a = y1[index] + slope * (a - x1[index])
        at_b = y1[index] + slope * (b - x1[index])
        order = np.argsort(at_a + at_b)
        kind = self.kind[index]
        return [
            Trapezoid(
                (float(at_a[low]), float(at_b[low])),
                (float(at_a[high]), float(at_b[high])),
                int(kind[low]),
                int(kind[high]),
            )
            for low, high in zip(order[::2], order[1::2], strict=True)
        ]

    def _column(self, x: float, left: list[Trapezoid], right: list[Trapezoid]) -> FloatArray:
        """Nodes on the line x: all corners on it, and graded nodes where there is metal."""
        near = 10.0 * self.tolerance
        parts = [(p.low[1], p.high[1], p.kind_low, p.kind_high) for p in left]
        parts += [(p.low[0], p.high[0], p.kind_low, p.kind_high) for p in right]
        span = np.array(parts)
        on_line = self.hard & (np.abs(self.points[:, 0] - x) <= near)
        breaks = _apart(np.concatenate((span[:, 0], span[:, 1], self.points[on_line, 1])), near)
        nodes = [breaks[:1]]
        for a, b in pairwise(breaks):
            middle = 0.5 * (a + b)
            inside = span[(span[:, 0] < middle) & (span[:, 1] > middle)]
            if len(inside) == 0:
                nodes.append(np.array([b]))
                continue
            ends_a = inside[np.abs(inside[:, 0] - a) <= near, 2]
            ends_b = inside[np.abs(inside[:, 1] - b) <= near, 3]
            nodes.append(self._stretch(x, float(a), float(b), ends_a, ends_b)[1:])
        return np.concatenate(nodes)

    def _stretch(
        self, x: float, a: float, b: float, kinds_a: IntArray, kinds_b: IntArray
    ) -> FloatArray:
        """Nodes of one stretch of metal; kinds: of the sides of the block that end there."""
        half = (b - a) * (1.0 if PLANE in kinds_a or PLANE in kinds_b else 0.5)
        sides = [(a, -1.0)] if RIM in kinds_a else []
        sides += [(b, 1.0)] if RIM in kinds_b else []
        rims = np.array([end for end, _ in sides])
        reach = np.array([reach_at(half, self._gap(x, end, side)) for end, side in sides])
        return self._nodes(a, b, x, x, self.swapped, rims, reach)

    def _gap(self, x: float, y: float, side: float) -> float:
        """Width of what lies above (side 1) or below (-1) a rim at (x, y), up to the next one, m:
        on either side of the line, since rims end there."""
        aside = 1e3 * self.tolerance
        outward = np.array([0.0, side])
        width = np.inf
        for at in (x - aside, x + aside):
            distance, which = ray_hits(np.array([at, y]), outward, self.rims)
            step = self.rims[which, 2:] - self.rims[which, :2]
            slope = np.abs(step[:, 1] / step[:, 0])
            # not the rim itself, which on a slope is a little away
            others = distance[distance > 2.0 * slope * aside + 10.0 * self.tolerance]
            width = min(width, float(others.min(initial=np.inf)))
        return width

    def _nodes(
        self,
        a: float,
        b: float,
        floor: float,
        ceiling: float,
        sources: Sources,
        rims: FloatArray = _NONE,
        reach: FloatArray = _NONE,
    ) -> FloatArray:
        return graded_nodes(
            a,
            b,
            floor,
            ceiling,
            sources.point,
            sources.reach,
            sources.cells,
            sources.growth,
            rims,
            reach,
            self.size.cells,
            self.finest,
            self.size.longest,
        )

    def _between(self, y: FloatArray, low: float, high: float) -> slice:
        near = 20.0 * self.tolerance
        keep = np.flatnonzero((y >= low - near) & (y <= high + near))
        return slice(int(keep[0]), int(keep[-1]) + 1)


def _apart(values: FloatArray, near: float) -> FloatArray:
    """Sorted, of values closer than ``near`` only the first."""
    ordered = np.sort(values)
    return np.asarray(ordered[np.append(True, np.diff(ordered) > near)])


def _together(values: FloatArray, chosen: BoolArray, near: float) -> FloatArray:
    """Values of which chosen ones closer than ``near`` to the next are equal."""
    result = values.copy()
    index = np.flatnonzero(chosen)
    index = index[np.argsort(values[index])]
    first = np.append(True, np.diff(values[index]) > near)
    result[index] = values[index][np.flatnonzero(first)[np.cumsum(first) - 1]]
    return result


def _numbered(rings: tuple[FloatArray, ...]) -> list[tuple[int, FloatArray]]:
    """Rings with the number of their first vertex among all."""
    starts = np.cumsum([0, *(len(ring) for ring in rings)])
    return [(int(start), ring) for start, ring in zip(starts, rings, strict=False)]


ALIKE = 0.3  # in rows that widen diagonals whose lengths differ by less are alike
STRETCHED = 1.3  # most that a cell grows by a node moved to a corner of the outline


def _pinned(nodes: FloatArray, at: FloatArray) -> FloatArray:
    """The nodes with the nearest one moved to each place of ``at``, or a new one there.

    A new one where moving would make a cell beside it longer than STRETCHED times what it was: on
    a taper the spacing that the law asks for changes within one cell.
    """
    result = nodes.copy()
    taken = np.zeros(nodes.size, dtype=bool)
    taken[[0, -1]] = True
    extra = []
    for place in at:
        k = int(np.abs(result - place).argmin())
        if not taken[k]:
            before, after = place - result[k - 1], result[k + 1] - place
            most_before, most_after = STRETCHED * np.diff(nodes[k - 1 : k + 2])
            if 0.0 < before <= most_before and 0.0 < after <= most_after:
                result[k] = place
                taken[k] = True
                continue
        if not np.any(result == place):
            extra.append(place)
    return np.sort(np.concatenate((result, extra)))


def _zip(
    yl: FloatArray,
    yr: FloatArray,
    first_left: int,
    first_right: int,
    width: float,
    aside: float,
    turn: float,
    middle: float,
) -> tuple[list[tuple[int, int, int]], list[bool]]:
    """Triangles between two node lists, always across the shorter diagonal, and for each whether
    its side lies on the left line.

    Upwards, or downwards where the middle of the metal is its upper side.  Of two alike the one
    that points away from the middle of the block, ``aside`` to the left and at y = ``middle``: a
    turned or mirrored block has the turned or mirrored triangles.  In rows that widen by turns the
    one and the other, ``turn``: the triangle at the rim carries the current of the line that its
    side is on, which on a taper is always the larger one where all diagonals run alike, and the
    current crowds at the rim by 2 to 4 % too much.
    """
    if middle > 0.25 * (yl[0] + yl[-1] + yr[0] + yr[-1]) + 0.25 * max(np.ptp(yl), np.ptp(yr)):
        turned, sides = _zip(-yl[::-1], -yr[::-1], 0, yl.size, width, aside, turn, -middle)
        number = np.arange(yl.size + yr.size)
        number = np.where(number < yl.size, first_left, first_right - yl.size) + number
        number = np.concatenate((number[: yl.size][::-1], number[yl.size :][::-1]))
        return [(a, b, c) for a, c, b in number[np.asarray(turned)].tolist()], sides
    result = []
    on_left = []
    i = j = 0
    last_l, last_r = yl.size - 1, yr.size - 1
    span_l = float(yl[-1] - yl[0])
    span_r = float(yr[-1] - yr[0])
    share_l = ((yl - yl[0]) / span_l if span_l > 0.0 else np.ones(yl.size)).tolist()
    share_r = ((yr - yr[0]) / span_r if span_r > 0.0 else np.ones(yr.size)).tolist()
    left, right = yl.tolist(), yr.tolist()
    wedge = abs(span_l - span_r) > 1e-6 * max(span_l, span_r)
    while i < last_l or j < last_r:
        if i == last_l:
            advance_left = False
        elif j == last_r:
            advance_left = True
        else:
            # diagonals compared in relative position, which keeps rows along the trapezoid
            tl, tr = share_l[i + 1], share_r[j + 1]
            if abs(tl - tr) > 1e-9:
                advance_left = tl < tr
            else:
                up = np.hypot(width, right[j] - left[i + 1])
                down = np.hypot(width, right[j + 1] - left[i])
                tapers = wedge and abs(share_l[i] - share_r[j]) < 1e-9
                if abs(up - down) > (ALIKE if tapers else 1e-9) * down:
                    advance_left = bool(up < down)
                else:
                    above = 0.25 * (left[i] + left[i + 1] + right[j] + right[j + 1]) - middle
                    advance_left = above * aside * (turn if tapers else 1.0) < 0.0
        on_left.append(advance_left)
        if advance_left:
            result.append((first_left + i, first_right + j, first_left + i + 1))
            i += 1
        else:
            result.append((first_left + i, first_right + j, first_right + j + 1))
            j += 1
    return result, on_left


def _in_cells(on_left: list[bool], first: int) -> list[int]:
    """The cell of each of a row of triangles between two lines: two in turn, with a side on either
    line, are one.  Cells bear the number of their first triangle, counted from ``first``."""
    cell = [-1] * len(on_left)
    k = 0
    while k + 1 < len(on_left):
        if on_left[k] != on_left[k + 1]:
            cell[k] = cell[k + 1] = first + k
            k += 1
        k += 1
    return cell
