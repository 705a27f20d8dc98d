"""How large cells should be: graded towards rims, corners and the feed, alike in every direction.

Charge and the current along a rim grow as 1/sqrt(distance).  Cells across a strip of width 2D end
at

    d_k = D (k/n)^q,    q = 2,    k = 0 .. n

from either rim.  What constant cells then are off by is all but the same in every edge cell and
known, so that it is taken off there (:mod:`.rim_laws`); more cells serve what varies along the
strip too: bends of the current at corners, joints and the feed.  As a spacing,

    s(d) = (q/n) D^(1/q) d^(1-1/q)  for d < D,    (q/n) d  beyond,

and the same law, with D half the width of the metal that meets there, holds around corners.  Where
a rim faces another across a narrow gap D is twice the gap (:func:`.mesh_outline.reach_at`).  Little
metal needs few cells there, but the charge of a thin strip still varies as the logarithm of the
distance to its end, so that spacings grow no faster than those of wide metal do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import FloatArray
from .jit import compiled

EXPONENT = 2.0  # q; the laws of rims follow cells that grow by less than 5
# Three lines through the corner of a narrow strip: with two, a meander of sixteen bends was off by
# 14 % at its antiresonance, with three by 1 %.
LEAST = 1.05


@dataclass(frozen=True, slots=True)
class MeshSize:
    """What the mesher aims at.

    longest: m, longest spacing of nodes.  cells: n of the law above, cells from a rim to the
    middle of the metal.  corner: n around corners, see :func:`corner_cells`.  feed: n at the
    corners of a feed tab, where D is half of the tab's smaller side.  least: of n around a corner,
    however little metal meets there.  outline: by how much curves may be drawn straight, as a
    fraction of the metal's mean width.
    """

    longest: float
    cells: float
    corner: float
    feed: float
    least: float = LEAST
    outline: float = 0.0

    def coarser(self, factor: float) -> MeshSize:
        """Spacings larger by ``factor`` everywhere; bends keep two cells."""
        return replace(
            self,
            longest=self.longest * factor,
            cells=self.cells / factor,
            corner=self.corner / factor,
            feed=self.feed / factor,
            least=max(1.0, self.least / factor),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Points towards which cells shrink: corners of the metal and of feed tabs.

    point (n, 2) m; reach (n,) m and cells (n,): D and n of the law around each.  growth (n,): of
    the spacing beyond D, per metre.
    """

    point: FloatArray
    reach: FloatArray
    cells: FloatArray
    growth: FloatArray

    def turned(self, rotation: FloatArray) -> Sources:
        """In a frame with coordinates ``rotation @ point``."""
        return replace(self, point=np.ascontiguousarray(self.point @ rotation.T))

    def swapped(self) -> Sources:
        """With x and y exchanged."""
        return replace(self, point=np.ascontiguousarray(self.point[:, ::-1]))


def corner_cells(reach: FloatArray, size: MeshSize) -> FloatArray:
    """n of each corner: fewer where little metal meets.

    What is lost at a corner falls as n^-3, like at a rim, but is only a part reach/longest of a
    wavelength long: n ~ reach^(1/3) keeps all corners alike.
    """
    share = np.cbrt(np.minimum(1.0, reach / size.longest))
    return np.asarray(np.maximum(size.least, size.corner * share))


_PARTS = 24  # of the grid, from either end to the middle of a stretch


@compiled
def rim_spacing(distance: float, reach: float, cells: float, growth: float) -> float:
    """s(d) of the law, m, from D on growing by ``growth`` per metre."""
    relative = distance / reach
    if relative >= 1.0:
        return EXPONENT / cells * reach + growth * (distance - reach)
    return float(EXPONENT / cells * reach * max(relative, 1e-12) ** (1.0 - 1.0 / EXPONENT))


@compiled
def place(step: float) -> float:
    """Position in [0, 1] of the fraction ``step`` of a grid that is dense at both ends."""
    if step <= 0.5:
        return float(0.5 * (2.0 * step) ** EXPONENT)
    return float(1.0 - 0.5 * (2.0 - 2.0 * step) ** EXPONENT)


@compiled
def graded_nodes(
    start: float,
    end: float,
    floor: float,
    ceiling: float,
    point: FloatArray,
    reach: FloatArray,
    cells: FloatArray,
    growth: FloatArray,
    rims: FloatArray,
    rim_reach: FloatArray,
    rim_cells: float,
    finest: float,
    longest: float,
) -> FloatArray:
    """Nodes from ``start`` to ``end`` along x, of lines that reach from floor to ceiling in y.

    With floor = ceiling: nodes on the straight line y = floor.  point, reach, cells, growth: of
    :class:`Sources`; distances are those of the nearest point of the line.  rims: x of the rims
    among the ends, with D = rim_reach of each and n = rim_cells.
    """
    total = 2 * _PARTS
    cumulative = np.zeros(total + 1)
    for part in range(total):
        step = (part + 0.5) / total
        x = start + (end - start) * place(step)
        # dx per unit of step, of the same grid
        slope = EXPONENT * (2.0 * min(step, 1.0 - step)) ** (EXPONENT - 1.0)
        spacing = longest
        for k in range(reach.size):
            aside = max(0.0, floor - point[k, 1], point[k, 1] - ceiling)
            distance = np.hypot(x - point[k, 0], aside)
            spacing = min(spacing, rim_spacing(distance, reach[k], cells[k], growth[k]))
        for k in range(rims.size):
            distance = abs(x - rims[k])
            grown = rim_spacing(distance, rim_reach[k], rim_cells, EXPONENT / rim_cells)
            spacing = min(spacing, grown)
        weight = (end - start) * slope / total
        cumulative[part + 1] = cumulative[part] + weight / max(spacing, finest)
    count = max(1, int(np.ceil(cumulative[total] - 0.05)))
    nodes = np.empty(count + 1)
    nodes[0] = start
    nodes[count] = end
    part = 0
    for k in range(1, count):
        wanted = cumulative[total] * k / count
        while cumulative[part + 1] < wanted:
            part += 1
        share = (wanted - cumulative[part]) / (cumulative[part + 1] - cumulative[part])
        nodes[k] = start + (end - start) * place((part + share) / total)
    return nodes
