r"""What current that changes along the metal is made to dissipate too much by two triangles.

    A cell of two triangles, its sides a and b on the lines that the current I crosses:

          b|\                   without charge the current density is constant in either triangle,
           | \  A               I/a in the one with side a and I/b in the other, where it truly
           |  \                 goes from one to the other like 1/width:
           | B \ a

The sum over both is the trapezoidal rule for int I^2/width dx, which is always too large: by 6 %
where the width doubles from line to line.  With charge, current that is lost on its way through the
cell, the same holds: for currents linear along it the energy of both triangles is too large by

    (2/3) A B/(A + B) |[J]|^2,

A and B their areas and [J] the step of the current density, tangential, in the middle of the side
that they share.  For a taper alone this is Simpson's rule, but for the harmonic mean of the
areas, which leaves 2 % of it where the width doubles and 5 % where it trebles.  What is taken off
is never more than the energy itself: in cells of right angles it just is not, in others 2/3 is
made smaller.  A smooth current in cells small enough has no step there.
"""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray, IntArray
from .basis import Basis


def step_matrix(basis: Basis, index: IntArray, coefficient: FloatArray, count: int) -> FloatArray:
    """(count, count) sum over cells of metal of A B/(A + B) [f_m] . [f_n] times 2/3, without unit.

    index, coefficient: (n_t, 3) reduced functions; cells of the fundamental part alone.
    """
    function, step, share = steps(basis, index, coefficient, *_halves(basis))
    product = np.einsum("nic,njc,n->nij", step, step, share)
    live = (function[:, :, None] >= 0) & (function[:, None, :] >= 0)
    out = np.zeros((count, count))
    first = np.broadcast_to(function[:, :, None], live.shape)[live]
    second = np.broadcast_to(function[:, None, :], live.shape)[live]
    np.add.at(out, (first, second), product[live])
    return out


def steps(
    basis: Basis, index: IntArray, coefficient: FloatArray, one: IntArray, two: IntArray
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Functions (n, 6), their [f] (n, 6, 2) 1/m, and what multiplies |[f]|^2, m2, of cells.

    one, two: (n,) the triangles of each, which share a side.
    """
    corner = basis.corner
    shared = _shared(basis, one, two)
    middle = corner[one][np.arange(one.size)[:, None], shared].mean(axis=1)
    halves = [
        (middle[:, None] - corner[t]) * (0.5 * coefficient[t] / basis.area[t, None])[..., None]
        for t in (one, two)
    ]
    most = np.maximum(_largest(basis, one, middle), _largest(basis, two, middle))
    area = basis.area[one] * basis.area[two] / (basis.area[one] + basis.area[two])
    function = np.concatenate((index[one], index[two]), axis=1)
    return (
        function,
        np.concatenate((halves[0], -halves[1]), axis=1),
        area * np.minimum(2.0 / 3.0, 1.0 / most),
    )


def _largest(basis: Basis, triangle: IntArray, point: FloatArray) -> FloatArray:
    """(n,) the largest |J|^2 at ``point`` over its mean on the triangle, of any J that is linear
    there and has no rotation: 1 + d^2/<r^2>, d and r from the centroid."""
    offset = basis.corner[triangle] - basis.centroid[triangle, None, :]
    spread = (offset**2).sum(axis=(1, 2)) / 12.0
    away = ((point - basis.centroid[triangle]) ** 2).sum(axis=1)
    return np.asarray(1.0 + away / spread)


def _halves(basis: Basis) -> tuple[IntArray, IntArray]:
    """(n,) both: the triangles of every cell of metal in the fundamental part."""
    mesh = basis.mesh
    cell = np.where(mesh.tab[: mesh.n_fundamental] < 0, mesh.cell[: mesh.n_fundamental], -1)
    order = np.argsort(cell, kind="stable")
    twin = np.flatnonzero((cell[order][1:] == cell[order][:-1]) & (cell[order][1:] >= 0))
    return order[twin], order[twin + 1]


def _shared(basis: Basis, one: IntArray, two: IntArray) -> IntArray:
    """(n, 2) which vertices of the first triangles are also of the second."""
    tri = basis.mesh.triangles
    both = (tri[one][:, :, None] == tri[two][:, None, :]).any(axis=2)
    return np.asarray(np.nonzero(both)[1].reshape(-1, 2))
