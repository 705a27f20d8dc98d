"""One scenario of a free-form study on its cells: impedance, sky share and pattern of any mask.

The far field is linear in the currents, so that what is asked of it are rows beside the feed's in
the same tableau (:mod:`.tableau`): with h the values of the rows at one volt,

    R_sky = W^T W  gives the power to the sky  |h_sky|^2/2  of  Re y/2  accepted,
    E(theta, phi)  gives the power density  |h_theta|^2 + |h_phi|^2,

the directions being a quarter of the upper hemisphere: the plate is the same in all four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray, IntArray
from ...media.plane_wave import plane_wave_fields
from ...pattern import CONE, short_dipole
from ...problem import Problem
from ...solvers.planar.matrices import cell_system, sources
from .cells import Cells, Mask
from .packed import Impedance
from .tableau import Tableau

RANK = 1e-7  # of the strongest way to the sky, power; what is weaker is left out
RINGS = np.deg2rad([20.0, 40.0, 60.0])  # with the zenith, directions of the cone
SPOKES = np.deg2rad([0.0, 22.5, 45.0, 67.5, 90.0])
OUTER = np.deg2rad(75.0)  # where else a maximum may be


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Of n_set masks: z (n_freq, n_set) ohm; share of the sky (n_freq, n_set), None if not asked.

    power (n_solved, n_dir, n_set) towards the directions of :func:`directions` at the frequencies
    ``solved``, None if not asked; short (n_solved, n_dir), the same of a short dipole.
    """

    frequency: FloatArray
    z: ComplexArray
    share: FloatArray | None = None
    power: FloatArray | None = None
    short: FloatArray | None = None
    solved: FloatArray | None = None

    def between(self, frequency: Sequence[float]) -> Seen:
        """With further frequencies (Hz) at which z and share are taken linear."""
        more = np.union1d(self.frequency, np.clip(frequency, *self.frequency[[0, -1]]))
        weight = np.array(
            [np.interp(more, self.frequency, row) for row in np.eye(self.frequency.size)]
        ).T
        share = None if self.share is None else weight @ self.share
        return replace(self, frequency=more, z=weight @ self.z, share=share)


def directions() -> tuple[FloatArray, FloatArray, Mask]:
    """theta, phi (rad) and which of them are within the cone; the zenith is the first."""
    theta = np.concatenate(([0.0], np.repeat(RINGS, SPOKES.size), np.full(SPOKES.size, OUTER)))
    phi = np.concatenate(([0.0], np.tile(SPOKES, RINGS.size + 1)))
    return theta, phi, theta <= CONE * 1.0001


class Model:
    """Cells of one soil and height.  shift (n_freq,) ohm and scale (n_freq,) correct z and share.

    sky, pattern: whether these are asked for.
    """

    def __init__(self, problem: Problem, cells: Cells, *, sky: bool, pattern: bool) -> None:
        made = cell_system(problem, cells.x, cells.y)
        ((parity, excitation),) = made.classes
        self.problem, self.frequency = problem, problem.frequency
        count = problem.frequency.size
        rows = np.zeros((count, 0, parity.count), dtype=complex)
        self.n_sky = 0
        if sky or pattern:
            to_sky = sources(problem, made.basis)
            lead = to_sky.moments(parity)
        if sky:
            ways = [_ways(lead.T @ (matrix @ lead)) for matrix in to_sky.sky]
            self.n_sky = max(len(item) for item in ways)
            padded = [np.pad(item, ((0, self.n_sky - len(item)), (0, 0))) for item in ways]
            rows = np.concatenate((rows, np.array(padded, dtype=complex)), axis=1)
        self.short: FloatArray | None = None
        if pattern:
            rows = np.concatenate((rows, _fields(problem, to_sky.position, lead)), axis=1)
            theta, phi, _ = directions()
            fields = [short_dipole(problem, f, theta, phi) for f in problem.frequency]
            self.short = np.array([np.abs(a) ** 2 + np.abs(b) ** 2 for a, b in fields])
        z = Impedance(made.values(parity), made.sheet_factors()["z"])
        self.tableau = Tableau(z, excitation[:, 0], made.cells(parity), rows)
        self.shift = np.zeros(count, dtype=complex)
        self.scale = np.ones(count)

    def go(self, mask: Mask) -> None:
        self.tableau.go(mask)

    def here(self) -> Seen:
        """Of the mask that it is at, n_set = 1."""
        return self._seen(self.tableau.y[:, None], self.tableau.h[:, :, None])

    def candidates(self, sets: Sequence[IntArray]) -> Seen:
        """Of the masks that differ by each set of functions."""
        return self._seen(*self.tableau.candidates(sets))

    def _seen(self, y: ComplexArray, h: ComplexArray) -> Seen:
        share = power = None
        size = np.abs(h) ** 2
        if self.n_sky:
            share = self.scale[:, None] * size[:, : self.n_sky].sum(axis=1) / y.real
        if self.short is not None:
            pairs = size[:, self.n_sky :].reshape(len(y), 2, -1, y.shape[1])
            power = pairs.sum(axis=1)
        return Seen(
            self.frequency, 1.0 / y + self.shift[:, None], share, power, self.short, self.frequency
        )


def _ways(resistance: FloatArray) -> FloatArray:
    """W (r, n) with R_sky = W^T W but for its weakest."""
    value, vector = np.linalg.eigh(resistance)
    kept = value > RANK * value[-1]
    return np.asarray((vector[:, kept] * np.sqrt(value[kept])).T)


def _fields(problem: Problem, position: FloatArray, lead: FloatArray) -> ComplexArray:
    """(n_freq, 2 n_dir, n): both polarisations per ampere in each function, to a common factor."""
    theta, phi, _ = directions()
    place = np.column_stack((position, np.full(len(position), problem.metal_height)))
    found = []
    for frequency in problem.frequency:
        waves = plane_wave_fields(problem.stratification, float(frequency), theta, phi, place)
        field = np.moveaxis(waves.electric[..., :2], 3, 2)  # (2, n_dir, 2, n_grid)
        found.append(field.reshape(2 * theta.size, -1) @ lead)
    return np.array(found)
