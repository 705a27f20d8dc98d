"""The end of a search by linear programs: known optima, what cannot be made, a study's stage."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.circuit.resampling import DenseImpedance, fine_grid
from lunar_antenna.common.parameter import Parameter
from lunar_antenna.errors import GeometryError
from lunar_antenna.search.merits import make_merit
from lunar_antenna.search.polish.demands import SLACK
from lunar_antenna.search.polish.descent import Spare, descend
from lunar_antenna.search.polish.stage import polish
from lunar_antenna.search.port import PortModel, Termination
from lunar_antenna.search.response import Response, View, worst_case
from lunar_antenna.search.study.goals import Goals
from lunar_antenna.search.study.plan import StudySettings
from lunar_antenna.search.study.stages import Stages

FINE = fine_grid(np.linspace(5e6, 35e6, 61))


def descended(judge, start, steps=60):
    return descend(
        lambda designs: [judge(at) for at in designs],
        np.array(start),
        [True] * len(start),
        steps,
        lambda *_: None,
    )


def test_a_start_on_a_mesh_of_its_own_is_left_all_the_same():
    """Worth is 5e-4 more at the start than a hair beside it: differences to one side then show
    a slope of -0.25 along each of ten variables, where it is 0.1."""
    start = np.full(10, 0.2)

    def judge(at):
        jump = 5e-4 if np.array_equal(at, start) else 0.0
        return Spare(np.array([0.1 * at.sum() + jump]), 0.5 - at)

    assert descended(judge, start) == pytest.approx(start + 0.3, abs=1e-3)


def test_programs_are_left_for_a_demand_that_the_first_price_gives_up():
    """Worth grows ten times as fast as the demand falls short, the first price is five."""

    def judge(at):
        return Spare(10.0 * at, 0.5 - at)

    (found,) = descended(judge, [0.1], steps=8)
    assert 0.4 < found <= 0.5


def test_equal_ripple_is_found():
    """Chebyshev's line nearest to x^2 over [0, 1]: x - 1/8, off by 1/8 at three places.

    Differences of linear functions are exact, so that only GAIN = 2e-5 is left.
    """
    x = np.linspace(0.0, 1.0, 201)

    def judge(at):
        off = x**2 - (at[0] - 0.5) - 2.0 * at[1] * x
        return Spare(-np.abs(off), np.zeros(0))

    a, b = descended(judge, [0.9, 0.1])
    assert a - 0.5 == pytest.approx(-0.125, abs=1e-4)
    assert 2.0 * b == pytest.approx(1.0, abs=1e-3)


def test_demands_hold_at_the_end_even_from_a_start_that_misses_them():
    """The corner (0.6, 0.8) of a disc and a line: x + y is most at 45 degrees, x at most 0.6."""

    def judge(at):
        return Spare(at.sum(keepdims=True), np.array([1.0 - at @ at, 0.6 - at[0]]))

    assert descended(judge, [0.95, 0.95]) == pytest.approx([0.6, 0.8], abs=2e-3)


def test_what_cannot_be_made_is_gone_round_and_nothing_gets_worse():
    """A forbidden square between start and optimum, whose edge stops one variable."""

    def judge(at):
        if at[0] > 0.5 and at[1] > 0.5:
            return None
        return Spare(np.array([at[0] + 0.1 * at[1]]), np.zeros(0))

    found = descended(judge, [0.2, 0.9])
    assert judge(found) is not None
    assert judge(found).merit(1.0) >= 0.29
    assert descended(lambda _: None, [0.3, 0.3]) == pytest.approx([0.3, 0.3])


def solve_circuit(values):
    """R, L, C in series, resonant at ``tuned`` Hz with the reactance ``slope`` x R off it."""
    if values["resistance"] > 290.0:
        raise GeometryError("resistance above what can be drawn")
    off = FINE / values["tuned"] - values["tuned"] / FINE
    z = values["resistance"] * (1.0 + 1j * values["slope"] * off)
    return [Response(None, DenseImpedance(FINE, z, 0.0, True), None, {})]


CIRCUIT = (
    Parameter("resistance", "ohm", None, 20.0, 300.0),
    Parameter("tuned", "Hz", None, 6e6, 34e6),
    Parameter("slope", "", None, 0.5, 2.0),
)
START = {"resistance": 120.0, "tuned": 11e6, "slope": 0.8}


def polished(goals, start=START, steps=40):
    return polish(
        solve_circuit,
        goals,
        PortModel(100.0, 100.0),
        worst_case,
        CIRCUIT,
        start,
        steps,
        lambda *_: None,
    )


def test_a_lowest_efficiency_rises_to_its_optimum():
    """At least slope, R above 100 ohm, tuned to the geometric mean of the band.

    1/e = (R + z0)^2/(4 z0 R) + slope^2 off^2 R/(4 z0) is least over R at the band's ends for
    R = z0/sqrt(1 + (slope off)^2); off = sqrt(7) - 1/sqrt(7) for 5-35 MHz.
    """
    goals = Goals((make_merit({"merit": "min_efficiency"}),))
    found, evaluation = polished(goals)
    q = 0.5 * (np.sqrt(7.0) - 1.0 / np.sqrt(7.0))
    r = 1.0 / np.sqrt(1.0 + q**2)
    assert found["slope"] == pytest.approx(0.5, abs=1e-6)
    assert found["tuned"] == pytest.approx(np.sqrt(5.0 * 35.0) * 1e6, rel=2e-3)
    best = 1.0 / ((1.0 + r) ** 2 / (4.0 * r) + q**2 * r / 4.0)
    assert evaluation.objectives[0] == pytest.approx(best, rel=2e-4)


def test_a_band_is_widened_and_its_floor_kept():
    """Beside 4000 designs at random, of which none may be better."""
    goals = Goals.from_tables(
        [{"merit": "band_ratio", "threshold": 0.8}],
        [{"merit": "min_efficiency", "at_least": 0.5}],
    )
    found, evaluation = polished(goals)
    assert evaluation.feasible
    rng, best = np.random.default_rng(1), 0.0
    for places in rng.random((4000, 3)):
        values = {v.name: float(v.at(p)) for v, p in zip(CIRCUIT, places, strict=True)}
        if values["resistance"] <= 290.0:
            tried = goals.evaluate(tuple(solve_circuit(values)), PortModel(100.0, 100.0), values)
            best = max(best, tried.score)
    assert best > 2.0
    assert evaluation.score >= best * (1.0 - 2.0 * SLACK)
    assert found["resistance"] <= 290.0


def test_a_design_without_a_band_gets_one():
    """0.97 over a band, from 0.7 at the most."""
    goals = Goals.from_tables([{"merit": "band_ratio", "threshold": 0.97}], [])
    start = {"resistance": 30.0, "tuned": 11e6, "slope": 2.0}
    before = goals.evaluate(tuple(solve_circuit(start)), PortModel(100.0, 100.0), start)
    assert before.band is None
    found, evaluation = polished(goals, start)
    assert evaluation.score > 1.0
    assert found["slope"] == pytest.approx(0.5, abs=1e-6)


def test_a_band_that_a_dip_cuts_begins_as_a_whole():
    """Two resonances with a dip of 0.88 between them: the whole band is what is improved."""

    def solve(values):
        off = (FINE - 15e6) / 10e6
        accepted = 0.98 - values["depth"] * np.exp(-((off / 0.3) ** 2)) - 0.02 * off**2
        root = np.sqrt(1.0 - np.clip(accepted, 0.01, 1.0))
        return [Response(None, DenseImpedance(FINE, 100 * (1 + root) / (1 - root) + 0j, 0, True))]

    goals = Goals.from_tables([{"merit": "band_ratio", "threshold": 0.9}], [])
    found, evaluation = polish(
        solve, goals, PortModel(100.0, 100.0), worst_case,
        (Parameter("depth", "", None, 0.0, 0.5),), {"depth": 0.1}, 20, lambda *_: None,
    )  # fmt: skip
    assert found["depth"] < 0.08
    assert evaluation.score == pytest.approx(7.0)


def test_a_design_without_a_solution_stays_as_it_is():
    goals = Goals.from_tables([{"merit": "band_ratio"}], [])
    start = {**START, "resistance": 299.0}
    assert polished(goals, start) == (start, None)


@pytest.mark.parametrize(
    "table",
    [
        {"merit": "min_efficiency", "band_mhz": [7.3, 21.9]},
        {"merit": "mean_efficiency", "efficiency": "mismatch"},
        {"merit": "sky_share", "statistic": "lowest"},
        {"merit": "realised_sky"},
        {"merit": "band_ratio", "threshold": 0.5},
    ],
)
def test_a_merit_is_the_worst_of_what_it_is_made_of(table):
    merit = make_merit(table)
    own = solve_circuit(START)[0]
    share = 0.2 + 0.1 * np.sin(FINE / 3e6)
    response = Response(None, own.dense, None, {"sky": share})
    view = View((response,), PortModel(100.0, 100.0), Termination(100.0))
    each = merit.each_value(view)
    worst = each.min() if merit.maximise else each.max()
    assert merit.value(view) == pytest.approx(worst, rel=1e-12)


def test_a_front_is_not_polished():
    goals = Goals.from_tables([{"merit": "band_ratio"}, {"merit": "film_mass"}], [])
    with pytest.raises(la.InputError, match=r"polish = 5 is of one objective, the study has 2"):
        StudySettings("bowtie", goals=goals, stages=Stages(polish=5)).plan()


def test_a_polish_says_how_far_it_is_after_each_design():
    """It rises, and by steps: no design of slopes or programs passes unsaid."""
    said, solved = [], []

    def solve(values):
        solved.append(values)
        return solve_circuit(values)

    goals = Goals.from_tables(
        [{"merit": "band_ratio", "threshold": 0.8}],
        [{"merit": "min_efficiency", "at_least": 0.5}],
    )
    polish(
        solve, goals, PortModel(100.0, 100.0), worst_case, CIRCUIT, START, 25,
        heard=lambda fraction, text: said.append((fraction, text)),
    )  # fmt: skip
    fractions = np.array([fraction for fraction, _ in said])
    assert np.all(np.diff(fractions) >= 0.0)
    assert fractions[0] < 0.05
    assert fractions[-1] <= 1.0
    # the first solution is the search's own; slopes of three variables come before a program
    before = [text for _, text in said if text.startswith("polish 0 of 25, ")]
    assert [int(text.split()[4]) for text in before] == [1, 2, 3, 4, 5]
    told = max(int(text.split()[4]) for _, text in said)
    assert told >= len(solved) - 2
    # an even pace: three quarters through, half to all of it is said to be done
    assert 0.4 < np.interp(0.75 * len(said), np.arange(len(said)), fractions) <= 1.0


def test_a_study_polishes_its_best_before_the_check():
    """A bow-tie in free space on the draft mesh; the check judges what the polish made."""
    found = la.optimize(
        "bowtie",
        search={"length": (4.0, 9.0), "width": (0.5, 2.5)},
        trials=6,
        band=la.Band.mhz(5, 35, 21),
        polish=4,
        check=1,
        fine=False,
    )
    kinds = {item.stage: item for item in found.stages}
    assert list(kinds) == ["search", "polish", "check"]
    assert kinds["polish"].evaluation.score > kinds["search"].evaluation.score
    trial = found.trials[found.best.number]
    assert found.best.parameters != trial.parameters
    assert found.judged.stage == "check"


def test_what_cannot_be_drawn_alone_bars_one_direction_and_not_the_rest():
    """A tab no wider than its arm: the optimum lies on that line, away from the start."""

    def judge(at):
        return Spare(np.array([at[0] - 2.0 * (at[1] - 0.8) ** 2]), np.zeros(0))

    def solved(designs):
        return [judge(at) if at[0] <= at[1] else None for at in designs]

    found = descend(
        solved,
        np.array([0.2, 0.2]),
        [True, True],
        60,
        lambda *_: None,
        lambda at: bool(at[0] <= at[1]),
    )
    assert found[0] == pytest.approx(found[1], abs=0.01)
    assert judge(found).merit(1.0) == pytest.approx(1.0 - 2.0 * 0.2**2, abs=0.03)
