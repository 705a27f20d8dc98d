"""Shipped optima are what their provenance says.

Budget on the normal mesh: |dZ|/|Z| of 1.3 % (its own estimate) moves 1 - |Gamma|^2 at the threshold
by 2 |Gamma| |dGamma| <= 2 x 0.32 x 0.0065 = 0.004; files round to 0.01 mm, far less.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.bands import widest_band
from lunar_antenna.circuit.networks import Element, transform
from lunar_antenna.circuit.resampling import densify
from lunar_antenna.geometry.spec import read_spec
from lunar_antenna.pattern import deepest_level, dipole_likeness

DESIGNS = (
    "membrane_band_10x2",
    "membrane_band_10x4",
    "membrane_wide_10x2",
    "membrane_wide_10x4",
    "membrane_pattern_10x2",
    "membrane_pattern_plates_10x2",
)
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


@pytest.mark.parametrize("name", ["membrane_claims_10x2", "membrane_beam_10x2"])
def test_the_published_claims_hold_together(name):
    """Mismatch at its z0, its network's losses counted, over both bands; the likeness on the whole
    grid of 0.5 MHz."""
    solution, told = solved(name)
    assert solution.quality.converged
    dense = densify(solution.frequency, solution.input_impedance())
    curve = accepted(dense.frequency, dense.z, told)
    inner = (dense.frequency >= 12e6) & (dense.frequency <= 19e6)
    assert curve[inner].min() == pytest.approx(told["min_efficiency_12_19"], abs=BUDGET)
    assert curve.min() == pytest.approx(told["min_efficiency_5_35"], abs=BUDGET)
    assert curve[inner].min() > 0.9
    assert curve.min() > 0.1
    low, high = (1e6 * end for end in told["dipole_like_mhz"])
    f = solution.frequency
    assert dipole_likeness(solution, f[(f >= low - 1.0) & (f <= high + 1.0)]).max() < 3.0
    beyond = f[f > high + 0.9e6]
    assert beyond.size == 0 or dipole_likeness(solution, beyond[:1]).max() > 3.0


def accepted(frequency, z, told):
    """Share of the available power that reaches the antenna, (n,)."""
    rows = told.get("network", [])
    network = tuple(Element(row["element"], row["value"], row["value"], row["q"]) for row in rows)
    z, passed = transform(frequency, z, network, tuple(row["value"] for row in rows))
    return passed * (1.0 - np.abs((z - told["z0"]) / (z + told["z0"])) ** 2)


def solved(name):
    told = read_spec(name)["source"]["optimised"]
    problem = la.Problem(
        la.load_geometry(name), la.load_soil(told["soil"]), band=la.Band.mhz(5, 35, 61)
    )
    return la.solve(problem, "planar"), told


@pytest.mark.parametrize("name", ["membrane_pattern_10x2", "membrane_pattern_plates_10x2"])
def test_a_wide_band_without_a_null_near_the_zenith(name):
    """At every 0.5 MHz to 30 MHz; its study asks at every other one.  0.1 dB for the mesh."""
    solution, told = solved(name)
    low, high = told["null_free_mhz"]
    asked = solution.frequency[
        (solution.frequency >= low * 1e6 - 1.0) & (solution.frequency <= high * 1e6 + 1.0)
    ]
    assert deepest_level(solution, asked).min() > -10.0 - 0.1
    assert told["band_mhz"][0] < 9.28
    beyond = solution.frequency[solution.frequency > high * 1e6 + 1e6]
    assert deepest_level(solution, beyond).min() < -10.0


def test_more_of_the_available_power_to_the_sky():
    """Mean over 10-35 MHz beside that of the widest band with a pattern; 1 % for the mesh of each.

    Share and mismatch are stationary in neither, so that an error of 0.3 % in Z is at most about as
    much in their product.
    """
    means = {}
    for name in ("membrane_sky_10x2", "membrane_band_10x2"):
        solution, told = solved(name)
        assert solution.quality.converged
        part = solution.frequency >= 10e6 - 1.0
        realised = solution.efficiency(told["z0"]).realised[part]
        means[name] = np.trapezoid(realised, solution.frequency[part]) / 25e6
        if name == "membrane_sky_10x2":
            assert means[name] == pytest.approx(told["objective"], rel=0.01)
            lowest = solution.efficiency(told["z0"]).mismatch.min()
            assert lowest == pytest.approx(told["min_efficiency_5_35"], abs=BUDGET)
            ratio = told["over_membrane_band_10x2"]
    assert means["membrane_sky_10x2"] / means["membrane_band_10x2"] == pytest.approx(
        ratio, rel=0.02
    )
