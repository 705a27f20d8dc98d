"""The page of an array: every element, what couples most, and how far it can be trusted."""

import re

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import InputError
from lunar_antenna.report.array import array_report


@pytest.fixture(scope="module")
def solution():
    layout = la.load_geometry("strip", length=3.0, width=0.1, gap=0.05)
    array = la.Array(
        layout, [(0, 0), (0, 2), (4, 1)], la.Stack.half_space(3.5, loss_tangent=0.01),
        band=la.Band([20e6, 30e6]), rotations=[0.0, 0.0, 1.0], name="three",
    )  # fmt: skip
    return la.solve_array(array, accuracy="draft")


def test_the_page_tells_places_coupling_and_errors(solution, tmp_path):
    path = array_report(solution, tmp_path / "a.html", z0=50.0)
    text = re.sub(r"data:image[^\"]*", "", path.read_text())
    assert "three: 3 elements" in text
    assert "4.000 m" in text
    assert f"{np.rad2deg(1.0):.1f}°" in text
    s = np.abs(solution.s_matrix(0, 50.0))
    np.fill_diagonal(s, 0.0)
    assert f"{20 * np.log10(s.max()):.1f} dB" in text
    assert "did not converge" not in text
    assert path.read_text().count("data:image") == 4  # places, coupling, patterns, soil
    assert "http" not in re.sub(r"http://www\.w3\.org[^\"' ]*", "", text)


def test_a_name_that_is_no_page_is_refused(solution, tmp_path):
    with pytest.raises(InputError, match=r"ends in \.html"):
        array_report(solution, tmp_path / "a.txt")
