"""Slopes, their straightness and sums, on functions whose derivative is known.

Central differences are exact for parabolas, the one-sided rule as well, so rounding (1e-9) is
the error budget of the slopes.
"""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Layer, Stack
from lunar_antenna.search.study.trials import Evaluation
from lunar_antenna.tolerances.builds import Deviation
from lunar_antenna.tolerances.merits import BandEdge
from lunar_antenna.tolerances.report import QUANTITIES, Sensitivity, ToleranceReport
from lunar_antenna.tolerances.sensitivity import effect as effect_of
from lunar_antenna.tolerances.sensitivity import sensitivity as sensitivity_of
from lunar_antenna.tolerances.tolerance import scaled


def follow(item, law):
    return effect_of(item, law(item.value), {x: law(x) for x in item.points})


def test_slope_of_a_parabola_both_sided_and_one_sided():
    def law(x):
        return 5.0 + 3.0 * x + 40.0 * x**2

    both = follow(Deviation("a", "m", 0.2, tolerance=0.1), law)
    assert both.slope == pytest.approx(3.0 + 80.0 * 0.2, rel=1e-9)
    assert both.residual == pytest.approx(40.0 * 0.01, rel=1e-9)
    one = follow(Deviation("a", "m", 0.0, tolerance=0.1, low=0.0), law)
    assert one.slope == pytest.approx(3.0, rel=1e-9)
    assert one.minus is None
    assert one.plus == pytest.approx(0.7, rel=1e-9)
    other = follow(Deviation("a", "m", 0.0, tolerance=0.1, high=0.0), law)
    assert other.slope == pytest.approx(3.0, rel=1e-9)
    assert other.plus is None


def test_linear_means_within_a_tenth_of_the_change():
    line = follow(Deviation("a", "m", 1.0, tolerance=0.1), lambda x: 2.0 * x)
    assert line.linear
    bent = follow(
        Deviation("a", "m", 1.0, tolerance=0.1), lambda x: 2.0 * x + 30.0 * (x - 1.0) ** 2
    )
    assert not bent.linear
    step = follow(Deviation("a", "m", 1.0, tolerance=0.1), lambda x: 1.0 if x < 1.02 else 2.0)
    assert not step.linear
    lost = follow(Deviation("a", "m", 1.0, tolerance=0.1), lambda x: math.nan if x > 1.07 else x)
    assert not lost.linear
    assert math.isnan(lost.largest)


def test_a_side_that_cannot_be_built_is_left_out_with_its_reason():
    item = Deviation("a", "m", 1.0, tolerance=0.1)
    found = {
        x: Evaluation(1.0, objectives=(2.0 * x, 4.0, 1.0, 1.0))
        if x > 1.0
        else Evaluation.invalid("too thin")
        for x in item.points
    }
    start = dict(zip(QUANTITIES, (2.0, 4.0, 2.0, 1.0, 1.0), strict=True))
    result = sensitivity_of(item, start, found)
    assert result.reason == "too thin"
    assert result.effects["band_low"].slope == pytest.approx(2.0, rel=1e-9)
    assert result.effects["band_low"].minus is None


def test_a_variable_needs_room_on_one_side():
    with pytest.raises(InputError, match="on both sides"):
        _ = Deviation("a", "1", 0.5, 0.0, 1.0, tolerance=1.0).points


@pytest.mark.parametrize(
    ("rising", "near", "edge"),
    [(True, 1.6, 1.5), (True, 3.0, 3.5), (False, 2.4, 2.5), (False, 9.0, 5.0), (False, 3.4, 2.5)],
)
def test_an_edge_is_the_nearest_of_its_direction_or_the_end_of_the_band(rising, near, edge):
    """Bands 1.5 to 2.5 and 3.5 to the end at 5; nearest in ratio."""
    curve = np.array([0.0, 1.0, 0.0, 1.0, 1.0])
    view = SimpleNamespace(frequency=np.arange(1.0, 6.0), curve=lambda _: curve)
    assert BandEdge("mismatch", 0.5, near, rising).value(view) == pytest.approx(edge)
    assert math.isnan(BandEdge("mismatch", 1.5, near, rising).value(view))


def test_scaled_soil_keeps_what_is_not_soil():
    stack = Stack([Layer(2.0, 3.0, 0.01), Layer(1.0, 1.2, conductivity=1e-4), Layer.conductor()])
    changed = scaled(stack, eps_r=0.8, loss=2.0)
    assert [layer.eps_r for layer in changed.layers[:2]] == pytest.approx([2.4, 1.0])
    assert changed.layers[0].loss_tangent == 0.02
    assert changed.layers[1].conductivity == 2e-4
    assert changed.layers[2].is_conductor
    assert changed.depths.tolist() == stack.depths.tolist()


def make_report(*rows):
    nominal = dict(zip(QUANTITIES, (10e6, 30e6, 3.0, 0.9, 0.3), strict=True))
    return ToleranceReport(
        "x", "y", 0.0, 100.0, 0.9, "mismatch", "planar", "draft", nominal, rows, 9
    )


def row(name, law):
    item = Deviation(name, "m", 1.0, tolerance=0.1)
    return Sensitivity(name, "m", 1.0, 0.1, dict.fromkeys(QUANTITIES, follow(item, law)))


def test_sums_table_and_json():
    report = make_report(
        row("a", lambda x: 30.0 * x), row("b", lambda x: 40.0 * x), row("c", lambda x: x * math.nan)
    )
    assert report.together("inside") == pytest.approx((5.0, 7.0), rel=1e-9)
    document = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert document["sensitivities"][2]["effects"]["inside"]["slope"] is None
    assert document["sensitivities"][1]["effects"]["inside"]["slope"] == pytest.approx(40.0)
    table = report.rows()
    assert [line[0] for line in table[2:5]] == ["c", "b", "a"]
    assert "lost" in table[2][3]
    assert len({len(line) for line in table}) == 1


def test_a_small_change_keeps_its_digits():
    from lunar_antenna.tolerances.report import _moved

    assert _moved(26_700.0, "band_low") == "+0.0267"
    assert _moved(-12.0, "band_low") == "-1.2e-05"
    assert _moved(3e-5, "lowest") == "+3.0e-05"
    assert _moved(0.0, "lowest") == _moved(-2e-13, "inside") == "0"
    assert _moved(math.nan, "lowest") == "lost"
