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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray, IntArray
from ..solvers.planar.matrices import Projection, driving, enrich

# Of |dY|/|Y| at every frequency of a stack whose currents are taken: for Z, and for losses, which
# are of first order in the error of the current, the small share of the metal above all.
BAND, BAND_LOSSES = 1e-7, 1e-10
LOOKED = 10  # frequencies that are looked at in a sample
MOST_STACKS = 24  # solved in full


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """One parity class at the first level.

    matrices (r, r, n_column); drive (r, n_gap), zero columns for gaps that do not drive it.
    moments (2, n_grid, r) A m, along x and y, of 1 A in each function of the basis; no grid where
    Z alone was asked for.
    """

    matrices: FloatArray
    drive: FloatArray
    moments: FloatArray

    def currents(self, factors: ComplexArray) -> ComplexArray:
        """(n_freq, r, n_gap) for 1 V at each gap; factors (n_freq, n_column)."""
        r = len(self.drive)
        flat = self.matrices.reshape(r * r, -1).T
        z = (factors.real @ flat + 1j * (factors.imag @ flat)).reshape(-1, r, r)
        return np.asarray(
            np.linalg.solve(z, np.broadcast_to(self.drive, (len(z), *self.drive.shape)))
        )

    def forms(
        self, factors: Mapping[str, ComplexArray], current: ComplexArray
    ) -> dict[str, ComplexArray]:
        """(n_freq, p, p) of each name: y^H (sum_k c_k M_k) y, Hermitian.

        factors: c (n_freq, n_column) by name; current: y (n_freq, r, p).  The M_k are symmetric: of
        y^H M_k y only the real part of y y^H counts.
        """
        r, n_port = current.shape[1:]
        flat = self.matrices.reshape(r * r, -1)
        shape = (len(current), n_port, n_port)
        found = {name: np.empty(shape, dtype=complex) for name in factors}
        for p in range(n_port):
            for q in range(p, n_port):
                outer = current[:, :, p].conj()[:, :, None] * current[:, None, :, q]
                outer = outer.reshape(-1, r * r)
                form = outer.real @ flat
                if p != q:
                    form = form + 1j * (outer.imag @ flat)
                for name, value in factors.items():
                    sums = np.einsum("fk,fk->f", value, form)
                    found[name][:, p, q] = sums.real if p == q else sums
                    found[name][:, q, p] = found[name][:, p, q].conj()
        return found


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
    band: float,
    report: Callable[[float, str], None],
) -> tuple[Projection, float, int]:
    """The first level of one class: basis, worst estimate of |dY|/|Y| left, stacks solved.

    values (n, n, n_column); excitation (n, n_gap); factors (n_sample, n_freq, n_column).
    tolerance: of the estimate at every sample; band: at every frequency of the stacks solved.
    """
    projection = Projection(values, excitation[:, driving(excitation)])
    looked = looked_at(frequency.size)
    doubt = np.full(len(factors), np.inf)  # as the basis stood when the sample was last looked at
    following, solved = len(factors) - 1, 0
    while True:
        solved += 1
        enrich(projection, factors[following], frequency, band)
        doubt[following] = 0.0
        fresh = {following}
        # the basis only grows: a sample that is no longer the worst need not be looked at again
        while (worst := int(doubt.argmax())) not in fresh:
            seen = factors[worst][looked]
            doubt[worst] = projection.estimate(seen, projection.currents(seen)).max()
            fresh.add(worst)
            if solved > 1 and doubt[worst] <= tolerance and doubt.max() <= tolerance:
                break
        following, left = worst, float(doubt[worst])
        report(solved / MOST_STACKS, f"{solved} stacks solved, error about {left:.1g}")
        if left <= tolerance or solved >= min(MOST_STACKS, len(factors)):
            return projection, left, solved


def looked_at(count: int) -> IntArray:
    """Indices of the frequencies, of ``count``, at which a sample is judged."""
    return np.unique(np.linspace(0, count - 1, min(count, LOOKED)).round().astype(np.int64))


def first_level(projection: Projection, excitation: FloatArray, moments: FloatArray) -> Reduced:
    """moments (2, n_grid, n): of the functions of the class."""
    vectors = projection.vectors
    return Reduced(projection.matrices, vectors.T @ excitation, moments @ vectors)


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
