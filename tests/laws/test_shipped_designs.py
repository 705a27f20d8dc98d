"""Shipped optima are what their provenance says.

Budget on the normal mesh: |dZ|/|Z| of 1.3 % (its own estimate) moves 1 - |Gamma|^2 at the threshold
by 2 |Gamma| |dGamma| <= 2 x 0.32 x 0.0065 = 0.004; files round to 0.01 mm, far less.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.bands import widest_band
from lunar_antenna.circuit.resampling import densify
from lunar_antenna.geometry.spec import read_spec

DESIGNS = ("membrane_band_10x2", "membrane_band_10x4")
BUDGET = 0.006


@pytest.mark.parametrize("name", DESIGNS)
def test_a_shipped_optimum_has_its_band(name):
    told = read_spec(name)["source"]["optimised"]
    problem = la.Problem(
        la.load_geometry(name), la.load_soil(told["soil"]), told["height"], la.Band.mhz(5, 35, 61)
    )
    solution = la.solve(problem, "planar")
    assert solution.quality.converged
    dense = densify(solution.frequency, solution.input_impedance())
    gamma = (dense.z - told["z0"]) / (dense.z + told["z0"])
    curve = 1.0 - np.abs(gamma) ** 2
    low, high = (1e6 * edge for edge in told["band_mhz"])
    wide = widest_band(dense.frequency, curve, told["threshold"] - BUDGET)
    assert wide is not None
    assert wide[0] < low * 1.001
    assert wide[1] >= high * 0.999
    inside = (dense.frequency > 5e6) & (dense.frequency < low * 0.98)
    assert np.all(curve[inside] < told["threshold"])
    assert curve.min() == pytest.approx(told["min_efficiency_5_35"], abs=BUDGET)
