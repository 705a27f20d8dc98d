"""Auto and cross spectra of coupled ports: Nyquist, the budget on the diagonal, one sky twice.

Error budgets: algebra on the same numbers, 1e-9; integrals over a grid of 2 degrees of what is
smooth, 1e-7.
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution
from test_measured_receiver import GRID, TABLE, parameters, waves

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.sky.brightness import BOLTZMANN
from lunar_antenna.sky.covariance import noise_covariance
from lunar_antenna.sky.moon import Observation
from lunar_antenna.sky.receiver import Receiver
from lunar_antenna.sky.temperature import noise_budget

SOIL = Stack.half_space(3.5, loss_tangent=0.01)
TURN = Observation.turn("lusee_night", 2)


def test_a_network_at_one_temperature():
    """Antenna and inputs all at T: C = 4 k T Herm of the impedance of all in parallel."""
    kelvin = 220.0
    sol = solution(2, SOIL, points=9)
    device = Receiver(700.0, 35e-12, temperature=kelvin)
    found = noise_covariance(sol, device, kelvin, moon=kelvin, antenna=kelvin)
    y = np.linalg.inv(sol.z) + np.eye(2) / device.impedance(sol.frequency)[:, None, None]
    z = np.linalg.inv(y)
    expected = 4 * BOLTZMANN * kelvin * 0.5 * (z + np.conj(np.swapaxes(z, 1, 2)))
    assert found.total == pytest.approx(expected, abs=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize("make", [lambda: TABLE, parameters, waves])
@pytest.mark.parametrize("sky", ["cane", "power_law"])
def test_the_diagonal_is_the_budget(make, sky):
    """Two laws of :mod:`.temperature` against one of matrices; 1e-7 where a sky is integrated."""
    device, sol = make(), solution(2, SOIL, 0.02, points=17)
    found = noise_covariance(sol, device, sky, observation=TURN)
    for port in (1, 2):
        budget = noise_budget(sol, device, sky, port=port, terminated=True, observation=TURN)
        for name in ("sky", "moon", "loss"):
            mine = getattr(found, name)[:, port - 1, port - 1]
            assert mine == pytest.approx(getattr(budget, name) + 0j, rel=1e-6, abs=1e-30), name
        own = found.receiver[:, port - 1, port - 1]
        assert own == pytest.approx(budget.receiver + budget.other + 0j, rel=1e-7)


@pytest.mark.parametrize("make", [parameters, waves])
def test_sources_are_those_of_the_same_receiver(make):
    mine, table = make().sources(GRID), TABLE.sources(GRID)
    for one, other in zip(mine, table, strict=True):
        assert one == pytest.approx(other, rel=1e-7)


def test_a_sky_is_the_same_integrated_or_not():
    """One temperature given as a sky that might vary: cross spectra too, to the grid's 1e-7."""

    class Same:
        name, uniform = "same", False

        def temperature(self, f, direction):
            return np.multiply.outer(3e5 + 0 * f, np.ones(direction.shape[:-1]))

    sol = solution(2, SOIL, 0.02, points=4)
    one, two = (noise_covariance(sol, TABLE, sky, observation=TURN).sky for sky in (3e5, Same()))
    assert two == pytest.approx(one, abs=1e-7 * np.abs(one).max())
    assert np.abs(one[:, 0, 1]).max() > 1e-4 * np.abs(one[:, 0, 0]).max()


def test_coherence_is_at_most_one_and_hermitian():
    found = noise_covariance(solution(2, SOIL, points=9), "lusee_like", "cane")
    assert found.total == pytest.approx(np.conj(np.swapaxes(found.total, 1, 2)), rel=1e-9)
    assert np.abs(found.coherence).max() <= 1 + 1e-12
    assert np.einsum("faa->fa", found.coherence) == pytest.approx(1.0)
    assert np.all(np.linalg.eigvalsh(found.total) > 0)


def test_bad_temperatures_are_refused():
    with pytest.raises(InputError, match="moon temperature"):
        noise_covariance(solution(points=4), moon=-1.0)
