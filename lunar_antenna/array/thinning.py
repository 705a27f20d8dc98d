"""Fewer nodes for what is far away or smooth: those of a grid that its fields need, and no others.

The fields of all nodes at places where neighbours stand,

    G = [K(rho_place,node)]  ~  G[:, kept] T,

span far fewer dimensions than there are nodes.  A pivoted QR of G finds nodes to keep and how the
others spread onto them (interpolative decomposition: Cheng, Gimbutas, Martinsson and Rokhlin 2005),
so that moments move by T and any kernel that was among the rows keeps its value.  T is real: real
and imaginary parts are rows of their own.
"""

from __future__ import annotations

import numpy as np

from ..conventions import FloatArray
from ..solvers.planar.matrices import Radial
from .element import Grid

DIRECTIONS = 48  # more than twice k times the radius of any element that is solved at all
GROWTH = 1.3  # from one ring of places to the next


def thinned(grid: Grid, fields: FloatArray, tolerance: float) -> Grid:
    """``grid`` on as few of its nodes as keep ``fields`` (n_row, n_node) to ``tolerance``.

    tolerance: of the largest column, by the diagonal of R.
    """
    from scipy.linalg import qr, solve_triangular

    upper, order = qr(fields, mode="r", pivoting=True)
    upper = upper[: len(order)]
    size = np.abs(np.diag(upper))
    rank = int(np.count_nonzero(size > tolerance * size[0]))
    kept, others = order[:rank], order[rank:]
    onto = np.zeros((rank, len(order)))
    onto[:, kept] = np.eye(rank)
    onto[:, others] = solve_triangular(upper[:rank, :rank], upper[:rank, rank:])
    return Grid(grid.position[kept], grid.spread @ onto.T)


def far_fields(radial: Radial, grid: Grid, nearest: float) -> FloatArray:
    """(n_row, n_node): kernels of Z and of the ground from ``nearest`` m off the origin on."""
    places = _rings(nearest, _reach(radial, grid))
    a, phi = radial.impedance(places, grid.position)
    kernels = [np.vstack((item.real, item.imag)) for item in (a, phi)]
    kernels += radial.loss("ground", places, grid.position)
    return np.vstack([_scaled(item) for item in kernels])


def sky_kernels(radial: Radial, grid: Grid) -> FloatArray:
    """(n_row, n_node): kernels of the sky, which are smooth, from the grid itself on."""
    reach = _reach(radial, grid)
    places = np.vstack((grid.position, _rings(0.1 * reach, reach)))
    return np.vstack([_scaled(item) for item in radial.loss("sky", places, grid.position)])


def _reach(radial: Radial, grid: Grid) -> float:
    """m off the origin up to which the tables reach from every node."""
    return radial.kernels.rho_max - float(np.linalg.norm(grid.position, axis=1).max())


def _scaled(rows: FloatArray) -> FloatArray:
    size = float(np.abs(rows).max())
    return rows / size if size > 0.0 else rows


def _rings(first: float, last: float) -> FloatArray:
    """(n, 2) m: places all round, from ``first`` to ``last`` m off the origin."""
    count = 1 + max(0, int(np.ceil(np.log(max(last, first) / first) / np.log(GROWTH))))
    radius = np.geomspace(first, max(last, first), count)[:, None]
    turn = np.pi / DIRECTIONS * (2.0 * np.arange(DIRECTIONS) + np.arange(count)[:, None] % 2)
    return np.stack((radius * np.cos(turn), radius * np.sin(turn)), axis=-1).reshape(-1, 2)
