"""Figures of an array: each shows what it names; the matrix and the curves are the solution's."""

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.plotting.array import draw_active, draw_coupling, plot_array
from lunar_antenna.plotting.style import new_figure


@pytest.fixture(scope="module")
def pair():
    layout = la.load_geometry("strip", length=3.0, width=0.1, gap=0.05, film="polyimide_50um")
    array = la.Array(layout, [(0, 0), (0, 2)], "simple_eps35", band=la.Band([20e6, 30e6]))
    return la.solve_array(array, accuracy="draft")


def test_an_array_and_its_solution_show_themselves(pair):
    for thing in (pair.array, pair):
        assert thing._repr_png_().startswith(b"\x89PNG")


def test_the_station_in_one_figure(pair):
    axes = plot_array(pair, frequency=30e6).axes
    assert "30 MHz" in axes[1].get_title()
    assert {text.get_text() for text in axes[0].texts} == {"1", "2"}
    labels = [text.get_text() for text in axes[2].get_legend().get_texts()]
    assert labels == ["alone", "embedded, others open"]


def test_coupling_and_reflection_are_those_of_the_solution(pair):
    ax = new_figure().add_subplot()
    image = draw_coupling(ax, pair, 1, 100.0)
    np.testing.assert_allclose(image.get_array(), 20 * np.log10(np.abs(pair.s_matrix(1))))
    ax = new_figure().add_subplot()
    draw_active(ax, pair, 100.0)
    worst = 20 * np.log10(np.abs(pair.active_reflection(scan=(0.0, 0.0))).max(axis=1))
    np.testing.assert_allclose(ax.lines[0].get_ydata(), worst)
