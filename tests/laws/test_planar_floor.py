"""Good conductors under the metal, and layers too thick to matter: what replaces them is exact.

Budget of the impedance boundary condition: 3/(16 (h |k|)^4) of the power that the conductor
absorbs, with 1e-4 for the quadrature of the losses (FLUX_TOLERANCE over some hundred panels).
"""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.errors import UnsupportedProblemError
from lunar_antenna.solvers.planar import floor, kernels

FREQUENCY = [15e6]
SALTY = la.Stack.half_space(3.0, conductivity=1.0)  # skin depth 0.13 m: both ways can be computed


def strip(length: float, width: float) -> la.Layout:
    gap = 0.1
    arms = (
        box(gap / 2, -width / 2, length / 2, width / 2),
        box(-length / 2, -width / 2, -gap / 2, width / 2),
    )
    return la.Layout("strip", arms, (la.Port((la.Gap(0.0, 0.0, gap, width),)),))


def solve(layout, stack, height, frequency=FREQUENCY):
    problem = la.Problem(layout, stack, height, la.Band(frequency))
    return la.solve(problem, solver="planar", accuracy="draft")


@pytest.mark.parametrize("width", [0.02, 1.0])
@pytest.mark.parametrize("height", [0.1, 0.2, 0.4])
def test_impedance_of_a_conductor_misses_no_more_than_it_says(width, height, monkeypatch):
    layout = strip(4.0 if width == 1.0 else 2.0, width)
    kernels.clear_cache()
    monkeypatch.setattr(floor, "UNSEEN", -1.0)  # never taken by its impedance
    exact = solve(layout, SALTY, height)
    kernels.clear_cache()
    monkeypatch.setattr(floor, "UNSEEN", 1.0)  # wherever it may be
    fast = solve(layout, SALTY, height)
    kernels.clear_cache()
    x = height * float(np.abs(SALTY.layers[0].wavenumber(np.array(FREQUENCY)))[0])
    bound = 3.0 / (16.0 * x**4)
    assert not any("impedance" in note for note in exact.provenance.notes)
    assert any("impedance" in note for note in fast.provenance.notes)
    lost = exact.r_ground[0, 0, 0].real
    assert abs(fast.r_ground[0, 0, 0].real - lost) < (bound + 1e-4) * lost
    assert abs(fast.z - exact.z).max() < (bound + 1e-4) * lost + 1e-5 * abs(exact.z).max()
    assert fast.quality.power_closure.max() < 1e-4


@pytest.mark.parametrize("conductivity", [30.0, 200.0, 1e4, 3.5e7])
def test_good_conductors_are_solved_above_and_approach_the_perfect_one(conductivity):
    """|Z - Z_perfect| falls as the surface impedance, that is as 1/sqrt(conductivity)."""
    layout, height = strip(4.0, 0.5), 0.15
    soil = la.Stack.half_space(3.0, conductivity=conductivity)
    found = solve(layout, soil, height)
    perfect = solve(layout, la.Stack([la.Layer.conductor()]), height)
    layer = soil.layers[0]
    impedance = 377.0 / float(np.abs(np.sqrt(layer.complex_eps_r(np.array(FREQUENCY))))[0])
    # a current of 1 A on a strip of width w over a conductor loses about R_s length/(3 w) there
    assert abs(found.z - perfect.z).max() < 4.0 * impedance * 4.0 / 0.5
    assert found.r_ground[0, 0, 0].real > 0.0
    assert found.quality.power_closure.max() < 1e-3
    assert "good conductor" in " ".join(found.provenance.notes)


@pytest.mark.parametrize("solver", ["planar", "openems"])
@pytest.mark.parametrize("over", [(), (la.Layer(0.001, 3.0),)])
def test_metal_on_a_good_conductor_is_refused_by_the_number_of_its_layer(solver, over):
    stack = la.Stack([*over, la.Layer(np.inf, 3.0, conductivity=1e4)])
    number = len(stack.layers)
    with pytest.raises(UnsupportedProblemError, match=rf"soil layer {number} .*skin depth"):
        la.solve(la.Problem(strip(4.0, 0.5), stack, 0.0, la.Band(FREQUENCY)), solver=solver)


def test_a_foil_of_conductor_is_refused_by_the_number_of_its_layer():
    foil = la.Stack([la.Layer(1e-6, 1.0, conductivity=1e7), la.Layer(np.inf, 3.0)])
    with pytest.raises(UnsupportedProblemError, match=r"soil layer 1.*thicker"):
        la.solve(la.Problem(strip(4.0, 0.5), foil, 0.3, la.Band(FREQUENCY)), solver="planar")


def test_a_layer_too_wide_to_be_followed_is_refused_by_its_number():
    stack = la.Stack.half_space(9.0, loss_tangent=0.01)
    with pytest.raises(UnsupportedProblemError, match=r"soil layer 1.*rad long, allowed 300"):
        la.solve(la.Problem(strip(4.0, 0.5), stack, 0.0, la.Band([3e9])), solver="planar")


@pytest.mark.parametrize("thickness", [1e4, 1e5, 1e6, 1e9])
def test_a_layer_that_absorbs_all_is_the_half_space_however_thick(thickness):
    """At 8 nepers a kilometre there and back nothing of 1e4 m returns: exp(-80)."""
    frequency = [10e6]
    soil = la.Layer(thickness, 3.5, 0.01)
    below = la.Layer(np.inf, 9.0, 0.01)
    layout = strip(4.0, 0.5)
    deep = solve(layout, la.Stack([soil, below]), 0.1, frequency)
    half = solve(layout, la.Stack.half_space(3.5, loss_tangent=0.01), 0.1, frequency)
    assert abs(deep.z / half.z - 1.0).max() < 1e-6
    assert abs(deep.r_sky / half.r_sky - 1.0).max() < 1e-6


@pytest.mark.parametrize("solver", ["planar", "openems", "auto"])
def test_an_echo_from_too_deep_is_refused_by_the_number_of_its_layer(solver):
    stack = la.Stack(
        [la.Layer(0.5, 2.0, 0.01), la.Layer(1e5, 3.5, 1e-6), la.Layer(np.inf, 9.0, 0.01)]
    )
    with pytest.raises(UnsupportedProblemError, match=r"soil layer 2, 100000 m thick.*fringes"):
        la.solve(la.Problem(strip(4.0, 0.5), stack, 0.0, la.Band(FREQUENCY)), solver=solver)


def test_a_height_of_many_wavelengths_is_refused_by_its_name():
    problem = la.Problem(strip(0.4, 0.05), SALTY, 1000.0, la.Band([1e8]))
    with pytest.raises(UnsupportedProblemError, match=r"height = 1000 m makes .* fringes"):
        la.solve(problem, solver="planar")


def test_fringes_are_counted_down_to_where_they_vanish():
    """Loss 0.01: 14 nepers are spent 1.8 km down at 20 MHz, deeper soil adds no fringe."""

    def order(thickness):
        stack = la.Stack([la.Layer(thickness, 3.5, 0.01), la.Layer(np.inf, 9.0)])
        layers = la.Problem(strip(4.0, 0.5), stack, 0.0, la.Band(FREQUENCY)).stratification
        return sum(layers.fringes(20e6))

    assert order(500.0) < order(1000.0) < order(3000.0) == order(1e4) == order(1e6)


@pytest.mark.parametrize("below", [np.inf, 0.5])
@pytest.mark.parametrize("conductivity", [3.0, 10.0, 30.0, 100.0, 1000.0])
def test_what_is_told_of_a_strip_close_above_a_conductor_holds(conductivity, below):
    """0.05 m above, where the current crowds: draft may say that it is too coarse, never wrongly.

    Budget: both stated errors, at each frequency by each mesh (band of three), and the impedance
    condition's own share of what the ground takes.
    """
    layers = [la.Layer(below, 3.0, conductivity=conductivity)]
    soil = la.Stack(layers if np.isinf(below) else [*layers, la.Layer(np.inf, 3.5, 0.01)])
    problem = la.Problem(strip(10.0, 0.2), soil, 0.05, la.Band.mhz(12, 18, 3))
    found = {
        name: la.solve(problem, solver="planar", accuracy=name)
        for name in ("draft", "normal", "fine")
    }
    best = found["fine"]
    assert best.quality.converged
    assert found["normal"].quality.converged
    for solution in (found["draft"], found["normal"]):
        miss = abs(solution.z - best.z)[:, 0, 0] / abs(best.z)[:, 0, 0]
        assert np.all(miss < solution.quality.z_error + best.quality.z_error + 0.01)
    assert best.quality.power_closure.max() < 1e-3
