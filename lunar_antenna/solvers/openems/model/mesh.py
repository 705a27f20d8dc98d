"""The graded mesh of a problem: lines at the metal's edges, two cells per gap, interface lines.

A gap is two cells between two exact lines, one of them left where the model is cut in its middle.
Edges lie outside the metal's last line by what the mesh itself adds to them (:mod:`.metal_lines`).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np

from ....conventions import SPEED_OF_LIGHT, FloatArray, IntArray
from ....problem import Problem
from .accuracy import ACCURACY, Density, coarser_across
from .grading import Axis, check_lines, with_pml
from .levels import stair_levels, step_of
from .metal_lines import put_lines
from .symmetry import Symmetry, find_symmetry

# Share of the longest wavelength that the near field in lossy soil needs below and beside the
# metal.  At 5 MHz over eps_r 4, tan delta 0.05 the resistance is 10 % low with 2 m, 6 % with 3 m,
# 2 % with 4 m (1/15), 1 % with 8 m.
NEAR_FIELD = 1 / 15
SNAP = 2e-3  # m: an air gap thinner than this is part of an effective box, not of the mesh
CONTRAST = 1.1  # ratio of eps_r between layers above which the interface gets a mesh line
THINNEST = 0.02  # m: layers thinner than this are averaged into the cells


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Mesh lines in m (absorbing layers included), the metal's plane and the mirror planes.

    plane: z of the metal's mesh line at the first gap.  k_plane: its index.  ratio: worst
    neighbour ratio.  stairs: z of all lines that carry metal, None without a relief.
    """

    x: FloatArray
    y: FloatArray
    z: FloatArray
    plane: float
    symmetry: Symmetry
    conductor_below: bool
    ratio: float
    stairs: FloatArray | None = None

    @property
    def levels(self) -> FloatArray:
        """(n,) z of the lines that carry metal, from below."""
        return np.array([self.plane]) if self.stairs is None else self.stairs

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.x), len(self.y), len(self.z)

    @property
    def cells(self) -> int:
        return len(self.x) * len(self.y) * len(self.z)

    @property
    def k_plane(self) -> int:
        return int(np.argmin(np.abs(self.z - self.plane)))

    @property
    def courant(self) -> float:
        """The Courant time step of the smallest cells, s; the engine's own is no smaller."""
        smallest = [float(np.diff(a).min()) for a in (self.x, self.y, self.z)]
        return 1.0 / (SPEED_OF_LIGHT * math.sqrt(sum(1.0 / s**2 for s in smallest)))

    def axis(self, index: int) -> FloatArray:
        return (self.x, self.y, self.z)[index]


def plane_of(problem: Problem) -> float:
    """z of the first gap in the mesh, m: its height, or the surface where the air is too thin."""
    height = problem.metal_height
    relief = problem.layout.relief
    if relief is not None:
        gap = problem.layout.gaps[0]
        height += float(relief.elevation(gap.x, gap.y))
    return 0.0 if problem.stack.layers and height < SNAP else height


def build_grid(
    problem: Problem, accuracy: str, *, symmetry: Symmetry | None = None, coarser: float = 1.0
) -> Grid:
    """The checked mesh.  coarser: factor on all cells but the gap, for error estimates; strips
    lose two of their cells across, down to one.
    """
    density = ACCURACY[accuracy]
    if coarser > 1.0:
        density = replace(density, across=coarser_across(density.across))
    layout = problem.layout
    if problem.stack.is_free_space:
        # nothing damps the near field there: at 3 m and 6 MHz r_sky is off by 1.2 %
        density = replace(density, margin=1.5 * density.margin)
    else:
        longest = SPEED_OF_LIGHT / float(problem.frequency.min())
        density = replace(density, margin=max(density.margin, NEAR_FIELD * longest))
    mirror = find_symmetry(layout) if symmetry is None else symmetry
    x0, y0, x1, y1 = layout.bounds
    larger = max(x1 - x0, y1 - y0)
    top = float(problem.frequency.max())
    eps = max((layer.eps_r for layer in problem.stack.layers), default=1.0)
    largest = min(coarser * SPEED_OF_LIGHT / top / math.sqrt(eps) / density.per_wavelength, 0.6)
    spans = [
        Axis(low - density.margin, high + density.margin, largest)
        for low, high in ((x0, x1), (y0, y1))
    ]

    staircase = layout.relief is not None

    def fill(fine: float | None) -> list[dict[str, float]]:
        for axis in spans:
            axis.clear()
        return [
            put_lines(axis, layout, index, density, larger * coarser, fine, staircase)
            for index, axis in enumerate(spans)
        ]

    def finest() -> float:
        size = min((size for axis in spans for _, size in axis.seeds), default=math.inf)
        return min(max(size, coarser * 0.0002 * larger), coarser * 0.0075 * larger)

    fill(None)  # strips depend on the cells along z, and these on all others
    wanted = fill(finest())
    fine = finest()
    axes: list[FloatArray] = []
    ratio = 1.0
    for index, axis in enumerate(spans):
        axis.odd_middle = index == 1 and mirror.y
        axis.even_middle = index == 0 and mirror.x
        outline = layout.film_outline
        if outline is not None:
            edge = (outline.bounds[index], outline.bounds[index + 2])
            axis.low = min(axis.low, edge[0] - 0.7 * density.margin)
            axis.high = max(axis.high, edge[1] + 0.7 * density.margin)
        lines = axis.lines()
        lines = with_pml(lines, True, True)
        ratio = max(ratio, check_lines("xy"[index], lines, wanted[index]))
        if index == 0 and mirror.x:
            lines = lines[lines > -1e-9]
            lines[0] = 0.0
        if index == 1 and mirror.y:
            first = int(np.flatnonzero(lines > 0.0)[0])
            lines = lines[first - 1 :]
        axes.append(lines)
    levels = stair_levels(problem, plane_of(problem), accuracy, fine, coarser)
    z, worst = _vertical(problem, density, levels, largest, fine)
    return Grid(
        axes[0],
        axes[1],
        z,
        plane_of(problem),
        mirror,
        problem.stack.has_conductor,
        max(ratio, worst),
        levels if levels.size > 1 else None,
    )


def _vertical(
    problem: Problem, density: Density, levels: FloatArray, largest: float, fine: float
) -> tuple[FloatArray, float]:
    """z lines: the metal's levels, the surface, strong interfaces; fine at the metal."""
    plane, top = float(levels[0]), float(levels[-1])
    layers = problem.stack.layers
    if levels.size > 1:
        fine = step_of(levels)
    required = {f"metal level {number}": float(z) for number, z in enumerate(levels, 1)}
    bottom = -density.margin if layers else plane - density.margin
    axis = Axis(bottom, top + density.margin, largest)
    axis.fixed.extend(float(z) for z in levels)
    axis.caps.append((plane, top, fine))
    if layers:
        required["surface"] = 0.0
        axis.fixed.append(0.0)
        if plane > 0.0:
            fine = min(fine, plane)
        axis.seeds.append((0.0, max(fine, 0.15 * plane)))
    axis.seeds.append((plane, fine))
    depth = 0.0
    for upper, lower in itertools.pairwise(layers):
        depth += upper.thickness
        if lower.is_conductor:
            axis.low = -depth
            break
        contrast = max(upper.eps_r, lower.eps_r) / min(upper.eps_r, lower.eps_r)
        if contrast > CONTRAST and upper.thickness > THINNEST:
            required[f"interface {len(required) - 1}"] = -depth
            axis.fixed.append(-depth)
            axis.low = min(axis.low, -depth - 0.7 * density.margin)
    conductor = problem.stack.has_conductor
    if conductor and len(layers) == 1:
        axis.low = 0.0
    axis.fixed = [line for line in axis.fixed if line >= axis.low - 1e-12]
    lines = with_pml(axis.lines(), not conductor, True)
    return lines, check_lines("z", lines, required)


def dual_lengths(lines: FloatArray) -> FloatArray:
    """Lengths of the dual edges around each line (half cells at the ends), m, (n,)."""
    cells = np.diff(lines)
    return np.concatenate((cells[:1] / 2.0, 0.5 * (cells[1:] + cells[:-1]), cells[-1:] / 2.0))


def nearest(lines: FloatArray, values: FloatArray) -> IntArray:
    """Index of the line nearest to each value."""
    return np.asarray(np.abs(lines[None, :] - np.asarray(values)[:, None]).argmin(axis=1))
