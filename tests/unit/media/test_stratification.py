"""How many points in elevation the reflections of a layered soil ask for."""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import wavenumber
from lunar_antenna.media.stratification import Stratification

F = 30e6
K = float(wavenumber(np.array(F)))


def turned(eps_r):
    """sqrt(eps) - sqrt(eps - 1): zenith less horizon."""
    return math.sqrt(eps_r) - math.sqrt(eps_r - 1.0)


@pytest.mark.parametrize(("eps_r", "thickness"), [(2.5, 300.0), (7.0, 80.0)])
def test_fringes_are_the_turns_of_phase_between_zenith_and_horizon(eps_r, thickness):
    """0.6 points a radian of 2 k d (sqrt(eps) - sqrt(eps - 1)), a lossless layer under a mast."""
    stack = la.Stack([la.Layer(thickness, eps_r), la.Layer(math.inf, 9.0)])
    assert Stratification.build(stack, height=40.0).fringes(F)[0] == int(0.6 * 2.0 * K * 40.0)
    found = Stratification.build(stack).fringes(F)
    assert found == [0, int(0.6 * 2.0 * K * thickness * turned(eps_r))]


def test_what_losses_hide_has_no_fringes():
    """14 nepers there and back: as far down as that and no farther, and no layer below."""
    lossy = la.Layer(500.0, 3.0, loss_tangent=0.05)
    stack = la.Stack([lossy, la.Layer(100.0, 5.0), la.Layer(math.inf, 9.0)])
    found = Stratification.build(stack).fringes(F)
    index = complex(np.sqrt(lossy.complex_eps_r(np.array([F]))[0]))
    depth = 14.0 / (-2.0 * K * index.imag)
    assert depth < 500.0
    real = index.real - math.sqrt(index.real**2 - 1.0)
    assert found == [0, int(0.6 * 2.0 * K * depth * real)]
