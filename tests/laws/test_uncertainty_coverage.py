"""Radii of uncertainty hold the truth in the percentage they state.

Each case is a Monte Carlo with a known truth; n trials of share p have the standard error
sqrt(p (1 - p) / n), 0.15 % for 20000, and coverage is asked for within four of them (0.6 %).
"""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.measurement.record import Measurement
from lunar_antenna.measurement.uncertainty import (
    COVERAGE,
    ONE_SIDED_NORMAL,
    from_accuracy,
    from_sweeps,
    radius_factor,
)

POINTS = 20_000
F = np.linspace(5e6, 35e6, POINTS)
TRUTH = 0.4 - 0.3j
BUDGET = 0.006


def noisy(random: np.random.Generator, sigma: float) -> Measurement:
    noise = random.normal(scale=sigma, size=(2, POINTS))
    return Measurement(F, TRUTH + noise[0] + 1j * noise[1], 50.0)


@pytest.mark.parametrize("count", [3, 4, 7, 30])
def test_another_sweep_lies_inside_the_radius_of_repeats(count: int) -> None:
    """k = 2 held it in 75 % for 3 repeats and 86 % for many."""
    random = np.random.default_rng(count)
    mean, band = from_sweeps([noisy(random, 3e-3) for _ in range(count)])
    held = np.mean(np.abs(noisy(random, 3e-3).s11() - TRUTH) <= band.radius)
    assert held == pytest.approx(COVERAGE, abs=BUDGET)
    assert band.coverage == COVERAGE
    assert "95 %" in band.source
    assert np.mean(np.abs(mean.s11() - TRUTH) <= band.radius) > held


@pytest.mark.parametrize(("db", "degrees"), [(0.2, 0.1), (0.2, 1.3), (0.2, 5.0), (1.0, 0.0)])
def test_the_truth_lies_inside_a_stated_accuracy(db: float, degrees: float) -> None:
    """Magnitude and angle each inside their statement in 95 %, independent and normal.

    Budget: beyond Monte Carlo the tangent stands for the arc, angle^2/2 of the angle: for 5
    degrees 4 % of the radius along, 0.2 % of the share.
    """
    random = np.random.default_rng(5)
    along, across = random.normal(size=(2, POINTS)) / ONE_SIDED_NORMAL
    share = 10.0 ** (db / 20.0) - 1.0
    read = TRUTH * (1.0 + share * along) * np.exp(1j * np.deg2rad(degrees) * across)
    truth = Measurement(F, np.full(POINTS, TRUTH), 50.0)
    radius = from_accuracy(truth, db, degrees).radius
    assert np.mean(np.abs(read - TRUTH) <= radius) == pytest.approx(COVERAGE, abs=BUDGET + 0.002)


def test_factor_of_two_components() -> None:
    """Closed forms at both ends: one component 1.95996, two alike sqrt(-2 ln 0.05) = 2.44775."""
    assert radius_factor(0.0) == pytest.approx(1.959964, abs=2e-4)
    assert radius_factor(1.0) == pytest.approx(np.sqrt(-2.0 * np.log(0.05)), abs=1e-7)
    between = [radius_factor(ratio) for ratio in np.linspace(0.0, 1.0, 11)]
    assert between == sorted(between)
