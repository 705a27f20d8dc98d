"""Two strips eight metres apart over two layers: the array's coupling against FDTD.

Budget: 0.01 of S21 at 100 ohm.  FDTD at draft shifts the resonances of both strips by up to 1.5 %,
which near antiresonance is 5 % of Z and, as the square of the current's shape, 13 % of the largest
mutual impedance; there S21 is at its smallest, and elsewhere 4 % of 0.1.
"""

import math

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.solvers.openems.run import runner

pytestmark = pytest.mark.skipif(
    runner.executable() is None, reason="openEMS is not installed: apt-get install openems"
)


@pytest.mark.slow
def test_coupling_over_two_layers_is_that_of_fdtd() -> None:
    stack = la.Stack([la.Layer(2.0, 2.0, 0.0, 1e-5), la.Layer(math.inf, 6.0, 0.0, 1e-4)])
    band, places = la.Band.mhz(8, 30, 12), (-4.0, 4.0)
    strips, ports = [], []
    for number, y in enumerate(places, 1):
        strips += [box(-5.0, y - 0.1, -0.05, y + 0.1), box(0.05, y - 0.1, 5.0, y + 0.1)]
        ports.append(la.Port((la.Gap(0.0, y, 0.1, 0.2),), str(number)))
    pair = la.Layout("pair", tuple(strips), tuple(ports))
    told = la.solve(la.Problem(pair, stack, 0.3, band), "openems", accuracy="draft")
    strip = la.load_geometry("strip", length=10.0, width=0.2, gap=0.1, metal="pec", film="none")
    array = la.Array(strip, [(0.0, y) for y in places], stack, 0.3, band)
    found = la.solve_array(array, accuracy="normal")
    s21 = np.array([found.s_matrix(index, 100.0)[1, 0] for index in range(band.frequency.size)])
    assert np.abs(s21 - told.network(100.0).s[:, 1, 0]).max() < 0.01
