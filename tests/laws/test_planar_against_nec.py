"""Two independent methods on the same antennas in free space: planar sheets and NEC's wires."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.media.edge import strip_factor
from lunar_antenna.media.sheets import METALS

EQUIVALENCE = 0.02  # a strip as a wire of a quarter of its width, in |Z|


@pytest.mark.parametrize("stack", ["free space", "vacuum layers"])
def test_strip_is_the_wire(stack):
    """Below 0.8 of anti-resonance: budget = both stated z_errors + 2 % for the equivalent wire.

    The vacuum stack is nearly vacuum (eps_r - 1 = 1e-9), so that no shortcut is taken.
    """
    layout = la.load_geometry("strip", length=10.0, width=0.02)
    band = la.Band.mhz(6, 21, 16)
    vacuum = la.Stack([la.Layer(1.0, 1.0 + 1e-9), la.Layer(np.inf, 1.0 + 1e-9)])
    ground = la.Stack.free_space() if stack == "free space" else vacuum
    planar = la.solve(la.Problem(layout, ground, height=0.5, band=band), "planar")
    nec = la.solve(la.Problem(layout, la.Stack.free_space(), height=0.5, band=band), "nec")
    assert planar.quality.z_error is not None
    assert nec.quality.z_error is not None
    budget = EQUIVALENCE + planar.quality.z_error + nec.quality.z_error
    difference = np.abs(planar.z - nec.z)[:, 0, 0] / np.abs(nec.z)[:, 0, 0]
    assert np.all(difference <= budget)
    assert budget.max() < 0.15  # the budget itself must be able to fail


def test_metal_loss_is_that_of_the_strip():
    """18 um copper, 14 MHz: r_metal = F Re Z_s/w * integral of |I|^2, F with edge crowding.

    The current along the strip is NEC's.  Budget 3 %: F is good to 1 %, the sheet's mesh and the
    equivalent wire to 2 %.  Without crowding (F = 1 for 2.6) the law would fail.
    """
    width, frequency = 0.2, np.array([14e6])
    layout = la.load_geometry("strip", length=10.0, width=width, metal="copper_18um")
    problem = la.Problem(layout, la.Stack.free_space(), band=la.Band(frequency))
    planar = la.solve(problem, "planar").r_metal[0, 0, 0].real
    wire = la.solve(problem, "nec").currents(14e6)
    lengths = np.linalg.norm(wire.segments[:, 1] - wire.segments[:, 0], axis=1)
    squared = float(np.sum(lengths * np.abs(wire.density[:, 0]) ** 2))
    metal = METALS["copper_18um"]
    impedance = strip_factor(width, metal, frequency)[0] * metal.sheet_impedance(frequency)[0]
    assert planar == pytest.approx(impedance.real / width * squared, rel=0.03)


def test_metal_loss_does_not_depend_on_the_mesh():
    """The edge part grows as the resolved part falls: draft to fine within 2 %."""
    layout = la.load_geometry("strip", length=10.0, width=0.5, metal="copper_18um")
    problem = la.Problem(layout, la.Stack.half_space(3.0, loss_tangent=0.01), band=[10e6])
    losses = [
        la.solve(problem, "planar", accuracy=word).r_metal[0, 0, 0].real
        for word in ("draft", "normal", "fine")
    ]
    assert max(losses) / min(losses) < 1.02
