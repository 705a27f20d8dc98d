"""Two strips eight metres apart over two layers: the array's coupling against FDTD.

Budget: 0.01 of S21 at 100 ohm, and 5 % of the largest mutual impedance.  FDTD at draft tunes strips
too low, by 0.1 to 0.3 % of the frequency where they are a metre wide and by 0.3 to 0.5 % where they
are 0.2 m (one cell across).  Mutual impedance goes with the square of the current's shape: near
antiresonance that is 2.5 % of its largest for wide strips and 9 % for narrow ones, for which it is
not asked here.  S21 is at its smallest there, and elsewhere 4 % of 0.1.
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
HALF, APART = 5.0, 8.0  # m, of a strip; between their axes


def strips(width: float, gap: float) -> la.Layout:
    metal, ports = [], []
    for number, y in enumerate((-APART / 2.0, APART / 2.0), 1):
        for left, right in ((-HALF, -gap / 2.0), (gap / 2.0, HALF)):
            metal.append(box(left, y - width / 2.0, right, y + width / 2.0))
        ports.append(la.Port((la.Gap(0.0, y, gap, width),), str(number)))
    return la.Layout("pair", tuple(metal), tuple(ports))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "gap", "mutual"), [(1.0, 0.2, 0.05), (0.2, 0.1, None)], ids=["wide", "narrow"]
)
def test_coupling_over_two_layers_is_that_of_fdtd(
    width: float, gap: float, mutual: float | None
) -> None:
    stack = la.Stack([la.Layer(2.0, 2.0, 0.0, 1e-5), la.Layer(math.inf, 6.0, 0.0, 1e-4)])
    band = la.Band.mhz(8, 30, 12)
    told = la.solve(la.Problem(strips(width, gap), stack, 0.3, band), "openems", accuracy="draft")
    one = la.load_geometry(
        "strip", length=2.0 * HALF, width=width, gap=gap, metal="pec", film="none"
    )
    places = [(0.0, -APART / 2.0), (0.0, APART / 2.0)]
    found = la.solve_array(la.Array(one, places, stack, 0.3, band), accuracy="normal")
    s21 = np.array([found.s_matrix(index, 100.0)[1, 0] for index in range(band.frequency.size)])
    assert np.abs(s21 - told.network(100.0).s[:, 1, 0]).max() < 0.01
    if mutual is not None:
        z21 = np.asarray(found.z)[:, 1, 0]
        assert np.abs(told.z[:, 1, 0] - z21).max() < mutual * np.abs(z21).max()
