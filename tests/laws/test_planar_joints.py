"""Long bars, joints and layouts alike under quarter turns: right, or said to be off.

The values come from a rooftop moment method of its own (uniform rectangles, both directions halved
until nothing changed), good to 1 %.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)
BAND = la.Band.mhz(5, 35, 61)  # the mesh follows its end
ROOFTOP = 0.01  # of |Z|, what the reference is good to


@pytest.fixture(scope="module")
def thin():
    """Two T of 8 mm strips in free space."""
    return la.load_geometry(
        "end_loaded", length=6.0, width=0.008, bar_length=1.6, bar_width=0.008, gap=0.05
    )


@pytest.mark.parametrize("accuracy", ["draft", "normal", "fine"])
def test_thin_bars(thin, accuracy):
    solution = la.solve(
        la.Problem(thin, la.Stack.free_space(), 0.0, BAND), "planar", accuracy=accuracy
    )
    for frequency, right in ((18e6, 70.80 + 77.49j), (28e6, 621.1 + 1200.0j)):
        at = int(np.argmin(np.abs(BAND.frequency - frequency)))
        off = abs(solution.z[at, 0, 0] - right) / abs(right)
        assert off < solution.quality.z_error[at] + ROOFTOP
        assert off < 0.015


# (what is changed, Hz: ohm) over half-space 3.5, tan delta 0.01
ON_SOIL = [
    (
        {"length": 6.0, "width": 0.1, "bar_length": 3.0},
        {10e6: 50.43 + 72.31j, 23e6: 168.1 - 510.5j, 35e6: 47.42 - 16.05j},
    ),
    ({}, {10e6: 170.9 + 188.82j, 23e6: 60.72 - 42.38j, 35e6: 116.15 - 216.0j}),
]


@pytest.mark.parametrize("accuracy", ["draft", "normal", "fine"])
@pytest.mark.parametrize(("changes", "values"), ON_SOIL, ids=["long", "shipped"])
def test_long_bars(changes, values, accuracy):
    """Bars longer than half of the arm, and the shipped ones: within the stated error and the
    reference's, 0.3 % here."""
    layout = la.load_geometry("end_loaded", metal="pec", film="none", **changes)
    solution = la.solve(la.Problem(layout, SOIL, 0.0, BAND), "planar", accuracy=accuracy)
    for frequency, right in values.items():
        at = int(np.argmin(np.abs(BAND.frequency - frequency)))
        off = abs(solution.z[at, 0, 0] - right) / abs(right)
        assert off < solution.quality.z_error[at] + 0.003


SHAPES = [
    ("end_loaded", {"width": 0.02, "bar_length": 2.5, "bar_width": 0.3}, la.Stack.free_space()),
    ("fan", {"width": 0.03}, SOIL),
]


@pytest.mark.parametrize(("family", "changes", "stack"), SHAPES)
def test_bars_on_soil(family, changes, stack):
    """Draft and normal against fine, whose own error is a third of normal's: within what they state
    and fine states, at nine of ten frequencies, and never by more than three times that."""
    layout = la.load_geometry(family, metal="pec", film="none", **changes)
    problem = la.Problem(layout, stack, 0.0, la.Band.mhz(5, 35, 13))
    fine = la.solve(problem, "planar", accuracy="fine")
    for accuracy in ("draft", "normal"):
        solution = la.solve(problem, "planar", accuracy=accuracy)
        off = np.abs(solution.z - fine.z)[:, 0, 0] / np.abs(fine.z[:, 0, 0])
        stated = solution.quality.z_error + fine.quality.z_error
        assert np.mean(off <= stated) >= 0.9
        assert np.all(off <= 3.0 * stated)


@pytest.mark.parametrize("accuracy", ["draft", "normal"])
@pytest.mark.parametrize("family", ["strip", "bowtie"])
def test_quarter_turns(family, accuracy):
    """Crossed layouts are their own images under a quarter turn: both ports are the same antenna,
    to the rounding of the solution (1e-8 of |Z|)."""
    layout = la.load_geometry(
        family, length=8.0, gap=0.4, port_width=0.08, **{"crossed.hub": 0.2}, metal="pec"
    )
    problem = la.Problem(layout, SOIL, 0.0, la.Band([9e6, 17e6, 30e6]))
    z = la.solve(problem, "planar", accuracy=accuracy).z
    assert np.abs(z[:, 0, 0] - z[:, 1, 1]).max() < 1e-6 * np.abs(z[:, 0, 0]).max()
