"""Reduced-basis sweep: a few solved frequencies serve the whole band, to a controlled error.

Z(f) = sum_k c_k(f) M_k with real symmetric M_k.  Let V hold an orthonormal basis of the real and
imaginary parts of the currents solved at some frequencies.  The Galerkin system V^T Z(f) V y =
V^T v is small, and its matrices V^T M_k V serve every frequency.  With the residual
rho = v - Z V y, orthogonal to V, the admittance v^T V y is off by exactly

    dY = rho^T Z^-1 rho,

quadratic in the error of the currents.  It is estimated by sum |rho_i|^2 / |Z_ii|, and the
frequency where it is largest between two solved ones is solved next until every frequency meets
the tolerance, or rounding is all that is left, or all are solved: a reduced-basis method with
Galerkin projection at several points.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ...common.lapack import solve_symmetric
from ...conventions import ComplexArray, FloatArray
from ...errors import SolverError

START = 6  # frequencies solved at first, Chebyshev points of the band
AT_ONCE = 2  # frequencies added between two looks at the residual
INDEPENDENT = 1e-10  # what is left of a normalised current after projection must exceed this
ROUNDING = 10.0  # times the estimate at solved frequencies, where rounding is the only error
WORK_BYTES = 160e6  # for the impedance matrices of the frequencies solved together
CHUNK = 256  # frequencies whose residuals are formed at once


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """Currents x(f) = vectors @ current[f] of one parity class, for 1 V at each gap.

    vectors (n, r), orthonormal; matrices (r, r, n_column), the projected M_k; current
    (n_freq, r, n_gap); estimate (n_freq,) of |dY|/|Y|; solved: indices of the frequencies
    that were solved in full.
    """

    vectors: FloatArray
    matrices: FloatArray
    current: ComplexArray
    estimate: FloatArray
    solved: tuple[int, ...]


class Projection:
    """A basis of currents that grows, and the matrices of one parity class seen through it.

    values (n, n, n_column), symmetric; drive (n, n_gap), of the gaps that drive the class.
    """

    def __init__(self, values: FloatArray, drive: FloatArray) -> None:
        n, _, n_column = values.shape
        self.values, self.drive = values, drive
        self.vectors = np.zeros((n, 0))  # (n, r), orthonormal
        self._images = np.zeros((0, n, n_column))  # V^T M_k
        self.matrices = np.zeros((0, 0, n_column))  # (r, r, n_column)

    def solve_fully(self, coefficient: ComplexArray) -> int:
        """Solve for the rows of ``coefficient`` in full; how much that adds to the basis."""
        n, _, n_column = self.values.shape
        found = _solutions(self.values, coefficient, self.drive)
        new = _independent(self.vectors, found)
        self.vectors = np.hstack((self.vectors, new))
        image = (new.T @ self.values.reshape(n, -1)).reshape(-1, n, n_column)
        self._images = np.concatenate((self._images, image))
        self.matrices = np.tensordot(self.vectors, self._images, axes=(0, 1))
        return int(new.shape[1])

    @property
    def projected(self) -> FloatArray:
        """(r, n_gap) the drive."""
        return np.asarray(self.vectors.T @ self.drive)

    def currents(self, coefficient: ComplexArray) -> ComplexArray:
        """(n_freq, r, n_gap) in the basis, for the rows of ``coefficient``."""
        return _small_systems(self.matrices, coefficient, self.projected)

    def estimate(self, coefficient: ComplexArray, current: ComplexArray) -> FloatArray:
        """(n_freq,) of |dY|/|Y| that the basis lacks."""
        index = np.arange(len(self.values))
        diagonal = np.abs(coefficient @ self.values[index, index].T)  # (n_freq, n)
        return _estimate(self._images, coefficient, current, self.drive, self.vectors, diagonal)


def driving(excitation: FloatArray) -> npt.NDArray[np.bool_]:
    """(n_gap,) which gaps drive the class of ``excitation`` (n, n_gap)."""
    return np.asarray(np.abs(excitation).max(axis=0) > 1e-9 * np.abs(excitation).max())


def enrich(
    projection: Projection, coefficient: ComplexArray, frequency: FloatArray, tolerance: float
) -> tuple[ComplexArray, FloatArray, tuple[int, ...]]:
    """Solve frequencies in full until every one is met: currents, estimate, which were solved.

    What the basis of ``projection`` holds already need not be solved again.
    """
    solved: list[int] = []
    added: list[int] = []
    if not projection.vectors.shape[1]:
        added = _first(frequency)
    while True:
        if added:
            solved = sorted(solved + added)
            projection.solve_fully(coefficient[added])
        current = projection.currents(coefficient)
        estimate = projection.estimate(coefficient, current)
        added = _next(estimate, solved, tolerance)
        if not added:
            return current, estimate, tuple(solved)


def reduce_band(
    values: FloatArray,
    coefficient: ComplexArray,
    frequency: FloatArray,
    excitation: FloatArray,
    tolerance: float,
) -> Reduced:
    """Solve sum_k coefficient[f, k] values[..., k] x = excitation at all frequencies.

    values (n, n, n_column), symmetric; coefficient (n_freq, n_column); frequency (n_freq,) Hz;
    excitation (n, n_gap).  tolerance: of the estimated |dY|/|Y| at every frequency; the currents
    are then good to about its square root in the norm of energy.

    Raises :class:`SolverError` where a matrix is singular.
    """
    live = driving(excitation)
    projection = Projection(values, excitation[:, live])
    current, estimate, solved = enrich(projection, coefficient, frequency, tolerance)
    full = np.zeros((*current.shape[:2], live.size), dtype=complex)
    full[:, :, live] = current
    return Reduced(projection.vectors, projection.matrices, full, estimate, solved)


def _first(frequency: FloatArray) -> list[int]:
    """Indices nearest to the Chebyshev points of the band; all where there are few."""
    if frequency.size <= START:
        return list(range(frequency.size))
    low, high = frequency[0], frequency[-1]
    wanted = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(
        np.pi * (np.arange(START) + 0.5) / START
    )
    return sorted({int(np.abs(frequency - f).argmin()) for f in wanted})


def _solutions(values: FloatArray, coefficient: ComplexArray, drive: FloatArray) -> FloatArray:
    """(n, 2 * n_solved * n_gap): normalised real and imaginary parts of the currents."""
    n = values.shape[0]
    flat = values.reshape(n * n, -1).T
    batch = int(max(1, WORK_BYTES // (32 * n * n)))
    parts: list[FloatArray] = []
    for start in range(0, len(coefficient), batch):
        rows = coefficient[start : start + batch]
        stack = np.empty((len(rows), n, n), dtype=complex)
        stack.real = (rows.real @ flat).reshape(stack.shape)
        stack.imag = (rows.imag @ flat).reshape(stack.shape)
        for z in stack:
            x, solved = solve_symmetric(z, drive)
            if not solved or not np.isfinite(x).all():
                raise SolverError(
                    "planar solver: the impedance matrix is singular; check the layout"
                )
            parts.extend((x.real, x.imag))
    stacked = np.hstack(parts)
    norm = np.linalg.norm(stacked, axis=0)
    return np.asarray(stacked[:, norm > 0.0] / norm[norm > 0.0])


def _independent(vectors: FloatArray, candidates: FloatArray) -> FloatArray:
    """Orthonormal basis of what ``candidates`` add to the span of ``vectors``."""
    for _ in range(2):  # twice is enough for orthogonality to rounding
        candidates = candidates - vectors @ (vectors.T @ candidates)
    left, size, _ = np.linalg.svd(candidates, full_matrices=False)
    new = left[:, size > INDEPENDENT]
    new -= vectors @ (vectors.T @ new)
    return np.asarray(np.linalg.qr(new)[0])


def _small_systems(
    matrices: FloatArray, coefficient: ComplexArray, drive: FloatArray
) -> ComplexArray:
    """(n_freq, r, n_gap) solutions of the projected systems."""
    r = matrices.shape[0]
    flat = matrices.reshape(r * r, -1).T
    z = (coefficient.real @ flat + 1j * (coefficient.imag @ flat)).reshape(-1, r, r)
    return np.asarray(np.linalg.solve(z, np.broadcast_to(drive, (len(z), *drive.shape))))


def _estimate(
    images: FloatArray,
    coefficient: ComplexArray,
    current: ComplexArray,
    drive: FloatArray,
    vectors: FloatArray,
    diagonal: FloatArray,
) -> FloatArray:
    """(n_freq,) sum |rho_i|^2 / |Z_ii| over |Y|, the worst gap counting."""
    r, n, n_column = images.shape
    flat = np.ascontiguousarray(np.swapaxes(images, 1, 2)).reshape(r * n_column, n)
    projected = vectors.T @ drive
    worst = np.zeros(len(coefficient))
    for start in range(0, len(coefficient), CHUNK):
        part = slice(start, start + CHUNK)
        for gap in range(drive.shape[1]):
            y = current[part, :, gap]
            weight = (y[:, :, None] * coefficient[part, None, :]).reshape(len(y), -1)
            real = drive[:, gap] - weight.real @ flat
            imaginary = weight.imag @ flat
            error = ((real**2 + imaginary**2) / diagonal[part]).sum(axis=1)
            admittance = np.abs(y @ projected[:, gap])
            worst[part] = np.maximum(worst[part], error / admittance)
    return worst


def _next(estimate: FloatArray, solved: list[int], tolerance: float) -> list[int]:
    """The worst frequency of each of the worst stretches between solved ones, none when done."""
    allowed = max(tolerance, ROUNDING * float(estimate[solved].max(initial=0.0)))
    edges = [-1, *solved, estimate.size]
    worst = [
        low + 1 + int(estimate[low + 1 : high].argmax())
        for low, high in pairwise(edges)
        if high - low > 1
    ]
    missing = [index for index in worst if estimate[index] > allowed]
    return sorted(missing, key=lambda index: -estimate[index])[:AT_ONCE]
