"""Every family draws what its parameters say, or refuses in one line."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon
from shapely.ops import unary_union

from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families import FAMILIES, family
from lunar_antenna.geometry.load import build
from lunar_antenna.geometry.modifiers import modifier, modifier_names
from lunar_antenna.geometry.shape import mirror_points, polygon_points

SYMMETRIC = ["strip", "bowtie", "blade", "profile", "taper"]
STRAIGHT = [name for name in FAMILIES if name != "bent"]


def vertices(polygons):
    return {tuple(point) for polygon in polygons for point in polygon_points(polygon)}


def assert_mirror_symmetric(layout):
    points = vertices(layout.conductors)
    mirrored = {tuple(point) for point in mirror_points(np.array(sorted(points)))}
    assert points == mirrored  # equal bit for bit


@pytest.mark.parametrize("name", FAMILIES)
def test_default_layout_is_one_piece_with_two_arms(name):
    layout = build({"family": name})
    assert len(layout.surface.geoms) == 1
    assert len(layout.conductors) == (1 if name == "folded" else 2)
    assert len(layout.ribbons) >= 2
    assert_mirror_symmetric(layout)
    assert layout.parameters["gap"] == layout.parameters["length"] / 100.0


@pytest.mark.parametrize("name", FAMILIES)
def test_tab_corners_are_vertices_of_the_arms(name):
    layout = build({"family": name})
    corners = {tuple(corner) for corner in layout.gaps[0].corners}
    assert corners <= vertices(layout.conductors)


@pytest.mark.parametrize("name", FAMILIES)
def test_narrow_tab_keeps_its_corners_on_the_arms(name):
    layout = build({"family": name, "parameters": {"port_width": 0.03}})
    assert layout.gaps[0].width == 0.03
    assert {tuple(corner) for corner in layout.gaps[0].corners} <= vertices(layout.conductors)
    assert len(layout.surface.geoms) == 1


@pytest.mark.parametrize("name", STRAIGHT)
@pytest.mark.parametrize("length", [3.0, 10.0, 14.7])
def test_length_is_tip_to_tip(name, length):
    layout = build({"family": name, "parameters": {"length": length}})
    x0, _, x1, _ = layout.bounds
    assert x1 - x0 == pytest.approx(length, abs=1e-9)


def test_bent_length_is_along_the_centre_line():
    layout = build({"family": "bent", "parameters": {"angle": 0.7, "gap": 0.1}})
    assert sum(ribbon.length for ribbon in layout.ribbons) + 0.1 == pytest.approx(10.0, abs=1e-9)
    tip = layout.ribbons[0].path[-1]
    assert tip == pytest.approx([0.5 + 4.5 * np.cos(0.7), 4.5 * np.sin(0.7)], abs=1e-12)


def test_areas_follow_from_plane_geometry():
    """Rectangles and trapezoids, exact to rounding."""
    assert build({"family": "strip"}).metal_area == pytest.approx(0.2 * 9.9, rel=1e-12)
    assert build({"family": "blade"}).metal_area == pytest.approx(2.0 * 9.9, rel=1e-12)
    assert build({"family": "bowtie"}).metal_area == pytest.approx(9.9 * (0.1 + 2.0) / 2, rel=1e-12)
    assert build({"family": "end_loaded"}).metal_area == pytest.approx(
        0.2 * 9.9 + 2 * 0.2 * 1.8, rel=1e-12
    )
    folded = build({"family": "folded"}).metal_area
    assert folded == pytest.approx(10.0 * 0.6 - 9.8 * 0.4 - 0.1 * 0.1, rel=1e-12)
    # the centre line times the width is exact for a ribbon of right-angled mitres
    meander = build({"family": "meander"})
    assert meander.metal_area == pytest.approx(
        0.1 * sum(ribbon.length for ribbon in meander.ribbons), rel=1e-12
    )


@pytest.mark.parametrize("count", [2, 3, 6])
def test_fan_is_the_union_of_its_strips(count):
    layout = build({"family": "fan", "parameters": {"count": count, "spread": 4.0}})
    strips = []
    for y in np.linspace(-2.0, 2.0, count):
        rise = 0.05 * np.hypot(1.0, y / 4.95)  # half a strip of 0.1 m, along y
        strips.append(Polygon([(0.05, -rise), (5.0, y - rise), (5.0, y + rise), (0.05, rise)]))
    assert unary_union(strips).symmetric_difference(layout.conductors[0]).area < 1e-12


@pytest.mark.parametrize(
    "name", ["strip", "bowtie", "blade", "profile", "taper", "bent", "meander"]
)
def test_ribbons_cover_the_same_metal(name):
    layout = build({"family": name})
    ribbons = unary_union([ribbon.polygon for ribbon in layout.ribbons])
    assert ribbons.symmetric_difference(unary_union(layout.conductors)).area < 1e-9


def test_strip_asymmetry_moves_the_feed_and_keeps_the_length():
    layout = build({"family": "strip", "parameters": {"asymmetry": 1.0}})
    assert layout.bounds[0] == pytest.approx(-4.5, abs=1e-12)
    assert layout.bounds[2] == pytest.approx(5.5, abs=1e-12)


def test_profile_passes_through_its_control_points():
    layout = build({"family": "profile", "parameters": {"w0": 0.1, "w1": 0.7, "w2": 0.4}})
    ribbon = layout.ribbons[0]
    middle = (0.05 + 5.0) / 2
    at = int(np.argmin(abs(ribbon.path[:, 0] - middle)))
    assert ribbon.half_width[[0, at, -1]] == pytest.approx([0.1, 0.7, 0.4], abs=1e-12)
    assert 12 <= len(ribbon.path) <= 16


def test_profile_interpolation_equals_scipy_pchip():
    """Same slopes as scipy's PchipInterpolator: agreement to rounding."""
    from scipy.interpolate import PchipInterpolator

    from lunar_antenna.geometry.monotone import monotone_cubic

    rng = np.random.default_rng(3)
    for count in (2, 3, 4, 7, 10):
        x, y = np.linspace(0.0, 1.0, count), rng.uniform(0.01, 2.0, count)
        at = np.linspace(0.0, 1.0, 57)
        assert monotone_cubic(x, y, at) == pytest.approx(PchipInterpolator(x, y)(at), abs=1e-13)


def test_fan_strips_have_the_width_asked_for():
    layout = build({"family": "fan", "parameters": {"count": 4, "spread": 3.0, "width": 0.05}})
    slope = 1.5 / (5.0 - 0.05)
    tips = sorted(y for x, y in vertices(layout.conductors) if x == 5.0)
    assert len(tips) == 8
    assert (tips[-1] - tips[-2]) / np.hypot(1.0, slope) == pytest.approx(0.05, rel=1e-12)


def _value(draw, parameter, length):
    if parameter.integer:
        return draw(st.integers(int(parameter.low), int(min(parameter.high, parameter.low + 12))))
    if parameter.unit == "m" and parameter.low > 0.0:
        scaled = length * np.exp(draw(st.floats(-6.0, 0.0)))
        return float(np.clip(scaled, parameter.low, parameter.high))
    if parameter.unit == "m":
        return length * draw(st.sampled_from((0.0, 0.1, 0.5)))
    return draw(st.floats(parameter.low, parameter.high))


@st.composite
def family_and_values(draw):
    """Sizes from length/400 to length, so that both outcomes are common."""
    name = draw(st.sampled_from(list(FAMILIES)))
    length = float(np.exp(draw(st.floats(np.log(0.01), np.log(1000.0)))))
    length = min(max(length, 0.01), 1000.0)
    points = draw(st.integers(0, 10))
    values = {"length": length}
    for parameter in family(name).parameters[1:]:
        control = parameter.name[1:].isdigit()
        if int(parameter.name[1:]) < points if control else draw(st.booleans()):
            values[parameter.name] = _value(draw, parameter, length)
    modifiers = {}
    for kind in modifier_names():
        if draw(st.integers(0, 3)) == 3:
            modifiers[kind] = {
                parameter.name: _value(draw, parameter, length)
                for parameter in modifier(kind).parameters
                if draw(st.booleans())
            }
    return name, values, modifiers


@given(family_and_values())
@example(  # a step of 19 um at the feed
    case=("bowtie", {"length": 1.0644944589178593, "feed_width": 0.010683417564094829}, {})
)
@settings(max_examples=500, deadline=None)
def test_any_values_in_range_give_a_valid_layout_or_a_geometry_error(case):
    name, values, modifiers = case
    try:
        layout = build({"family": name, "parameters": values, **modifiers})
    except GeometryError:
        return
    for polygon in layout.conductors:
        assert polygon.is_valid
        assert polygon.area > 0.0
    if not {"coupled", "collinear"} & set(modifiers):
        assert len(layout.surface.geoms) == 1
    if name in STRAIGHT and not modifiers:
        x0, _, x1, _ = layout.bounds
        assert x1 - x0 == pytest.approx(values["length"], abs=1e-9)
    if not values.get("asymmetry") and "crossed" not in modifiers:
        assert_mirror_symmetric(layout)


@pytest.mark.parametrize("name", FAMILIES)
def test_parameters_are_documented(name):
    for parameter in family(name).parameters:
        assert parameter.low < parameter.high
        assert parameter.meaning
        assert parameter.unit in ("m", "1", "rad")
        assert parameter.default is not None or parameter.rule
        if parameter.default is not None:
            assert parameter.low <= parameter.default <= parameter.high
    assert {"length", "gap", "port_width"} <= {item.name for item in family(name).parameters}
