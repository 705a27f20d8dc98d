"""Scenarios: what they make of a problem, how they combine, what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.geometry.load import load_geometry
from lunar_antenna.media.layer import Stack
from lunar_antenna.problem import Problem
from lunar_antenna.search.study.scenarios import Scenarios

TABLE = {
    "soils": ["simple_eps35", {"eps_r": 2.5, "loss_tangent": 0.005}],
    "heights": [0.0, 0.1],
    "arm_errors": [0.0, 0.01],
}


def problem():
    return Problem(load_geometry("strip"), Stack.half_space(4.0), height=0.02)


def test_all_combinations_with_labels_that_tell_them_apart():
    scenarios = Scenarios.from_table(TABLE)
    cases = [(item.label, item.problem) for item in scenarios.of(problem())]
    assert len(cases) == scenarios.count == 8
    assert len({label for label, _ in cases}) == 8
    assert len({case.digest for _, case in cases}) == 8
    label, last = cases[-1]
    assert label == "eps_r 2.5, loss_tangent 0.005, height 0.1 m, arm +1 %"
    assert last.stack.layers[0].eps_r == 2.5
    assert last.height == 0.1
    assert last.layout.bounds[2] > -last.layout.bounds[0]
    assert cases[0][1].layout.to_dict() == problem().layout.to_dict()
    assert np.array_equal(last.frequency, problem().frequency)


def test_what_is_left_out_stays_as_it_is():
    (found,) = Scenarios(arm_errors=(0.0,)).of(problem())
    label, case = found.label, found.problem
    assert case.digest == problem().digest
    assert label == "arm +0 %"
    (found,) = Scenarios().of(problem())
    label, case = found.label, found.problem
    assert (label, case.digest) == ("nominal", problem().digest)


def test_worst_case_and_quantile_by_hand():
    values = np.array([[0.1, 0.9], [0.3, 0.5], [0.2, 0.7]])
    worst = Scenarios()
    assert worst.combine(values, True).tolist() == [0.1, 0.5]
    assert worst.combine(values, False).tolist() == [0.3, 0.9]
    half = Scenarios(statistic=0.5)
    assert half.combine(values, True) == pytest.approx([0.2, 0.7])
    assert half.combine(values, False) == pytest.approx([0.2, 0.7])
    quarter = Scenarios(statistic=0.25)
    assert quarter.combine(values, True) == pytest.approx([0.15, 0.6])
    assert quarter.combine(values, False) == pytest.approx([0.25, 0.8])


def test_a_band_of_the_pointwise_worst_holds_everywhere_but_not_the_least_of_the_ratios():
    """Two scenarios with bands 10-20 and 15-30: each has a ratio of 2, together 15-20."""
    f = np.linspace(5.0, 35.0, 301)
    first, second = ((f >= 10) & (f <= 20)) * 1.0, ((f >= 15) & (f <= 30)) * 1.0
    both = f[Scenarios().combine(np.stack([first, second]), True) > 0.5]
    assert (both[0], both[-1]) == pytest.approx((15.0, 20.0))


def test_dictionary_round_trip():
    scenarios = Scenarios.from_table({**TABLE, "statistic": 0.1})
    again = Scenarios.from_dict(scenarios.to_dict())
    assert again.to_dict() == scenarios.to_dict()
    assert [item.problem.digest for item in again.of(problem())] == [
        item.problem.digest for item in scenarios.of(problem())
    ]


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "is empty"),
        ({"soil": ["x"]}, "unknown key 'soil'"),
        ({"heights": 0.1}, "is not a list"),
        ({"heights": [-0.1]}, r"heights\[0\] = -0.1 m"),
        ({"heights": [0.1, 0.1]}, "same value twice"),
        ({"arm_errors": [0.0, 3.0]}, r"arm_errors\[1\] = 3"),
        ({"soils": [{"loss_tangent": 0.1}]}, "lacks eps_r"),
        ({"soils": [{"eps_r": 3.0, "tan": 0.1}]}, "unknown key 'tan'"),
        ({"soils": ["moon_cheese"]}, "moon_cheese"),
        ({"soils": [4]}, "neither a name nor a table"),
        ({"heights": [0.0], "statistic": "mean"}, "allowed: worst"),
        ({"heights": [0.0], "statistic": 0.9}, "statistic = 0.9"),
        ({"heights": [k / 100 for k in range(65)]}, "up to 64"),
    ],
)
def test_refusals_name_the_key(table, words):
    with pytest.raises(InputError, match=words):
        Scenarios.from_table(table)
