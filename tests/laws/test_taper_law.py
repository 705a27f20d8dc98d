"""Metal that widens: what it dissipates does not depend on how many cells its current crosses.

Two triangles carry current that changes along the metal as two constants; the trapezoidal rule they
make is taken off (:mod:`lunar_antenna.solvers.planar.taper`).  References: the integral of 1/width
in closed form, and the same antenna on meshes with all spacings at 0.6 of those of "fine".
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import mesh_size, span
from lunar_antenna.solvers.planar.basis import make_basis
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.matrices import system
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.mesh_symmetry import TriangleMesh
from lunar_antenna.solvers.planar.sweep import run_sweep
from lunar_antenna.solvers.planar.taper import step_matrix

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


def wedge(widths, spread):
    """One row of cells between lines 1 m apart; ``spread``: which way the diagonals run."""
    n = len(widths) - 1
    low = np.column_stack((np.arange(n + 1.0), np.zeros(n + 1)))
    high = np.column_stack((np.arange(n + 1.0), widths))
    triangles, cell = [], []
    for k in range(n):
        a, b, c, d = k, k + 1, n + 2 + k, n + 1 + k
        triangles += [(a, b, c), (a, c, d)] if spread[k] else [(a, b, d), (b, c, d)]
        cell += [k, k]
    none = np.full(2 * n, -1)
    points = np.vstack((low, high))
    return TriangleMesh(points, np.array(triangles), none, np.array(cell), False, False, 2 * n)


def through(basis, current):
    """(n_function,) currents density through every inner side: ``current`` (line,) A in all."""
    x = np.zeros(basis.count)
    for t in range(len(basis.index)):
        for i in range(3):
            number = basis.index[t, i]
            if number < 0:
                continue
            a, b = basis.corner[t, (i + 1) % 3], basis.corner[t, (i + 2) % 3]
            place = a[0] if a[0] == b[0] else 0.5 * (a[0] + b[0])
            forward = np.sign((basis.corner[t].mean(axis=0) - 0.5 * (a + b))[0] or 1.0)
            sign = -np.sign(basis.coefficient[t, i]) * forward
            length = np.linalg.norm(a - b)
            x[number] = sign * np.interp(place, np.arange(len(current)), current) / length
    return x


def energy(basis, x):
    """Integral of |J|^2 by the triangles, and what is taken off, without the outer cells."""
    value = np.where(basis.index >= 0, basis.coefficient * x[basis.index], 0.0)
    arm = basis.corner[:, :, None, :] - basis.corner[:, None, :, :]
    at_corner = np.einsum("ti,tnic->tnc", value, arm) / (2.0 * basis.area)[:, None, None]
    mean = at_corner.mean(axis=1)
    square = ((at_corner**2).sum(axis=(1, 2)) + 9.0 * (mean**2).sum(axis=1)) / 12.0
    inner = np.flatnonzero((basis.mesh.cell > 0) & (basis.mesh.cell < basis.mesh.cell.max()))
    only = np.where(np.isin(np.arange(len(basis.index)), inner)[:, None], basis.index, -1)
    matrix = step_matrix(basis, only, basis.coefficient, basis.count)
    return float((square * basis.area)[inner].sum()), float(x @ matrix @ x)


@pytest.mark.parametrize("ratio", [1.0, 1.2, 1.5, 2.0])
@pytest.mark.parametrize("spread", [(True,) * 6, (False,) * 6, (True, False) * 3])
def test_a_wedge_dissipates_the_integral_of_its_width(ratio, spread):
    """1 A through widths that grow by ``ratio`` a cell: 0.6 % of int dx/w, where triangles have 8 %
    too much at twice the width.

    Widths small against the cells, so that what flows across is nothing.
    """
    widths = 1e-3 * ratio ** np.arange(7.0)
    basis = make_basis(wedge(widths, spread))
    found, off = energy(basis, through(basis, np.ones(7)))
    steps = np.diff(widths)[1:-1]
    each = np.log(widths[2:-1] / widths[1:-2]) / steps if ratio > 1.0 else 1.0 / widths[1:-2]
    assert off >= 0.0
    assert found - off == pytest.approx(each.sum(), rel=6e-3)
    if ratio == 2.0:
        assert found > 1.07 * each.sum()
    if ratio == 1.0:
        assert off < 1e-9 * found


@pytest.mark.parametrize("lost", [0.05, 0.15])
def test_current_that_is_lost_on_its_way_too(lost):
    """A strip whose current falls by ``lost`` A a cell, and one that widens too: 0.1 and 0.5 %."""
    current = 1.0 - lost * np.arange(7.0)
    for ratio, budget in ((1.0, 1e-3), (1.3, 5e-3)):
        widths = 1e-3 * ratio ** np.arange(7.0)
        basis = make_basis(wedge(widths, (True,) * 6))
        found, off = energy(basis, through(basis, current))
        x = np.linspace(1.0, 5.0, 40001)
        density = np.interp(x, np.arange(7.0), current) ** 2 / np.interp(x, np.arange(7.0), widths)
        right = np.trapezoid(density, x)
        assert found - off == pytest.approx(right, rel=budget)
        assert abs(found - right) > abs(found - off - right)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("bowtie", {"length": 6.0, "width": 4.0}),
        ("fan", {"width": 0.1, "count": 2}),
        ("bent", {"width": 0.2, "angle": 0.7}),
    ],
)
@pytest.mark.parametrize("metal", ["aluminium_100nm", "copper_18um"])
def test_no_current_gains_in_metal(name, changes, metal):
    """R_metal of any current is positive, not of those alone that a port drives.

    Both what steps take off and what rims add are sums of squares of their own.
    """
    layout = la.load_geometry(name, metal=metal, **changes)
    problem = la.Problem(layout, SOIL, 0.0, la.Band([12e6]))
    kernels = kernels_for(problem, problem.frequency, span(problem))
    made = system(problem, kernels, triangulate(layout, mesh_size(problem, "draft")))
    for parity, _ in made.classes:
        power = np.linalg.eigvalsh(made.values(parity) @ made.factors["metal"][0].real)
        assert power[0] > -1e-10 * power[-1]


def losses(problem, accuracy, finer=1.0):
    """(n_freq,) R_metal of port 1 at a mesh ``finer`` in all spacings."""
    kernels = kernels_for(problem, problem.frequency, span(problem))
    mesh = triangulate(problem.layout, mesh_size(problem, accuracy).coarser(finer))
    return run_sweep(problem, kernels, mesh, currents=False).r_metal[:, 0, 0].real


CASES = [
    ("bowtie", {"length": 8.0, "width": 1.0}),
    ("bowtie", {"length": 10.0, "width": 4.0}),
    ("profile", {"length": 9.0, "w0": 0.05, "w1": 0.8, "w2": 0.3, "w3": 1.0}),
    ("fan", {"length": 8.0, "width": 0.1, "count": 2, "spread": 3.0}),
]


@pytest.mark.parametrize(("name", "changes"), CASES)
def test_tapers_lose_the_same_on_any_mesh(name, changes):
    """100 nm of aluminium on eps_r 3.5: R_metal of "normal" within 1.5 %, of "draft" within 3 %.

    1 % of the law, 2 % where widths double between lines, and 0.5 and 1 % of Z's own error, by
    which the current is off.  Against "fine", of the first with 0.6 of its spacings.  Without the
    law the bow-ties are 3 % and 7 % high.
    """
    layout = la.load_geometry(name, metal="aluminium_100nm", **changes)
    problem = la.Problem(layout, SOIL, 0.0, la.Band.mhz(5, 35, 4))
    right = losses(problem, "fine", 0.6 if changes["length"] == 8.0 and name == "bowtie" else 1.0)
    for word, budget in (("normal", 0.015), ("draft", 0.03)):
        assert losses(problem, word) == pytest.approx(right, rel=budget), word
