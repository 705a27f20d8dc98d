"""What a solution says of itself: every frequency counts."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.protocol import MOST_ERROR, ROUGH_ERROR, mesh_is_trusted


@pytest.mark.parametrize("bad", [0.11, 1.2, np.nan, np.inf])
def test_one_bad_frequency_is_enough(bad):
    """A median would pass it; so would any rule that ignores what is not a number."""
    error = np.full(61, 0.001)
    assert mesh_is_trusted(error)
    error[30] = bad
    assert not mesh_is_trusted(error)


def test_a_rough_engine_may_miss_one_frequency_by_little():
    error = np.full(61, 0.01)
    error[30] = 0.2
    assert mesh_is_trusted(error, ROUGH_ERROR)
    error[30] = 0.31
    assert not mesh_is_trusted(error, ROUGH_ERROR)


def test_a_single_resonance_is_not_hidden():
    """A lossless line 1 cm over a conductor: wrong at its resonances only, and said so."""
    layout = la.load_geometry("strip", length=10.0, width=0.5)
    problem = la.Problem(layout, la.Stack([la.Layer.conductor()]), 0.01, la.Band.mhz(5, 35, 61))
    solution = la.solve(problem, "planar", accuracy="normal")
    assert np.median(solution.quality.z_error) < MOST_ERROR < solution.quality.z_error.max()
    assert not solution.quality.converged
