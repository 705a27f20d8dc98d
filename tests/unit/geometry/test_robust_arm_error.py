"""Unequal arms: a stretch of one side; lengths and areas follow in closed form (1e-12)."""

from __future__ import annotations

import pytest
from shapely.geometry import Point

from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.arm_error import unequal_arms
from lunar_antenna.geometry.layout import Layout
from lunar_antenna.geometry.load import load_geometry
from lunar_antenna.geometry.spec import geometry_names

TIGHT = 1e-12


def test_one_arm_grows_by_the_stated_fraction_and_nothing_else_moves():
    layout = load_geometry(
        "strip", length=10.0, width=0.2, gap=0.1, film={"name": "polyimide_50um", "margin": 0.3}
    )
    longer = unequal_arms(layout, 0.02)
    assert longer.bounds == pytest.approx((-5.0, -0.1, 0.05 + 4.95 * 1.02, 0.1), rel=TIGHT)
    assert longer.metal_area == pytest.approx(layout.metal_area + 4.95 * 0.02 * 0.2, rel=TIGHT)
    assert longer.ports == layout.ports
    assert longer.film_outline.bounds[2] == pytest.approx(0.05 + 5.25 * 1.02, rel=TIGHT)
    assert longer.parameters["arm_error"] == 0.02
    assert Layout.from_dict(longer.to_dict()).to_dict() == longer.to_dict()


def test_no_error_is_the_same_layout():
    layout = load_geometry("bowtie")
    assert unequal_arms(layout, 0.0) is layout


@pytest.mark.parametrize("name", geometry_names())
@pytest.mark.parametrize("error", [-0.03, 0.03])
def test_every_shipped_geometry_can_have_unequal_arms(name, error):
    layout = load_geometry(name)
    changed = unequal_arms(layout, error)
    before, after = layout.bounds, changed.bounds
    start = max(gap.corners[:, 0].max() for gap in layout.gaps)
    assert after[2] == pytest.approx(start + (before[2] - start) * (1.0 + error), rel=TIGHT)
    assert after[0] == before[0]


def test_second_polarisation_has_its_own_arm():
    layout = load_geometry("crossed_bowtie")
    changed = unequal_arms(layout, 0.05, port=2)
    assert changed.bounds[3] > layout.bounds[3] * 1.04
    assert changed.bounds[0] == layout.bounds[0]
    assert changed.bounds[2] == layout.bounds[2]


def test_ribbons_follow_the_metal():
    changed = unequal_arms(load_geometry("strip", width=0.2), 0.1)
    for ribbon in changed.ribbons:
        middle = Point(*ribbon.path[-1])
        assert min(polygon.distance(middle) for polygon in changed.conductors) < 1e-9


def test_refusals():
    layout = load_geometry("strip")
    with pytest.raises(GeometryError, match="arm error = 2"):
        unequal_arms(layout, 2.0)
    with pytest.raises(GeometryError, match="has 1 to 1"):
        unequal_arms(layout, 0.1, port=2)
