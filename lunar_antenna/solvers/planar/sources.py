"""Currents of the functions as point moments: what the far field is made of."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...radiation import CurrentElements
from .basis import Basis, ParityClass
from .rules import RULE_3
from .sky import SourceGrid


def point_moments(basis: Basis, parity: ParityClass) -> tuple[FloatArray, tuple[Any, Any]]:
    """Quadrature points (n_point, 2) m and, for x and y, the sparse (n_point, n_class) moments.

    Moments are those of 1 A in each function, A m: l/(2A) (r - v) times the point's share A/3.
    """
    from scipy.sparse import csr_array

    index = np.where(basis.index >= 0, parity.orbit[basis.index], -1)
    weight = np.where(index >= 0, basis.coefficient * parity.sign[basis.index], 0.0)
    n_t, n_q = len(index), RULE_3.shape[0]
    points = np.einsum("qi,tic->tqc", RULE_3, basis.corner).reshape(-1, 2)
    local = points.reshape(n_t, n_q, 1, 2) - basis.corner[:, None, :, :]  # (t, q, i, 2)
    share = 0.5 * weight[:, None, :, None] * local / n_q
    row = np.broadcast_to(np.arange(n_t * n_q).reshape(n_t, n_q, 1), (n_t, n_q, 3))
    column = np.broadcast_to(np.maximum(index, 0)[:, None, :], (n_t, n_q, 3))
    at = (row.ravel(), column.ravel())
    shape = (n_t * n_q, parity.count)
    return points, (
        csr_array((share[..., 0].ravel(), at), shape=shape),
        csr_array((share[..., 1].ravel(), at), shape=shape),
    )


def grid_moments(basis: Basis, parity: ParityClass, grid: SourceGrid) -> FloatArray:
    """(2, n_grid, n_class): moments along x and y of 1 A in each function, on the grid, A m."""
    points, moments = point_moments(basis, parity)
    spread = grid.spread(points).T  # (n_grid, n_point)
    return np.stack([np.asarray((part.T @ spread.T).T) for part in moments])


def densities(basis: Basis, parity: ParityClass) -> tuple[Any, Any]:
    """Sparse (n_t, n_class): x and y of the current density at the centroids, A/m for 1 A."""
    from scipy.sparse import csr_array

    index = np.where(basis.index >= 0, parity.orbit[basis.index], -1)
    weight = np.where(index >= 0, basis.coefficient * parity.sign[basis.index], 0.0)
    at = (np.repeat(np.arange(len(index)), 3), np.maximum(index, 0).ravel())
    shape = (len(index), parity.count)
    parts = []
    for axis in (0, 1):
        arm = basis.centroid[:, None, axis] - basis.corner[:, :, axis]
        values = 0.5 * weight * arm / basis.area[:, None]
        parts.append(csr_array((values.ravel(), at), shape=shape))
    return parts[0], parts[1]


def lifted(position: FloatArray, moments: ComplexArray, z: float) -> CurrentElements:
    """Moments (n_freq, p, n_grid, 2) A m per A at ``position`` (n_grid, 2) as currents at ``z``."""
    flat = np.zeros((*moments.shape[:-1], 1))
    return CurrentElements(
        np.column_stack((position, np.full(len(position), z))),
        np.concatenate((moments, flat), axis=-1),
    )
