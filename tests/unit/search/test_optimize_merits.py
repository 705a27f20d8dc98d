"""Every merit against a value worked by hand, alone and over several scenarios."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.resampling import DenseImpedance, fine_grid
from lunar_antenna.errors import InputError
from lunar_antenna.search.merits import MERITS, make_merit
from lunar_antenna.search.merits.efficiency import BandRatio, MeanEfficiency, MinEfficiency
from lunar_antenna.search.port import PortModel, Termination
from lunar_antenna.search.response import Response, View
from lunar_antenna.search.study.goals import Goals
from lunar_antenna.search.study.plan import StudySettings
from lunar_antenna.search.study.scenarios import Scenarios
from lunar_antenna.search.study.stages import Stages

SOLVED = np.linspace(5e6, 35e6, 61)
FINE = fine_grid(SOLVED)
AT = Termination(100.0)
PORT = PortModel(100.0, 100.0)


def response(mismatch=1.0, problem=None, **shares):
    """A real impedance >= 100 ohm with that mismatch efficiency at 100 ohm, and given shares."""
    root = np.sqrt(1.0 - np.broadcast_to(mismatch, FINE.shape))
    z = 100.0 * (1.0 + root) / (1.0 - root) + 0j
    curves = {name: np.broadcast_to(value, FINE.shape) for name, value in shares.items()}
    return Response(problem, DenseImpedance(FINE, z, 0.0, True), None, curves)


def view(*responses, **options):
    return View(responses, PORT, AT, **options)


def ramp(low, high):
    """Linear from ``low`` at 5 MHz to ``high`` at 35 MHz."""
    return low + (high - low) * (FINE - 5e6) / 30e6


def test_band_ratio_of_any_efficiency():
    """The sky share is above 0.2 from 10 to 20 MHz; edges within one step of the fine grid."""
    sky = np.where((FINE >= 10e6) & (FINE <= 20e6), 0.3, 0.1)
    seen = view(response(0.5, sky=sky))
    assert BandRatio("sky", 0.2).value(seen) == pytest.approx(2.0, rel=5e-3)
    assert BandRatio("mismatch", 0.49).value(seen) == pytest.approx(7.0)
    assert BandRatio("realised", 0.149).value(seen) == pytest.approx(2.0, rel=5e-3)  # 0.5 x 0.3
    assert BandRatio("realised", 0.3).value(seen) == pytest.approx(0.5)  # 0.15 at most, of 0.3


def test_min_and_mean_efficiency_over_a_band():
    """A ramp: its lowest value is at the band's lower end, its mean in the band's middle."""
    seen = view(response(ramp(0.2, 0.8), sky=ramp(0.1, 0.4), metal=0.02))
    assert MinEfficiency("mismatch", (10.0, 25.0)).value(seen) == pytest.approx(0.3)
    assert MeanEfficiency("mismatch", (10.0, 25.0)).value(seen) == pytest.approx(0.45)
    assert MinEfficiency("metal", (5.0, 35.0)).value(seen) == pytest.approx(0.02)
    # mean of (0.2 + 0.6 t)(0.1 + 0.3 t) over t in [0, 1] = 0.02 + 0.12/2 + 0.18/3
    assert MeanEfficiency("realised", (5.0, 35.0)).value(seen) == pytest.approx(0.14, rel=1e-6)


def test_band_ends_between_grid_points_are_interpolated():
    seen = view(response(ramp(0.2, 0.8)))
    assert MinEfficiency("mismatch", (10.0123, 25.0)).value(seen) == pytest.approx(0.300246)


def test_worst_case_band_is_one_that_holds_in_all_scenarios():
    """5-20 MHz here and 15-35 MHz there: 15-20 MHz together, not the smaller of 4 and 2.33."""
    low = response(np.where(FINE <= 20e6, 0.95, 0.2))
    high = response(np.where(FINE >= 15e6, 0.95, 0.2))
    worst = Scenarios(heights=(0.0, 0.1)).combine
    both = view(low, high, combine=worst)
    assert BandRatio().value(both) == pytest.approx(20 / 15, rel=5e-3)
    assert MinEfficiency().value(both) == pytest.approx(0.2)
    # mean per scenario: (15 x 0.95 + 15 x 0.2)/30 and (10 x 0.2 + 20 x 0.95)/30
    assert MeanEfficiency("mismatch").value(both) == pytest.approx(0.575, rel=2e-3)
    median = Scenarios(heights=(0.0, 0.1), statistic=0.5).combine
    assert MeanEfficiency("mismatch").value(view(low, high, combine=median)) == pytest.approx(
        (0.575 + 0.7) / 2, rel=2e-3
    )


def test_noise_ratio_is_that_of_the_solution_at_solved_frequencies():
    """Against lunar_antenna.sky at the solved frequencies: the same law twice, 1e-9."""
    from lunar_antenna.sky.temperature import noise_ratio

    problem = la.Problem(
        la.load_geometry("strip", width=0.2),
        la.Stack.half_space(3.5, loss_tangent=0.01),
        band=la.Band.mhz(5, 35, 13),
    )
    from lunar_antenna.circuit.resampling import densify
    from lunar_antenna.solvers.registry import quick

    solution = quick(problem, "planar").solution
    dense = densify(solution.frequency, solution.input_impedance())
    seen = Response(problem, dense, solution)
    merit = make_merit({"merit": "noise_ratio", "sky": "cane", "band_mhz": [10.0, 30.0]})
    expected = noise_ratio(solution, "lusee_like", "cane")
    np.testing.assert_allclose(merit.ratio(seen)[::20], expected, rtol=1e-9)
    inside = expected[(solution.frequency >= 10e6) & (solution.frequency <= 30e6)]
    assert merit.value(view(seen)) <= inside.min() * (1 + 1e-9)


def test_dipole_likeness_takes_the_worst_solved_frequency_of_the_band():
    """Each sample of the band counts; a short thin strip is the standard of comparison itself."""
    from lunar_antenna.pattern import dipole_likeness
    from lunar_antenna.solvers.registry import quick

    problem = la.Problem(
        la.load_geometry("strip", length=2.0, width=0.02),
        la.Stack.half_space(3.5, loss_tangent=0.01),
        band=la.Band.mhz(5, 30, 9),
    )
    solution = quick(problem, "planar").solution
    seen = Response(problem, DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True), solution)
    merit = make_merit({"merit": "dipole_likeness", "band_mhz": [5.0, 20.0], "samples": 99})
    inside = solution.frequency[solution.frequency <= 20e6]
    value = merit.value(view(seen))
    assert value == pytest.approx(float(dipole_likeness(solution, inside).max()))
    assert value < 0.1


def test_pattern_null_is_the_depth_at_the_band_s_worst_frequency():
    """A dipole of one wavelength and a half has a null near 42 degrees, a short one none."""
    from lunar_antenna.pattern import measure
    from lunar_antenna.solvers.registry import quick

    problem = la.Problem(
        la.load_geometry("strip", length=15.0, width=0.02),
        la.Stack.free_space(),
        band=la.Band.mhz(5, 30, 6),
    )
    solution = quick(problem, "planar").solution
    seen = Response(problem, DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True), solution)
    depth = [
        make_merit({"merit": "pattern_null", "band_mhz": [5.0, high]}).value(view(seen))
        for high in (10.0, 30.0)
    ]
    short = -measure(solution, 10e6).deepest
    assert depth[0] == pytest.approx(short, abs=0.1)  # grids of 5 and 2.5 degrees
    assert depth[0] < 10.0 < 20.0 < depth[1]


def test_pattern_constancy_is_nothing_at_one_frequency_and_grows_with_length():
    from lunar_antenna.solvers.registry import quick

    merit = make_merit({"merit": "pattern_constancy", "band_mhz": [5.0, 30.0]})
    values = []
    for length in (1.0, 5.0, 10.0):
        layout = la.load_geometry("strip", length=length, width=0.02)
        problem = la.Problem(layout, la.Stack.free_space(), band=la.Band.mhz(5, 30, 6))
        seen = Response(
            problem,
            DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True),
            quick(problem, "planar").solution,
        )
        values.append(merit.value(view(seen)))
    assert values[0] < 0.05 < values[1] < values[2]


def test_masses_and_areas_of_a_rectangle():
    """Two arms of a 10 m x 0.2 m strip with a 0.1 m gap; film 0.25 m larger on every side."""
    layout = la.load_geometry(
        "strip", length=10.0, width=0.2, gap=0.1, metal="copper_18um", film="polyimide_50um"
    )
    seen = view(response(problem=SimpleNamespace(layout=layout)))
    values = {
        name: make_merit({"merit": name}).value(seen)
        for name in MERITS
        if name.endswith(("mass", "area"))
    }
    assert values["printed_area"] == pytest.approx(9.9 * 0.2)
    assert values["metal_mass"] == pytest.approx(9.9 * 0.2 * 18e-6 * 8960.0, rel=2e-3)
    assert values["film_area"] == values["stowed_area"] == pytest.approx(10.5 * 0.7)
    assert values["film_mass"] == pytest.approx(10.5 * 0.7 * 50.8e-6 * 1420.0)


def test_what_has_to_be_solved_is_the_most_that_any_merit_needs():
    tables = {
        "impedance": [{"merit": "film_mass"}, {"merit": "band_ratio"}],
        "losses": [{"merit": "band_ratio", "efficiency": "sky"}],
        "far_field": [{"merit": "dipole_likeness"}, {"merit": "noise_ratio"}],
    }
    assert {Goals.from_tables(rows, []).needs for rows in tables.values()} == set(tables)
    for needs, rows in tables.items():
        assert Goals.from_tables(rows, []).needs == needs


@pytest.mark.parametrize("name", MERITS.names())
def test_every_merit_survives_json(name):
    goals = Goals.from_tables([{"merit": name}], [{"merit": name, "at_least": 1.0}])
    assert Goals.from_dict(goals.to_dict()) == goals


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "no merit given"),
        ({"merit": "beauty"}, "'beauty' is not known; merits: active_reflection, band_ratio"),
        ({"merit": "band_ratio", "band_mhz": [5, 35]}, "unknown key 'band_mhz'; allowed: eff"),
        ({"merit": "band_ratio", "efficiency": "total"}, "efficiency = 'total' is not known"),
        ({"merit": "band_ratio", "threshold": 1.2}, "threshold = 1.2 is outside"),
        ({"merit": "min_efficiency", "band_mhz": [35, 5]}, r"\[35, 5\] is empty"),
        ({"merit": "min_efficiency", "band_mhz": 5}, "is not a range"),
        ({"merit": "noise_ratio", "sky": "blue"}, "sky = 'blue' is not known"),
        ({"merit": "noise_ratio", "receiver": "ear"}, "receiver 'ear' is not known"),
    ],
)
def test_wrong_merits_are_refused_in_one_line(table, told):
    with pytest.raises(InputError, match=told) as caught:
        make_merit(table)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["dipole_likeness", "pattern_null", "pattern_constancy"])
def test_a_pattern_band_between_the_solved_frequencies_is_refused(name):
    """5, 5.5, 6 MHz ... meet [5.4, 5.6] MHz; 5, 6, 7 MHz ... do not."""
    goals = Goals.from_tables([{"merit": name, "band_mhz": [5.4, 5.6]}], [])

    def check(points):
        problem = la.Problem(
            la.load_geometry("strip"), la.Stack.free_space(), band=la.Band.mhz(5, 35, points)
        )
        goals.check(problem, PORT)

    check(61)
    with pytest.raises(InputError, match=rf"{name}.*none of the 31 solved frequencies") as caught:
        check(31)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("screen", "points", "refused"), [(0, 61, False), (10, 61, False), (10, 31, True)]
)
def test_the_screen_s_own_frequencies_have_to_meet_the_band_too(screen, points, refused):
    settings = StudySettings(
        "bowtie",
        goals=Goals.from_tables([{"merit": "dipole_likeness", "band_mhz": [5.4, 5.6]}], []),
        stages=Stages(screen_trials=screen, screen_points=points),
    )
    if refused:
        with pytest.raises(InputError, match="none of the 31 solved frequencies"):
            settings.plan()
    else:
        assert settings.plan().stages.screen_trials == screen


@pytest.mark.parametrize("merit", ["min_efficiency", "mean_efficiency"])
@pytest.mark.parametrize("bound", ["at_least", "at_most"])
def test_no_efficiency_exceeds_one(merit, bound):
    Goals.from_tables([], [{"merit": merit, bound: 1.0}])
    with pytest.raises(InputError, match=r"bound = 1\.5 is outside \[0, 1\]"):
        Goals.from_tables([], [{"merit": merit, bound: 1.5}])
    Goals.from_tables([], [{"merit": "band_ratio", bound: 1.5}])  # a ratio of frequencies may


def test_mass_of_what_has_none_is_refused_before_anything_is_solved():
    problem = la.Problem(la.load_geometry("strip"), la.Stack.free_space())
    with pytest.raises(InputError, match="perfect conductor"):
        Goals.from_tables([{"merit": "metal_mass"}], []).check(problem, PORT)
