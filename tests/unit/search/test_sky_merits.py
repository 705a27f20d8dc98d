"""Merits of the sky: shares by names of their own, and the chromaticity of the beam."""

from __future__ import annotations

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.circuit.resampling import DenseImpedance
from lunar_antenna.errors import InputError
from lunar_antenna.media.layer import Stack
from lunar_antenna.search.merits import make_merit
from lunar_antenna.search.port import PortModel, Termination
from lunar_antenna.search.response import Response, View
from lunar_antenna.search.study.goals import Goals
from lunar_antenna.sky.moon import Observation

SOIL = Stack.half_space(3.5, loss_tangent=0.01)
FINE = np.linspace(5e6, 35e6, 601)


def view(*responses):
    return View(responses, PortModel(), Termination(100.0, ()))


def response(sky, mismatch):
    """Curves by name in place of a solution's."""
    made = Response(None, DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True))
    made._shares["sky"] = sky
    gamma = np.sqrt(1 - mismatch)
    return Response(
        None,
        DenseImpedance(FINE, 100.0 * (1 + gamma) / (1 - gamma) + 0j, 0.0, True),
        None,
        made._shares,
    )


def test_shares_are_means_or_lowest_over_the_band():
    """sky = 0.1 + 0.3 t, mismatch = 0.2 + 0.6 t, t over 5-35 MHz; products by hand."""
    t = (FINE - 5e6) / 30e6
    seen = view(response(0.1 + 0.3 * t, 0.2 + 0.6 * t))
    values = {
        ("sky_share", "mean"): 0.25,
        ("sky_share", "lowest"): 0.1,
        ("realised_sky", "mean"): 0.14,
        ("realised_sky", "lowest"): 0.02,
    }
    for (name, statistic), expected in values.items():
        merit = make_merit({"merit": name, "statistic": statistic})
        assert merit.value(seen) == pytest.approx(expected, rel=1e-6), name
        assert merit.needs == "losses"
    assert make_merit({"merit": "sky_share", "band_mhz": [20, 35]}).value(seen) == pytest.approx(
        0.325, rel=1e-6
    )
    assert not make_merit({"merit": "sky_share"}).uses_port
    assert make_merit({"merit": "realised_sky"}).uses_port


def test_chromaticity_is_that_of_the_library_at_its_samples():
    sol = solution(stack=SOIL, height=0.02, points=31)
    seen = view(Response(sol.problem, DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True), sol))
    merit = make_merit(
        {"merit": "chromaticity", "band_mhz": [10, 30], "samples": 11, "terms": 3, "times": 2}
    )
    inside = np.flatnonzero((sol.frequency >= 9.9e6) & (sol.frequency <= 30.1e6))[::2]
    from lunar_antenna.sky.beam import Beam

    beam = Beam.of(sol, at=inside)
    expected = la.chromaticity(beam, "cane_slab", 3, observation=Observation.turn(count=2)).rms_mk
    assert merit.value(seen) == pytest.approx(expected, rel=0.02)  # 3 degrees for 2
    assert merit.needs == "far_field"


def test_the_worst_scenario_counts():
    low, high = (solution(stack=SOIL, height=h, points=12) for h in (0.02, 1.5))
    dense = DenseImpedance(FINE, FINE * 0j + 100.0, 0.0, True)
    merit = make_merit({"merit": "chromaticity", "band_mhz": [5, 35], "terms": 2, "times": 1})
    each = [merit.value(view(Response(s.problem, dense, s))) for s in (low, high)]
    both = view(*(Response(s.problem, dense, s) for s in (low, high)))
    assert merit.value(both) == pytest.approx(max(each))
    assert min(each) < max(each)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"merit": "sky_share", "statistic": "median"}, "statistic = 'median'"),
        ({"merit": "realised_sky", "band_mhz": [9, 9]}, "is empty"),
        ({"merit": "sky_share", "efficiency": "sky"}, "unknown key 'efficiency'"),
        ({"merit": "chromaticity", "sky": "cane"}, "allowed: cane_slab, power_law"),
        ({"merit": "chromaticity", "basis": "cubic"}, "basis = 'cubic'"),
        ({"merit": "chromaticity", "samples": 5}, "samples = 5"),
        ({"merit": "chromaticity", "terms": 2.5}, "not a whole number"),
    ],
)
def test_wrong_ones_are_one_line(table, words):
    with pytest.raises(InputError, match=words) as caught:
        make_merit(table)
    assert "\n" not in str(caught.value)


def test_too_few_frequencies_are_told_before_the_search():
    problem = la.Problem(la.load_geometry("strip"), SOIL, band=la.Band.mhz(5, 35, 8))
    goals = Goals.from_tables([{"merit": "chromaticity"}], [])
    with pytest.raises(InputError, match="a fit of 5 terms wants more"):
        goals.check(problem, PortModel())
