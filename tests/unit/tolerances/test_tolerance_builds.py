"""Yield and quantiles where they are known.

Error budgets: quantiles of n draws scatter by sqrt(p (1 - p)/n)/density; four of these are
allowed, which a seeded test exceeds once in 16 000 seeds.
"""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.plotting.tolerance import plot_yield
from lunar_antenna.search.study.trials import Evaluation
from lunar_antenna.tolerances import tolerance as module
from lunar_antenna.tolerances.builds import (
    QUANTILES,
    BuildsInterrupted,
    Deviation,
    Requirement,
    Share,
    build_all,
    draw,
)
from lunar_antenna.tolerances.report import QUANTITIES
from lunar_antenna.tolerances.tolerance import ToleranceInterrupted, tolerance

ITEMS = (Deviation("a", "m", 2.0, tolerance=0.1), Deviation("b", "1", 1.0, tolerance=0.3))
COUNT = 4000


def linear(values):
    return {"inside": 5.0 + 3.0 * (values["a"] - 2.0) - 2.0 * (values["b"] - 1.0)}, None


def built(distribution, items=ITEMS, count=COUNT, limit=5.3):
    wanted = [Requirement("inside", low=limit)]
    return build_all(items, linear, wanted, count=count, seed=3, distribution=distribution)


def test_normal_errors_of_a_linear_merit_are_normal():
    """Variance (3 x 0.05)^2 + (2 x 0.15)^2: sigma 0.335; 1.645 of them to the 5 % quantile."""
    sigma = math.hypot(3.0 * 0.05, 2.0 * 0.15)
    found = built("normal")
    for part, wanted, value in zip(
        QUANTILES, (-1.6449, 0.0, 1.6449), found.quantiles("inside"), strict=True
    ):
        density = math.exp(-0.5 * wanted**2) / math.sqrt(2.0 * math.pi)
        scatter = math.sqrt(part * (1.0 - part) / COUNT) / density
        assert abs((value - 5.0) / sigma - wanted) < 4.0 * scatter
    share = found.share(found.requirements[0])
    exact = 0.5 * math.erfc(0.3 / sigma / math.sqrt(2.0))
    assert abs(share.value - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / COUNT)
    assert share.low < share.value < share.high


def test_uniform_errors_of_a_linear_merit_are_a_trapezium():
    """The sum of uniform errors +-0.3 and +-0.6: P(> 0.3) = 1/4, 0.3 being the flat top's end.

    The density is 1/1.2 up to 0.3 and falls linearly to 0 at 0.9: P(> 0.3) = 0.6/2/1.2; the 95 %
    quantile is 0.9 - x with x^2/(2 x 0.6 x 1.2) = 0.05.
    """
    found = built("uniform")
    share = found.share(found.requirements[0])
    assert abs(share.value - 0.25) < 4.0 * math.sqrt(0.25 * 0.75 / COUNT)
    x = math.sqrt(0.05 * 2.0 * 0.6 * 1.2)
    scatter = math.sqrt(0.05 * 0.95 / COUNT) / (x / 0.6 / 1.2)
    low, _, high = found.quantiles("inside")
    assert abs(high - 5.0 - (0.9 - x)) < 4.0 * scatter
    assert abs(low - 5.0 + (0.9 - x)) < 4.0 * scatter


def test_a_longer_run_begins_with_the_shorter_one():
    short, long = draw(ITEMS, 200, 5, "uniform"), draw(ITEMS, 400, 5, "uniform")
    assert all(np.array_equal(short[name], long[name][:200]) for name in short)
    assert not np.array_equal(draw(ITEMS, 200, 6, "uniform")["a"], short["a"])


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_draws_stay_where_a_variable_is_allowed(distribution):
    """A height of 0 +- 1 cm: none below the ground, all of the draws used."""
    height = Deviation("height", "m", 0.0, 0.0, tolerance=0.01)
    values = draw((height,), 2000, 1, distribution)["height"]
    assert values.min() >= 0.0
    assert np.median(values) == pytest.approx(
        0.005 if distribution == "uniform" else 0.00337, rel=0.1
    )


def test_the_interval_of_a_share_holds_it_with_its_confidence():
    """Clopper and Pearson: at least 95 % of samples, whatever the share."""
    rng = np.random.default_rng(1)
    for true in (0.03, 0.5, 0.98):
        shares = [Share.of(int(k), 200) for k in rng.binomial(200, true, size=400)]
        assert np.mean([item.low <= true <= item.high for item in shares]) >= 0.93
    assert (Share.of(0, 200).low, Share.of(200, 200).high) == (0.0, 1.0)
    assert Share.of(200, 200).low == pytest.approx(0.025 ** (1 / 200), rel=1e-9)


def test_lost_builds_fail_and_are_no_quantile():
    def sometimes(values):
        lost = values["a"] > 2.05
        return {"inside": math.nan if lost else 1.0}, "too long" if lost else None

    wanted = (Requirement("inside", low=0.5), Requirement("inside", high=2.0))
    found = build_all(ITEMS, sometimes, wanted, count=400, seed=1, distribution="uniform")
    assert found.quantiles("inside") == (1.0, 1.0, 1.0)
    assert 60 < found.lost("inside") < 140
    assert found.share(wanted[0]).value == 1.0 - found.lost("inside") / 400
    assert found.together.value == found.share(wanted[1]).value
    assert found.reason == "too long"


def test_an_interruption_keeps_what_is_built():
    calls = []

    def stopping(values):
        calls.append(values)
        if len(calls) == 31:
            raise KeyboardInterrupt
        return linear(values)

    with pytest.raises(BuildsInterrupted) as caught:
        build_all(ITEMS, stopping, (), count=200, seed=3, distribution="uniform")
    found = caught.value.builds
    assert (found.count, found.wanted) == (30, 200)
    assert np.array_equal(found.parameters["a"], draw(ITEMS, 200, 3, "uniform")["a"][:30])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("inside>0.5", ">=VALUE"),
        ("inside>=much", ">=VALUE"),
        ("x>=1", "inside"),
        ("inside>=nan", "nan"),
    ],
)
def test_requirements_that_are_none(text, words):
    with pytest.raises(InputError, match=words):
        Requirement.parse(text, QUANTITIES)


class Law:
    """Stands for solving: ``inside`` is a bilinear function of what was built."""

    def __init__(self, stop=None):
        self.stop, self.count = stop, 0

    def __call__(self, _, values):
        self.count += 1
        if self.count == self.stop:
            raise KeyboardInterrupt
        u = (values.get("length", 10.0) - 10.0) / 0.1
        v = (values.get("gap", 0.1) - 0.1) / 0.01
        inside = 0.9 - 0.02 * u - 0.03 * v - 0.01 * u * v
        return Evaluation(1.0, (10e6, 20e6, inside, 0.5))


def analysed(monkeypatch, law, **options):
    monkeypatch.setattr(module, "_built", law)
    off = dict.fromkeys(("width", "port_width", "asymmetry", "arm_error"), 0.0)
    return tolerance(
        "strip",
        z0=72.0,
        threshold=0.3,
        accuracy="draft",
        parameters={"length": 10.0, "gap": 0.1, "port_width": 0.1},
        tolerances={**off, "length": 0.1, "gap": 0.01},
        **options,
    )


def test_a_corner_exceeds_the_linear_sum_and_is_built(monkeypatch):
    """0.02 + 0.03 + 0.01 at the corner, 0.05 the sum of single effects: 20 % more."""
    report = analysed(monkeypatch, Law(), builds=0)
    change = 0.9 - report.nominal["inside"]
    low, high = (value - change for value in report.corners["inside"])
    assert low == pytest.approx(-0.06, abs=1e-9)
    assert high == pytest.approx(0.04, abs=1e-9)
    assert "linear sum" in [line[0] for line in report.rows()]
    assert report.builds is None
    assert report.yields() == []


def test_the_report_holds_yield_and_quantiles(monkeypatch):
    report = analysed(monkeypatch, Law(), builds=200, requirements=("inside>=0.9", "lowest<=0.4"))
    assert report.builds.count == 200
    lines = report.yields()
    assert lines[0].startswith("yield: inside >= 0.9: ")
    assert lines[1].startswith("yield: lowest <= 0.4: 0.0 % of 200 builds")
    assert lines[2].startswith("yield: all of them: 0.0 %")
    assert report.to_dict()["yield"]["quantiles"]["inside"]["lost"] == 0
    figure = plot_yield(report)
    assert len(figure.axes) == 2
    with pytest.raises(InputError, match="no builds"):
        plot_yield(SimpleNamespace(builds=None))


@pytest.mark.parametrize(("stop", "rows", "builds"), [(6, 1, None), (50, 2, True)])
def test_ctrl_c_keeps_what_is_finished(monkeypatch, stop, rows, builds):
    with pytest.raises(ToleranceInterrupted) as caught:
        analysed(monkeypatch, Law(stop), builds=200)
    report = caught.value.report
    assert len(report.sensitivities) == rows
    assert (report.builds is not None) == (builds is not None)
    assert report.rows()


@pytest.mark.parametrize("geometry", ["bowtie", "strip"])
def test_a_tab_that_follows_the_arm_is_cut_with_it(geometry):
    """Tab up, arm down by a millimetre each: such a build was lost, and half of all were such.

    A width that the design states is not replaced by another.
    """
    base = module._evaluator(
        geometry, la.Stack.half_space(3.5, loss_tangent=0.01), 0.0, la.Band.mhz(8, 20, 9), "planar"
    )
    base = replace(base, accuracy="draft")
    layout = base.problem({}).layout
    edge = "feed_width" if geometry == "bowtie" else "width"
    off = {
        "port_width": layout.parameters["port_width"] + 1e-3,
        edge: layout.parameters[edge] - 1e-3,
    }
    found = module._built(base, off)
    assert found.reason is None
    alone = module._built(base, {edge: off[edge]})
    assert found.objectives == pytest.approx(alone.objectives, rel=1e-9)
    values = {**base.spec["parameters"], "port_width": layout.parameters["port_width"]}
    stated = replace(base, spec={**base.spec, "parameters": values})
    assert "wider than" in module._built(stated, off).reason
