"""Footprints and quantities: what may be asked, and what is refused in one line."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

import lunar_antenna as la
from lunar_antenna.bounds.bound import mesh_error
from lunar_antenna.bounds.footprint import footprint, parse_sides
from lunar_antenna.bounds.quantities import Quantity
from lunar_antenna.errors import InputError

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
ONE = la.Band([15e6])


def test_a_rectangle_a_text_and_a_polygon_are_the_same_footprint():
    areas = [footprint(item, None).surface for item in ((10.0, 2.0), "10x2", box(-5, -1, 5, 1))]
    for area in areas:
        assert area.equals(box(-5, -1, 5, 1))


def test_a_layout_is_its_metal_with_the_tab():
    bowtie = la.load_geometry("bowtie")
    assert footprint(bowtie, None).surface.equals(bowtie.surface)
    assert footprint(bowtie, None).ports == ()


def test_a_port_cuts_its_tab_out_of_the_metal():
    made = footprint((10.0, 2.0), None, port=la.Gap(0.0, 0.0, 0.1, 0.2))
    assert made.metal_area == pytest.approx(20.0 - 0.02)
    assert len(made.gaps) == 1


@pytest.mark.parametrize(
    ("text", "sides"),
    [("10x2", (10.0, 2.0)), ("1e1X.5", (10.0, 0.5)), ("box", None), ("10", None), ("infx2", None)],
)
def test_sides_of_text(text, sides):
    assert parse_sides(text) == sides


def wrong(told, *args, **options):
    with pytest.raises(InputError, match=told) as caught:
        la.bound(*args, **options)
    assert "\n" not in str(caught.value)


def test_what_is_no_footprint_is_one_line():
    wrong("'10m' is not LENGTHxWIDTH", "10m", SOIL, band=ONE)
    wrong("neither a polygon nor", 10.0, SOIL, band=ONE)
    wrong("footprint width = 0 m is outside", (10.0, 0.0), SOIL, band=ONE)
    wrong("footprint length = nan", (math.nan, 1.0), SOIL, band=ONE)
    wrong("not a simple outline", Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), SOIL, band=ONE)
    gap = la.Gap(0.8, 0.5, 0.1, 0.05)
    crossed = Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    wrong("not a simple outline", crossed, SOIL, band=ONE, quantity="realised_sky", port=gap)
    wrong("conductor 1 is empty", Polygon(), SOIL, band=ONE)
    wrong("footprint has no", MultiPolygon(), SOIL, band=ONE)
    wrong("5000 m across, allowed 1000", Point(0, 0).buffer(2500.0), SOIL, band=ONE)
    outside = la.Gap(4.99, 0.0, 0.1, 0.2)
    with pytest.raises(InputError, match=r"gap at \(4.99, 0\) m.* not inside the footprint"):
        footprint((10.0, 2.0), None, port=outside)


def test_what_is_no_quantity_is_one_line():
    wrong("quantity = 'sky' is not known.*sky_share", (1.0, 1.0), SOIL, band=ONE, quantity="sky")
    wrong("over soil use sky_share", (1.0, 1.0), SOIL, band=ONE, quantity="efficiency")
    wrong("sky_share has no direction", (1.0, 1.0), SOIL, band=ONE, direction=(0.1, 0.0))
    low = {"quantity": "gain", "direction": (1.6, 0.0)}
    wrong("theta = 1.6 rad is below the horizon", (1.0, 1.0), SOIL, band=ONE, **low)
    wrong("cone = 0 rad is outside", (1.0, 1.0), SOIL, band=ONE, quantity="gain", cone=0.0)
    wrong(
        "pec has no bound in free space", (1.0, 1.0), la.Stack.free_space(), band=ONE, metal="pec"
    )
    conductor = la.Stack([la.Layer(1.0, 3.0), la.Layer.conductor()])
    wrong("height", (1.0, 1.0), la.Stack([la.Layer.conductor()]), band=ONE)
    assert la.Problem(footprint((1.0, 1.0), None), conductor, band=ONE).metal_height == 0.0


@pytest.mark.parametrize("axis", [(0.0, 0.0), (0.7, 1.1), (math.pi / 2, -2.0)])
@pytest.mark.parametrize("half", [0.2, 1.0, math.pi])
def test_directions_of_a_cone_integrate_polynomials_over_it(axis, half):
    """Mean of u, u^2, u^4 with u the cosine to the axis: exact for the rule, (1+c)/2 and so on."""
    theta, phi, weight = Quantity("gain", axis, half)._directions()
    towards = np.array(
        [math.sin(axis[0]) * math.cos(axis[1]), math.sin(axis[0]) * math.sin(axis[1]),
         math.cos(axis[0])]
    )  # fmt: skip
    points = np.stack((np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)))
    u, c = towards @ points, math.cos(half)
    assert weight.sum() == pytest.approx(1.0, rel=1e-13)
    for n in (1, 2, 4):
        exact = (1.0 - c ** (n + 1)) / ((n + 1) * (1.0 - c))
        assert weight @ u**n == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("order", [0.7, 1.0, 2.0])
def test_the_error_of_a_mesh_is_what_is_left_at_its_order(order):
    steps = 1.5 ** -np.arange(3.0)
    meshes = (2.0 - 0.3 * steps**order)[:, None]
    assert mesh_error(meshes, 1.5) == pytest.approx(2.0 - meshes[-1], rel=1e-10)


def test_steps_that_do_not_shrink_are_not_believed_to_end():
    assert mesh_error(np.array([[1.0], [1.1], [1.3]]), 1.5)[0] > 0.2


def test_what_a_port_may_not_be_is_one_line():
    port, fed = la.Gap(0.0, 0.0, 0.1, 0.1), {"quantity": "realised_sky"}
    wrong("realised_sky has no port; give the gap", (4.0, 1.0), SOIL, band=ONE, **fed)
    wrong("sky_share takes no port", (4.0, 1.0), SOIL, band=ONE, port=port)
    wrong("gain has no z0 and no reactance", (4.0, 1.0), SOIL, band=ONE, quantity="gain", z0=50.0)
    wrong("z0 = 0 is outside", (4.0, 1.0), SOIL, band=ONE, port=port, z0=0.0, **fed)
    wrong("reactance = nan", (4.0, 1.0), SOIL, band=ONE, port=port, reactance=math.nan, **fed)
    wrong("realised_sky has no direction", (4.0, 1.0), SOIL, band=ONE, port=port, cone=1.0, **fed)


@pytest.mark.parametrize("corner", [(600.0, 1.0), (1.0, 600.0), (600.0, 600.0)])
def test_a_polygon_of_another_unit_is_refused_whichever_side_is_long(corner):
    x, y = corner
    with pytest.raises(InputError, match=r"1200 m across, allowed 1000; give it in metres"):
        footprint(box(-x, -y, x, y), None)


@pytest.mark.parametrize("corner", [(499.0, 1.0), (1.0, 499.0), (40.0, 30.0)])
def test_a_polygon_up_to_1000_m_across_is_taken(corner):
    x, y = corner
    assert footprint(box(-x, -y, x, y), None).metal_area == pytest.approx(4.0 * x * y)


@pytest.mark.parametrize("reactance", [-300.0, 0.0, 300.0])
def test_a_reactance_of_either_sign_may_be_asked_for(reactance):
    feed = Quantity.of("realised_sky", z0=50.0, reactance=reactance).feed
    assert feed is not None
    assert (feed.z0, feed.reactance) == (50.0, reactance)
