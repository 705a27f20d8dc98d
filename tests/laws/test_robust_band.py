"""A robust evaluation is the intersection of what its scenarios do on their own.

Error budget: the same curves are compared with themselves, so rounding (1e-9), except that the
edges of the common band are interpolated between two curves where they cross: one step of the
fine grid, 1 MHz/20.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from lunar_antenna.media.layer import Stack
from lunar_antenna.problem import Band
from lunar_antenna.search.port import PortModel
from lunar_antenna.search.study.evaluate import Evaluator
from lunar_antenna.search.study.goals import Goals
from lunar_antenna.search.study.scenarios import Scenarios

SCENARIOS = Scenarios.from_table(
    {"soils": [{"eps_r": 2.5}, {"eps_r": 4.5, "loss_tangent": 0.02}], "arm_errors": [0.0, 0.05]}
)
STEP = 1e6 / 20


@pytest.fixture(scope="module")
def evaluator():
    return Evaluator(
        spec={"family": "strip", "parameters": {"length": 9.0, "width": 0.6, "port_width": 0.1}},
        stack=Stack.half_space(3.5),
        height=0.0,
        band=Band.mhz(5.0, 35.0, 31),
        solver="planar",
        accuracy="draft",
        goals=Goals.default(threshold=0.6, floor=0.01),
        port=PortModel(100.0, 100.0),
        robust=SCENARIOS,
    )


@pytest.fixture(scope="module")
def alone(evaluator):
    """The scenarios one by one."""
    found = []
    for soil in SCENARIOS.soils:
        for error in SCENARIOS.arm_errors:
            one = Scenarios(soils=(soil,), arm_errors=(error,))
            found.append(replace(evaluator, robust=one).evaluate({}))
    return found


def test_the_band_holds_in_all_scenarios_at_one_reference(evaluator, alone):
    together = evaluator.evaluate({})
    assert together.reason is None
    assert together.z0 == 100.0
    low, high = max(item.band[0] for item in alone), min(item.band[1] for item in alone)
    assert together.band == pytest.approx((low, high), abs=STEP)
    assert together.band_ratio < min(item.band_ratio for item in alone)
    assert together.lowest == pytest.approx(min(item.lowest for item in alone), rel=1e-9)


def test_a_quantile_is_between_the_worst_and_the_best(evaluator, alone):
    median = replace(evaluator, robust=replace(SCENARIOS, statistic=0.5)).evaluate({})
    worst = evaluator.evaluate({})
    assert worst.band_ratio < median.band_ratio < max(item.band_ratio for item in alone)


def test_one_reference_is_found_for_all_of_them(evaluator):
    """The free z0 is that of the common band, not one per scenario."""
    free = replace(evaluator, port=PortModel(50.0, 300.0))
    best = free.evaluate({})
    for z0 in (60.0, 100.0, 150.0, 250.0):
        fixed = replace(evaluator, port=PortModel(z0, z0)).evaluate({})
        assert best.score >= fixed.score
