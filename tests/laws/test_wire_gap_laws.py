"""Gaps of strips as thin wires feed them, against the sheet: tabs, wide gaps, strips that widen."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.conventions import EPS0, MU0
from lunar_antenna.solvers.thin_wire.gaps import face_width, tab

BAND = la.Band([8e6, 14e6, 19e6, 24e6, 28e6, 34e6])
FREE = la.Stack.free_space()


def off_the_sheet(solver, family, changes, stack=FREE, height=0.0):
    """(|dZ|/|Z|, stated by the solver) (n_freq,) each, against the planar solver."""
    layout = la.load_geometry(family, **changes, metal="pec", film="none")
    problem = la.Problem(layout, stack, height, BAND)
    made, sheet = (la.solve(problem, solver=name) for name in (solver, "planar"))
    off = np.abs(made.z - sheet.z)[:, 0, 0] / np.abs(sheet.z[:, 0, 0])
    return off, made.quality.z_error + sheet.quality.z_error


@pytest.mark.parametrize(
    ("family", "changes", "eps_r", "height"),
    [
        ("strip", {"length": 9.0, "width": 0.15, "gap": 0.2, "port_width": 0.04}, 1.0, 0.0),
        ("strip", {"length": 11.0, "width": 0.2, "gap": 0.1, "port_width": 0.1}, 3.0, 0.3),
        ("blade", {"length": 10.0, "width": 0.08, "gap": 0.2, "port_width": 0.02}, 1.0, 0.0),
        ("bent", {"width": 0.12, "gap": 0.15, "port_width": 0.05, "start": 2.0}, 4.0, 0.4),
    ],
)
def test_a_tab_narrower_than_its_strips_is_not_one_of_their_width(family, changes, eps_r, height):
    """Ports that set none of the law's numbers.  Without it 2 to 9 % off and not in the estimate.

    Budget of |dZ|/|Z|: the sheet's normal mesh 0.4 %, the law 0.2 %, ends and corners 0.2 %: 0.8 %.
    """
    stack = FREE if eps_r == 1.0 else la.Stack.half_space(eps_r, loss_tangent=0.01)
    off, stated = off_the_sheet("wire", family, changes, stack, height)
    assert off.max() < 0.008
    assert np.all(off <= stated)


@pytest.mark.parametrize("gap", [0.22, 0.4, 0.55])
@pytest.mark.parametrize("solver", ["wire", "nec"])
def test_the_sources_of_a_wide_gap_are_in_series(solver, gap):
    """Strips of 0.11 m whose gap is fed over several segments; port of full width.

    Budget: the sheet's normal mesh 0.5 %, 0.02 eps0 w left by the law of sources, 0.4 %: 0.9 %.
    One source's charge all along is 3 to 7 % off by NEC.
    """
    pytest.importorskip("PyNEC" if solver == "nec" else "momwire")
    changes = {"length": 9.0, "width": 0.11, "gap": gap, "port_width": 0.11}
    off, stated = off_the_sheet(solver, "strip", changes)
    assert off.max() < 0.009
    assert np.all(off <= stated)


@pytest.mark.parametrize(
    ("changes", "eps_r", "height"),
    [
        (
            {
                "length": 9.0,
                "w0": 0.045,
                "x1": 0.5,
                "w1": 0.065,
                "x2": 0.9,
                "w2": 0.05,
                "tip": 0.05,
            },
            *(1.0, 0.0),
        ),
        ({"w0": 0.07, "x1": 0.4, "w1": 0.05, "x2": 3.0, "w2": 0.05, "tip": 0.05}, 3.0, 0.3),
        (
            {"w0": 0.04, "x1": 4.3, "w1": 0.04, "x2": 4.6, "w2": 0.045, "tip": 0.06, "gap": 0.05},
            *(1.0, 0.0),
        ),
    ],
)
def test_a_strip_that_changes_its_width_within_a_few_widths(changes, eps_r, height):
    """Beside the feed and at the tip, where pieces of four widths were 3 to 8 % off.

    Budget: the sheet's normal mesh 0.5 %, 0.3 of the law of uneven strips, 0.02 eps0 w, 0.5 %: 1 %.
    """
    stack = FREE if eps_r == 1.0 else la.Stack.half_space(eps_r, loss_tangent=0.01)
    off, stated = off_the_sheet("wire", "taper", changes, stack, height)
    assert off.max() < 0.01
    assert np.all(off <= stated)


def test_a_tab_as_wide_as_its_strips_is_none_and_a_narrow_one_a_thin_strip():
    """L of a narrow tab: mu0 g/(2 pi) ln of the ratio, and the turn into it; C grows with g."""
    assert tab(0.1, 0.2, 0.2) == (0.0, 0.0)
    assert tab(0.1, 0.2, 0.3) == (0.0, 0.0)
    inductance, capacitance = tab(0.4, 0.1, 0.001)
    assert inductance == pytest.approx(MU0 * 0.4 / (2 * np.pi) * np.log(100.0), rel=0.03)
    assert -0.4 * EPS0 * 0.1 < capacitance < -0.2 * EPS0 * 0.1
    values = [tab(gap, 0.1, 0.05)[1] for gap in (0.05, 0.1, 0.2)]
    assert values == sorted(values, reverse=True)


def test_the_width_at_a_gap_is_that_of_the_metal_there():
    """Of both faces, of ribbons that begin or end at the gap."""
    changes = {"w0": 0.04, "x1": 0.5, "w1": 0.06, "metal": "pec", "film": "none"}
    layout = la.load_geometry("taper", **changes)
    assert face_width(layout, layout.gaps[0]) == pytest.approx(0.08)
    strip = la.load_geometry("strip", width=0.3, port_width=0.1)
    assert face_width(strip, strip.gaps[0]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("family", "changes", "most"),
    [
        ("bowtie", {"length": 9.0, "width": 0.12, "port_width": 0.09}, 0.02),
        ("taper", {"w0": 0.04, "x1": 2.9, "w1": 0.04, "x2": 3.1, "w2": 0.055, "tip": 0.055}, 0.03),
        ("taper", {"w0": 0.05, "x1": 1.9, "w1": 0.05, "x2": 2.1, "w2": 0.036, "tip": 0.036}, 0.03),
    ],
)
def test_nec_has_the_local_width_of_uneven_strips(family, changes, most):
    """Strips of one radius to NEC, that set none of the law's numbers: 8 to 25 % off without it.

    Budget: the sheet's normal mesh 0.5 %, segments 0.8 %, the law's second order, a quarter of
    ln(1.4)^2 over the line's 5, 0.6 %, the width at the feed 1 %: 3 %, 2 % where the feed's is the
    mean one.
    """
    pytest.importorskip("PyNEC")
    off, stated = off_the_sheet("nec", family, changes)
    assert off.max() < most
    assert np.all(off <= stated)
