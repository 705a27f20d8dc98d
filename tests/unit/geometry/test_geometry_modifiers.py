"""Modifiers compose with any family and refuse what cannot be built."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import LineString

from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.families import FAMILIES, family
from lunar_antenna.geometry.load import build
from lunar_antenna.geometry.modifiers import modifier, modifier_names
from lunar_antenna.geometry.relief import Sag
from lunar_antenna.geometry.shape import polygon_points


def make(family="bowtie", parameters=None, **modifiers):
    return build({"family": family, "parameters": parameters or {}, **modifiers})


@pytest.mark.parametrize("name", modifier_names())
def test_parameters_are_documented(name):
    for parameter in modifier(name).parameters:
        assert parameter.meaning
        assert parameter.default is not None or parameter.rule


@pytest.mark.parametrize("name", modifier_names())
def test_a_modifier_keeps_relief_and_feed(name):
    """Whatever order modifiers come in: none flattens the film or feeds a gap otherwise."""
    shape, values = family("bowtie").build({"port_width": 0.02})
    raised = replace(
        shape.raised(Sag(0.3, 12.0)),
        ports=tuple(
            replace(port, gaps=tuple(replace(gap, feed="delta") for gap in port.gaps))
            for port in shape.ports
        ),
    )
    change = modifier(name)
    changed = change.apply(raised, change.resolve({}, values))
    flat = change.apply(shape, change.resolve({}, values))
    own = () if flat.relief is None else flat.relief.terms
    assert changed.relief.terms == (Sag(0.3, 12.0), *own)
    assert {gap.feed for port in changed.ports for gap in port.gaps} == {"delta"}


def reach(layout, side, x0, x1):
    """Largest side*y of the metal between x0 and x1, found by cutting it at all its corners."""
    corners = np.vstack([polygon_points(polygon) for polygon in layout.conductors])[:, 0]
    stations = [x0, x1, *corners[(corners > x0) & (corners < x1)]]
    cuts = (LineString([(x, -50.0), (x, 50.0)]).intersection(layout.surface) for x in stations)
    return max(side * y for cut in cuts for y in (cut.bounds[1], cut.bounds[3]))


@pytest.mark.parametrize("family", FAMILIES)
def test_coupled_strips_keep_their_spacing(family):
    plain = make(family)
    layout = make(family, coupled={"length": 3.0, "width": 0.1, "spacing": 0.15, "count": 2})
    strips = layout.conductors[len(plain.conductors) :]
    assert len(strips) == 4
    assert all(strip.area == pytest.approx(0.3, rel=1e-12) for strip in strips)
    for strip, side in zip(strips[:2], (1.0, -1.0), strict=True):  # the inner ones
        x0, y0, x1, y1 = strip.bounds
        assert reach(plain, side, x0, x1) == pytest.approx(
            min(side * y0, side * y1) - 0.15, abs=1e-9
        )
    assert len(layout.ribbons) == len(plain.ribbons) + 4
    assert len(layout.surface.geoms) == 5


def test_coupled_strip_spacing_to_a_straight_strip_is_exact():
    layout = make("strip", coupled={"length": 4.0, "width": 0.1, "spacing": 0.07})
    assert layout.bounds[3] == pytest.approx(0.1 + 0.07 + 0.1, abs=1e-12)
    assert layout.bounds[1] == -layout.bounds[3]


def test_coupled_offset_makes_mirrored_pairs():
    layout = make("strip", coupled={"length": 2.0, "offset": 3.0})
    strips = layout.conductors[2:]
    assert len(strips) == 4
    centres = sorted((round(s.centroid.x, 9), round(s.centroid.y, 9)) for s in strips)
    assert {x for x, _ in centres} == {-3.0, 3.0}


@pytest.mark.parametrize("family", FAMILIES)
def test_collinear_plates_lie_beyond_the_tips(family):
    """From ``gap`` beyond the outermost metal to half of ``span``, as wide as asked."""
    plain = make(family)
    layout = make(family, collinear={"gap": 0.2, "span": 30.0, "width": 0.3})
    plates = layout.conductors[len(plain.conductors) :]
    assert plates[0].bounds == pytest.approx((plain.bounds[2] + 0.2, -0.15, 15.0, 0.15), abs=1e-12)
    assert plates[1].bounds == pytest.approx((-15.0, -0.15, plain.bounds[0] - 0.2, 0.15), abs=1e-12)
    assert len(layout.surface.geoms) == 3
    added = layout.ribbons[len(plain.ribbons) :]
    assert [ribbon.polygon.area for ribbon in added] == pytest.approx([p.area for p in plates])


def test_collinear_plates_of_uneven_arms_end_at_the_same_span():
    layout = make("strip", {"asymmetry": 1.5}, collinear={"gap": 0.1, "span": 14.0})
    assert layout.bounds[::2] == pytest.approx((-7.0, 7.0), abs=1e-12)
    plain = make("strip", {"asymmetry": 1.5}).bounds
    right, left = (plate.bounds for plate in layout.conductors[2:])
    assert right[0] - plain[2] == pytest.approx(0.1, abs=1e-12)
    assert plain[0] - left[2] == pytest.approx(0.1, abs=1e-12)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"span": 10.0}, r"make collinear.span larger than 10.4 m"),
        ({"gap": 6.0}, r"make collinear.span larger than 22 m"),
        ({"length": 1.0}, "no parameter"),
    ],
)
def test_collinear_refuses_plates_without_room(table, what):
    with pytest.raises(GeometryError, match=what):
        make("strip", collinear=table)


def test_crossed_has_two_ports_of_two_gaps_each_and_one_piece():
    parameters = {"gap": 0.4, "port_width": 0.1, "feed_width": 0.15}
    layout = make(parameters=parameters, crossed={"hub": 0.2})
    assert [len(port.gaps) for port in layout.ports] == [2, 2]
    assert layout.series.tolist() == [[1, 0], [1, 0], [0, 1], [0, 1]]
    assert len(layout.conductors) == 5
    assert len(layout.surface.geoms) == 1
    assert layout.bounds == pytest.approx((-5.0, -5.0, 5.0, 5.0), abs=1e-12)
    assert [gap.length for gap in layout.gaps] == pytest.approx([0.1] * 4, rel=1e-12)
    points = {tuple(p) for polygon in layout.conductors for p in polygon_points(polygon)}
    turned = {(0.0 - y, x) for x, y in points}
    assert turned == points  # quarter turn, bit for bit
    for corner in np.vstack([gap.corners for gap in layout.gaps]):
        assert min(np.hypot(*(corner - point)) for point in points) < 1e-15


def test_crossed_copy_is_as_far_from_the_hub_as_the_original():
    layout = make(parameters={"gap": 0.37, "port_width": 0.05}, crossed={"hub": 0.11})
    hub = layout.conductors[-1]
    assert hub.area == pytest.approx(0.11**2, rel=1e-12)
    for arm in layout.conductors[:-1]:
        assert arm.distance(hub) == pytest.approx(0.13, abs=1e-12)


@pytest.mark.parametrize(
    ("family", "parameters", "hub", "what"),
    [
        ("bowtie", {"gap": 0.1}, 0.2, "fills the gap"),
        ("bowtie", {"gap": 0.4, "port_width": 0.3}, 0.2, "meet at the corners"),
        ("blade", {"gap": 0.4, "port_width": 0.05}, 0.2, "overlap"),
        ("bowtie", {"gap": 0.4, "port_width": 0.1, "width": 12.0}, 0.2, "overlap"),
    ],
)
def test_crossed_refuses_what_does_not_fit(family, parameters, hub, what):
    with pytest.raises(GeometryError, match=what) as caught:
        make(family, parameters, crossed={"hub": hub})
    assert " m" in str(caught.value)


def test_bend_follows_a_circular_arc():
    """A point on the axis beyond the arc, against plane trigonometry (rounding only)."""
    angle, start, extent = 0.8, 1.0, 2.0
    layout = make("strip", bend={"angle": angle, "start": start, "extent": extent})
    radius, rest = extent / angle, 5.0 - start - extent
    tip = layout.ribbons[0].path[-1]
    expected = (
        start + radius * math.sin(angle) + rest * math.cos(angle),
        radius * (1.0 - math.cos(angle)) + rest * math.sin(angle),
    )
    assert tip == pytest.approx(expected, abs=1e-12)


def test_bent_strip_keeps_its_area_as_the_arc_is_refined():
    """The map keeps area exactly; chords lose it as the square of their angle.

    Strip of width w: area 2 w (L/2 - gap/2) is kept because the bend has equal metal inside
    and outside the axis; the polygon's deficit falls by 4 +- 10 % when samples double.
    """
    deficits = []
    for samples in (8, 16, 32):
        layout = make("strip", bend={"angle": 1.2, "start": 1.0, "samples": samples})
        deficits.append(1.98 - layout.metal_area)
    ratio = np.array(deficits[:-1]) / np.array(deficits[1:])
    assert ratio == pytest.approx([4.0, 4.0], rel=0.1)


@pytest.mark.parametrize(
    ("family", "parameters", "angle"),
    [
        ("bent", {"length": 13.0, "width": 0.012, "angle": 1.12, "start": 0.5}, 0.9),
        ("bent", {"length": 9.0, "width": 0.1, "angle": -0.7, "start": 0.5}, 0.6),
        ("meander", {"length": 12.0, "width": 0.1, "turns": 1, "amplitude": 0.8}, -0.9),
    ],
)
def test_a_bent_ribbon_has_the_width_of_its_metal(family, parameters, angle):
    """Off the axis the map keeps no widths: 0.5 % of the area is what chords and mitres leave.

    Each straight piece besides, midway, against the chord of the metal across it: 5 %, half of the
    step of width where an arc or a corner begins, whose mean the ribbon has.  The last piece is cut
    off aslant.
    """
    layout = make(family, parameters, bend={"angle": angle, "start": 1.0})
    ribbon, metal = layout.ribbons[0], layout.conductors[0]
    assert ribbon.polygon.area == pytest.approx(metal.area, rel=5e-3)
    ends, half = list(itertools.pairwise(ribbon.path)), list(itertools.pairwise(ribbon.half_width))
    for (a, b), (first, last) in zip(ends[:-1], half[:-1], strict=True):
        length = float(np.linalg.norm(b - a))
        if length < 3.0 * (first + last):
            continue  # mostly corner
        middle, across = 0.5 * (a + b), np.array([a[1] - b[1], b[0] - a[0]]) / length
        line = LineString((middle - 2.0 * first * across, middle + 2.0 * first * across))
        assert line.intersection(metal).length == pytest.approx(first + last, rel=0.05)


def test_bend_zero_changes_nothing_and_keeps_mirror_symmetry_otherwise():
    plain, same = make(), make(bend={"angle": 0.0})
    assert all(a.equals(b) for a, b in zip(plain.conductors, same.conductors, strict=True))
    bent = make(bend={"angle": -0.9})
    points = {tuple(p) for polygon in bent.conductors for p in polygon_points(polygon)}
    assert {(0.0 - x, y) for x, y in points} == points


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"angle": 0.5, "start": 0.01}, "inside the feed tab"),
        ({"angle": 3.0, "start": 1.0, "extent": 0.1}, "folds over"),
        ({"angle": 9.0}, "outside"),
        ({"radius": 1.0}, "no parameter"),
    ],
)
def test_bend_refuses(table, what):
    with pytest.raises(GeometryError, match=what):
        make(bend=table)


def test_slots_take_their_area_and_the_ribbons():
    table = {"count": 2, "length": 0.5, "width": 0.1, "position": 2.0, "pitch": 1.0}
    plain, layout = make("blade"), make("blade", slots=table)
    assert plain.metal_area - layout.metal_area == pytest.approx(2 * 2 * 0.05, rel=1e-12)
    assert [len(polygon.interiors) for polygon in layout.conductors] == [2, 2]
    assert layout.ribbons == ()
    double = make("blade", slots={**table, "offset": 0.4})
    assert [len(polygon.interiors) for polygon in double.conductors] == [4, 4]


def test_slot_at_the_edge_becomes_a_notch():
    layout = make("strip", slots={"offset": 0.1, "width": 0.05, "length": 0.5})
    assert [len(polygon.interiors) for polygon in layout.conductors] == [0, 0]
    assert layout.metal_area == pytest.approx(1.98 - 4 * 0.5 * 0.025, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"width": 0.4}, "cuts the conductor in two"),
        ({"position": 30.0}, "cuts no metal"),
        ({"position": 0.2, "length": 0.5}, "reaches the feed"),
        ({"count": 3, "length": 0.5, "pitch": 0.4}, "run together"),
        ({"offset": 0.01, "width": 0.05}, "run together"),
        ({"position": 0.1, "length": 0.15, "width": 0.15}, "does not touch"),
    ],
)
def test_slots_refuse(table, what):
    with pytest.raises(GeometryError, match=what):
        make("strip", slots=table)


def test_all_modifiers_together():
    parameters = {"gap": 0.4, "port_width": 0.1, "width": 1.0}
    layout = make(
        parameters=parameters,
        slots={"count": 2, "length": 0.5, "width": 0.05},
        collinear={"gap": 0.1, "span": 12.0},
        coupled={"offset": 4.0, "length": 1.0, "width": 0.1, "spacing": 0.1},
        bend={"angle": 0.2, "start": 1.0},
        crossed={"hub": 0.2},
    )
    assert len(layout.conductors) == 2 * 8 + 1
    assert set(layout.parameters) >= {"slots", "collinear", "coupled", "bend", "crossed", "length"}
