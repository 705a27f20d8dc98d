"""Near field to far field by equivalence: E and H on a closed box become currents that radiate.

    J = n x H,   M = -n x E,   n pointing outwards

radiate outside the box what the sources inside radiate, in the presence of the same stack
(Schelkunoff 1936; e.g. Harrington, Time-Harmonic Electromagnetic Fields, 1961, sec. 3-5).  Their
far field over layers follows from the reaction with the layered plane wave
(:mod:`lunar_antenna.radiation`), which the engine's own transform, made for a homogeneous
medium, cannot give.
"""

from __future__ import annotations

import numpy as np

from ....conventions import ComplexArray, FloatArray
from ....radiation import CurrentElements
from ..model.mesh import Grid, dual_lengths
from ..model.scene import Window
from .readers import Fields


def box_elements(grid: Grid, window: Window, fields: list[Fields]) -> CurrentElements:
    """Moments of the six faces of the recorded box, mirror images included.

    fields: one item per run.  Each mesh edge of a face with its E along b and the H across it
    (mean of the two half-cell neighbours of the face, weighted by distance) gives one element of
    length times dual length; error second order in the cell.
    """
    spans = (window.x, window.y, window.z)
    mirror = grid.symmetry
    positions, electric, magnetic = [], [], []
    for axis in range(3):
        b, c = (axis + 1) % 3, (axis + 2) % 3
        for upper in (False, True):
            if not upper and ((axis == 0 and mirror.x) or (axis == 1 and mirror.y)):
                continue
            node = spans[axis][1 if upper else 0]
            sign = 1.0 if upper else -1.0
            for along, other, turn in ((b, c, 1.0), (c, b, -1.0)):
                place, area = _places(grid, window, axis, node, along)
                e = _sample(fields, "electric", along, axis, node, window, along)
                h = _across(grid, fields, other, axis, node, window, along)
                j = np.zeros((*e.shape, 3), dtype=complex)
                m = np.zeros_like(j)
                j[..., along] = -turn * sign * h * area
                m[..., other] = -turn * sign * e * area
                positions.append(place)
                electric.append(j)
                magnetic.append(m)
    position, moments, extra = mirror.unfold(
        np.concatenate(positions),
        np.concatenate(electric, axis=2),
        np.concatenate(magnetic, axis=2),
    )
    return CurrentElements(position, moments, extra)


def _ranges(window: Window, along: int) -> list[tuple[int, int]]:
    spans = (window.x, window.y, window.z)
    return [(low, high if a == along else high + 1) for a, (low, high) in enumerate(spans)]


def _sample(
    fields: list[Fields],
    what: str,
    component: int,
    axis: int,
    node: int,
    window: Window,
    along: int,
) -> ComplexArray:
    """(n_freq, n_run, n) one component on a face, flattened over the edges along ``along``."""
    origin = fields[0].origin
    index: list[slice | int] = [
        slice(a - origin[i], b - origin[i]) for i, (a, b) in enumerate(_ranges(window, along))
    ]
    index[axis] = node - origin[axis]
    stacked = np.stack(
        [getattr(item, what)[(slice(None), component, *index)] for item in fields], axis=1
    )
    return np.asarray(stacked.reshape(*stacked.shape[:2], -1), dtype=complex)


def _across(
    grid: Grid,
    fields: list[Fields],
    component: int,
    axis: int,
    node: int,
    window: Window,
    along: int,
) -> ComplexArray:
    """H on the face itself, between its values half a cell below and above."""
    lines = grid.axis(axis)
    down, up = lines[node] - lines[node - 1], lines[node + 1] - lines[node]
    below = _sample(fields, "magnetic", component, axis, node - 1, window, along)
    above = _sample(fields, "magnetic", component, axis, node, window, along)
    return np.asarray((below * up + above * down) / (up + down))


def _places(
    grid: Grid, window: Window, axis: int, node: int, along: int
) -> tuple[FloatArray, FloatArray]:
    """Positions (n, 3) and areas (n,) of the edges along ``along`` on a face."""
    ranges = _ranges(window, along)
    coordinates: list[FloatArray] = []
    lengths: list[FloatArray] = []
    for index in range(3):
        lines = grid.axis(index)
        low, high = ranges[index]
        if index == axis:
            coordinates.append(lines[node : node + 1])
            lengths.append(np.ones(1))
        elif index == along:
            coordinates.append(0.5 * (lines[low:high] + lines[low + 1 : high + 1]))
            lengths.append(np.diff(lines)[low:high])
        else:
            coordinates.append(lines[low:high])
            dual = dual_lengths(lines)[low:high].copy()
            dual[-1] = 0.5 * (lines[high - 1] - lines[high - 2])
            if not (index == 1 and grid.symmetry.y):
                dual[0] = 0.5 * (lines[low + 1] - lines[low])
            lengths.append(dual)
    grids = np.meshgrid(*coordinates, indexing="ij")
    area = lengths[0][:, None, None] * lengths[1][:, None] * lengths[2]
    return np.column_stack([g.ravel() for g in grids]), area.ravel()
