"""The metal's resistance, edge by edge of its plane.

An edge stands for the metal in its dual cell, a line along a rim for that up to the rim, where the
current crowds: F Z_s by the law of all solvers (:mod:`lunar_antenna.media.edge`).  Metal of little
resistance is perfect in the mesh and its F Z_s counts to first order.  That leaves the currents as
they were, so that the power into sky and soil is off by the first order where that of Z is right,
and fails at anti-resonances.  From RESISTIVE on each edge has its resistance at mid-band in the
mesh, and to first order counts only what it differs by at other frequencies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from shapely.geometry import MultiPolygon, Polygon

from ....conventions import ComplexArray, FloatArray, IntArray
from ....media.edge import rim_factor
from ....media.sheets import Metal
from ....problem import Problem
from .edge_laws import face_reach, rim_reaches
from .mesh import Grid, dual_lengths
from .outline import BoolArray, GapEdges
from .rims import GRAZING, PARALLEL, Outline, height_at, nodes_of, slot_of

RESISTIVE = 0.01  # ohm per square: above it the metal's resistance is part of the mesh
FIRST_ORDER = 0.5  # ohm per square: most on a staircase, which has none in the mesh
STEPS_PER_OCTAVE = 16  # resistances are rounded to this, so that few materials serve all edges
RIM_REACH = 5.0 / 6.0  # of a cell: metal that the line along a rim stands for
RIM_CURRENT = 0.947  # of a cell: metal whose current it carries


def middle(problem: Problem) -> float:
    """Hz, of the band."""
    return 0.5 * float(problem.frequency.min() + problem.frequency.max())


def sheet_resistance(problem: Problem) -> float:
    """Real part of the metal's sheet impedance at mid-band, ohm per square; 0 without metal."""
    metal = problem.layout.metal
    if metal is None:
        return 0.0
    return float(metal.sheet_impedance(np.array([middle(problem)]))[0].real)


@dataclass(frozen=True, slots=True, eq=False)
class RimEdges:
    """Metal edges along a rim that is not a third of a cell outside their line.

    reach, carried, share: (3, nx, ny) of the x and of the y edges: how far from the rim the metal
    is that the edge stands for, and that whose current it carries, m; how much of the edge lies
    along the rim.  All 0 for other edges.
    """

    along: tuple[FloatArray, FloatArray]

    def of(self, axis: npt.NDArray[Any], i: IntArray, j: IntArray) -> FloatArray:
        """(3, n) reach, carried and share of edges (n,)."""
        one, other = (part[:, i, j] for part in self.along)
        return np.where(axis == 0, one, other)


def find_rim_edges(
    shape: Polygon | MultiPolygon,
    grid: Grid,
    masks: tuple[BoolArray, BoolArray],
    gaps: tuple[GapEdges, ...],
) -> RimEdges:
    """Slanted rims of ``shape``, and faces of open slots beside ``gaps``, which are exact.

    masks: (nx, ny) of the metal's x and y edges.  For metal in one plane: none on a relief.
    """
    along = tuple(np.zeros((3, *mask.shape)) for mask in masks)
    if grid.levels.size > 1:
        return RimEdges((along[0], along[1]))
    outline = Outline(shape)
    for axis, mask in enumerate(masks):
        _slanted(outline, grid, mask, axis, along[axis])
    node, height = nodes_of(masks), height_at(grid)
    for gap in gaps:
        closed, factor, aspect = slot_of(grid, gap, node, masks, height)
        _faces(grid, gap, closed, (factor, aspect), masks[1 - gap.axis], along[1 - gap.axis])
    return RimEdges((along[0], along[1]))


def _slanted(outline: Outline, grid: Grid, mask: BoolArray, axis: int, found: FloatArray) -> None:
    """Edges along ``axis`` beside a slanted rim: where it is between this line and the next."""
    i, j = np.nonzero(rim_mask(mask, axis, grid.symmetry.y))
    start, line = (i, j) if axis == 0 else (j, i)
    lines, beside = grid.axis(axis), grid.axis(1 - axis)
    table = mask.T if axis == 0 else mask  # (line, start)
    inner = (line > 0) & (line < beside.size - 1)
    i, j, start, line = i[inner], j[inner], start[inner], line[inner]
    middle = 0.5 * (lines[start] + lines[start + 1])
    points = (middle, beside[line]) if axis == 0 else (beside[line], middle)
    depth, normal = outline.depth(*points)
    cells = np.diff(beside)
    up = ~table[line + 1, start]  # the rim is on that side
    cell, behind = (
        np.where(up, cells[line], cells[line - 1]),
        np.where(up, cells[line - 1], cells[line]),
    )
    share = normal[:, 1 - axis]
    position = np.clip(depth / np.maximum(share, GRAZING), 0.0, cell)
    places, reaches = rim_reaches()
    carried = cell * np.interp(position / cell, places, reaches)
    kept = normal.min(axis=1) > PARALLEL
    values = np.stack((position + 0.5 * behind, carried, share))
    found[:, i[kept], j[kept]] = values[:, kept]


def _faces(
    grid: Grid,
    gap: GapEdges,
    closed: BoolArray,
    slot: tuple[float, float],
    mask: BoolArray,
    found: FloatArray,
) -> None:
    """Edges on the faces of a slot that is open on the lines ``closed``, (factor, aspect) of it.

    A slot at 1 V has (2/pi) arcosh(1 + 2 s/g) up to s from its face, of charge and of current
    along it, so that a line that carries it up to r and stands for s has the resistance of
    s (arcosh(1 + 2 r/g) / arcosh(1 + 2 s/g))^2 of metal.
    """
    along = closed.copy()
    along[gap.across] = True  # most of an edge from the tab to its slot lies on the face
    pairs = np.flatnonzero(along[:-1] & along[1:] & (closed[:-1] | closed[1:]))
    lines = grid.axis(gap.axis)
    cell = (lines[gap.stop] - lines[gap.start]) / (gap.stop - gap.start)
    half = 0.5 * gap.cells * cell
    factor, aspect = slot
    own = math.acosh(1.0 + face_reach(gap.cells, aspect, factor) * cell / half)
    sides = [(gap.stop, gap.stop + 1)]
    if gap.cells == gap.stop - gap.start:  # else the other side is the mirror image
        sides.append((gap.start, gap.start - 1))
    for line, beyond in sides:
        reach = 0.5 * abs(float(lines[beyond] - lines[line]))
        carried = reach * (own / math.acosh(1.0 + reach / half)) ** 2
        rows = pairs[mask[(line, pairs) if gap.axis == 0 else (pairs, line)]]
        at = (line, rows) if gap.axis == 0 else (rows, line)
        found[(slice(None), *at)] = np.array([reach, carried, 1.0])[:, None]


def edge_resistances(
    problem: Problem, grid: Grid, masks: tuple[BoolArray, BoolArray], rims: RimEdges
) -> tuple[FloatArray, FloatArray] | None:
    """(nx, ny) ohm per square of the x and of the y edges that ``masks`` has on the metal, 0 off
    it; None where the metal is perfect in the mesh.
    """
    metal = problem.layout.metal
    if metal is None or problem.layout.relief is not None or sheet_resistance(problem) <= RESISTIVE:
        return None
    f = np.array([middle(problem)])
    result = []
    for axis, mask in enumerate(masks):
        i, j, size, rim, across = own_edges(grid, mask, axis)
        other = rims.of(np.full(i.size, axis), i, j)
        factor = edge_factor(metal, f, size, rim, across, other)[0]
        value = metal.sheet_impedance(f).real * factor.real
        ohm = np.zeros(mask.shape)
        ohm[i, j] = np.exp2(np.round(STEPS_PER_OCTAVE * np.log2(value)) / STEPS_PER_OCTAVE)
        if grid.symmetry.y:
            ohm[:, 0] = np.where(mask[:, 0], ohm[:, 1], 0.0)
        result.append(ohm)
    return result[0], result[1]


def own_edges(
    grid: Grid, mask: BoolArray, axis: int
) -> tuple[IntArray, IntArray, FloatArray, BoolArray, FloatArray]:
    """Nodes i and j, dual cell across (m), whether at a rim, and width of the conductor across (m)
    of each edge along ``axis`` of ``mask`` that is no mirror image and not in a wall, (n,) each."""
    own = mask.copy()
    if grid.symmetry.y:
        own[:, 0] = False  # the image of the first line
    if grid.symmetry.x and axis != 0:
        own[0] = False  # in the electric wall
    rim = rim_mask(mask, axis, grid.symmetry.y)[own]
    i, j = np.nonzero(own)
    size = dual_lengths(grid.axis(1 - axis))[(j, i)[axis]]
    level = np.zeros(i.size, dtype=int)
    return i, j, size, rim, width_across(np.full(i.size, axis), i, j, level, size, rim)


def rim_mask(mask: BoolArray, axis: int, mirrored: bool) -> BoolArray:
    """True where an edge on the metal lacks a neighbour across ``axis``."""
    padded = np.pad(mask, 1)
    if axis == 0:
        below, above = padded[1:-1, :-2].copy(), padded[1:-1, 2:]
        if mirrored:  # the line before the first one is its own image
            below[:, 1] = mask[:, 1]
    else:
        below, above = padded[:-2, 1:-1], padded[2:, 1:-1]
    return np.asarray(mask & ~(below & above))


def edge_factor(
    metal: Metal,
    frequency: FloatArray,
    size: FloatArray,
    rim: npt.NDArray[np.bool_],
    across: FloatArray,
    other: FloatArray | None = None,
) -> ComplexArray:
    """(n_freq, n) factor on the impedance of metal edges, 1 but along a rim, where current crowds.

    The line lies a third of a cell d inside the rim and stands for the metal up to a = 5d/6 from
    it, F(a) by the law of all solvers.  It carries what the metal carries up to 0.947 d, the
    outermost line of a wide strip on a square lattice (solved exactly; the next line carries less
    than its share), but half of the current where it is one of two.  across: (n,) width of the
    conductor, m.  other: (3, n) of :class:`RimEdges`, where they are not 0.
    """
    reach = RIM_REACH * size
    carried = np.where(reach > 0.4 * across, RIM_REACH, RIM_CURRENT) * size
    share = np.ones(size.shape)
    if other is not None:
        reach, carried, share = np.where(other[1] > 0.0, other, (reach, carried, share))
    factor = rim_factor(reach, metal, np.asarray(frequency)[:, None], across)
    return np.asarray(np.where(rim, 1.0 + share * (factor * size / carried - 1.0), 1.0))


def width_across(
    axis: npt.NDArray[Any],
    i: IntArray,
    j: IntArray,
    k: IntArray,
    size: FloatArray,
    rim: npt.NDArray[np.bool_],
) -> FloatArray:
    """(n,) width of the conductor across each of the metal's edges, m, all (n,).

    size: m, of the dual cells.  Edges of one direction beside each other; a run with one rim ends
    at a plane of symmetry.
    """
    reach = np.where(rim, RIM_REACH, 1.0) * size
    along, beside = np.where(axis == 0, i, j), np.where(axis == 0, j, i)
    order = np.lexsort((beside, k, along, axis))
    key = np.column_stack((axis, along, k, beside))[order]
    next_to = np.all(np.diff(key, axis=0) == [0, 0, 0, 1], axis=1)
    run = np.concatenate(([0], np.cumsum(~next_to)))[: order.size]
    total = np.bincount(run, reach[order])
    rims = np.bincount(run, rim[order])
    result = np.empty(order.size)
    result[order] = (total * np.where(rims == 1, 2.0, 1.0))[run]
    return result
