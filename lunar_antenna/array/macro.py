"""Macro basis functions of one element at one frequency.

Primary: X_p, the current for 1 A at one port of the element alone, the others open.  Secondary:
X_s, currents that fields from outside drive in it while every gap is open,

    X_s = Z^-1 E - A y^-1 (V^T Z^-1 E),   A = Z^-1 V,   y = V^T A,

so that they carry no port current whatever their amplitudes.  E are the fields of the primary
currents of neighbours at some seventy places and turns, from the nearest on that the array has, and
of plane waves from the sky.  Of their responses those directions are kept that are seen most: by
the fields of the neighbours (Z), by the sky (the pattern) and by the element's own resistance (the
losses).  The singular values of what is seen, in ohm, say what is left out (macro basis functions:
Suter and Mosig 2000; Maaskant, Mittra and Tijhuis 2008; arXiv:1702.03781).  The element's own
sweep, without such fields, never becomes complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from shapely import affinity

from ..conventions import MU0, ComplexArray, wavenumber
from ..media.plane_wave import plane_wave_fields
from ..solvers.planar.matrices import Radial
from .blocks import Pose
from .element import Element, Grid, Sources

ANGLES = 12  # directions in which neighbours stand while functions are trained
DISTANCES = (1.0, 1.12, 1.35, 1.8, 2.6, 4.0)  # of the nearest in that direction
NODES = 12  # along each part, of the grids on which neighbours' fields act
# Plane waves are as strong as makes the open voltage |Z| 1 A.  As drive they stand for what is far
# away; what they see of a current is its pattern, of the peak of the primary's.
SKY_DRIVE, SKY_SEEN = 0.1, 0.3
SKY_THETA, SKY_PHI = 6, 12  # plane waves over the sky
SEED = 20261  # of the turns: the same training in every process


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """functions (n, p + k) A per A: primary of the ports, then secondary.

    left_out: largest singular value not kept over |Z|.
    """

    functions: ComplexArray
    ports: int
    left_out: float

    @property
    def count(self) -> int:
        return int(self.functions.shape[1])


class Driven:
    """An element at one frequency: its primary currents, and its response to fields."""

    def __init__(self, element: Element, index: int) -> None:
        from scipy.linalg import lu_factor, lu_solve

        self.element = element
        self.z = element.whole.matrix("z", index)
        self._factors = lu_factor(self.z)
        self._shorted = lu_solve(self._factors, element.vectors.astype(complex))
        gap: ComplexArray = np.linalg.inv(element.vectors.T @ self._shorted)
        self._gap: ComplexArray = np.asarray(0.5 * (gap + gap.T))
        self.primary: ComplexArray = self._shorted @ (self._gap @ element.series)
        self.impedance: ComplexArray = element.series.T @ self._gap @ element.series

    def response(self, field: ComplexArray) -> ComplexArray:
        """(n, m) currents that ``field`` (n, m) drives, all gaps open."""
        from scipy.linalg import lu_solve

        current = lu_solve(self._factors, field)
        vectors = self.element.vectors
        return np.asarray(current - self._shorted @ (self._gap @ (vectors.T @ current)))


def places(first: Element, second: Element, gap: float) -> list[Pose]:
    """Poses of ``second`` round ``first``: all directions, from metal ``gap`` m apart on."""
    generator = np.random.default_rng(SEED)
    two = second.problem.layout.surface
    found = []
    for number in range(ANGLES):
        direction = 2.0 * np.pi * (number + generator.random()) / ANGLES
        if number % 3 == 0:  # along the axes themselves, and not turned: the closest of all
            direction = 0.5 * np.pi * (number // 3)
        for ratio in DISTANCES:
            straight = number % 3 == 0 and ratio == 1.0
            turn = 0.0 if straight else 2.0 * np.pi * generator.random()
            turned = affinity.rotate(two, turn, origin=(0, 0), use_radians=True)
            distance = ratio * touching(first, second, direction, gap, turned)
            found.append(
                Pose(float(distance * np.cos(direction)), float(distance * np.sin(direction)), turn)
            )
    return found


def touching(
    first: Element, second: Element, direction: float, gap: float, turned: Any = None
) -> float:
    """Distance of origins along ``direction`` beyond which metal stays ``gap`` apart, m.

    turned: metal of the second element, where that is turned.
    """
    import shapely

    one, two = first.problem.layout.surface, turned
    if two is None:
        two = second.problem.layout.surface
    high = first.radius + second.radius + gap
    tried = np.linspace(0.0, high, 33)
    unit = np.array([np.cos(direction), np.sin(direction)])

    def apart(distance: float) -> bool:
        moved = affinity.translate(two, *(distance * unit))
        return bool(shapely.distance(one, moved) >= gap)

    # the nearest of the far side: further in, between the arms, there may be room as well
    last = max((k for k, item in enumerate(tried[:-1]) if not apart(float(item))), default=0)
    low, high = float(tried[last]), float(tried[last + 1])
    for _ in range(6):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if apart(middle) else (middle, high)
    return high


def train(
    driven: Driven,
    neighbours: Sequence[tuple[Driven, list[Pose]]],
    radial: Radial,
    grids: dict[str, Grid],
    cut: float,
) -> Macro:
    """Functions that neighbours and the sky excite by more than ``cut`` of |Z|.

    neighbours: each with its poses; grids: of every element by key.
    """
    element = driven.element
    scale = float(np.abs(driven.impedance).max())
    fields = []
    for other, where in neighbours:
        grid = grids[other.element.key]
        sources = other.element.on_grid(grid, other.primary)
        fields.append(_fields(radial, element, grids[element.key], sources, where))
    near = np.hstack(fields)
    sky = sky_fields(element, radial.frequency)
    sky *= scale / np.abs(sky.T @ driven.primary).max()
    field = np.hstack((near, SKY_DRIVE * sky))
    response = driven.response(field)
    resistance = driven.z.real @ driven.primary.conj()
    resistance *= scale / np.abs(driven.impedance.real).max()
    # what a current left out would be missed by: neighbours, the sky, and the element's own losses
    seen = np.hstack((near, near.conj(), SKY_SEEN * sky, resistance))
    _, singular, right = np.linalg.svd(seen.T @ response, full_matrices=False)
    kept = int(np.count_nonzero(singular > cut * scale))
    kept = min(kept, element.unknowns - element.vectors.shape[1])
    secondary, _ = np.linalg.qr(response @ right[:kept].conj().T)
    left_out = float(singular[kept] / scale) if kept < singular.size else 0.0
    return Macro(np.hstack((driven.primary, secondary)), element.ports, left_out)


def _fields(
    radial: Radial, element: Element, grid: Grid, sources: Sources, where: list[Pose]
) -> ComplexArray:
    """(n, m p) fields on ``element`` of copies of ``sources`` at every place."""
    parts = []
    for pose in where:
        c, s = np.cos(pose.angle), np.sin(pose.angle)
        a, phi = radial.impedance(grid.position, pose.move(sources.position))
        x, y = c * sources.x - s * sources.y, s * sources.x + c * sources.y
        parts.append((a @ x, a @ y, phi @ sources.charge))
    stacked = [np.hstack(item) for item in zip(*parts, strict=True)]
    return element.tested(grid, stacked[0], stacked[1], stacked[2])


def sky_fields(element: Element, frequency: float) -> ComplexArray:
    """(n, m) reactions with plane waves from the sky, both polarisations."""
    theta = np.arccos((np.arange(SKY_THETA) + 0.5) / SKY_THETA)
    phi = 2.0 * np.pi * (np.arange(SKY_PHI) + 0.5) / SKY_PHI
    theta, phi = (item.ravel() for item in np.meshgrid(theta, phi, indexing="ij"))
    grid = element.wave_grid(float(wavenumber(np.array(frequency))), 1e-6)
    position = np.column_stack(
        (grid.position, np.full(len(grid.position), element.problem.metal_height))
    )
    waves = plane_wave_fields(element.problem.stratification, frequency, theta, phi, position)
    electric = np.concatenate(waves.electric)  # (2 n_dir, n_node, 3)
    none = np.zeros((len(position), len(electric)), dtype=complex)
    return (
        -0.5j * frequency * MU0 * element.tested(grid, electric[..., 0].T, electric[..., 1].T, none)
    )
