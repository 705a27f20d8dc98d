"""Free shapes as grids of wires: columns across them, lines along them between the columns.

Rims lie on the outline and on both sides of every slot.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.prepared import prep

from ...conventions import FloatArray
from ...errors import GeometryError
from ...geometry.layout import Gap
from .graph import WireGraph
from .grid import connect_lines, connect_metal, lines_across

OUTLINE = 0.05  # cells: corners of the outline are where this much would miss it
CLOSEST = 0.1  # cells between columns at corners
STEP = 0.08  # of a cell: closer places on a column are one
SLIVER = 0.002  # of a cell's area: less metal is left out
JUST_INSIDE = 1e-3  # of the way to the next column
VOID_IN_RADII = 4.0  # of wires on both sides of a slot

Extent = tuple[float, float]  # low, high, m


@dataclass(frozen=True, slots=True)
class Part:
    """Metal between a column and the next: its extents at both; void: least distance to the parts
    beside it, m."""

    column: int
    ends: tuple[Extent, Extent]
    void: float

    @property
    def width(self) -> float:
        return 0.5 * sum(high - low for low, high in self.ends)


def column_grid(
    graph: WireGraph, polygon: Polygon, conductor: int, cell: float, gap: Gap | None
) -> None:
    """Columns stand across the direction of the gap where the outline or a slot has corners, and
    every ``cell`` (m) between.  Each part of the metal between two of them has lines as a ribbon
    has; parts that meet at a column are joined along it."""
    _ColumnGrid(graph, polygon, conductor, cell, gap).draw()


class _ColumnGrid:
    def __init__(
        self, graph: WireGraph, polygon: Polygon, conductor: int, cell: float, gap: Gap | None
    ) -> None:
        self.graph, self.cell = graph, cell
        self.like = (conductor, cell)
        self.origin = (gap.x, gap.y) if gap else polygon.exterior.coords[0][:2]
        self.angle = gap.angle if gap else 0.0
        moved = affinity.translate(polygon, -self.origin[0], -self.origin[1])
        self.metal = affinity.rotate(moved, -self.angle, (0.0, 0.0), use_radians=True)
        faces = (-gap.length / 2.0, gap.length / 2.0) if gap else ()
        self.columns = columns(self.metal.simplify(OUTLINE * cell), faces, cell)
        self.rows: list[dict[float, int]] = [{} for _ in self.columns]  # place, m: node

    def draw(self) -> None:
        every = [
            part
            for column in range(len(self.columns) - 1)
            for part in parts(self.metal, column, self.columns, self.cell)
        ]
        for part in sorted(every, key=lambda part: -part.width):
            rows = self._row(part, 0), self._row(part, 1)
            connect_lines(self.graph, rows, part.width, self.like, part.void / VOID_IN_RADII)
        solid = prep(self.metal.buffer(1e-6 * self.cell))
        for column, row in enumerate(self.rows):
            around = np.diff(self.columns[max(0, column - 1) : column + 2])
            sides = (-JUST_INSIDE * around[0], JUST_INSIDE * around[-1])
            for low, high in itertools.pairwise(sorted(row)):
                middle = 0.5 * (low + high)
                metal = [solid.covers(Point(self.columns[column] + d, middle)) for d in sides]
                if any(metal):
                    kind = "cell" if all(metal) else "rim"
                    ends = row[low], row[high]
                    connect_metal(self.graph, ends, float(around.mean()), kind, self.like)

    def _row(self, part: Part, end: int) -> dict[float, int]:
        """Place from -1 to 1: node, of the lines at an end of ``part``."""
        low, high = part.ends[end]
        lines = lines_across(0.5 * (high - low), self.cell)
        near = STEP * self.cell
        over = min(near, 0.5 * part.void)  # what lies beyond a slot is not this part's
        row = self.rows[part.column + end]
        found = {}
        for t in lines:
            place = low + (high - low) * (t + 1.0) / 2.0
            own = [known for known in row if low - over <= known <= high + over]
            known = min(own, key=lambda known: abs(known - place), default=math.inf)
            if abs(known - place) > near:
                row[place] = self.graph.node(self._placed(part.column + end, place))
                known = place
            found[t] = row[known]
        return found

    def _placed(self, column: int, v: float) -> FloatArray:
        u = float(self.columns[column])
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        x, y = self.origin
        return np.array((x + u * cosine - v * sine, y + u * sine + v * cosine))


def parts(metal: Polygon, column: int, at: FloatArray, cell: float) -> list[Part]:
    """Of ``metal`` between the columns number ``column`` and ``column`` + 1 ``at`` (m)."""
    low, high = float(at[column]), float(at[column + 1])
    bottom, top = metal.bounds[1] - cell, metal.bounds[3] + cell
    found = metal.intersection(box(low, bottom, high, top))
    pieces = [piece for piece in getattr(found, "geoms", (found,)) if piece.geom_type == "Polygon"]
    ends = []
    for piece in pieces:
        if piece.area < SLIVER * cell * (high - low):
            continue
        own = []
        for side, other in ((low, high), (high, low)):
            inside = side + JUST_INSIDE * (other - side)
            cut = piece.intersection(LineString(((inside, bottom), (inside, top))))
            bounds = (piece.centroid if cut.is_empty else cut).bounds
            own.append((float(bounds[1]), float(bounds[3])))
        ends.append((own[0], own[1]))
    return [Part(column, own, _void(own, [e for e in ends if e is not own])) for own in ends]


def _void(own: tuple[Extent, Extent], others: list[tuple[Extent, Extent]]) -> float:
    apart = [
        max(two[0] - one[1], one[0] - two[1])
        for other in others
        for one, two in zip(own, other, strict=True)
    ]
    return min((distance for distance in apart if distance > 0.0), default=math.inf)


def columns(metal: Polygon, faces: tuple[float, ...], cell: float) -> FloatArray:
    """Where they stand, m: at the ends, the faces, corners, and every ``cell`` between."""
    low, _, high, _ = metal.bounds
    kept = [low, high, *(face for face in faces if low < face < high)]
    corners = [x for ring in (*metal.interiors, metal.exterior) for x, _ in ring.coords]
    for x in corners:
        if min(abs(x - other) for other in kept) >= CLOSEST * cell:
            kept.append(x)
    found = [np.array([low])]
    for start, end in itertools.pairwise(sorted(kept)):
        found.append(np.linspace(start, end, max(1, round((end - start) / cell)) + 1)[1:])
    return np.concatenate(found)


def connected_cell(polygon: Polygon, cell: float, gap: Gap | None, tolerance: float) -> float:
    """The largest of cell, cell/1.4, cell/2 ... whose grid hangs together.

    Raises :class:`GeometryError` where a sixth of ``cell`` still leaves the grid in pieces.
    """
    for step in range(6):
        smaller = cell / 1.4**step
        trial = WireGraph(tolerance)
        column_grid(trial, polygon, 0, smaller, gap)
        if trial.edges and trial.pieces() == 1:
            return smaller
    x, y = polygon.representative_point().coords[0]
    raise GeometryError(
        f"the shape round ({x:g}, {y:g}) m has parts too narrow for a wire grid of "
        f"{cell / 1.4**5:.2g} m; make them wider or use another solver"
    )
