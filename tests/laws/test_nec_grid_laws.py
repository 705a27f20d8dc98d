"""Wide metal as a grid of wires, and sources beside junctions: NEC against the planar solver."""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la

BAND = (6e6, 10e6, 14e6, 20e6, 26e6, 33e6)  # Hz
MOST = 0.12  # |dZ|/|Z| in the median over a sweep: grids are off by 0.06, 50 of 55 by less

NECKED = {f"w{k}": w for k, w in enumerate((0.2, 0.3, 0.6, 1.6, 2.4, 1.4, 0.7, 0.9, 1.5, 1.8))}  # m


def both(layout, band=BAND, accuracy="normal"):
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, la.Band(band))
    return la.solve(problem, "nec", accuracy=accuracy), la.solve(problem, "planar")


def apart(found, right):
    return np.abs(found.z - right.z)[:, 0, 0] / np.abs(right.z[:, 0, 0])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("profile", NECKED),
        ("profile", {**NECKED, "bend.angle": 0.3}),
        ("bowtie", {"width": 1.2, "slots.count": 1, "slots.length": 0.6, "slots.width": 0.06}),
        ("bowtie", {"width": 2.0, "bend.angle": 0.4}),
        ("blade", {"width": 1.5, "slots.count": 2, "slots.length": 0.8, "slots.width": 0.1}),
    ],
)
def test_a_grid_is_within_what_it_says(name, changes):
    """Rims of concave outlines and metal beside slots were left out, and the gap held too much
    charge: 18 % of Z off in the median and 104 at one in twenty frequencies, where now 6 and 24
    are (55 random grids, 6 to 35 MHz)."""
    layout = la.load_geometry(name, length=9.0, metal="copper_18um", film="none", **changes)
    found, right = both(layout)
    off = apart(found, right)
    assert np.median(off) < MOST
    assert np.mean(off <= found.quality.z_error + right.quality.z_error) >= 5 / 6
    assert np.all(found.quality.z_error < 1.0)


@pytest.mark.parametrize(
    ("name", "changes", "most"),
    [
        ("fan", {"width": 0.015, "count": 2, "spread": 1.5}, 0.06),
        ("fan", {"width": 0.012, "count": 3, "spread": 2.0}, 0.06),
        ("strip", {"width": 0.09, "asymmetry": 1.4}, 0.01),
    ],
)
def test_the_balance_of_power_puts_the_source_right(name, changes, most):
    """Eight random fans were 5 to 25 % off, a strip fed off its middle 3.4 %, at all frequencies;
    the average gain was off 1 by as much.  Budgets: fans of thin strips 2 to 5 %, strips 0.2 %."""
    found, right = both(la.load_geometry(name, length=8.0, metal="pec", film="none", **changes))
    assert np.median(apart(found, right)) < most
    assert found.quality.power_closure.max() < 0.02


def test_z_does_not_depend_on_the_other_frequencies():
    """The source is judged at half a wave, wherever that is; the mesh is that of the highest."""
    layout = la.load_geometry("fan", length=8.0, width=0.02, count=2, spread=1.5)
    few, many = (both_nec(layout, band) for band in ((6e6, 30e6), (*BAND[:3], 30e6)))
    assert np.allclose(few.z, many.z[[0, -1]], rtol=1e-12)
    assert np.allclose(few.quality.z_error, many.quality.z_error[[0, -1]], rtol=1e-9)


def both_nec(layout, band):
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, la.Band(band))
    return la.solve(problem, "nec", accuracy="draft")


def test_currents_round_cells_lose_no_power_that_is_not_there():
    """A slotted strip of 100 nm of aluminium at 6 MHz: 146 ohm of loss were told of 1.3 ohm.

    Budget: what both say of the shares."""
    layout = la.load_geometry(
        "strip",
        length=5.6,
        width=0.4,
        metal="aluminium_100nm",
        film="none",
        **{"slots.count": 1, "slots.length": 0.9, "slots.width": 0.08},
    )
    found, right = both(layout, (6e6, 12e6, 24e6))
    ours, theirs = ((s.r_metal / (s.r_sky + s.r_metal))[:, 0, 0].real for s in (found, right))
    said = found.quality.efficiency_error + right.quality.efficiency_error
    assert np.all(np.abs(ours - theirs) <= said)
    assert np.all(said < 0.5)  # 0.98 was told
    assert any("round the cells" in note for note in found.provenance.notes)
