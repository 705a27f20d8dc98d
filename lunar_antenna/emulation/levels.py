"""Currents solved at a few stacks carry all others: two levels of Galerkin projection.

One mesh has matrices M_k that every stack shares; x is the current for 1 V at a gap.

1. V holds an orthonormal basis, real, of the currents at all frequencies of a few stacks.  They are
   picked one at a time: of all samples of the box the one where the residual says that the
   admittance is worst (a greedy reduced basis; Hesthaven, Rozza & Stamm, Certified Reduced Basis
   Methods, 2016, ch. 3).  All losses and the far field are forms of V^T M_k V and of V's moments.
2. At one frequency the currents of all stacks span less still.  W_f, complex, is the proper
   orthogonal decomposition of the reduced currents of all samples at frequency f; the projection
   is bilinear, W^T Z W, as Z is symmetric and not Hermitian, so that the admittance stays
   quadratic in the error of the current.  Z alone comes from here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..solvers.planar.matrices import Projection, driving, enrich

BAND = 1e-8  # of |dY|/|Y| at every frequency of a stack whose currents are taken
STRIDE = 4  # of the frequencies that are looked at in a sample
MOST_STACKS = 24  # solved in full


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """One parity class at the first level.

    matrices (r, r, n_column); drive (r, n_gap), zero columns for gaps that do not drive it.
    """

    matrices: FloatArray
    drive: FloatArray

    def currents(self, factors: ComplexArray) -> ComplexArray:
        """(n_freq, r, n_gap) for 1 V at each gap; factors (n_freq, n_column)."""
        r = len(self.drive)
        flat = self.matrices.reshape(r * r, -1).T
        z = (factors.real @ flat + 1j * (factors.imag @ flat)).reshape(-1, r, r)
        return np.asarray(
            np.linalg.solve(z, np.broadcast_to(self.drive, (len(z), *self.drive.shape)))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Small:
    """One parity class at the second level, frequency by frequency.

    upper (n_freq, n_column, R (R + 1)/2): of W^T M_k W, the upper triangles row by row;
    drive (n_freq, R, n_gap).
    """

    upper: ComplexArray
    drive: ComplexArray

    def admittance(self, factors: ComplexArray) -> ComplexArray:
        """(n_freq, n_gap, n_gap) share of the class; factors (n_freq, n_column)."""
        count = self.drive.shape[1]
        row, column = np.triu_indices(count)
        z = np.empty((len(factors), count, count), dtype=complex)
        z[:, row, column] = np.matmul(factors[:, None, :], self.upper)[:, 0]
        z[:, column, row] = z[:, row, column]
        return np.asarray(np.swapaxes(self.drive, 1, 2) @ np.linalg.solve(z, self.drive))


def grow(
    values: FloatArray,
    excitation: FloatArray,
    factors: ComplexArray,
    frequency: FloatArray,
    tolerance: float,
    report: Callable[[float, str], None],
) -> tuple[Projection, float, int]:
    """The first level of one class: basis, worst estimate of |dY|/|Y| left, stacks solved.

    values (n, n, n_column); excitation (n, n_gap); factors (n_sample, n_freq, n_column).
    """
    projection = Projection(values, excitation[:, driving(excitation)])
    looked = slice(0, None, STRIDE) if frequency.size > 4 * STRIDE else slice(None)
    chosen: list[int] = []
    following = len(factors) - 1
    while True:
        chosen.append(following)
        enrich(projection, factors[following], frequency, BAND)
        worst = np.array(
            [projection.estimate(f, projection.currents(f)).max() for f in factors[:, looked]]
        )
        worst[chosen] = 0.0
        following = int(worst.argmax())
        left = float(worst[following])
        report(len(chosen) / MOST_STACKS, f"{len(chosen)} stacks solved, {left:.2g} left")
        if left <= tolerance or len(chosen) >= min(MOST_STACKS, len(factors)):
            return projection, left, len(chosen)


def first_level(projection: Projection, excitation: FloatArray) -> Reduced:
    return Reduced(projection.matrices, projection.vectors.T @ excitation)


def second_level(reduced: Reduced, factors: ComplexArray, tolerance: float) -> Small:
    """factors (n_sample, n_freq, n_column).  tolerance: of the largest direction, left out."""
    live = np.any(reduced.drive != 0.0, axis=0)
    currents = np.array([reduced.currents(f)[:, :, live] for f in factors])
    currents = np.moveaxis(currents, 0, 2)  # (n_freq, r, n_sample, n_gap)
    directions, rank = [], 1
    for part in currents.reshape(*currents.shape[:2], -1):
        u, s, _ = np.linalg.svd(part / np.linalg.norm(part, axis=0), full_matrices=False)
        directions.append(u)
        rank = max(rank, int(np.count_nonzero(s > tolerance * s[0])))
    return _small(reduced, [u[:, :rank] for u in directions])


def _small(reduced: Reduced, directions: Sequence[ComplexArray]) -> Small:
    count = directions[0].shape[1]
    row, column = np.triu_indices(count)
    r, _, n_column = reduced.matrices.shape
    flat = reduced.matrices.reshape(r, -1)
    upper = np.empty((len(directions), n_column, row.size), dtype=complex)
    for n, w in enumerate(directions):
        half = (w.T.real @ flat + 1j * (w.T.imag @ flat)).reshape(count, r, n_column)
        whole = np.einsum("ibk,bj->kij", half, w, optimize=True)
        upper[n] = whole[:, row, column]
    drive = np.array([w.T @ reduced.drive for w in directions])
    return Small(upper, drive)
