"""One definition of a band: what the search, a comparison and a report call the widest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lunar_antenna.circuit.bands import bands, matched_band, widest_band


def two_windows():
    """Mismatch efficiency 1 over 5-8 MHz (hi/lo 1.6) and 20-30 MHz (1.5, but 10 MHz of it)."""
    frequency = np.arange(1e6, 40e6, 1e4)
    inside = ((frequency >= 5e6) & (frequency <= 8e6)) | ((frequency >= 20e6) & (frequency <= 30e6))
    return frequency, np.where(inside, 1.0, 0.0)


def test_search_and_comparison_name_the_same_band():
    """Edges lie at most one step (10 kHz) beside the window."""
    frequency, efficiency = two_windows()
    gamma = np.sqrt(1.0 - efficiency) * np.exp(0.3j)
    band = widest_band(frequency, efficiency, 0.9)
    assert band == pytest.approx((5e6, 8e6), abs=1e4)
    assert matched_band(frequency, gamma) == pytest.approx(band, abs=1e-6)


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30), st.floats(0.05, 0.95))
def test_bands_are_where_the_curve_is_above(values, threshold):
    """Every point above the threshold lies in a band, every point below it in none."""
    frequency = np.linspace(5e6, 35e6, len(values))
    value = np.array(values)
    found = bands(frequency, value, threshold)
    inside = np.zeros(value.size, dtype=bool)
    for low, high in found:
        assert low <= high
        inside |= (frequency >= low - 1e-3) & (frequency <= high + 1e-3)
    assert np.all(inside[value >= threshold])
    assert not np.any(inside & (value < threshold - 1e-6))
    assert all(a[1] <= b[0] for a, b in pairwise(found))


def test_edges_are_linear_in_the_curve():
    frequency = np.array([10e6, 12e6, 14e6])
    assert bands(frequency, np.array([0.8, 1.0, 0.6]), 0.9) == ((11e6, 12.5e6),)


def test_a_sweep_that_starts_at_zero_hertz():
    frequency = np.linspace(0.0, 10e6, 11)
    gamma = np.where((frequency < 1.5e6) | (frequency > 7.5e6), 0.0, 1.0).astype(complex)
    low, high = matched_band(frequency, gamma)
    assert (low, 1e6 < high < 2e6) == (0.0, True)
    assert matched_band(frequency, np.ones(11, complex)) is None
