"""How much of a bound a solved design reaches."""

from __future__ import annotations

import json

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.bounds.against import against
from lunar_antenna.bounds.bound import bound_of
from lunar_antenna.errors import InputError


@pytest.fixture(scope="module")
def solved():
    layout = la.load_geometry("strip", length=6.0, width=0.4, metal="copper_18um")
    problem = la.Problem(layout, la.load_soil("simple_eps35"), band=la.Band.mhz(10, 30, 9))
    return la.solve(problem, accuracy="draft")


@pytest.fixture(scope="module")
def bound(solved):
    return bound_of(solved, "6x1", points=3)


def test_a_design_is_held_against_its_own_soil_and_metal(solved, bound):
    assert bound.frequency == pytest.approx([10e6, 20e6, 30e6])
    assert bound.footprint.metal == solved.problem.layout.metal
    reached = bound.reached_by(solved)
    assert reached == pytest.approx(solved.efficiency(100.0).sky[::4] / bound.value)
    assert np.all((reached > 0.0) & (reached <= 1.0))


def test_what_of_it_is_reached_is_told_in_a_notebook(solved, bound):
    held = against(solved, (6.0, 1.0), points=3)
    assert held.reached == pytest.approx(bound.reached_by(solved))
    least = f"{100.0 * held.reached.min():.1f} %"
    for told in (held.line, repr(held), held._repr_html_()):
        assert least in told
        assert "sky_share within 6x1 m" in told
    assert json.loads(json.dumps(held.to_dict()))["reached"] == held.reached.tolist()


def test_the_worst_and_the_best_frequency_are_told_in_per_cent(solved):
    held = against(solved, (6.0, 1.0), points=3)
    low, high = 100.0 * held.reached.min(), 100.0 * held.reached.max()
    assert held.line.startswith(f"{low:.1f} % (")
    assert f" to {high:.1f} % (" in held.line
    assert dict(held.facts())["most"].startswith(f"{high:.1f} % (")


def test_what_cannot_be_held_against_it_is_refused(solved, bound):
    wide = la.load_geometry("strip", length=6.0, width=1.2)
    outside = la.solve(la.Problem(wide, solved.problem.stack, band=bound.problem.band))
    with pytest.raises(InputError, match=r"strip spans \(-3, -0.6\).*not within the footprint"):
        bound.reached_by(outside)
    other = la.solve(solved.problem.with_frequency([11e6]), accuracy="draft")
    with pytest.raises(InputError, match="not solved at all frequencies"):
        bound.reached_by(other)
    gain = la.bound("6x1", solved.problem.stack, band=la.Band([20e6]), quantity="gain")
    with pytest.raises(InputError, match="not a gain"):
        gain.reached_by(solved)


def test_the_document_is_plain_json_and_the_picture_a_png(bound):
    told = json.loads(json.dumps(bound.to_dict()))
    assert told["quantity"] == "sky_share"
    assert len(told["value"]) == len(told["mesh_error"]) == len(told["gap"]) == 3
    assert bound._repr_png_().startswith(b"\x89PNG")
