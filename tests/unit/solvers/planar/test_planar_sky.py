"""The grid of sources from which the planar solver radiates."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import ETA0, wavenumber
from lunar_antenna.solvers.planar.sky import SourceGrid, sky_resistance

K = float(wavenumber(np.array(35e6)))
BOUNDS = (-5.2, -1.1, 5.0, 0.9)


@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.0, 1.0), (0.8, -0.6), (-0.3, 0.2)])
def test_a_wave_over_the_layout_is_that_of_its_grid_to_1e_8(direction):
    """exp(j k u.r) at any point from the grid's own, |u| <= 1, as the docstring says."""
    grid = SourceGrid.cover(BOUNDS, K)
    points = np.random.default_rng(3).uniform(BOUNDS[:2], BOUNDS[2:], (60, 2))
    phase = K * np.array(direction)
    found = grid.spread(points) @ np.exp(1j * grid.position @ phase)
    assert found == pytest.approx(np.exp(1j * points @ phase), abs=1e-8)


@pytest.mark.parametrize("apart", [3.0, 12.0, 30.0])
@pytest.mark.parametrize("frequency", [5e6, 35e6])
def test_two_short_currents_radiate_as_the_closed_form_says(apart, frequency):
    """Parallel in free space, beside each other by x = k d:

    R11 = eta0 k^2/(6 pi), R12 = eta0 k^2/(4 pi) (sin x/x + cos x/x^2 - sin x/x^3), ohm per m^2.
    """
    problem = la.Problem(
        la.load_geometry("strip"), la.Stack.free_space(), band=la.Band([frequency])
    )
    k = float(wavenumber(np.array(frequency)))
    bounds = (-0.5, -0.5 * apart, 0.5, 0.5 * apart)
    grid = SourceGrid.cover(bounds, k)
    moments = np.zeros((1, 2, grid.x.size * grid.y.size, 2), dtype=complex)
    moments[0, :, :, 0] = grid.spread(np.array([[0.0, -0.5 * apart], [0.0, 0.5 * apart]]))
    found = sky_resistance(problem, problem.frequency, grid, moments)[0]
    x = k * apart
    scale = ETA0 * k**2 / (4.0 * np.pi)
    mutual = scale * (np.sin(x) / x + np.cos(x) / x**2 - np.sin(x) / x**3)
    assert np.diagonal(found) == pytest.approx(scale * 2.0 / 3.0, rel=1e-6)
    assert found[0, 1] == pytest.approx(mutual, abs=1e-6 * scale)
