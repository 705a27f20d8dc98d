"""One family of fits and one upper estimate of their error, whoever asks."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.circuit.resampling import (
    densify,
    fitted,
    hermitian,
    interpolate,
    left_out,
    rational,
    spline,
)
from lunar_antenna.errors import InputError

BAND = (5e6, 35e6)


def line(frequency):
    """Open lossy line in series with a resistor: poles and zeros over the whole band, ohm."""
    angle = 2.0 * np.pi * frequency / 20e6 * (1.0 - 0.03j)
    return 60.0 - 100j / np.tan(angle)


def coupled(frequency):
    """A wide resonance, and one of 20 kHz between two samples of 61, as of a coupled strip."""
    wide = 60.0 + 60j * 6.0 * (frequency / 14e6 - 14e6 / frequency)
    return wide + 3e13 / (2e4 + 2j * np.pi * (frequency - 21.2371e6)) * 1e-6


def gamma(z):
    return (z - 100.0) / (z + 100.0)


@pytest.mark.parametrize("count", [8, 9, 24, 25, 60, 61])
def test_no_fit_is_asked_to_extrapolate(count):
    for keep in left_out(count):
        assert keep[[0, -1]].all()
        assert 0 < (~keep).sum() <= count // 2


@pytest.mark.parametrize("curve", [line, coupled])
@pytest.mark.parametrize("count", [16, 30, 31, 61])
def test_the_estimate_of_a_dense_impedance_covers_its_error(count, curve):
    """An upper estimate with nothing added, for even and odd numbers of samples."""
    frequency = np.linspace(*BAND, count)
    dense = densify(frequency, curve(frequency))
    true = float(np.abs(gamma(dense.z) - gamma(curve(dense.frequency))).max())
    assert true <= dense.held_out


def test_a_resonance_between_samples_is_found_by_its_tails():
    frequency = np.linspace(*BAND, 61)
    dense = densify(frequency, coupled(frequency))
    true = gamma(coupled(dense.frequency))
    straight = np.interp(dense.frequency, frequency, gamma(coupled(frequency)))
    assert np.abs(true - straight).max() > 0.1
    assert np.abs(true - gamma(dense.z)).max() < 1e-4


def test_all_fits_are_the_one_rational_function():
    """Of a curve that is rational and real in time both find it to rounding."""
    frequency, between = np.linspace(*BAND, 31), np.linspace(5.1e6, 34.9e6, 97)

    def circuit(f):
        return 60.0 + 1j * 60.0 * 8.0 * (f / 14e6 - 14e6 / f)

    assert (
        np.abs(hermitian(1e-8)(frequency, circuit(frequency))(between) - circuit(between)).max()
        < 1e-4
    )
    s = interpolate(frequency, gamma(circuit(frequency)), between)
    assert s.method == "AAA"
    assert np.abs(s.values - gamma(circuit(between))).max() < 1e-8


def test_a_prediction_that_is_not_finite_is_no_fit():
    frequency = np.linspace(*BAND, 9)

    def broken(*_):
        return lambda f: np.full(f.size, np.nan + 0j)

    found = fitted(
        frequency, line(frequency), frequency, (("broken", broken, 1.0), ("spline", spline, 1.0))
    )
    assert found.method == "spline"
    with pytest.raises(InputError, match="cannot be interpolated"):
        fitted(frequency, line(frequency), frequency, (("broken", broken, 1.0),))


def test_below_five_samples_no_error_is_stated():
    frequency = np.linspace(*BAND, 4)
    assert interpolate(frequency, gamma(line(frequency)), np.array([6e6])).error is None


def test_as_many_terms_as_numbers_are_no_fit():
    noise = np.random.default_rng(1).normal(size=(2, 61))
    assert rational(1e-6)(np.linspace(*BAND, 61), noise[0] + 1j * noise[1]) is None


def antenna(frequency, resonance, quality, delay):
    z = 60.0 + 60j * quality * (frequency / resonance - resonance / frequency)
    return (z - 50.0) / (z + 50.0) * np.exp(-2j * np.pi * frequency * delay)


@pytest.mark.parametrize(("noise", "sweeps"), [(1e-3, 100), (1e-2, 15), (1e-5, 15)])
def test_noise_makes_no_poles_and_the_stated_error_covers(noise, sweeps):
    """Sweeps of an antenna behind up to 60 ns of cable, 81 points, complex noise of that size.

    The stated error is an upper one in every sweep.  The largest of 81 noise values is about 2.5
    times their size, and fit and local interpolation may differ by four of them, which a pole
    made of noise (0.09 at 1e-3) exceeds.
    """
    wanted = np.linspace(*BAND, 801)
    frequency = np.linspace(*BAND, 81)
    for seed in range(sweeps):
        rng = np.random.default_rng(seed)
        design = rng.uniform(8e6, 25e6), rng.uniform(3.0, 30.0), rng.uniform(5.0, 60.0) * 1e-9
        random = rng.normal(size=81) + 1j * rng.normal(size=81)
        s = antenna(frequency, *design) + noise * random / np.sqrt(2.0)
        truth = antenna(wanted, *design)
        found = interpolate(frequency, s, wanted)
        error = np.abs(found.values - truth).max()
        assert error <= found.error
        local = np.abs(spline(frequency, s)(wanted) - truth).max()
        assert error <= local + 4.0 * noise


@pytest.mark.parametrize("last", [0.0, -0.4j, 0.1])
def test_curves_that_are_zero_nearly_everywhere_are_fitted_without_complaint(last):
    frequency = np.array([10.0, 15.0, 17.5, 20.0, 22.5]) * 1e6
    values = np.array([0.0, 0.0, 0.0, 0.0, last], dtype=complex)
    for fit in (rational(1e-9), rational(1e-3), hermitian(1e-9)):
        curve = fit(frequency, values)
        assert curve is None or np.allclose(curve(frequency), values, atol=1e-6)
