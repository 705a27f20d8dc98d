"""Pattern measures against patterns known in closed form.

Error budget: fields of discrete elements are exact, so closed forms of point dipoles hold to
1e-9 dB.  A continuous current sampled at N midpoints differs by (k step)^2/24 of its level:
below 0.01 dB for 401 points on 10 m at 35 MHz.  Beamwidths interpolate power linearly between
points 1 degree apart: error below |U''| step^2/8 over the slope, 0.02 degrees for cos^2.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hand_made import solution

from lunar_antenna.media.layer import Stack
from lunar_antenna.pattern import (
    _field,
    cone_grid,
    dipole_likeness,
    measure,
    pattern_constancy,
    short_dipole,
)
from lunar_antenna.radiation import CurrentElements

SOIL = Stack.half_space(3.5, loss_tangent=0.01)
LIGHT = 299_792_458.0


def with_moments(position, moment, stack=None, height=0.0):
    """The hand-made solution, radiating by ``moment`` (n_freq or 1, n, 3) at ``position``."""
    base = solution(stack=stack, height=height, points=4)
    moment = np.broadcast_to(moment, (4, *moment.shape[1:]))[:, None].astype(complex)
    return replace(base, elements=CurrentElements(np.asarray(position, float), moment))


def sine_dipole(length_in_waves, **where):
    """Current sin(k(l/2 - |x|)) on a wire that is so many wavelengths long at each frequency 0."""
    base = solution(points=4)
    k = 2.0 * np.pi * base.frequency[0] / LIGHT
    length = length_in_waves * LIGHT / base.frequency[0]
    x = (np.arange(401) + 0.5) / 401 * length - length / 2.0
    moment = np.zeros((1, 401, 3))
    moment[0, :, 0] = np.sin(k * (length / 2.0 - np.abs(x))) * length / 401
    position = np.column_stack((x, 0 * x, 0 * x))
    return with_moments(position, moment, **where), float(base.frequency[0])


@pytest.mark.parametrize("stack", [None, SOIL])
def test_a_short_dipole_is_its_own_standard(stack):
    point = np.zeros((1, 1, 3))
    point[0, 0, 0] = 1.0
    sol = with_moments(np.zeros((1, 3)), point, stack)
    assert dipole_likeness(sol).max() < 1e-9
    found = measure(sol, sol.frequency[0])
    assert found.dipole_like
    assert found.cross_zenith == -40.0
    assert found.zenith == pytest.approx(0.0, abs=1e-9)


def test_short_dipole_in_free_space_has_its_textbook_beam():
    """E plane cos^2: 90 degrees wide, 1/4 at 60 degrees; H plane round: the whole upper half."""
    point = np.zeros((1, 1, 3))
    point[0, 0, 0] = 1.0
    sol = with_moments(np.zeros((1, 3)), point)
    found = measure(sol, sol.frequency[0])
    assert np.rad2deg(found.beamwidth_e) == pytest.approx(90.0, abs=0.02)
    assert np.rad2deg(found.beamwidth_h) == pytest.approx(180.0, abs=0.05)
    assert found.deepest == pytest.approx(10 * np.log10(0.25), abs=1e-9)


@pytest.mark.parametrize(("waves", "expected"), [(0.5, 1.5605), (1.0, 15.1607)])
def test_half_and_full_wave_dipoles(waves, expected):
    """20 log10 of [cos(kl/2 cos a) - cos(kl/2)]/sin a over sin a, at a = 30 degrees from the axis.

    Both normalised broadside; the values are that expression, and its own evaluation is here too.
    """
    half = np.pi * waves

    def level(a):
        return (np.cos(half * np.cos(a)) - np.cos(half)) / np.sin(a)

    closed = 20 * np.log10(level(np.pi / 6) / level(np.pi / 2) / np.sin(np.pi / 6))
    assert -closed == pytest.approx(expected, abs=1e-3)
    sol, frequency = sine_dipole(waves)
    assert dipole_likeness(sol, frequency)[0] == pytest.approx(expected, abs=0.02)
    assert measure(sol, frequency).dipole_like == (waves == 0.5)


def test_half_wave_dipole_has_78_degrees():
    sol, frequency = sine_dipole(0.5)
    assert np.rad2deg(measure(sol, frequency).beamwidth_e) == pytest.approx(78.08, abs=0.05)


def test_a_null_in_the_cone_is_found_and_is_not_dipole_like():
    """Two elements in phase, d apart across the axis: null where k d sin(theta)/2 = pi/2."""
    frequency = 5e6
    spacing = LIGHT / frequency / (2.0 * np.sin(np.deg2rad(45.0)))
    position = np.array([[0, -spacing / 2, 0], [0, spacing / 2, 0]])
    moment = np.zeros((1, 2, 3))
    moment[0, :, 0] = 0.5
    found = measure(with_moments(position, moment), frequency)
    assert found.deepest == -40.0
    assert not found.null_free
    assert found.likeness > 30.0
    # |cos(k d sin(theta)/2)|^2 = 1/2 at half the null's sine
    width = 2 * np.rad2deg(np.arcsin(np.sin(np.deg2rad(45.0)) / 2.0))
    assert np.rad2deg(found.beamwidth_h) == pytest.approx(width, abs=0.05)


@pytest.mark.parametrize("stack", [None, SOIL])
@pytest.mark.parametrize("port", [1, 2])
def test_array_factor_gives_the_far_field(stack, port):
    """The fast sum for currents in one plane against the solution's own; rounding, 1e-12."""
    sol = solution(ports=2, stack=stack, points=4)
    theta, phi = cone_grid(20.0)
    fast = np.stack(_field(sol, 15e6, theta, phi, port))
    grid = np.broadcast_arrays(theta, phi)
    slow = sol.far_field(15e6, *grid, port=port)
    expected = np.stack((slow.e_theta, slow.e_phi))
    assert np.abs(fast - expected).max() < 1e-12 * np.abs(expected).max()


def test_a_null_at_the_zenith_leaves_no_beam():
    position = np.array([[0.0, -5.0, 0.0], [0.0, 5.0, 0.0]])
    moment = np.zeros((1, 2, 3))
    moment[0, :, 0] = (-0.5, 0.5)
    found = measure(with_moments(position, moment), 5e6)
    assert found.zenith == -40.0
    assert (found.beamwidth_h, found.dipole_like) == (0.0, False)


def test_cross_polarisation_of_a_tilted_current():
    """A moment turned by angle a from the port's axis: tan^2 a at the zenith."""
    angle = np.deg2rad(5.0)
    moment = np.array([[[np.cos(angle), np.sin(angle), 0.0]]])
    found = measure(with_moments(np.zeros((1, 3)), moment), 5e6)
    assert found.cross_zenith == pytest.approx(20 * np.log10(np.tan(angle)), abs=1e-9)
    assert found.cross >= found.cross_zenith


def test_second_port_is_measured_along_its_own_axis():
    sol = solution(ports=2, points=4)
    one, two = (measure(sol, 5e6, port=port) for port in (1, 2))
    assert two.beamwidth_e == pytest.approx(one.beamwidth_e, abs=1e-9)
    assert two.likeness == pytest.approx(one.likeness, abs=1e-6)
    assert two.cross_zenith == -40.0


def test_constancy_of_a_frequency_independent_beam_and_of_two_beams():
    """Two beams L1, L2 have an rms deviation |L1 - L2|/2, here in closed form.

    Moments are the same at all frequencies, so only their distance in wavelengths changes the beam.
    """
    point = np.zeros((1, 1, 3))
    point[0, 0, 0] = 1.0
    sol = with_moments(np.zeros((1, 3)), point, SOIL)
    # over a half-space of constant tan delta the short dipole's beam does not know the frequency
    assert pattern_constancy(sol) < 1e-9
    pair = np.array([[0, -3.0, 0], [0, 3.0, 0]])
    moment = np.zeros((1, 2, 3))
    moment[0, :, 0] = 0.5
    sol = with_moments(pair, moment)
    low, high = sol.frequency[:2]
    theta = np.deg2rad(np.arange(0, 61, 5.0))[:, None]
    phi = np.deg2rad(np.arange(0, 360, 15.0))[None, :]
    array = [
        20 * np.log10(np.abs(np.cos(2 * np.pi * f / LIGHT * 3.0 * np.sin(theta) * np.sin(phi))))
        for f in (low, high)
    ]
    square = ((array[0] - array[1]) / 2.0) ** 2
    weight = np.sin(theta)[:, 0]
    expected = np.sqrt((square.mean(axis=1) * weight).sum() / weight.sum())
    assert expected > 0.3
    assert pattern_constancy(sol, (low, high)) == pytest.approx(expected, rel=1e-9)


def test_the_standard_on_soil_has_no_null_within_60_degrees():
    """What the module says of its standard, over the range of lunar permittivities."""
    theta = np.deg2rad(np.linspace(0, 60, 25))[:, None]
    phi = np.deg2rad(np.linspace(0, 360, 48))[None, :]
    for eps in (1.5, 2.5, 3.5, 4.5, 7.0):
        base = solution(stack=Stack.half_space(eps, loss_tangent=0.01), height=0.0, points=4)
        e_theta, e_phi = short_dipole(base.problem, 15e6, theta, phi)
        level = np.abs(e_theta) ** 2 + np.abs(e_phi) ** 2
        assert 10 * np.log10(level.min() / level.max()) > -6.03
