"""z levels of the staircase that stands for a film with a relief.

A relief becomes horizontal sheets on equally spaced levels, joined by vertical risers.  The
first gap lies exactly on a level; where the staircase comes near the soil the surface is one too.
"""

from __future__ import annotations

import math

import numpy as np

from ....conventions import FloatArray
from ....errors import SolverError
from ....geometry.layout import Layout
from ....problem import Problem

# Steps over the whole height of the relief, by accuracy.
STEPS = {"draft": 4.0, "normal": 8.0, "fine": 12.0}
LOWEST_STEP = 2e-4  # of the layout's larger side: lower ones cost time steps and change nothing
NEAR_SURFACE = 3.0  # steps: below that height the surface is a level of the staircase
MOST = 400


def height_above_gap(layout: Layout, x: FloatArray, y: FloatArray) -> FloatArray:
    """Elevation of the staircase's model above the first gap, m, at plan coordinates (m).

    Within one gap length round a gap it is that of the gap's centre: gaps are flat.
    """
    first = layout.gaps[0]
    if layout.relief is None:
        return np.zeros(np.broadcast_shapes(np.shape(x), np.shape(y)))
    z = layout.relief.elevation(x, y)
    for gap in layout.gaps:
        ux, uy = gap.direction
        along = np.abs((x - gap.x) * ux + (y - gap.y) * uy)
        across = np.abs((y - gap.y) * ux - (x - gap.x) * uy)
        flat = (along < 1.5 * gap.length) & (across < 0.5 * gap.width + gap.length)
        z = np.where(flat, layout.relief.elevation(gap.x, gap.y), z)
    return np.asarray(z - layout.relief.elevation(first.x, first.y))


def stair_levels(
    problem: Problem, plane: float, accuracy: str, largest: float, coarser: float = 1.0
) -> FloatArray:
    """z of all levels (m, increasing) of a staircase whose first gap lies at z = ``plane``.

    largest: m, no step is higher.  coarser: factor on the steps.  One level without a relief.
    Raises :class:`SolverError` for a staircase of more than ``MOST`` levels.
    """
    layout = problem.layout
    if layout.relief is None:
        return np.array([plane])
    origin = float(layout.relief.elevation(layout.gaps[0].x, layout.gaps[0].y))
    low, high = (plane + value - origin for value in layout.elevations)
    if high - low < 1e-9:
        return np.array([plane])
    x0, y0, x1, y1 = layout.bounds
    step = coarser * max((high - low) / STEPS[accuracy], LOWEST_STEP * max(x1 - x0, y1 - y0))
    step = min(step, largest)
    soil = bool(problem.stack.layers)
    touches = soil and low < NEAR_SURFACE * step
    if touches and plane > 0.0:
        step = plane / math.ceil(plane / step - 1e-9)
    first, last = (round((value - plane) / step) for value in (low, high))
    if last - first >= MOST:
        raise SolverError(
            f"openEMS mesh: the relief needs {last - first + 1} levels of {step:.3g} m, allowed "
            f"{MOST}; lift the feed off the surface or use a lower relief"
        )
    levels = plane + step * np.arange(first, last + 1)
    if touches:
        levels[np.abs(levels) < 1e-6 * step] = 0.0
        levels = levels[levels >= 0.0]
    levels[int(np.argmin(np.abs(levels - plane)))] = plane
    return np.asarray(levels)


def step_of(levels: FloatArray) -> float:
    """Height of a step, m; 0 for one level."""
    return float(levels[1] - levels[0]) if levels.size > 1 else 0.0
