"""Convergence of the planar solver in the mesh, and the error it states.

z_error must bound the true error, against a finer mesh, at 95 % of all frequencies: at one of three
here it may be half of itself short; the order in the mesh is one at least.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar.accuracy import mesh_size
from lunar_antenna.solvers.planar.kernels import kernels_for
from lunar_antenna.solvers.planar.mesh import triangulate
from lunar_antenna.solvers.planar.sweep import run_sweep

FREQUENCIES = [8e6, 14e6, 22e6]
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


def on_mesh(problem, accuracy, factor):
    """Z (n,) with all spacings of ``accuracy`` times ``factor``."""
    x0, y0, x1, y1 = problem.layout.bounds
    kernels = kernels_for(problem, problem.frequency, math.hypot(x1 - x0, y1 - y0))
    mesh = triangulate(problem.layout, mesh_size(problem, accuracy).coarser(factor))
    return run_sweep(problem, kernels, mesh, losses=False, currents=False).z[:, 0, 0]


@pytest.mark.parametrize("name", ["strip", "bowtie", "blade"])
def test_stated_error(name):
    problem = la.Problem(
        la.load_geometry(name, metal="pec", film="none"), SOIL, 0.0, la.Band(FREQUENCIES)
    )
    solution = la.solve(problem, solver="planar")
    z = solution.z[:, 0, 0]
    true = np.abs(z - on_mesh(problem, "normal", 0.5)) / np.abs(z)
    assert np.all(true < 1.5 * solution.quality.z_error)
    assert np.sum(true < solution.quality.z_error) >= 2
    assert np.all(solution.quality.z_error < 0.03)  # 1 % of a bow-tie, three frequencies alone


@pytest.mark.parametrize("name", ["strip", "bowtie"])
def test_order_in_the_mesh(name):
    """Halving all spacings twice: the change falls by 1.5 at least, summed over f."""
    problem = la.Problem(
        la.load_geometry(name, metal="pec", film="none"), SOIL, 0.0, la.Band(FREQUENCIES)
    )
    coarse, middle, fine = (on_mesh(problem, "normal", f) for f in (2.0, 1.0, 0.5))
    first = float((np.abs(coarse - middle) / np.abs(fine)).sum())
    second = float((np.abs(middle - fine) / np.abs(fine)).sum())
    assert first > 1.5 * second
