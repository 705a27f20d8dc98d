"""Break points: drawn where they are, refused where they cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families.taper import MOST
from lunar_antenna.geometry.load import build, load_geometry
from lunar_antenna.geometry.shape import polygon_points


def taper(**values):
    return build({"family": "taper", "parameters": values})


def corners(layout):
    """(x, y) of the arm at x > 0, upper half."""
    points = polygon_points(layout.conductors[0])
    return sorted({(x, y) for x, y in points.tolist() if y > 0.0})


def test_the_outline_passes_through_exactly_the_points_given():
    layout = taper(
        length=10.0, gap=0.3, port_width=0.032, w0=0.237, x1=0.2879, w1=0.3186, x2=0.358, w2=1.0
    )
    assert corners(layout) == [
        (0.15, 0.016),  # the tab's corner
        (0.15, 0.237),
        (0.2879, 0.3186),
        (0.358, 1.0),
        (5.0, 1.0),
    ]


def test_the_area_is_that_of_the_trapezoids():
    x, w = [0.05, 0.3, 1.1, 2.9, 5.0], [0.02, 0.4, 0.3, 1.2, 0.7]
    given = {f"x{n}": x[n] for n in (1, 2, 3)} | {f"w{n}": w[n] for n in range(4)}
    layout = taper(length=10.0, gap=0.1, tip=0.7, **given)
    assert layout.metal_area == pytest.approx(4.0 * np.trapezoid(w, x), rel=1e-12)


def test_without_points_and_with_the_most_of_them():
    """No point is a strip as wide as w0; any number up to the most there can be is drawn."""
    assert taper(w0=0.1).metal_area == pytest.approx(9.9 * 0.2, rel=1e-12)
    many = {f"x{n}": 0.1 + 4.8 * n / MOST for n in range(1, MOST + 1)}
    many |= {f"w{n}": 0.3 + 0.1 * (n % 2) for n in range(1, MOST + 1)}
    layout = taper(**many)
    assert len(layout.ribbons[0].path) == MOST + 2
    assert layout.parameters["tip"] == many[f"w{MOST}"]


def test_the_tab_is_as_wide_as_the_feed_but_no_wider_than_the_gap():
    assert taper(w0=0.02, gap=0.1).gaps[0].width == pytest.approx(0.04)
    assert taper(w0=0.3, gap=0.1).gaps[0].width == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"x1": 1.0}, "x1 = 1 m but no w1"),
        ({"w1": 1.0}, "w1 = 1 m but no x1"),
        ({"x2": 1.0, "w2": 1.0}, r"lacks point 1 \(x1, w1\)"),
        (
            {"x1": 1.0, "w1": 0.2, "x2": 1.0, "w2": 0.2},
            r"x2 = 1 m is not 0.01 m \(length/1000\) beyond x1 = 1 m",
        ),
        ({"x1": 1.0, "w1": 0.2, "x2": 0.5, "w2": 0.2}, "x2 = 0.5 m is not .* beyond x1 = 1 m"),
        ({"gap": 0.2, "x1": 0.1, "w1": 0.2}, "beyond the arm's start at gap/2 = 0.1 m"),
        ({"x1": 5.0, "w1": 0.2}, r"x1 = 5 m is not .* within the arm, .* length/2 = 5 m"),
        ({"x1": 1.0, "w1": 0.2, "x2": 1.001, "w2": 0.9}, "x2 = 1.001 m is not 0.01 m"),
        ({"w0": 0.05, "port_width": 0.2}, "port_width = 0.2 m is wider"),
        ({f"x{MOST + 1}": 1.0}, "has no parameter"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(values, told):
    with pytest.raises(GeometryError, match=told) as caught:
        taper(**values)
    assert "\n" not in str(caught.value)


def test_the_geometry_of_its_name_takes_overrides():
    layout = load_geometry("taper", x2=1.5, tip=0.5, length=8.0)
    assert layout.bounds == pytest.approx((-4.0, -1.0, 4.0, 1.0))
