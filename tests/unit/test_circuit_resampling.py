"""One rational fit and one estimate of its error, whoever asks."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.circuit.resampling import (
    TOLERANCE,
    densify,
    held_out,
    hermitian,
    interpolate,
    rational,
)


def line(frequency):
    """Open lossy line in series with a resistor: poles and zeros over the whole band, ohm."""
    angle = 2.0 * np.pi * frequency / 20e6 * (1.0 - 0.03j)
    return 60.0 - 100j / np.tan(angle)


def gamma(z):
    return (z - 100.0) / (z + 100.0)


@pytest.mark.parametrize("count", [8, 9, 24, 25, 60, 61])
def test_no_fit_is_asked_to_extrapolate(count):
    frequency = np.linspace(5e6, 35e6, count)
    seen = []

    def fit(kept, values):
        def curve(wanted):
            seen.append((kept, wanted))
            return np.interp(wanted, kept, values)

        return curve

    held_out(frequency, line(frequency), fit)
    ((kept, wanted),) = seen
    assert (kept[0], kept[-1]) == (frequency[0], frequency[-1])
    assert kept[0] <= wanted.min()
    assert wanted.max() <= kept[-1]
    assert kept.size == (count + 2) // 2 if count % 2 == 0 else (count + 1) // 2


@pytest.mark.parametrize("count", [30, 31])
def test_the_estimate_of_a_dense_impedance_covers_its_error(count):
    """An upper estimate, for even and odd numbers of samples, down to the fit's own tolerance.

    That is 1e-4 of the largest |Z|, seen as Gamma with dGamma/dZ = 200/(Z + 100)^2.
    """
    frequency = np.linspace(5e6, 35e6, count)
    dense = densify(frequency, line(frequency))
    true = float(np.abs(gamma(dense.z) - gamma(line(dense.frequency))).max())
    assert dense.rational
    floor = TOLERANCE * np.abs(dense.z).max() * 200.0 / np.abs(dense.z + 100.0).min() ** 2
    assert true <= dense.held_out + floor
    assert dense.held_out == held_out(frequency, line(frequency), hermitian, gamma)


def test_both_fits_are_the_one_rational_function():
    """Of a curve that is rational and real in time both find it, each to its own tolerance."""
    frequency, between = np.linspace(5e6, 35e6, 31), np.linspace(5.1e6, 34.9e6, 97)

    def circuit(f):
        return 60.0 + 1j * 60.0 * 8.0 * (f / 14e6 - 14e6 / f)

    # |Z| is largest at 5 MHz, so that 1e-4 of it is 0.12 ohm
    assert np.abs(hermitian(frequency, circuit(frequency))(between) - circuit(between)).max() < 0.12
    s = interpolate(frequency, gamma(circuit(frequency)), between)
    assert s.method == "AAA"
    assert np.abs(s.values - gamma(circuit(between))).max() < 1e-9
    assert np.array_equal(s.values, rational(frequency, gamma(circuit(frequency)))(between))


def test_prediction_that_is_not_finite_is_no_small_error():
    frequency = np.linspace(5e6, 35e6, 9)
    error = held_out(frequency, line(frequency), lambda *_: lambda f: np.full(f.size, np.nan + 0j))
    assert error == np.inf
    assert held_out(frequency[:4], line(frequency[:4]), rational) is None
