"""Reliefs against physics: the wire model, the staircase against it, and films over soil.

The runs of the FDTD engine need it installed and are skipped with the command where it is not.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solution import Solution
from lunar_antenna.solvers.openems.run import runner

FREE = la.Stack.free_space()
SOIL = la.Stack.half_space(3.5, conductivity=1e-4)
BAND = la.Band.mhz(12, 15, 4)

needs_engine = pytest.mark.skipif(
    runner.executable() is None, reason="openEMS is not installed: apt-get install openems"
)


@pytest.fixture(scope="module", autouse=True)
def private_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def problem(stack=FREE, height=0.0, band=BAND, **parameters) -> la.Problem:
    return la.Problem(la.load_geometry("strip", **parameters), stack, height, band)


def tilted(angle: float) -> dict[str, float]:
    """A 10 m strip turned rigidly: its plan is shorter by cos(angle)."""
    short = math.cos(angle)
    return {"length": 10.0 * short, "gap": 0.1 * short, "tilt.angle": angle}


def resonance(solution: Solution) -> float:
    """Hz, first zero of the reactance."""
    x, f = solution.z[:, 0, 0].imag, solution.frequency
    i = int(np.flatnonzero((x[:-1] < 0.0) & (x[1:] >= 0.0))[0])
    return float(f[i] - x[i] * (f[i + 1] - f[i]) / (x[i + 1] - x[i]))


def draft(case: la.Problem) -> Solution:
    return la.solve(case, "openems", accuracy="draft")


@pytest.mark.parametrize("angle", [0.1, 0.3])
def test_a_rigid_tilt_in_free_space_changes_nothing_for_wires(angle):
    """Z of the turned wires is that of the level ones within the coarser segmentation's spread
    (segments are counted in the plan, so that their number differs by a few)."""
    flat, turned = (la.solve(problem(**p), "nec") for p in ({}, tilted(angle)))
    assert flat.quality.z_error is not None
    change = np.abs(turned.z / flat.z - 1.0)[:, 0, 0]
    assert np.all(change < flat.quality.z_error)
    assert change.max() < 5e-3


def test_wires_follow_the_relief():
    """Total length of the wires: the arc of the sag, 8/3 depth^2/span more than the plan to the
    next order, 3 % of it at this depth, and chords instead of arcs, 1 %."""
    from lunar_antenna.solvers.thin_wire.model import Resolution, wire_model

    lengths = []
    for depth in (0.0, 0.5):
        layout = la.load_geometry("strip", **{"sag.depth": depth})
        model = wire_model(layout, 2.0, 20.0, Resolution(0.1, 0.5))
        lengths.append(sum(wire.length for wire in model.wires))
        for wire in model.wires:
            for x, _, z in (wire.start, wire.end):
                assert z == pytest.approx(2.0 - 4 * depth * (0.25 - (x / 10.0) ** 2), abs=1e-12)
    assert lengths[1] - lengths[0] == pytest.approx(8.0 / 3.0 * 0.25 / 10.0, rel=0.04)


def test_sag_of_wires_converges_to_the_plane_in_second_order():
    """The change of Z falls with the square of the depth: ratio 4 within 2 %."""
    flat = la.solve(problem(), "nec").z
    change = [
        np.abs(la.solve(problem(**{"sag.depth": d}), "nec").z - flat).max() for d in (0.1, 0.05)
    ]
    assert change[0] / change[1] == pytest.approx(4.0, rel=0.02)


def test_waves_too_short_for_wires_are_refused():
    case = problem(**{"wrinkle.wavelength": 0.5, "wrinkle.amplitude": 0.01})
    with pytest.raises(la.errors.UnsupportedProblemError, match="use solver openems") as caught:
        la.solve(case, "nec")
    assert "changes within 0.5 m" in str(caught.value)


@needs_engine
@pytest.mark.slow
def test_a_rigid_tilt_in_free_space_costs_what_the_staircase_states():
    """Resonance of a strip turned by 0.06 rad against the level one.

    Budget: the risers lower it by e within a factor of 2 (the stated error's own accuracy) and
    0.3 % for another mesh along z.  Never by more than the bound, the path itself.
    """
    flat, turned = draft(problem()), draft(problem(**tilted(0.06)))
    details = turned.quality.details
    shift = 1.0 - resonance(turned) / resonance(flat)
    assert 0.5 * details["stair_excess"] - 0.003 < shift < 2.0 * details["stair_excess"] + 0.003
    assert shift < details["stair_excess_bound"]
    assert turned.quality.power_closure.max() < 0.01
    assert any("staircase" in note for note in turned.provenance.notes)
    assert not any("staircase" in note for note in flat.provenance.notes)


@needs_engine
def test_a_sagging_strip_agrees_with_wires():
    """FDTD staircase against thin wires in free space, both within their own stated errors.

    The sky share of the wires is their average gain, within 1 % with that of the run.
    """
    case = problem(**{"sag.depth": 0.15})
    mine, other = draft(case), la.solve(case, "nec", accuracy="fine")
    difference = np.abs(mine.z / other.z - 1.0)[:, 0, 0]
    assert mine.quality.z_error is not None
    assert other.quality.z_error is not None
    assert np.all(difference < mine.quality.z_error + other.quality.z_error)
    assert mine.quality.z_error.max() < 0.25
    shares = [s.r_sky[:, 0, 0].real / s.z[:, 0, 0].real for s in (mine, other)]
    assert np.abs(shares[0] - shares[1]).max() < 0.01


@needs_engine
@pytest.mark.usefixtures("without_coarser_mesh")
def test_a_tilted_strip_over_soil_lies_between_its_tips_heights():
    """Tips at 0.3 and 0.7 m: the resonance lies between those of level strips at these heights,
    given the stated error of the staircase.  Power: what the port takes leaves the box or heats the
    soil in it, an identity of the discrete equations that holds only with the risers' currents
    right; recorded in single precision, 1e-4.
    """
    levels = [
        resonance(la.solve(problem(SOIL, h, la.Band.mhz(11, 15, 9)), "planar", accuracy="draft"))
        for h in (0.3, 0.7)
    ]
    mine = draft(problem(SOIL, 0.5, la.Band.mhz(11, 15, 9), **{"tilt.angle": 0.04}))
    excess = 1.0 + mine.quality.details["stair_excess"]
    assert levels[0] < levels[1]
    assert levels[0] < resonance(mine) * excess < levels[1]
    assert mine.quality.power_closure.max() < 1e-4


@needs_engine
@pytest.mark.slow
def test_a_lifted_plane_is_a_plane_at_that_height():
    """Relief of 0.2 m at a height of 0.3 m is height 0.5 m: Z to rounding of the engine, the sky
    share to the air layer that the far field no longer names."""
    layout = la.load_geometry("strip")
    lifted = la.Layout.from_dict({**layout.to_dict(), "relief": {"offset": 0.2, "terms": []}})
    one, two = (
        draft(la.Problem(item, SOIL, h, BAND)) for item, h in ((layout, 0.5), (lifted, 0.3))
    )
    assert np.allclose(one.z, two.z, rtol=1e-6)
    assert np.allclose(one.r_sky, two.r_sky, rtol=1e-6)


@needs_engine
@pytest.mark.slow
def test_metal_and_film_follow_the_relief():
    """Copper on film, sagging from 0.3 to 0.2 m over soil: losses between those of level strips at
    these heights, 10 % for the staircase, and the power balance of the run."""
    materials = {"metal": "aluminium_100nm", "film": "polyimide_50um"}
    low, high = (draft(problem(SOIL, h, **materials)) for h in (0.2, 0.3))
    sagging = draft(problem(SOIL, 0.3, **materials, **{"sag.depth": 0.1}))
    for name in ("r_metal", "r_film", "r_sky"):
        ends = np.stack([getattr(s, name)[:, 0, 0].real for s in (low, high)])
        value = getattr(sagging, name)[:, 0, 0].real
        assert np.all(value > 0.9 * ends.min(axis=0)), name
        assert np.all(value < 1.1 * ends.max(axis=0)), name
    assert sagging.quality.power_closure.max() < 0.01
