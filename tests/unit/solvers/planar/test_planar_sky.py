"""The grid of sources from which the planar solver radiates."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.conventions import wavenumber
from lunar_antenna.solvers.planar.sky import SourceGrid

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
