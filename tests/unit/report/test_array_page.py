"""The page of an array: each picture once."""

import re

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.plotting.array import plot_array_coupling, plot_array_patterns


@pytest.fixture(scope="module")
def solved():
    layout = la.load_geometry("strip", length=5.0, width=0.3, gap=0.05)
    array = la.Array(layout, [(0, 0), (6, 2)], la.Stack.half_space(3.0), band=la.Band([15e6, 25e6]))
    return la.solve_array(array, accuracy="draft", tolerance=1e-3)


def test_the_layout_is_drawn_once(solved, monkeypatch, tmp_path):
    from lunar_antenna.plotting import array as drawing
    from lunar_antenna.report.array import array_report

    drawn = []
    places = drawing.draw_places
    monkeypatch.setattr(
        drawing, "draw_places", lambda ax, array: (drawn.append(array), places(ax, array))
    )
    text = array_report(solved, tmp_path / "a.html").read_text()
    assert len(drawn) == 1
    titles = re.findall(r"<figcaption[^>]*>([^<]*)", text)
    assert len(titles) == len(set(titles)) == 4


def test_figures_show_what_they_are_named_after(solved):
    matrix, active, *_ = plot_array_coupling(solved, 80.0, 25e6).axes
    s = 20.0 * np.log10(np.abs(solved.s_matrix(1, 80.0)))
    np.testing.assert_allclose(matrix.images[0].get_array(), s, rtol=1e-6)
    assert matrix.images[0].get_extent() == [0.5, 2.5, 2.5, 0.5]  # port 1 is called 1
    assert len(active.lines) == 7  # worst and median of three scans, and -10 dB
    along, across = plot_array_patterns(solved, 15e6).axes
    assert "cut along own x" in along.get_title()
    assert "90° from own x" in across.get_title()
    assert along.get_title() != across.get_title()
