"""Quadrature over the elevations from which a stratification is seen."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..conventions import FloatArray
from ..errors import SolverError
from .plane_wave import line_fields
from .stratification import Placed, Stratification

ELEVATIONS = 12  # Gauss-Legendre points over cos theta for a half-space, to 1e-11
TOLERANCE = 1e-7  # of the integral of the line's own waves
MOST = 3072  # points


@lru_cache(maxsize=64)
def half_sphere(count: int) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes in cos theta from 0 to 1, and weights that sum to 1."""
    if count <= 100:
        nodes, weights = np.polynomial.legendre.leggauss(count)
    else:  # numpy's takes count^3
        from scipy.special import roots_legendre

        nodes, weights = roots_legendre(count)
    return 0.5 * (nodes + 1.0), 0.5 * weights


def elevations(stratification: Stratification, frequency: FloatArray, heights: FloatArray) -> int:
    """Gauss-Legendre points in cos theta over the upper half for the line's own waves.

    frequency: Hz, the most of any of them counts.  heights: z in m of the sources.  So many
    integrate |V|^2 of both polarisations and |E_z|^2 to :data:`TOLERANCE`: as many more give
    the same.  The fringes of single reflections are a first guess; standing waves between two good
    reflectors need more.  Raises SolverError beyond :data:`MOST`.
    """
    if not stratification.reflects:
        return ELEVATIONS
    placed = stratification.placed
    count = ELEVATIONS + max(sum(stratification.fringes(float(f))) for f in frequency)
    found = _integrals(placed, frequency, heights, count)
    while 2 * count <= MOST:
        finer = _integrals(placed, frequency, heights, 2 * count)
        if np.all(np.abs(finer - found) <= TOLERANCE * finer.max(axis=0)):
            return count
        count, found = 2 * count, finer
    raise SolverError(
        f"the power to the sky over these layers needs more than {MOST} elevations; give the "
        "deep layers losses, or a half-space in place of what reflects below them"
    )


def _integrals(
    placed: Placed, frequency: FloatArray, heights: FloatArray, count: int
) -> FloatArray:
    """(3, n_freq, n_height) integrals over cos theta from 0 to 1."""
    cos_t, weights = half_sphere(count)
    every = np.tile(cos_t, frequency.size)
    f = np.repeat(frequency, count)
    v_tm, _, e_z = line_fields(placed, f, every, heights, "tm")
    v_te, _, _ = line_fields(placed, f, every, heights, "te")
    parts = np.stack(
        (
            np.abs(v_tm) ** 2 * every[:, None] ** 2,
            np.abs(v_te) ** 2,
            np.abs(e_z) ** 2 * (1.0 - every[:, None] ** 2),
        )
    ).reshape(3, frequency.size, count, heights.size)
    return np.asarray(np.einsum("afnz,n->afz", parts, weights))
