"""Power into the soil: flux at the surface against flux at a second depth.

A lossless top layer stores no power: at every real k_rho what crosses its top crosses its bottom.
The second flux comes from a 2 x 2 transfer matrix written here (1e-9 of the largest value:
rounding, where the layer is not cut off by more than exp(-12)).
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.conventions import wavenumber
from lunar_antenna.solvers.planar.kernels import problem_line
from lunar_antenna.solvers.planar.spectral import evaluate

DEPTH, EPS_TOP = 2.0, 2.0
BOTTOM = la.Layer(math.inf, 6.0, 0.1)
FREQUENCY = 20e6


def flux_at_the_bottom(k_rho: float, k0: float) -> tuple[float, float]:
    """(TM, TE) |V|^2 Re Y at the lower interface per unit current at the surface, units of Line."""
    eps_bottom = complex(BOTTOM.complex_eps_r(np.array(FREQUENCY)))

    def kz(eps):
        value = np.sqrt(k0 * k0 * eps - k_rho * k_rho + 0j)
        return -value if value.imag > 0 or (value.imag == 0 and value.real < 0) else value

    result = []
    for tm in (True, False):
        y_up, y_top, y_down = (
            (eps / kz(eps)) if tm else kz(eps) for eps in (1.0, EPS_TOP, eps_bottom)
        )
        phase = kz(EPS_TOP) * DEPTH
        # voltage and current at the top for 1 V at the bottom
        v = np.cos(phase) + 1j * np.sin(phase) * y_down / y_top
        i = 1j * y_top * np.sin(phase) + np.cos(phase) * y_down
        bottom = 1.0 / (i + y_up * v)  # the source of 1 A feeds both sides
        result.append(abs(bottom) ** 2 * y_down.real)
    return result[0], result[1]


def strip() -> la.Layout:
    arms = (box(0.05, -0.1, 5.0, 0.1), box(-5.0, -0.1, -0.05, 0.1))
    return la.Layout("strip", arms, (la.Port((la.Gap(0.0, 0.0, 0.1, 0.2),)),))


def problem(bottom=BOTTOM, depth=DEPTH) -> la.Problem:
    stack = la.Stack([la.Layer(depth, EPS_TOP), bottom])
    return la.Problem(strip(), stack, 0.0, la.Band([FREQUENCY]))


def test_spectral_flux_at_two_depths():
    case = problem()
    k0 = float(wavenumber(np.array(FREQUENCY)))
    k = np.linspace(0.03, 6.0, 57) * k0
    out = evaluate(problem_line(case, case.frequency), k.astype(complex), k0, 0)
    te = np.array([flux_at_the_bottom(x, k0)[1] for x in k])
    tm = np.array([flux_at_the_bottom(x, k0)[0] for x in k])
    want_phi = (tm - k0 * k0 * te) / k**2
    assert np.abs(out[:, 2].real - te).max() < 1e-9 * te.max()
    assert np.abs(out[:, 3].real - want_phi).max() < 1e-9 * np.abs(want_phi).max()


def test_resistance_at_two_depths():
    """r_ground by flux equals Re Z less the far field's r_sky: two integrals, 1e-4."""
    solution = la.solve(problem(), solver="planar", accuracy="draft")
    rest = solution.z.real - solution.r_sky.real
    assert solution.r_ground[0, 0, 0].real == pytest.approx(rest[0, 0, 0], rel=1e-4)
