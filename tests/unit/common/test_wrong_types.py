"""What is not what is wanted is one line that names it; help and dir show the public names."""

from __future__ import annotations

import pydoc

import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.errors import InputError

MADE = solution(points=9)
SWEEP = la.load_measurement("prototype_synthetic")


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: la.Problem(3, "simple_eps35"), "Layout"),
        (lambda: la.Problem("bowtie", None), "Stack"),
        (lambda: la.Problem("bowtie", "simple_eps35", height="low"), "number"),
        (lambda: la.solve("bowtie"), "la.Problem"),
        (lambda: la.solve(MADE), "la.Problem"),
        (lambda: la.load_geometry(3), "Layout"),
        (lambda: la.load_soil(3), "Stack"),
        (lambda: la.load_measurement(3), "path"),
        (lambda: la.load(3), "path"),
        (lambda: la.compare("bowtie", SWEEP), "la.solve"),
        (lambda: la.compare(MADE, "sweep.s1p"), "la.load_measurement"),
        (lambda: la.invert("bowtie", SWEEP), "la.Problem"),
        (lambda: la.invert(MADE, MADE), "la.load_measurement"),
        (lambda: la.optimize(3), "Layout"),
        (lambda: la.optimize("bowtie", 3), "Stack"),
        (lambda: la.optimize("bowtie", search=[6, 10]), "length"),
        (lambda: la.optimize("bowtie", search={"length": 6}), r"\[low, high\]"),
        (lambda: la.tolerance(3), "Layout"),
        (lambda: la.tolerance("bowtie", 3), "Stack"),
        (lambda: la.export("bowtie", "x.s1p"), "Solution"),
        (lambda: la.noise_budget("bowtie"), "la.solve"),
        (lambda: la.resonances("bowtie"), "Solution"),
        (lambda: la.plot.layout("bowtie"), "la.load_geometry"),
        (lambda: la.Band("zz"), r"la\.Band\.mhz"),
        (lambda: la.Band({}), r"la\.Band\.mhz"),
        (lambda: la.Problem("bowtie", "simple_eps35", band=(5, 35)), r"la\.Band\.mhz"),
        (lambda: la.Stack(None), "la.Layer"),
        (lambda: la.Array("bowtie", [[0, 0], [20, 0]], "simple_eps35", layouts=3), "table"),
        (lambda: la.load_array(3), "path"),
        (lambda: la.load_array_solution(3), "path"),
        (lambda: la.emulate("bowtie", {"eps_r": (2.0, 3.0)}), "la.Problem"),
        (lambda: la.emulate(MADE.problem, 3), "eps_r"),
        (lambda: la.chromaticity(MADE.problem), "la.solve"),
        (lambda: la.antenna_temperature(SWEEP), "la.solve"),
        (lambda: la.beam_error(MADE, 3), "la.solve"),
        (lambda: la.noise_covariance("bowtie"), "la.solve"),
        (lambda: la.bound("10x2", "simple_eps35", port="1"), "la.Gap"),
        (lambda: MADE.s11("x"), "give ohms"),
        (lambda: MADE.efficiency({}), "give ohms"),
        (lambda: MADE.far_field(12.0), "12e6"),
    ],
)
def test_one_line_names_what_is_wanted(call, wanted):
    with pytest.raises(InputError, match=wanted) as error:
        call()
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


FIGURES = (  # that draw one thing: what it is from
    ("layout", "la.load_geometry"),
    ("soil", "la.load_soil"),
    ("measurement", "la.load_measurement"),
    ("comparison", "la.compare"),
    ("fsv", "la.compare"),
    ("noise", "la.noise_budget"),
    ("antenna_temperature", "la.antenna_temperature"),
    ("bound", "la.bound"),
    ("tolerance", "la.tolerance"),
    ("yields", "la.tolerance"),
    ("inversion", "la.invert"),
)


@pytest.mark.parametrize(("kind", "source"), FIGURES)
@pytest.mark.parametrize("thing", [3, None, "bowtie", [MADE, MADE], la.Band.mhz(5, 6)])
def test_a_figure_names_what_it_draws(kind, source, thing):
    with pytest.raises(InputError, match=source) as error:
        getattr(la.plot, kind)(thing)
    assert type(thing).__name__ in str(error.value)


@pytest.mark.parametrize("kind", [item for item in dir(la.plot) if item not in dict(FIGURES)])
def test_other_figures_name_it_too(kind):
    for thing in (3, "bowtie", la.Band.mhz(5, 6)):
        with pytest.raises(InputError):
            getattr(la.plot, kind)(thing)


def test_figures_of_parts_take_the_whole():
    """Layout and soil of a solution or a problem; the pair of a comparison."""
    assert la.plot.layout(MADE).axes
    assert la.plot.soil(MADE.problem).axes


def test_dir_and_help_show_the_public_names():
    assert dir(la) == sorted(la.__all__)
    assert not [name for name in dir(la) if name.startswith("_") and name != "__version__"]
    text = pydoc.render_doc(la, renderer=pydoc.plaintext)
    for name in ("class Problem", "solve(", "optimize("):
        assert name in text
    for name in ("_WHERE", "importlib", "TYPE_CHECKING", "__getattr__"):
        assert name not in text


def test_a_search_takes_names_layouts_and_ranges():
    from lunar_antenna.search.api import _settings
    from lunar_antenna.search.space import free_parameters

    free = free_parameters({"length": (8.0, 9.0), "width": [0.1, 1.0, "log"]})
    layout = la.load_geometry("bowtie", length=8.5, metal="copper_18um")
    plan = _settings(layout).changed(stack=la.load_soil("simple_eps35"), search=free).plan()
    assert plan.space.names == ("length", "width")
    problem = plan.evaluator.problem({"length": 8.2, "width": 0.5})
    assert problem.layout.bounds[2] == pytest.approx(4.1)
    assert problem.layout.metal.name == "copper_18um"
    # the gap of length/100 follows the length that is searched
    assert problem.layout.gaps[0].length == pytest.approx(0.082)
