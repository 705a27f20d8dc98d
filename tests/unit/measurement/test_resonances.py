"""Resonances between solved frequencies, of a series circuit whose own is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.measurement.record import Measurement


def test_a_parallel_resonance_between_samples():
    """A loss-free law in closed form: L in series with R || C || L2.  Straight lines through
    0.5 MHz steps miss the narrow parallel resonance by 10 kHz and more; the fit may not."""
    frequency = np.linspace(5e6, 35e6, 61)

    def law(f):
        w = 2j * np.pi * f
        y = 1 / 3000.0 + w * 30e-12 + 1 / (w * 2.5e-6)
        return 20.0 + 1 / (w * 150e-12) + 1 / y

    dense = np.linspace(5e6, 35e6, 300001)
    x = law(dense).imag
    truth = dense[np.flatnonzero(np.sign(x[1:]) != np.sign(x[:-1]))]
    found = la.resonances(replace(solution(points=61), z=law(frequency)[:, None, None]))
    assert len(found) == truth.size >= 1
    assert [item.frequency for item in found] == pytest.approx(truth, abs=500.0)


def test_the_other_ports_of_a_sweep_are_open():
    """Two series circuits that share an inductance: Z11 is known, matched it would be another."""
    f = np.linspace(5e6, 35e6, 601)
    own = 20.0 + 400j * (f / 14e6 - 14e6 / f)
    shared = 1j * 60.0 * f / 14e6
    z = np.empty((f.size, 2, 2), complex)
    z[:, 0, 0], z[:, 1, 1] = own + shared, 2.0 * own + shared
    z[:, 0, 1] = z[:, 1, 0] = shared
    one = 50.0 * np.eye(2)
    sweep = Measurement(f, (z - one) @ np.linalg.inv(z + one), 50.0)
    assert np.allclose(sweep.open_impedance(1), z[:, 0, 0])
    assert np.allclose(sweep.open_impedance(2), z[:, 1, 1])
    truth = 14e6 / np.sqrt(1.0 + 60.0 / 400.0)
    (found,) = la.resonances(sweep)
    assert found.frequency == pytest.approx(truth, abs=500.0)


def test_a_measurement_and_what_is_neither():
    found = la.resonances(la.load_measurement("prototype_synthetic"))
    assert any(item.rising for item in found)
    with pytest.raises(InputError, match="give a Solution or a Measurement"):
        la.resonances(la.load_soil("simple_eps35"))
