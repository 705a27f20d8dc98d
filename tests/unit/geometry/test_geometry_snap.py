"""Rounding of drawings: metal that nearly meets a gap meets it, hairlines are no slits.

Errors of coordinates up to SNAP = 20 um change nothing but the coordinates; the metal meets the tab
exactly (to 1e-16 of the coordinates, which the mesh takes as exact).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from shapely.affinity import translate
from shapely.geometry import Polygon, box

import lunar_antenna as la
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.snap import SNAP, narrow_place, snapped
from lunar_antenna.geometry.validate import validate
from lunar_antenna.solvers.planar.accuracy import mesh_size
from lunar_antenna.solvers.planar.mesh import triangulate

GAP = la.Gap(0.0, 0.0, 0.1, 0.2)
SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


def layout(*conductors: Polygon, gap: la.Gap = GAP) -> la.Layout:
    return la.Layout("free", conductors, (la.Port((gap,)),))


def arms(miss: float) -> tuple[Polygon, Polygon]:
    """Two arms whose ends are ``miss`` (m) short of the gap of 0.1 m x 0.2 m."""
    inner = 0.05 + miss
    return box(inner, -0.1, 3.0, 0.1), box(-3.0, -0.1, -inner, 0.1)


def meshed(what: la.Layout):
    problem = la.Problem(what, SOIL, 0.0, la.Band([8e6, 14e6]))
    return triangulate(what, mesh_size(problem, "draft"))


@pytest.mark.parametrize("miss", [-1e-5, -1e-10, 1e-16, 1e-10, 1e-7, 1e-5])
def test_arms_that_nearly_meet_the_gap_meet_it(miss):
    """Drawn too short or too long: the same mesh as drawn exactly."""
    drawn = layout(*arms(miss))
    fitted = validate(drawn)
    for polygon in fitted.conductors:
        corners = {tuple(point) for point in polygon.exterior.coords}
        assert len(corners & {tuple(point) for point in GAP.corners.tolist()}) == 2
    exact = meshed(layout(*arms(0.0)))
    for mesh in (meshed(fitted), meshed(drawn)):  # the mesher does not rely on the validation
        assert len(mesh.triangles) == len(exact.triangles)
        assert mesh.vertices == pytest.approx(exact.vertices, abs=2.0 * SNAP)


def test_a_good_layout_is_left_alone():
    good = layout(*arms(0.0))
    assert snapped(good) is good
    assert validate(good) is good


@pytest.mark.parametrize(("step", "corners"), [(7e-6, 6), (1e-5, 8)])
def test_a_hairline_moves_nothing_else(step: float, corners: int):
    """The arm's own ends stay where they were drawn, to the bit, where a step at the feed is too
    small; one of half the grid, which the grid does not close, stays a step."""
    tip = 1.0644944589178593
    half = [(0.05, 0.1), (0.3, 0.1), (0.3, 0.1 + step), (tip, 0.31234567)]
    arm = Polygon([*[(x, -y) for x, y in half], *half[::-1]])
    whole = layout(arm, box(-3.0, -0.1, -0.05, 0.1))
    (healed, _) = snapped(whole).conductors
    kept = {tuple(point) for point in healed.exterior.coords}
    assert {(tip, -0.31234567), (tip, 0.31234567)} <= kept
    assert len(kept) == corners
    assert healed.symmetric_difference(arm).area < 2.0 * SNAP * (tip - 0.05)


def row(degrees: float, digits: int) -> la.Layout:
    """Six dipoles turned and rounded as a drawing program does."""
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    conductors, gaps = [], []
    for number in range(6):
        centre = np.array([0.123456789 * number, 2.0 * number + 0.1])
        for polygon in arms(0.0):
            points = (np.asarray(polygon.exterior.coords)[:-1] + centre) @ turn.T
            conductors.append(Polygon(np.round(points, digits)))
        x, y = np.round(turn @ centre, digits)
        gaps.append(la.Gap(float(x), float(y), 0.1, 0.2, angle))
    ports = tuple(la.Port((gap,), str(k)) for k, gap in enumerate(gaps))
    return validate(la.Layout("row", tuple(conductors), ports))


@pytest.fixture(scope="module")
def unturned():
    return own_impedance(row(0.0, 17))


def own_impedance(what: la.Layout) -> np.ndarray:
    problem = la.Problem(what, SOIL, 0.0, la.Band([14e6]))
    return np.diagonal(la.solve(problem, "planar", accuracy="draft").z[0])


@pytest.mark.parametrize("degrees", [-20.0, 33.3, 71.0])
@pytest.mark.parametrize("digits", [17, 9, 5])
def test_turned_dipoles_survive_rounding(degrees, digits, unturned):
    """An open gap has forty times the impedance; meshes of turned dipoles differ by 12 % at draft
    (their own z_error)."""
    found = own_impedance(row(degrees, digits))
    assert np.abs(found - unturned).max() < 0.12 * np.abs(unturned).min()


@pytest.mark.parametrize(
    ("conductors", "where"),
    [
        ((arms(0.0)[0], arms(1e-3)[1]), r"\(-0.05, 0\)"),
        ((arms(1e-3)[0], arms(0.0)[1]), r"\(0.05, 0\)"),
        ((arms(0.0)[0],), r"\(-0.05, 0\)"),
    ],
)
def test_a_gap_without_metal_at_one_end_is_refused(conductors, where):
    """By the validation, and by the mesher for a layout that nobody validated."""
    for action in (validate, meshed):
        with pytest.raises(GeometryError, match=where):
            action(layout(*conductors))


@pytest.mark.parametrize("width", [1e-12, 1e-10, 1e-7, 1e-5])
def test_a_hairline_slit_is_closed(width):
    """An outline that returns along itself with a slit between: a panel with a hole is whole."""
    keyhole = Polygon(
        [
            *[(0.05, -1.0), (3.0, -1.0), (3.0, -width / 2.0), (2.0, -width / 2.0)],
            *[(2.0, -0.5), (1.0, -0.5), (1.0, 0.5), (2.0, 0.5), (2.0, width / 2.0)],
            *[(3.0, width / 2.0), (3.0, 1.0), (0.05, 1.0)],
        ]
    )
    assert narrow_place(keyhole) is not None
    healed = validate(layout(keyhole, arms(0.0)[1])).conductors[0]
    assert len(healed.interiors) == 1
    assert narrow_place(healed) is None
    assert healed.area == pytest.approx(2.95 * 2.0 - 1.0, abs=4.0 * SNAP)
    mesh = meshed(layout(keyhole, arms(0.0)[1]))
    assert mesh.areas.sum() == pytest.approx(2.95 * 2.0 - 1.0 + 0.02 + 2.95 * 0.2, rel=1e-4)


@pytest.mark.parametrize("width", [1e-10, 1e-7, 1e-5])
@pytest.mark.parametrize("at", [1.0, 1.00001, 1.0000137])
def test_a_slit_across_is_closed_wherever_it_lies(at, width):
    """On a grid of SNAP or between its lines."""
    cut = [(at, -0.1), (at, 0.05), (at + width, 0.05), (at + width, -0.1)]
    slit = Polygon([(0.05, -0.1), *cut, (3.0, -0.1), (3.0, 0.1), (0.05, 0.1)])
    healed = validate(layout(slit, arms(0.0)[1])).conductors[0]
    assert narrow_place(healed) is None
    assert healed.area == pytest.approx(2.95 * 0.2, rel=1e-4)
    assert healed.length == pytest.approx(2.0 * (2.95 + 0.2), rel=1e-4)


def test_a_sliver_of_metal_is_taken_off():
    spike = Polygon([(0.05, -0.1), (3.0, -0.1), (3.0, 0.1), (1.0, 0.1), (1.0, 0.7),
                     (1.0 - 1e-9, 0.7), (1.0 - 1e-9, 0.1), (0.05, 0.1)])  # fmt: skip
    assert snapped(layout(spike, arms(0.0)[1])).conductors[0].bounds[3] == pytest.approx(0.1)


def test_metal_that_hangs_on_a_hair_is_refused_with_its_place():
    hair = Polygon([(0.05, -0.1), (1.0, -0.1), (1.0, -1e-9), (2.0, -1e-9), (2.0, -0.1),
                    (3.0, -0.1), (3.0, 0.1), (2.0, 0.1), (2.0, 1e-9), (1.0, 1e-9), (1.0, 0.1),
                    (0.05, 0.1)])  # fmt: skip
    with pytest.raises(GeometryError, match=r"\((1|2), .* is thinner than 2e-05 m"):
        validate(layout(hair, arms(0.0)[1]))


@pytest.mark.parametrize("slit", [0.0, 1e-10, 1e-5])
def test_conductors_apart_by_a_hair_are_refused(slit):
    neighbour = box(1.0, 0.1 + slit, 2.0, 0.5)
    with pytest.raises(GeometryError, match=r"conductors 1 and 3 .* at "):
        validate(layout(*arms(0.0), neighbour))
    validate(layout(*arms(0.0), box(1.0, 0.1 + 2.0 * SNAP, 2.0, 0.5)))


def test_outlines_too_far_away_for_their_digits_are_refused():
    """A map's coordinates, thousands of kilometres, are near enough."""
    for shift in (6e6, -9.9e7):
        metal = [translate(arm, shift, shift) for arm in arms(0.0)]
        gap = replace(GAP, x=shift, y=shift)
        validate(layout(*metal, gap=gap))
    with pytest.raises(GeometryError, match=r"conductor 1 reaches to 1e\+09 m; allowed: within"):
        validate(layout(*(translate(arm, 1e9) for arm in arms(0.0))))
    with pytest.raises(GeometryError, match="gap y = 1e"):
        replace(GAP, y=1e25)
