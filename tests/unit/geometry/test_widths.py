"""All widths of a layout larger by a share; lengths, distances and slots as they were."""

from __future__ import annotations

import pytest
from shapely.geometry import box

import lunar_antenna as la
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families import FAMILIES
from lunar_antenna.geometry.layout import Gap, Port
from lunar_antenna.geometry.widths import wider, widths_of


def test_a_strip_is_wider_and_so_is_its_port():
    base = la.load_geometry("strip", length=8.0, width=0.3, gap=0.1)
    grown = wider(base, 0.1)
    assert grown.bounds == pytest.approx((-4.0, -0.165, 4.0, 0.165))
    assert grown.gaps[0].width == pytest.approx(0.33)
    assert grown.gaps[0].length == base.gaps[0].length


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_has_widths_and_keeps_its_length(name):
    base = la.load_geometry(name)
    assert widths_of(base)
    grown = wider(base, 0.05)
    assert grown.parameters["length"] == base.parameters["length"]
    assert grown.surface.area > 1.02 * base.surface.area
    assert wider(base, 0.0).surface.equals_exact(base.surface, 1e-9)


def test_coupled_strips_are_wider_and_slots_are_not():
    base = la.load_geometry(
        "blade",
        metal="copper_18um",
        film="polyimide_50um",
        **{"coupled.width": 0.2, "slots.width": 0.1},
    )
    assert widths_of(base) == {"width": 2.0, "coupled.width": 0.2}
    grown = wider(base, -0.2)
    assert grown.parameters["coupled"]["width"] == pytest.approx(0.16)
    assert grown.parameters["slots"] == base.parameters["slots"]
    assert (grown.metal, grown.film) == (base.metal, base.film)


def test_a_bar_keeps_its_length():
    base = la.load_geometry("end_loaded", bar_length=2.0, bar_width=0.1)
    grown = wider(base, 0.2)
    assert grown.parameters["bar_width"] == pytest.approx(0.12)
    assert grown.parameters["bar_length"] == 2.0


def test_what_has_no_widths_is_refused_in_one_line():
    gap = Gap(0.0, 0.0, 0.1, 0.1)
    free = la.Layout("mine", (box(0.05, -0.1, 2, 0.1), box(-2, -0.1, -0.05, 0.1)), (Port((gap,)),))
    assert widths_of(free) == {}
    for layout, share in ((free, 0.1), (la.load_geometry("strip"), 0.6)):
        with pytest.raises(GeometryError) as caught:
            wider(layout, share)
        assert "\n" not in str(caught.value)
