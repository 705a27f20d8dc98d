"""Spherical waves: an orthonormal basis, and a sum whose stated error is true.

Truth of the coefficients: scipy's spherical harmonics and their derivatives, the power of a
Hertzian dipole in closed form, and the far field itself in directions the fit has not seen.
"""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import short_dipole, solution
from scipy.special import sph_harm_y

from lunar_antenna.conventions import ETA0, SPEED_OF_LIGHT
from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Layer, Stack
from lunar_antenna.spherical_waves import expand, orders, waves

SOILS = {
    "half-space": Stack.half_space(3.5, loss_tangent=0.01),
    "lossless": Stack.half_space(3.0),
    "layered": Stack([Layer(3.0, 2.2, loss_tangent=0.003), Layer(20.0, 4.0), Layer(np.inf, 7.0)]),
    "metal plane": Stack([Layer.conductor()]),
    "free space": Stack.free_space(),
}


@pytest.mark.parametrize("m", [-17, -3, -1, 0, 1, 2, 30])
def test_waves_are_derivatives_of_spherical_harmonics(m):
    """To rounding: 1e-12 of a recurrence of thirty steps."""
    theta = np.linspace(0.05, np.pi - 0.05, 23)
    slope, turn = waves(40, m, theta)
    for row, degree in enumerate(range(max(1, abs(m)), 41)):
        value, gradient = sph_harm_y(degree, m, theta, 0.0, diff_n=1)
        scale = np.sqrt(degree * (degree + 1.0))
        assert np.allclose(slope[row], gradient[..., 0].real / scale, atol=1e-12)
        assert np.allclose(turn[row], (m * value / np.sin(theta)).real / scale, atol=1e-12)


@pytest.mark.parametrize("pole", [0.0, np.pi])
def test_waves_are_finite_at_the_poles(pole):
    """Only |m| = 1 is seen there, and as the limit of directions beside the pole."""
    for m in range(-3, 4):
        at, beside = waves(12, m, np.array([pole])), waves(12, m, np.array([abs(pole - 1e-7)]))
        assert np.allclose(at, beside, atol=1e-5)
        assert (np.abs(at[0]).max() > 0.1) == (abs(m) == 1)


def test_orders_run_as_the_docstring_says():
    degree, order = orders(3)
    assert list(zip(degree[:4], order[:4], strict=True)) == [(1, -1), (1, 0), (1, 1), (2, -2)]
    assert (degree[-1], order[-1], degree.size) == (3, 3, 15)


def test_a_short_dipole_is_one_wave_and_its_power_is_known():
    """sum |a|^2 + |b|^2 = eta0 R_sky, R_sky = eta0 (2 pi/3) (l/lambda)^2; no wave but l = 1, TM.

    Budget: rounding, the quadrature of the fit is exact.
    """
    made = short_dipole(0.3, azimuth=0.7)
    for frequency in made.frequency.tolist():
        found = expand(made, frequency)
        power = (np.abs(found.tm) ** 2 + np.abs(found.te) ** 2).sum()
        truth = ETA0 * 2.0 * np.pi / 3.0 * (0.3 * frequency / SPEED_OF_LIGHT) ** 2
        assert power / ETA0 == pytest.approx(truth, rel=1e-12)
        largest = np.abs(found.tm).max()
        assert np.abs(found.tm[:, 3:]).max() < 1e-13 * largest
        assert np.abs(found.te).max() < 1e-13 * largest
        assert not found.upper


@pytest.mark.parametrize("soil", SOILS)
@pytest.mark.parametrize("tolerance", [1e-4, 1e-7])
def test_the_stated_error_is_true(soil, tolerance):
    """In 60 random directions and on the horizon; a factor of two for those never looked at."""
    made = solution(ports=2, stack=SOILS[soil], height=0.3, points=2)
    random = np.random.default_rng(3)
    upper = soil != "free space"
    theta = np.arccos(random.uniform(0.0 if upper else -1.0, 1.0, 60))
    theta[:3] = 0.0, 0.5 * np.pi, 1.57
    phi = random.uniform(0.0, 2.0 * np.pi, 60)
    for frequency in made.frequency.tolist():
        found = expand(made, frequency, tolerance)
        assert found.error <= tolerance
        assert found.upper == upper
        for port in (1, 2):
            field = made.far_field(frequency, theta[:, None], phi[:, None], port=port)
            truth = np.stack((field.e_theta, field.e_phi))[..., 0]
            grid = made.far_field(frequency, port=port)
            largest = max(np.abs(grid.e_theta).max(), np.abs(grid.e_phi).max())
            wrong = np.stack([part[port - 1] for part in found.field(theta, phi)]) - truth
            assert np.abs(wrong).max() <= 2.0 * tolerance * largest


def test_more_orders_are_geometrically_better_over_a_soil():
    """Each nine decades of the error take a few orders more, not a thousand."""
    made = solution(stack=SOILS["half-space"], height=0.1, points=2)
    frequency = float(made.frequency[0])
    sizes = [expand(made, frequency, tolerance).l_max for tolerance in (1e-3, 1e-5, 1e-7, 1e-9)]
    assert sizes == sorted(sizes)
    assert sizes[-1] <= 45


def test_a_sum_below_the_horizon_stays_of_the_size_of_the_field():
    made = solution(stack=SOILS["half-space"], height=0.1, points=2)
    for frequency in made.frequency.tolist():
        found = expand(made, frequency)
        theta, phi = np.linspace(0.0, 0.5 * np.pi, 41)[:, None], np.linspace(0.0, 6.0, 13)
        above, below = (
            max(np.abs(part).max() for part in found.field(angle, phi))
            for angle in (theta, np.pi - theta)
        )
        assert below < 10.0 * above


def test_ports_driven_together_add_up():
    made = solution(ports=2, stack=SOILS["half-space"], points=2)
    frequency = float(made.frequency[0])
    current = made.port_currents(1, 70.0 - 20.0j)
    driven = expand(made, frequency).driven(current)
    field = made.far_field(frequency, np.array([[0.7]]), np.array([[2.0]]), terminated=70.0 - 20.0j)
    e_theta, e_phi = driven.field(np.array(0.7), np.array(2.0))
    assert e_theta[0] == pytest.approx(field.e_theta[0, 0], rel=1e-6)
    assert e_phi[0] == pytest.approx(field.e_phi[0, 0], rel=1e-6)


def test_an_antenna_far_from_the_origin_is_refused():
    made = short_dipole(0.3, position=(300.0, 0.0, 0.0))
    with pytest.raises(InputError, match="up to l = 80 leave an error") as caught:
        expand(made, float(made.frequency[-1]), most=80)
    assert "\n" not in str(caught.value)


def test_many_orders_are_as_true_as_few():
    """150 m off the origin at 35 MHz: k r = 110, more than a hundred orders; 20 directions."""
    made = short_dipole(0.3, position=(90.0, -120.0, 0.0))
    frequency = float(made.frequency[-1])
    found = expand(made, frequency)
    assert found.l_max > 110
    random = np.random.default_rng(2)
    theta, phi = np.arccos(random.uniform(-1.0, 1.0, 20)), random.uniform(0.0, 6.28, 20)
    at = made.far_field(frequency, theta[:, None], phi[:, None])
    largest = max(np.abs(at.e_theta).max(), np.abs(at.e_phi).max())
    e_theta, e_phi = found.field(theta, phi)
    assert np.abs(e_theta[0] - at.e_theta[:, 0]).max() < 2e-7 * largest
    assert np.abs(e_phi[0] - at.e_phi[:, 0]).max() < 2e-7 * largest
