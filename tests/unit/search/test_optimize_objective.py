"""Band edges, feasibility order and interpolation of the band objective."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.bands import widest_band
from lunar_antenna.circuit.resampling import DenseImpedance, densify, densify_share, fine_grid
from lunar_antenna.errors import InputError
from lunar_antenna.search.merits import make_merit
from lunar_antenna.search.merits.efficiency import BandRatio, MinEfficiency
from lunar_antenna.search.port import PortModel, mismatch
from lunar_antenna.search.response import Response
from lunar_antenna.search.study.goals import Constraint, Goals
from lunar_antenna.search.study.trials import INVALID, Evaluation, deb_score

FREQUENCY = np.linspace(5e6, 35e6, 61)


def series_resonator(frequency, resistance=80.0, f0=14e6, q=0.9):
    """R (1 + j Q (f/f0 - f0/f)), ohm: a series RLC circuit."""
    return resistance * (1.0 + 1j * q * (frequency / f0 - f0 / frequency))


def exact_edges(f0, q, threshold):
    """4 / (4 + Q^2 s^2) >= t at z0 = R  <=>  |s| <= 2 sqrt(1/t - 1) / Q, s = f/f0 - f0/f."""
    s = 2.0 * np.sqrt(1.0 / threshold - 1.0) / q
    return f0 * (np.sqrt(1.0 + s * s / 4.0) - s / 2.0), f0 * (np.sqrt(1.0 + s * s / 4.0) + s / 2.0)


def judged(dense, z0=None, floor=0.1, threshold=0.9):
    """The default goals' evaluation of an impedance; z0 None is free between 25 and 600 ohm."""
    port = PortModel() if z0 is None else PortModel(z0, z0)
    return Goals.default(threshold, floor).evaluate((Response(None, dense),), port, {})


def notched(frequency, centre=16.25e6, q=400.0, peak=400.0):
    """A flat 100 ohm antenna with a narrow parallel resonator in series at ``centre``."""
    detune = frequency / centre - centre / frequency
    return 100.0 + peak / (1.0 + 1j * q * detune)


@pytest.mark.parametrize(("f0", "q"), [(14e6, 0.9), (12e6, 0.5), (20e6, 2.0)])
def test_band_edges_of_a_series_resonator(f0, q):
    """Budget: linear edges on a 25 kHz grid are second order, (25e3/f0)^2 ~ 4e-6; we ask 1e-5."""
    z = series_resonator(FREQUENCY, f0=f0, q=q)
    found = judged(densify(FREQUENCY, z), z0=80.0, floor=0.0)
    assert found.band == pytest.approx(exact_edges(f0, q, 0.9), rel=1e-5)
    assert found.score == pytest.approx(found.band[1] / found.band[0])


def test_notch_between_two_samples_is_found():
    """The notch is narrower than the sample spacing: samples alone see one unbroken band."""
    z = notched(FREQUENCY)
    at_samples = widest_band(FREQUENCY, mismatch(z, 100.0), 0.9)
    assert at_samples == (5e6, 35e6)
    found = judged(densify(FREQUENCY, z), z0=100.0)
    fine = np.arange(5e6, 35e6, 500.0)
    truth = widest_band(fine, mismatch(notched(fine), 100.0), 0.9)
    # Linear edges on a 25 kHz grid, the notch being 160 kHz wide: a few kHz.
    assert found.band == pytest.approx(truth, abs=5e3)
    assert found.lowest == pytest.approx(4 * 500 * 100 / 600**2, rel=1e-6)  # Z = 500 at the centre


def test_interpolation_error_is_estimated_and_passivity_kept():
    z = notched(FREQUENCY) + series_resonator(FREQUENCY)
    dense = densify(FREQUENCY, z)
    assert dense.rational
    assert dense.held_out < 1e-5  # a rational function of low degree: exact up to rounding
    np.testing.assert_allclose(dense.z[::20], z)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal(61) + 1j * rng.standard_normal(61)
    assert densify(FREQUENCY, z * (1 + 0.2 * noise)).held_out > 0.01


def test_active_fit_falls_back_to_a_passive_spline():
    """Samples of a nearly lossless one-port with noise: a rational fit may turn active."""
    rng = np.random.default_rng(3)
    z = 1e-3 + 1j * 200.0 * np.sin(FREQUENCY / 2e6) + 30j * rng.standard_normal(61)
    dense = densify(FREQUENCY, z)
    assert np.all(mismatch(dense.z, 100.0) >= 0.0)


def test_too_few_points_are_refused():
    with pytest.raises(InputError, match="too few"):
        densify(FREQUENCY[:5], series_resonator(FREQUENCY[:5]))


@pytest.mark.parametrize("threshold", [0.5, 0.9])
def test_widest_band_takes_the_largest_ratio(threshold):
    """Two windows: 5-8 MHz (ratio 1.6) and 20-30 MHz (ratio 1.5): the ratio decides, not the width.

    Edges lie half a step (5 kHz) beside the first and last point above the threshold.
    """
    frequency = np.arange(5e6, 35e6, 1e4)
    inside = ((frequency >= 5e6) & (frequency <= 8e6)) | ((frequency >= 20e6) & (frequency <= 30e6))
    band = widest_band(frequency, np.where(inside, 1.0, 0.0), threshold)
    assert band == pytest.approx((5e6, 8e6), abs=1e4)


def test_no_band_where_the_threshold_is_reached_nowhere():
    assert widest_band(FREQUENCY, np.full(61, 0.5), 0.9) is None


def evaluate(efficiency, floor=0.1):
    """Evaluation of a given mismatch efficiency (real Z above 100 ohm that has it)."""
    root = np.sqrt(1.0 - efficiency)
    z = 100.0 * (1.0 + root) / (1.0 - root) + 0j
    dense = DenseImpedance(FREQUENCY, z, 0.0, True)
    return judged(dense, z0=100.0, floor=floor)


def test_feasible_always_beats_infeasible():
    flat = np.full(61, 0.5)
    wide_but_infeasible = np.full(61, 0.99)
    wide_but_infeasible[-1] = 0.09
    nearly = wide_but_infeasible.copy()
    nearly[-1] = 0.099
    narrow = flat.copy()
    narrow[20:23] = 0.95
    order = [
        Evaluation.invalid("cannot be built"),
        evaluate(wide_but_infeasible),
        evaluate(nearly),
        evaluate(np.full(61, 0.2)),  # feasible, threshold far
        evaluate(flat),  # feasible, threshold nearer
        evaluate(narrow),  # a band at last
        evaluate(np.full(61, 0.95)),
    ]
    scores = [item.score for item in order]
    assert all(low < high for low, high in itertools.pairwise(scores))
    assert [item.feasible for item in order] == [False] * 3 + [True] * 4
    assert scores[0] == INVALID


def test_free_reference_impedance_is_at_least_as_good_as_any_fixed_one():
    dense = densify(FREQUENCY, series_resonator(FREQUENCY, resistance=143.0))
    free = judged(dense, floor=0.0)
    fixed = [judged(dense, z0=z0, floor=0.0).score for z0 in (73.0, 143.0, 220.0)]
    assert free.score >= max(fixed)


def on_strip(dense):
    """The response of a strip whose impedance is ``dense``: for merits of the layout, too."""
    return (Response(SimpleNamespace(layout=la.load_geometry("strip")), dense),)


def test_of_equal_reference_impedances_the_one_furthest_inside_the_constraint_is_taken():
    """The mass does not depend on z0; 1 - |Gamma|^2 of a 143 ohm resistor is highest at 143 ohm.

    The finer of the two scans has a ratio (600/25)^(2/24^2) of 1.1 % between its points.
    """
    dense = DenseImpedance(FREQUENCY, np.full(61, 143.0 + 0j), 0.0, True)
    for constraints in ([{"merit": "min_efficiency", "at_least": 0.5}], []):
        goals = Goals.from_tables([{"merit": "film_mass"}], constraints)
        found = goals.evaluate(on_strip(dense), PortModel(), {})
        assert found.z0 == pytest.approx(143.0, rel=0.012)
        assert found.feasible


def test_equal_reference_impedances_are_told_apart_by_their_constraint_before_the_mean():
    """50 ohm over most of the band, 200 ohm in a part: the lowest efficiency is best in between.

    4 r/(1 + r)^2 of both is equal at sqrt(50 x 200) = 100 ohm; the mean alone would take less.
    """
    z = np.full(61, 50.0 + 0j)
    z[-10:] = 200.0
    dense = DenseImpedance(FREQUENCY, z, 0.0, True)
    port = PortModel()
    mass = [{"merit": "film_mass"}]
    held = Goals.from_tables(mass, [{"merit": "min_efficiency", "at_least": 0.5}])
    free = Goals.from_tables(mass, [])
    assert held.evaluate(on_strip(dense), port, {}).z0 == pytest.approx(100.0, rel=0.012)
    assert free.evaluate(on_strip(dense), port, {}).z0 < 80.0


def test_the_band_must_hold_the_band_of_the_constraint():
    layout = la.load_geometry("strip")

    def check(low, points):
        problem = la.Problem(layout, la.Stack.free_space(), band=la.Band.mhz(low, 35, points))
        Goals.default().check(problem, PortModel())

    check(5, 61)
    with pytest.raises(InputError, match=r"6:35 MHz does not cover min_efficiency.*5:35"):
        check(6, 61)
    with pytest.raises(InputError, match="too few"):
        check(5, 4)


def test_deb_order_of_objective_and_violations():
    """Feasible before infeasible, then by the objective; infeasible by the sum of violations."""
    order = [
        deb_score(9.0, True, (5.0, 1.0)),  # V = 6
        deb_score(1.0, True, (0.5, 0.0)),  # V = 1/2
        deb_score(9.0, True, (-3.0, 0.2)),  # V = 1/5: what is over-fulfilled makes up for nothing
        deb_score(0.2, True, (-0.5, 0.0)),
        deb_score(0.3, True, ()),
        deb_score(4.0, True, (0.0,)),
    ]
    assert order == sorted(order)
    assert order[:3] == pytest.approx([-6 / 7, -1 / 3, -1 / 6])
    assert order[3:] == [0.2, 0.3, 4.0]
    minimised = [deb_score(value, False, (-1.0,)) for value in (8.0, 2.0, 0.5, 0.0)]
    assert minimised == pytest.approx([1 / 9, 1 / 3, 2 / 3, 1.0])
    assert min(order) > INVALID


def test_violation_is_relative_to_the_bound():
    low = Constraint(MinEfficiency(), low=0.4)
    high = Constraint(make_merit({"merit": "film_mass"}), high=2.0)
    zero = Constraint(make_merit({"merit": "film_mass"}), high=0.0)
    assert low.violation(0.3) == pytest.approx(0.25)
    assert low.violation(0.5) == pytest.approx(-0.25)
    assert (high.violation(3.0), high.violation(1.0)) == (0.5, -0.5)
    assert zero.violation(0.7) == 0.7
    for bounds in ({}, {"low": 0.1, "high": 0.2}):
        with pytest.raises(InputError, match="at_least or at_most"):
            Constraint(MinEfficiency(), **bounds)


def test_a_share_is_interpolated_like_the_impedance():
    """An even rational function of frequency with a dip between samples, to 1e-3 of its range."""

    def share(frequency):
        x = (frequency / 16.25e6) ** 2
        return 0.6 - 0.4 * 1e-4 / ((x - 1.0) ** 2 + 1e-3)

    fine = fine_grid(FREQUENCY)
    dense = densify_share(FREQUENCY, share(FREQUENCY), fine)
    np.testing.assert_allclose(dense.value, share(fine), atol=1e-5)
    np.testing.assert_array_equal(dense.value[::20], share(FREQUENCY))
    assert np.abs(dense.value - share(fine)).max() <= dense.error < 1e-3
    noise = np.random.default_rng(2).uniform(size=61)
    found = densify_share(FREQUENCY, noise, fine)
    assert np.all((found.value >= 0.0) & (found.value <= 1.0))
    assert found.error > 0.5


def test_threshold_and_floor_change_the_goals_they_belong_to():
    goals = Goals.default().with_threshold(0.8).with_floor(0.3)
    assert goals.objectives == (BandRatio(threshold=0.8),)
    assert goals.constraints[0].low == 0.3
    with pytest.raises(InputError, match="no objective band_ratio"):
        Goals((make_merit({"merit": "film_mass"}),)).with_threshold(0.8)
    with pytest.raises(InputError, match="no constraint min_efficiency"):
        Goals((make_merit({"merit": "film_mass"}),)).with_floor(0.8)
    assert Goals.from_dict(goals.to_dict()) == goals


def test_evaluation_survives_json():
    first = evaluate(np.full(61, 0.95))
    assert Evaluation.from_dict(first.to_dict()) == first
