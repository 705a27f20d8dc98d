"""``la.plot`` and ``solution.plot``: every kind, one solution or several, shown without magic."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hand_made import layout, solution

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.plotting.front import KINDS, OF_A_SOLUTION
from lunar_antenna.plotting.labels import labels_of
from lunar_antenna.plotting.layout import METALS, OTHER_METAL, metal_colours, plot_layout
from lunar_antenna.plotting.pattern import compass, middle, spread_frequencies

PNG = b"\x89PNG"
OF_LAYOUT = ("layout", "soil")


@pytest.fixture(scope="module")
def pair():
    """The same strip over two soils."""
    soil = la.Stack.half_space(3.5, loss_tangent=0.01, name="sand")
    return solution(stack=soil, points=7), solution(stack=la.Stack.half_space(2.0), points=7)


@pytest.mark.parametrize("kind", OF_A_SOLUTION)
def test_every_kind_of_a_solution_shows_itself(pair, kind):
    """By IPython's own formatter, with no backend or magic chosen."""
    formatters = pytest.importorskip("IPython.core.formatters")
    figure = pair[0].plot(kind)
    data, _ = formatters.DisplayFormatter().format(figure)
    shown = data["image/png"]
    assert shown[:4] == PNG or shown.startswith("iVBOR")


@pytest.mark.parametrize("kind", [k for k in OF_A_SOLUTION if k not in OF_LAYOUT])
def test_every_kind_takes_a_list(pair, kind):
    if kind == "pattern_measures":
        pytest.skip("four panels of one solution")
    figure = getattr(la.plot, kind)(list(pair))
    texts = {text.get_text() for text in figure.findobj(lambda x: hasattr(x, "get_text"))}
    assert any("sand" in text for text in texts), texts


def test_names_are_listed_and_a_wrong_one_is_told():
    assert set(dir(la.plot)) == set(KINDS)
    with pytest.raises(AttributeError, match="did you mean 'smith'"):
        la.plot.smyth  # noqa: B018
    with pytest.raises(InputError, match="did you mean 's11'"):
        solution(points=3).plot("s1l")
    assert "quantity" in (la.plot.pattern.__doc__ or "")


@pytest.mark.parametrize("kind", ["s11", "efficiency", "pattern", "current", "overview"])
def test_a_wrong_thing_is_one_line(kind):
    with pytest.raises(InputError, match="give a Solution") as told:
        getattr(la.plot, kind)("bowtie")
    assert "\n" not in str(told.value)


def test_labels_say_what_differs():
    bowtie = la.load_geometry("bowtie", length=9.0)
    other = la.load_geometry("bowtie", length=7.5)
    base = solution(points=3)

    def of(shape, height=0.0):
        return dataclasses.replace(base, problem=la.Problem(shape, "simple_eps35", height))

    assert labels_of([of(bowtie)]) == ["bowtie, simple_eps35"]
    # the gap of length/100 follows: one difference, not two
    assert labels_of([of(bowtie), of(other)]) == ["bowtie, length 9 m", "bowtie, length 7.5 m"]
    assert labels_of([of(bowtie), of(bowtie, 0.1)]) == [
        "bowtie, height 0 m",
        "bowtie, height 0.1 m",
    ]
    assert len(set(labels_of([of(bowtie), of(bowtie)]))) == 2


def test_gain_is_below_directivity_by_the_efficiency(pair):
    """In every cut: the share that reaches the sky, in dB."""
    made = pair[0]
    frequency = float(made.frequency[3])

    def curves(quantity):
        figure = la.plot.pattern(made, [frequency], quantity=quantity)
        return [line.get_ydata() for ax in figure.axes for line in ax.lines]

    share = 10 * np.log10(made.efficiency().sky[3])
    assert share < -0.1
    for gain, directivity in zip(curves("gain"), curves("directivity"), strict=True):
        above = gain > -19.9
        np.testing.assert_allclose((gain - directivity)[above], share, atol=1e-9)
    with pytest.raises(InputError, match="quantity"):
        la.plot.pattern(made, quantity="power")


def test_both_sides_of_a_cut_have_their_point_of_the_compass(pair):
    figure = la.plot.pattern(pair[0])
    for ax, (right, left) in zip(figure.axes, (("E", "W"), ("N", "S")), strict=True):
        words = [text.get_text() for text in ax.get_xticklabels()]
        assert f"60° {right}" in words
        assert f"60° {left}" in words
        assert len(words) == len(set(words))
    assert compass(-90.0) == "S"
    assert compass(30.0) == "φ 30°"


def test_frequencies_are_round_where_they_are_solved():
    band = np.linspace(5e6, 35e6, 61)
    np.testing.assert_allclose(spread_frequencies(band, 4), [5e6, 15e6, 25e6, 35e6])
    np.testing.assert_allclose(spread_frequencies(band, 3), [10e6, 20e6, 30e6])
    np.testing.assert_allclose(spread_frequencies(band, 2), [10e6, 30e6])
    assert middle(np.linspace(5e6, 35e6, 31)) == 20e6
    odd = np.geomspace(5.1e6, 33e6, 20)
    chosen = spread_frequencies(odd, 4)
    assert chosen.size == 4
    assert set(chosen) <= set(odd)


def test_metal_has_its_own_colour():
    assert metal_colours(la.load_geometry("bowtie", metal="aluminium_1um")) == METALS["aluminium"]
    assert metal_colours(la.load_geometry("bowtie", metal="copper_5um")) == METALS["copper"]
    assert metal_colours(la.load_geometry("bowtie")) == OTHER_METAL


def test_the_feed_of_ports_far_apart_is_enlarged():
    """Two gaps 4 m apart: the picture of the feed is of one, not of everything between them."""
    near = plot_layout(layout(2)).axes[1]
    assert np.ptp(near.get_xlim()) > 0.4  # both are there: they are 0.4 m apart
    arms = [[[x0, y - 0.1], [x1, y - 0.1], [x1, y + 0.1], [x0, y + 0.1]]
            for y in (0.0, 4.0) for x0, x1 in ((-5.0, -0.05), (0.05, 5.0))]  # fmt: skip
    spec = {
        "family": "free",
        "polygon": [{"points": points} for points in arms],
        "gap": [
            {"x": 0.0, "y": y, "length": 0.1, "width": 0.2, "angle": 0.0, "port": str(n)}
            for n, y in enumerate((0.0, 4.0), start=1)
        ],
    }
    from lunar_antenna.geometry.load import build

    feed = plot_layout(build(spec)).axes[1]
    assert np.ptp(feed.get_xlim()) < 1.0
    assert "2 ports; the first of 2 gaps is shown" in feed.get_title()


def test_an_option_that_a_figure_lacks_is_refused_with_those_it_has(pair):
    """One line, not Python's own complaint about a function that nobody called."""
    with pytest.raises(InputError, match=r"pattern has no option 'frequency'; did you mean 'freq"):
        pair[0].plot("pattern", frequency=20e6)
    with pytest.raises(InputError, match="figure s11 has no option 'loudness'; it has z0"):
        la.plot.s11(pair[0], loudness=3)
