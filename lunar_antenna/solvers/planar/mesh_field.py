"""How large cells should be: graded towards rims, corners and the feed, alike in every direction.

Charge and the current along a rim grow as 1/sqrt(distance).  Constant cells across half a strip
of width 2D hold them best where their ends stand at

    d_k = D (k/n)^q,    q = 3.5,    k = 0 .. n

from the rim: the effective radius of a long strip is then off by 0.016 for n = 2, 0.005 for n = 3
and 0.002 for n = 4 (relative; the minimum over all partitions is within 3 % of this law, computed
from the Galerkin solution of the strip in two dimensions).  As a spacing that is

    s(d) = (q/n) D^(1/q) d^(1-1/q)  for d < D,    (q/n) d  beyond,

and the same law, with D half the width of the metal that meets there, holds around corners.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import FloatArray

EXPONENT = 3.5  # q


@dataclass(frozen=True, slots=True)
class MeshSize:
    """What the mesher aims at.

    longest: m, longest spacing of nodes.  cells: n of the law above, cells from a rim to the
    middle of the metal.  feed: spacing at the corners of a feed tab as a fraction of its smaller
    side, growing away from them by feed_growth per metre.
    """

    longest: float
    cells: float
    feed: float = 0.5
    feed_growth: float = 1.0

    def coarser(self, factor: float) -> MeshSize:
        """Spacings larger by ``factor`` everywhere."""
        return MeshSize(
            self.longest * factor,
            self.cells / factor,
            self.feed * factor,
            self.feed_growth * factor,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """Points towards which cells shrink, m.

    corner (n, 2) with reach (n,) and cells (n,): corners of the metal, their D and n.
    feed (m, 2) with first (m,): corners of feed tabs and the spacing there.
    """

    corner: FloatArray
    reach: FloatArray
    cells: FloatArray
    feed: FloatArray
    first: FloatArray

    def turned(self, rotation: FloatArray) -> Sources:
        """In a frame with coordinates ``rotation @ point``."""
        return replace(self, corner=self.corner @ rotation.T, feed=self.feed @ rotation.T)

    def swapped(self) -> Sources:
        """With x and y exchanged."""
        return replace(self, corner=self.corner[:, ::-1], feed=self.feed[:, ::-1])


def corner_cells(reach: FloatArray, size: MeshSize) -> FloatArray:
    """n of each corner: fewer where little metal meets.

    What is lost at a corner falls as n^-3, like at a rim, but is only a part reach/longest of a
    wavelength long: n ~ reach^(1/3) keeps all corners alike.
    """
    share = np.cbrt(np.minimum(1.0, reach / size.longest))
    return np.asarray(np.maximum(1.0, size.cells * share))


def rim_spacing(
    distance: FloatArray, reach: FloatArray | float, cells: FloatArray | float
) -> FloatArray:
    """s(d) of the law, m; arrays broadcast."""
    relative = np.maximum(distance / reach, 1e-12)
    shape = np.where(relative < 1.0, relative ** (1.0 - 1.0 / EXPONENT), relative)
    return np.asarray(EXPONENT / cells * reach * shape)


def spacing_at(
    x: FloatArray, floor: float, ceiling: float, sources: Sources, size: MeshSize
) -> FloatArray:
    """Spacing wanted along x at positions ``x`` (n,), ascending, of lines from floor to ceiling.

    With floor = ceiling: of nodes on the straight line y = floor.  Distances to the sources are
    those of the nearest point of the line.
    """
    spacing = np.full(x.shape, size.longest)
    for points, is_feed in ((sources.corner, False), (sources.feed, True)):
        aside = np.maximum(0.0, np.maximum(floor - points[:, 1], points[:, 1] - ceiling))
        away = np.maximum(0.0, np.maximum(x[0] - points[:, 0], points[:, 0] - x[-1]))
        closest = np.hypot(aside, away)
        if is_feed:
            near = sources.first + size.feed_growth * closest < size.longest
        else:
            near = rim_spacing(closest, sources.reach, sources.cells) < size.longest
        if not near.any():
            continue
        distance = np.hypot(x[:, None] - points[near, 0], aside[near])
        if is_feed:
            wanted = sources.first[near] + size.feed_growth * distance
        else:
            wanted = rim_spacing(distance, sources.reach[near], sources.cells[near])
        spacing = np.minimum(spacing, wanted.min(axis=1))
    return spacing


_PARTS = 24
_TAU = (np.arange(_PARTS) + 0.5) / _PARTS
_ENDS = np.linspace(0.0, 1.0, _PARTS + 1)
# positions in (0, 1), dense at both ends as the law asks, the weight of each, and the ends
GRID = np.concatenate((0.5 * _TAU**EXPONENT, 1.0 - 0.5 * _TAU[::-1] ** EXPONENT))
_WEIGHT = 0.5 * EXPONENT / _PARTS * _TAU ** (EXPONENT - 1.0)
WEIGHT = np.concatenate((_WEIGHT, _WEIGHT[::-1]))
_STEP = np.arange(2 * _PARTS + 1) / (2.0 * _PARTS)


def _place(step: FloatArray) -> FloatArray:
    """Position in [0, 1] of the fraction ``step`` of the grid's cells."""
    low = 0.5 * np.clip(2.0 * step, 0.0, 1.0) ** EXPONENT
    high = 1.0 - 0.5 * np.clip(2.0 - 2.0 * step, 0.0, 1.0) ** EXPONENT
    return np.where(step <= 0.5, low, high)


def nodes_between(start: float, end: float, spacing: FloatArray, least: int = 1) -> FloatArray:
    """Nodes from ``start`` to ``end`` whose distances follow ``spacing`` at :data:`GRID`."""
    cumulative = np.concatenate(([0.0], np.cumsum((end - start) * WEIGHT / spacing)))
    count = max(least, int(np.ceil(cumulative[-1] - 0.05)))
    step = np.interp(np.linspace(0.0, cumulative[-1], count + 1), cumulative, _STEP)
    nodes = start + (end - start) * _place(step)
    nodes[0], nodes[-1] = start, end
    return np.asarray(nodes)
