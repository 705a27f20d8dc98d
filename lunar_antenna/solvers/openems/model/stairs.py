"""The staircase: which mesh edges are metal, on levels and in the risers between them.

Each plan edge of the sheet lies on the level nearest to the elevation of its middle, one across
the slope on one that an edge along the slope also reaches (no ribs, no flaps at tips).  A node
whose edges lie on different levels carries vertical edges between them (the riser), and riser
edges of neighbouring nodes are joined level by level, so that a riser is a closed sheet and
current passes from level to level wherever the sheet does.

Error of a staircase of slope s: the current's path is 1 + |s| times the plan, that of the film
sqrt(1 + s^2), so that each unit of plan is too long by x = 1 + |s| - sqrt(1 + s^2).  Interaction
over distances beyond a few cells follows the mean plane and is right; what is left is the
inductance of the risers themselves, (mu0 / 2 pi) L per metre of riser, in series with that of the
antenna, (mu0 / 2 pi) (ln(8 l / w) - 1) per metre (length l, width w).  The mesh carries the
magnetic field of a riser in cells of length d along the film, however low the riser is, so that
lower steps do not help and shorter cells do: L = 2.4 sqrt(d / w), fitted to strips 0.06, 0.2 and
0.6 m wide tilted by 0.05 to 0.2 rad, d = 0.12 and 0.32 m, to a factor of 2.  The antenna is
electrically too long by

    e = 1/2 <x> L / (ln(8 l / w) - 1)        (first order; <> is the mean over the metal)

and by <x>, the path itself, at most.  The resonance falls by e and |dZ| = |f dZ/df| e.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

from ....conventions import FloatArray, IntArray
from ....geometry.layout import Layout
from ....problem import Problem
from .levels import height_above_gap, step_of
from .mesh import Grid, nearest
from .outline import BoolArray, GapEdges, metal_masks, runs

RISER = 2.4  # fitted, see above


@dataclass(frozen=True, slots=True, eq=False)
class Stairs:
    """The sheet as mesh edges; indices of nodes as everywhere, z index k.

    level: (nx, ny) k of the x edges, of the y edges, of the nodes' film.  metal: plan masks of
    the x and y edges.  extra: (n, 3) i, j, k of further horizontal metal edges along x, y, in the
    risers.  risers: (n, 3) i, j, k of the vertical ones; riser_across: (n,) True where the film
    rises along y rather than x; riser_rim: (n,) True at the side of a riser.
    """

    level: tuple[IntArray, IntArray, IntArray]
    metal: tuple[BoolArray, BoolArray]
    extra: tuple[IntArray, IntArray]
    risers: IntArray
    riser_across: BoolArray
    riser_rim: BoolArray

    @property
    def used(self) -> list[int]:
        """k of all levels that carry nodes, from below."""
        return [int(k) for k in np.unique(self.level[2])]


def build_stairs(
    layout: Layout, grid: Grid, metal: Polygon | MultiPolygon, gaps: tuple[GapEdges, ...]
) -> Stairs:
    """The staircase of ``layout`` on ``grid``; one level where it has no relief."""
    masks = metal_masks(metal, grid)
    level = (
        _levels(layout, grid, _middles(grid.x), grid.y),
        _levels(layout, grid, grid.x, _middles(grid.y)),
        _levels(layout, grid, grid.x, grid.y),
    )
    none = np.zeros((0, 3), dtype=np.int64)
    if grid.levels.size == 1:
        return Stairs(level, masks, (none, none), none, np.zeros(0, bool), np.zeros(0, bool))
    spans = [_span(mask, k, axis) for axis, (mask, k) in enumerate(zip(masks, level, strict=False))]
    level = (
        _supported(layout, grid, level[0], spans[1], 0),
        _supported(layout, grid, level[1], spans[0], 1),
        level[2],
    )
    spans = [_span(mask, k, axis) for axis, (mask, k) in enumerate(zip(masks, level, strict=False))]
    for gap in gaps:
        for end in (gap.start, gap.stop):
            at = (end, gap.across) if gap.axis == 0 else (gap.across, end)
            for low, high in spans:
                touched = high[at] >= 0
                low[at] = np.where(touched, np.minimum(low[at], gap.level), low[at])
                high[at] = np.where(touched, np.maximum(high[at], gap.level), high[at])
    extra = (
        _joined(masks[0], level[0], spans[1], 0),
        _joined(masks[1], level[1], spans[0], 1),
    )
    low = np.minimum(spans[0][0], spans[1][0])
    high = np.maximum(spans[0][1], spans[1][1])
    risers = [
        (int(i), int(j), k)
        for i, j in zip(*np.nonzero(high > low), strict=True)
        for k in range(int(low[i, j]), int(high[i, j]))
    ]
    heights = [top - bottom for bottom, top in spans]
    across = [bool(heights[1][i, j] > heights[0][i, j]) for i, j, _ in risers]
    known = set(risers)
    rim = [
        not {(i - y, j - 1 + y, k), (i + y, j + 1 - y, k)} <= known
        for (i, j, k), y in zip(risers, across, strict=True)
    ]
    return Stairs(
        level,
        masks,
        extra,
        np.array(risers, dtype=np.int64).reshape(-1, 3),
        np.array(across, dtype=bool),
        np.array(rim, dtype=bool),
    )


def _middles(lines: FloatArray) -> FloatArray:
    return np.append(0.5 * (lines[1:] + lines[:-1]), lines[-1])


def _levels(layout: Layout, grid: Grid, x: FloatArray, y: FloatArray) -> IntArray:
    """(nx, ny) index of the z line of the level nearest to the film at plan points."""
    if grid.levels.size == 1:
        return np.full((x.size, y.size), grid.k_plane, dtype=np.int64)
    z = grid.plane + height_above_gap(layout, x[:, None], y[None, :])
    lines = nearest(grid.z, grid.levels)
    between = 0.5 * (grid.levels[1:] + grid.levels[:-1])
    return np.asarray(lines[np.searchsorted(between, z)])


def _span(mask: BoolArray, level: IntArray, axis: int) -> tuple[IntArray, IntArray]:
    """(nx, ny) lowest and highest level of the metal edges along ``axis`` that meet at a node."""
    most = np.iinfo(np.int64).max
    low, high = np.where(mask, level, most), np.where(mask, level, -1)
    before_low, before_high = np.roll(low, 1, axis=axis), np.roll(high, 1, axis=axis)
    edge = (0, slice(None)) if axis == 0 else (slice(None), 0)
    before_low[edge], before_high[edge] = most, -1
    return np.minimum(low, before_low), np.maximum(high, before_high)


def _supported(
    layout: Layout, grid: Grid, level: IntArray, span: tuple[IntArray, IntArray], axis: int
) -> IntArray:
    """Levels of the edges along ``axis``, those across the slope held within ``span``."""
    assert layout.relief is not None
    lines = [grid.x, grid.y]
    lines[axis] = _middles(lines[axis])
    slope = np.abs(layout.relief.gradient(lines[0][:, None], lines[1][None, :]))
    low = np.minimum(span[0], np.roll(span[0], -1, axis=axis))
    high = np.maximum(span[1], np.roll(span[1], -1, axis=axis))
    held = (slope[axis] <= slope[1 - axis]) & (high >= 0)
    return np.where(held, np.clip(level, low, np.maximum(low, high)), level)


def _joined(
    mask: BoolArray, level: IntArray, span: tuple[IntArray, IntArray], axis: int
) -> IntArray:
    """Edges along ``axis`` in a riser that both their nodes share, besides that on its level.

    span: of the metal edges across ``axis``.
    """
    low = np.maximum(span[0], np.roll(span[0], -1, axis=axis))
    high = np.minimum(span[1], np.roll(span[1], -1, axis=axis))
    found = [
        (int(i), int(j), k)
        for i, j in zip(*np.nonzero(mask & (high > low)), strict=True)
        for k in range(int(low[i, j]), int(high[i, j]) + 1)
        if k != level[i, j]
    ]
    return np.array(found, dtype=np.int64).reshape(-1, 3)


def wires(stairs: Stairs, grid: Grid) -> list[tuple[FloatArray, FloatArray]]:
    """Straight runs of metal edges, (start, end) in m, for the engine."""
    found = []
    for axis in (0, 1):
        mask, level, extra = stairs.metal[axis], stairs.level[axis], stairs.extra[axis]
        for k in np.unique(np.append(level[mask], extra[:, 2])):
            here = mask & (level == k)
            more = extra[extra[:, 2] == k]
            here[more[:, 0], more[:, 1]] = True
            for line, first, last in runs(here, axis):
                nodes = [(n, line) if axis == 0 else (line, n) for n in (first, last)]
                found.append(tuple(_point(grid, i, j, int(k)) for i, j in nodes))
    for i, j in np.unique(stairs.risers[:, :2], axis=0):
        column = stairs.risers[(stairs.risers[:, 0] == i) & (stairs.risers[:, 1] == j), 2]
        ends = (int(column.min()), int(column.max()) + 1)  # unbroken by construction
        found.append(tuple(_point(grid, int(i), int(j), k) for k in ends))
    return found  # type: ignore[return-value]


def _point(grid: Grid, i: int, j: int, k: int) -> FloatArray:
    return np.array([grid.x[i], grid.y[j], grid.z[k]])


def tread(stairs: Stairs, grid: Grid, k: int, outline: Polygon | MultiPolygon) -> Polygon:
    """The part of ``outline`` whose film lies on level ``k``: whole dual cells of nodes."""
    if grid.levels.size == 1:
        return outline
    here = stairs.level[2] == k
    x, y = _borders(grid.x), _borders(grid.y)
    boxes = []
    j = 0
    while j < here.shape[1]:
        stop = j + 1
        while stop < here.shape[1] and np.array_equal(here[:, stop], here[:, j]):
            stop += 1
        steps = np.diff(np.concatenate(([0], here[:, j].astype(int), [0])))
        for a, b in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
            boxes.append(box(x[a], y[j], x[b], y[stop]))
        j = stop
    return shapely.intersection(unary_union(boxes), outline)


def _borders(lines: FloatArray) -> FloatArray:
    return np.concatenate(([lines[0] - 1.0], 0.5 * (lines[1:] + lines[:-1]), [lines[-1] + 1.0]))


def path_excess(problem: Problem, grid: Grid, stairs: Stairs) -> tuple[float, float]:
    """(first-order estimate e, bound <x>) of the electrical length too much, relative.

    See the module's docstring; the width is the metal's area over its larger side.
    """
    relief = problem.layout.relief
    if relief is None or grid.levels.size == 1:
        return 0.0, 0.0
    x0, y0, x1, y1 = problem.layout.bounds
    axis = 0 if x1 - x0 >= y1 - y0 else 1
    length = max(x1 - x0, y1 - y0)
    width = problem.layout.metal_area / length
    i, j = np.nonzero(stairs.metal[axis])
    cell = np.diff(grid.axis(axis), append=0.0)[i if axis == 0 else j]
    slope = relief.gradient(grid.x[i], grid.y[j])
    excess = 1.0 + np.abs(slope).sum(axis=0) - np.hypot(1.0, np.hypot(*slope))
    riser = RISER * np.sqrt(cell / width)
    share = np.minimum(1.0, 0.5 * riser / (math.log(8.0 * length / width) - 1.0))
    mean, bound = (float((v * cell).sum() / cell.sum()) for v in (excess * share, excess))
    return mean, bound


def stair_error(
    problem: Problem, grid: Grid, stairs: Stairs, steep: FloatArray
) -> tuple[dict[str, Any], FloatArray, tuple[str, ...]]:
    """What a solution says of its staircase: (details, |dZ|/|Z| (n_freq,), notes).

    steep: (n_freq,) |dZ/d ln f| / |Z|.  Empty and zero on a plane.
    """
    if grid.levels.size == 1:
        return {}, np.zeros(steep.shape), ()
    excess, bound = path_excess(problem, grid, stairs)
    error = np.asarray(excess * steep)
    step = step_of(grid.levels)
    details = {
        "stair_height": step,
        "stair_levels": grid.levels.size,
        "stair_excess": excess,
        "stair_excess_bound": bound,
        "stair_z_error": error,
    }
    note = (
        f"relief as a staircase of {grid.levels.size} levels {step:.3g} m apart: its risers make "
        f"the antenna electrically longer by about {100 * excess:.2g} % (at most "
        f"{100 * bound:.2g} %), in |Z| up to {100 * error.max():.2g} %, part of z_error"
    )
    return details, error, (note,)
