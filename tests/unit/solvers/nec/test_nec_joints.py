"""What joints of wires lack: by hand where it is known, and where there is nothing to lack."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lunar_antenna.conventions import EPS0
from lunar_antenna.solvers.nec.joints import joints_of
from lunar_antenna.solvers.thin_wire.types import Wire, WireModel

FREQUENCY = 10e6


def star(*tips, segments=4, radius=1e-4, **changes):
    """Wires of 1 m from one place, the first towards it, the others away from it."""
    wires = []
    for number, tip in enumerate(tips):
        ends = [(0.0, 0.0, 0.0), (*tip, 0.0)]
        start, end = ends if number else ends[::-1]
        wires.append(Wire(start, end, radius, segments, number, 4.0 * radius, "strip"))
    return WireModel(tuple(wires), (), (), **changes)


def charged(model):
    """(1, n_segment) A/m: the slope of currents that leave 1 C/m everywhere."""
    return np.full((1, model.n_segments), -2j * math.pi * FREQUENCY)


def towards(joints, model):
    """V on each wire towards the joint, over that of the first."""
    volts = joints.voltages(charged(model), FREQUENCY)[0].real * joints.towards
    return (volts - volts[0]) * 4.0 * math.pi * EPS0


def test_the_stem_of_a_tee_lacks_ln_2_against_its_bar():
    model = star((-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    joints = joints_of(model)
    assert joints.place == [(0, 3), (1, 0), (2, 0)]
    assert joints.number.tolist() == [3, 4, 8]
    assert joints.towards.tolist() == [1.0, -1.0, -1.0]
    assert joints.left == 0
    # a = 1e-4 m at 0.125 m: a^2/2r^2 = 3e-7
    assert towards(joints, model) == pytest.approx([0.0, -math.log(2.0), -math.log(2.0)], abs=1e-6)


def test_an_arm_that_two_others_lean_to_lacks_more():
    """-ln(1 - cos): twice ln 2 for that between two at 60 degrees, ln 2 - ln 1.5 for these."""
    half = (0.5, math.sqrt(0.75))
    model = star((1.0, 0.0), half, (0.5, -math.sqrt(0.75)))
    one = 2.0 * math.log(2.0)
    other = math.log(2.0) - math.log(1.5)
    found = towards(joints_of(model), model)
    assert found == pytest.approx([0.0, other - one, other - one], abs=1e-6)


@pytest.mark.parametrize(
    "tips",
    [
        [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)],
        [(1.0, 0.0), (-0.5, math.sqrt(0.75)), (-0.5, -math.sqrt(0.75))],
        [(0.6, 0.8), (-0.6, -0.8), (1.0, 0.0), (-1.0, 0.0)],
    ],
)
def test_arms_that_stand_alike_lack_nothing(tips):
    """A cross, a star of three, strips that cross at another angle."""
    model = star(*tips)
    assert towards(joints_of(model), model) == pytest.approx([0.0] * len(tips), abs=1e-6)


def test_bends_grids_opened_fans_and_stubs_have_none():
    tee = [(-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)]
    assert joints_of(star(*tee[:2])) is None
    assert joints_of(star(*tee, opened=1)) is None
    assert joints_of(star(*tee, segments=1)) is None
    grid = star(*tee)
    wires = tuple(
        Wire(w.start, w.end, w.radius, w.segments, w.conductor, w.width, w.kind, grid=True)
        for w in grid.wires
    )
    assert joints_of(WireModel(wires, (), ())) is None


def test_a_joint_with_a_stub_is_told():
    tee = star((-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    far = [Wire((-1.0, 0.0, 0.0), (-1.0, y, 0.0), 1e-4, 1, 0, 4e-4, "strip") for y in (0.2, -0.2)]
    joints = joints_of(WireModel((*tee.wires, *far), (), ()))
    assert len(joints.place) == 3
    assert joints.left == 1


def test_a_piece_of_one_segment_that_goes_on_is_no_stub():
    tee = star((-1.0, 0.0), (0.0, 1.0), (0.0, -1.0), segments=1)
    on = [
        Wire((x, y, 0.0), (2 * x, 2 * y, 0.0), 1e-4, 3, 0, 4e-4, "strip")
        for x, y in ((-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))
    ]
    joints = joints_of(WireModel((*tee.wires, *on), (), ()))
    assert joints.left == 0
    assert joints.number.tolist() == [0, 1, 2]
