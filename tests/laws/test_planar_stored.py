"""What the currents of an antenna store: Foster's law where little is lost, and the errors of a
mesh that follow it."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import mesh_size, span
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep

STEP = 1e-3  # of the frequency, on either side


def swept(layout, stack, frequency, accuracy="draft"):
    around = np.concatenate([frequency * (1.0 + k * STEP) for k in (-1, 0, 1)])
    order = np.argsort(around)
    problem = la.Problem(layout, stack, 0.1, la.Band(around[order]))
    kernels = kernels_for(problem, problem.frequency, span(problem))
    mesh = triangulate(layout, mesh_size(problem, accuracy))
    sweep = run_sweep(problem, kernels, mesh, currents=False)
    back = np.argsort(order)
    x = sweep.z[back, 0, 0].imag.reshape(3, -1)
    slope = (x[2] - x[0]) / (2.0 * STEP)  # f dX/df
    return slope, sweep.stored[back, 0].reshape(3, -1)[1]


@pytest.mark.parametrize(
    ("family", "changes"),
    [("strip", {"width": 0.05}), ("bowtie", {}), ("folded", {}), ("end_loaded", {})],
)
def test_little_is_lost_far_below_resonance(family, changes):
    """f dX/df of antennas of 0.03 wavelengths in free space: radiation is (k l)^2/100 of it."""
    layout = la.load_geometry(family, **changes)
    slope, stored = swept(layout, la.Stack.free_space(), np.array([0.5e6, 1e6]))
    assert stored == pytest.approx(slope, rel=0.003)


def test_dielectrics_store_too():
    """On a lossless soil of eps_r 4, the same law."""
    stack = la.Stack.half_space(4.0)
    slope, stored = swept(la.load_geometry("strip"), stack, np.array([0.5e6, 1e6]))
    assert stored == pytest.approx(slope, rel=0.003)


def test_it_is_positive_where_the_slope_is_not():
    """At an antiresonance dX/df is negative, and the energies are largest."""
    frequency = np.array([14e6, 21e6, 27e6])
    slope, stored = swept(la.load_geometry("strip"), la.Stack.free_space(), frequency)
    assert slope.min() < 0.0
    assert (stored > np.abs(slope)).all()
    assert stored.argmax() == slope.argmin()
