"""The edge of a sheet is no strip of its width: its current crowds at one side only."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.media.edge import edge_length, rim_factor, strip_factor
from lunar_antenna.media.sheets import METALS

FREQUENCY = np.array([20e6])


def slope(factor, low: float) -> float:
    """dF/d(ln w) over a decade from ``low`` m."""
    values = [complex(factor(width)[0]).real for width in (low, 10.0 * low)]
    return (values[1] - values[0]) / np.log(10.0)


def test_the_loss_of_an_edge_grows_by_a_quarter_of_the_logarithm():
    """With J ~ 1/sqrt(x) up to where the metal stops it, w int J^2/(int J)^2 = ln(w/s)/4; a strip,
    whose current is cut at both edges, has 2/pi^2.  Budget: the next term of the law, which is
    0.7 sqrt(lambda/w) of what stands in the logarithm; lambda is :func:`edge_length`."""
    metal = METALS["aluminium_100nm"]
    low = 1e4 * float(np.abs(edge_length(metal, FREQUENCY))[0])
    budget = 0.7 * 1e4**-0.5
    edge = slope(lambda width: rim_factor(width, metal, FREQUENCY, 1e3 * width), low)
    strip = slope(lambda width: strip_factor(width, metal, FREQUENCY), low)
    assert edge == pytest.approx(0.25, rel=budget)
    assert strip == pytest.approx(2.0 / np.pi**2, rel=budget)
    half = rim_factor(low, metal, FREQUENCY, 2.0 * low)
    assert half == pytest.approx(strip_factor(2.0 * low, metal, FREQUENCY), rel=1e-12)
