"""Wire models: the rules of solvers/thin_wire, joints, feeds and grids."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from shapely.geometry import MultiLineString, box

import lunar_antenna as la
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.layout import Gap, Layout, Port
from lunar_antenna.geometry.ribbon import Ribbon
from lunar_antenna.solvers.thin_wire.columns import STEP
from lunar_antenna.solvers.thin_wire.feed import graded
from lunar_antenna.solvers.thin_wire.model import Resolution, is_narrow, mean_widths, wire_model
from lunar_antenna.solvers.thin_wire.types import Feed, Wire, WireModel

WAVELENGTH = 8.57  # m, 35 MHz
NORMAL = Resolution(0.1, 0.39)


NECKED = {f"w{k}": w for k, w in enumerate((0.6, 0.4, 0.5, 1.1, 1.8, 1.9, 1.3, 0.8, 0.7, 1.2))}  # m


def build(name, **changes):
    return wire_model(la.load_geometry(name, **changes), 0.0, WAVELENGTH, NORMAL)


def nodes(model):
    """End points of all wires, rounded to 1 nm, with the number of wires at each."""
    count: dict[tuple[float, ...], int] = {}
    for wire in model.wires:
        for point in (wire.start, wire.end):
            key = tuple(np.round(point, 9) + 0.0)
            count[key] = count.get(key, 0) + 1
    return count


def pieces(model):
    """Number of separate conductors that the wires form."""
    groups = []
    for wire in model.wires:
        ends = {tuple(np.round(p, 9) + 0.0) for p in (wire.start, wire.end)}
        touching = [group for group in groups if group & ends]
        groups = [group for group in groups if not group & ends]
        groups.append(ends.union(*touching))
    return len(groups)


def test_strip_is_one_wire_of_a_quarter_of_the_width():
    model = build("strip", width=0.08)
    assert {wire.radius for wire in model.wires} == {0.02}
    assert sum(wire.length for wire in model.wires) == pytest.approx(10.0)
    assert pieces(model) == 1


def test_a_strip_of_changing_width_has_its_means():
    """Two pieces of 2 and 6 m, 0.04 and 0.02 m wide in their middles: ln and 1/w by hand."""
    ribbon = Ribbon([(0.05, 0.0), (2.05, 0.0), (8.05, 0.0)], [0.025, 0.015, 0.005])
    charge, loss = mean_widths(ribbon.path, ribbon.half_width)
    assert charge == pytest.approx(0.04**0.25 * 0.02**0.75, rel=1e-12)
    assert loss == pytest.approx(1.0 / (0.25 / 0.04 + 0.75 / 0.02), rel=1e-12)


def test_source_is_as_long_as_the_gap_among_equal_neighbours():
    model = build("strip", width=0.02, gap=0.03)
    (number, segment, share) = model.feeds[0].sources[0]
    source = model.wires[number]
    assert (segment, share, source.segments) == (0, 1.0, 1)
    assert source.length == pytest.approx(0.03)
    beside = [
        wire
        for wire in model.wires
        if wire is not source and {wire.start, wire.end} & {source.start, source.end}
    ]
    assert len(beside) == 2
    for wire in beside:
        assert wire.segments >= 3
        assert wire.segment_length == pytest.approx(source.length)
        assert wire.radius == source.radius


def test_short_gap_is_widened_to_four_radii_and_said():
    model = build("strip", width=0.2, gap=0.01)
    source = model.wires[model.feeds[0].sources[0][0]]
    assert source.length == pytest.approx(0.2)
    assert sum(wire.length for wire in model.wires) == pytest.approx(10.0)
    assert any("4 radii" in note for note in model.notes)


def test_long_gap_has_several_sources_that_add_up():
    model = build("strip", width=0.02, gap=0.5)
    assert len(model.feeds[0].sources) > 1
    assert sum(share for _, _, share in model.feeds[0].sources) == pytest.approx(1.0)


def test_source_points_along_the_gap():
    layout = la.load_geometry("crossed_bowtie")
    model = wire_model(layout, 0.3, WAVELENGTH, NORMAL)
    assert [feed.gap for feed in model.feeds] == list(range(len(layout.gaps)))
    for gap, feed in zip(layout.gaps, model.feeds, strict=True):
        wire = model.wires[feed.sources[0][0]]
        along = np.subtract(wire.end, wire.start)[:2] / wire.length
        assert np.allclose(along, gap.direction, atol=1e-9)
        assert wire.start[2] == wire.end[2] == 0.3


@pytest.mark.parametrize(
    ("name", "separate"),
    [
        ("strip", 1),
        ("bowtie", 1),
        ("blade", 1),
        ("profile", 1),
        ("bent", 1),
        ("meander", 1),
        ("folded", 1),
        ("end_loaded", 1),
        ("fan", 1),
        ("coupled_bowtie", 3),
        ("crossed_bowtie", 1),
    ],
)
def test_metal_that_touches_is_joined_and_nothing_else(name, separate):
    assert pieces(build(name)) == separate


def test_end_loads_meet_in_one_node():
    model = build("end_loaded")
    assert sorted(nodes(model).values())[-2:] == [3, 3]


def test_wide_ribbon_becomes_a_grid_inside_the_metal():
    layout = la.load_geometry("bowtie", length=10.0, width=2.0)
    model = wire_model(layout, 0.0, WAVELENGTH, NORMAL)
    assert not is_narrow(layout.ribbons[0], 10.0, WAVELENGTH)
    metal = layout.surface.buffer(0.1)
    ends = model.segment_ends
    assert ends.shape == (model.n_segments, 2, 3)
    for x, y, _ in ends.reshape(-1, 3):
        assert metal.covers(box(x - 1e-9, y - 1e-9, x + 1e-9, y + 1e-9))
    assert np.abs(ends[:, :, 1]).max() == pytest.approx(1.0)
    assert max(counts for counts in nodes(model).values()) >= 4


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("bowtie", {}),
        ("bowtie", {"slots.count": 1, "slots.length": 1.5, "slots.width": 0.2}),
        ("blade", {}),
        ("blade", {"slots.count": 2, "slots.length": 1.0, "slots.width": 0.1}),
        ("profile", NECKED),
        ("profile", {**NECKED, "bend.angle": 0.4}),
    ],
)
def test_a_grid_has_wires_along_all_of_the_rim(name, changes):
    """Concave ones too, and both sides of slots: every place on the outline has a wire within a
    quarter of a cell, the sag of chords, or half the width where one wire is left (0.3 cells)."""
    layout = la.load_geometry(name, length=10.0, **changes)
    model = wire_model(layout, 0.0, WAVELENGTH, NORMAL)
    wires = MultiLineString([(wire.start[:2], wire.end[:2]) for wire in model.wires])
    single = MultiLineString(
        [(w.start[:2], w.end[:2]) for w in model.wires if w.kind == "strip"] or [((9, 9), (9, 10))]
    )
    missed = total = 0
    for metal in layout.conductors:
        for ring in (metal.exterior, *metal.interiors):
            for place in np.arange(0.0, ring.length, 0.05):
                point = ring.interpolate(place)
                near = 0.25 * NORMAL.cell
                if point.distance(single) < 0.3 * NORMAL.cell:
                    near = 0.3 * NORMAL.cell
                total += 1
                missed += point.distance(wires) > near
    assert total > 200
    assert missed <= 0.02 * total


def test_port_as_wide_as_the_metal_is_bridged_across_its_width():
    wide = build("strip", width=1.0)
    narrow = build("strip", width=1.0, port_width=0.1)
    assert len(wide.feeds[0].sources) > len(narrow.feeds[0].sources) == 1


def test_slotted_metal_is_a_grid_with_the_slot_left_out():
    layout = la.load_geometry("bowtie", **{"slots.count": 1})
    assert not layout.ribbons
    model = wire_model(layout, 0.0, WAVELENGTH, NORMAL)
    assert pieces(model) == 1
    surface = layout.surface.buffer(STEP * NORMAL.cell)
    middle = model.segment_ends.mean(axis=1)
    metal = [box(x - 1e-9, y - 1e-9, x + 1e-9, y + 1e-9) for x, y, _ in middle]
    assert sum(not surface.covers(point) for point in metal) == 0


def test_crossing_strips_are_split_at_the_crossing():
    long = Ribbon([(0.1, 0.0), (5.0, 0.0)], 0.05)
    other = Ribbon([(-5.0, 0.0), (-0.1, 0.0)], 0.05)
    bar = Ribbon([(3.0, -1.0), (3.0, 1.0)], 0.05)
    ribbons = (long, other, bar)
    port = Port((Gap(0.0, 0.0, 0.2, 0.1),))
    layout = Layout("t", tuple(r.polygon for r in ribbons), (port,), ribbons)
    model = wire_model(layout, 0.0, WAVELENGTH, NORMAL)
    assert nodes(model)[3.0, 0.0, 0.0] == 4
    assert pieces(model) == 1


def test_far_too_fine_a_model_is_refused():
    layout = la.load_geometry("blade")
    with pytest.raises(GeometryError, match="segments, at most"):
        wire_model(layout, 0.0, WAVELENGTH, Resolution(0.1, 0.12))


@pytest.mark.parametrize(("length", "first", "target"), [(4.95, 0.01, 0.1), (0.25, 0.1, 0.1)])
def test_grading_fills_the_length_and_starts_with_the_feeds_segment(length, first, target):
    pieces_ = graded(length, first, target)
    assert sum(part for part, _ in pieces_) == pytest.approx(length)
    steps = [part / count for part, count in pieces_]
    assert steps[0] == pytest.approx(first)
    assert all(b < 2.6 * a for a, b in itertools.pairwise(steps))
    assert max(steps) < 1.6 * target


def test_a_feed_stays_where_it_is_when_its_wire_is_cut():
    """Sources on segments 0, 2 and 3 of five; the wire cut after one and after three."""

    def wire(start: float, end: float, segments: int) -> Wire:
        return Wire((start, 0.0, 0.0), (end, 0.0, 0.0), 0.01, segments, 0, 0.04, "strip")

    arm, fed = wire(0.0, 1.0, 2), wire(1.0, 6.0, 5)
    model = WireModel((arm, fed), (Feed(0, ((1, 0, 0.2), (1, 2, 0.3), (1, 3, 0.5))),), ())
    parts = [wire(1.0, 2.0, 1), wire(2.0, 4.0, 2), wire(4.0, 6.0, 2)]
    again = model.recut([[arm], parts])
    assert again.feeds[0].sources == ((1, 0, 0.2), (2, 1, 0.3), (3, 0, 0.5))
    assert np.allclose(again.segment_ends, model.segment_ends)
    with pytest.raises(ValueError, match="too few"):
        model.recut([[arm], parts[:2]])


def test_four_ends_cross_only_where_two_pairs_lead_straight_on():
    """Two strips that cross, and a straight one with two that turn off it at one place."""
    from lunar_antenna.solvers.thin_wire.corners import corners_of, crossings
    from lunar_antenna.solvers.thin_wire.types import Wire, WireModel

    def star(*tips):
        wires = (
            Wire((0.0, 0.0, 0.0), (*tip, 0.0), 0.01, 4, number, 0.04, "strip")
            for number, tip in enumerate(tips)
        )
        return WireModel(tuple(wires), (), ())

    cross = star((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    assert crossings(cross) == [{0, 1, 2, 3}]
    assert len(corners_of(cross).inductance) == 2
    fan = star((1.0, 0.0), (-1.0, 0.0), (0.6, 0.8), (0.8, -0.6))
    assert crossings(fan) == []
    assert corners_of(fan) is None
