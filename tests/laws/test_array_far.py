"""Elements far apart: they decouple as the lateral wave says, and in the limit they are alone.

On a half-space that is no guide, a horizontal element's field along the surface far away is the
lateral wave of the vacuum, exp(-j k0 d)/d^2; the wave in the soil, which falls by exp(-Im k d), is
below 1e-3 of it from 160 m on with the soils here.  Budget: the attenuation function goes on as
1 + 3/(2 p) + 15/(2 p)^2 (Norton 1936), p = -j k0 d (eps - 1)/(2 eps^2) the numerical distance, 9.4
in size at 160 m for eps 4: from there to the double distance the phase may change by 3/(4 |p|) and
the size by 15/(4 |p|^2), both an upper bound for waves that are not all TM.  What the neighbour
gives back to an element is of second order in the coupling: 1/d^4.
"""

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array.moves import quick_solution
from lunar_antenna.conventions import wavenumber

FREQUENCY = 30e6
SOILS = {
    "half-space": la.Stack.half_space(4.0, loss_tangent=0.1),
    "layers": la.Stack([la.Layer(0.6, 2.5, loss_tangent=0.02), la.Layer(float("inf"), 4.0, 0.1)]),
}


def pair(stack, place, turn=0.0):
    layout = la.load_geometry("strip", length=4.0, width=0.3, gap=0.05)
    array = la.Array(
        layout, [(0.0, 0.0), place], stack, 0.0, la.Band([FREQUENCY]), rotations=[0.0, turn]
    )
    return quick_solution(array, "draft", 1e-4).matrix("z", 0)


@pytest.fixture(scope="module")
def alone():
    layout = la.load_geometry("strip", length=4.0, width=0.3, gap=0.05)
    return {
        name: la.solve(
            la.Problem(layout, stack, 0.0, la.Band([FREQUENCY])), "planar", accuracy="draft"
        ).z[0, 0, 0]
        for name, stack in SOILS.items()
    }


@pytest.mark.parametrize("soil", SOILS)
@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.0, 1.0), (0.8, 0.6)], ids=str)
def test_coupling_is_that_of_the_lateral_wave(alone, soil, direction):
    near, far = 160.0, 320.0
    turn = 0.0 if 0.0 in direction else 0.7
    z = {d: pair(SOILS[soil], d * np.array(direction), turn) for d in (near, far)}
    k = float(wavenumber(np.array([FREQUENCY]))[0])
    first, second = (z[d][0, 1] * d**2 * np.exp(1j * k * d) for d in (near, far))
    p = k * near * 3.0 / (2.0 * 4.0**2)
    assert abs(second / first) == pytest.approx(1.0, abs=15.0 / (4.0 * p**2))
    assert abs(np.angle(second / first)) < 3.0 / (4.0 * p)
    # the limit of infinite spacing, and how it is come to
    back = [abs(z[d][0, 0] - alone[soil]) for d in (near, far)]
    assert back[0] < abs(z[near][0, 1]) ** 2 / abs(alone[soil].real)
    assert back[0] / back[1] == pytest.approx(16.0, rel=0.1)


def test_without_soil_coupling_falls_with_the_distance_itself():
    """The control: 1/d beside each other in the vacuum, to 1/(k d)^2."""
    near, far = (pair(la.Stack.free_space(), (0.0, d))[0, 1] for d in (40.0, 80.0))
    assert abs(near / far) == pytest.approx(2.0, abs=0.02)
