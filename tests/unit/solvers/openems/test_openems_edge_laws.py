"""Cross-sections of the mesh against lattices that are known exactly, and limits of the laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from lunar_antenna.solvers.openems.model.edge_laws import (
    FACTORS,
    face_reach,
    gap_share,
    rim_factor,
    rim_reaches,
    slot_factor,
    strip_offset,
)
from lunar_antenna.solvers.openems.model.lattice import Section
from lunar_antenna.solvers.openems.model.metal_edges import RIM_CURRENT

WIRE = math.exp(-np.euler_gamma) / math.sqrt(8.0)  # cells, one node of a square lattice


def apparent_width(y: np.ndarray, z: np.ndarray, half: float, **branches) -> float:
    """Cells; ``half`` of the nodes' span on z = 0."""
    section = Section(y, z)
    metal = section.node[np.abs(y) <= half + 1e-9, int(np.abs(z).argmin())]
    radius = np.maximum(np.hypot(y[:, None], z[None, :]), 1e-9)
    (potential,), _ = section.unit_charge(metal, -np.log(radius) / (2.0 * math.pi), **branches)
    return float(4.0 * math.exp(-2.0 * math.pi * potential))


def test_one_node_of_a_square_lattice_is_a_wire_of_known_radius():
    """exp(-gamma)/sqrt(8) = 0.1985 cells, the constant of the lattice's Green function.

    Budget: the boundary 60 cells away has the continuous potential, off by 1/(12 r^2).
    """
    lines = np.arange(-60.0, 61.0)
    assert apparent_width(lines, lines, 0.0) / 4.0 == pytest.approx(WIRE, rel=1e-3)


def test_strip_of_one_cell_is_known():
    """Two nodes, whose potentials differ by 1/4 per unit charge: 4 WIRE exp(pi/4) cells wide.

    Budget as above; the continuous strip's own potential differs by (w/r)^2/16 at the boundary.
    """
    y, z = np.arange(-60.0, 60.0) + 0.5, np.arange(-60.0, 61.0)
    wanted = 4.0 * WIRE * math.exp(math.pi / 4.0)
    assert apparent_width(y, z, 0.5) == pytest.approx(wanted, rel=1e-3)


def test_growth_widens_what_a_uniform_lattice_shows():
    """The graded mesh adds to the exact 0.3708, by less than a tenth of the strip."""
    exact = 0.5 * (4.0 * WIRE * math.exp(math.pi / 4.0) - 1.0)
    assert exact < strip_offset(1, 1.0) < exact + 0.1


@pytest.mark.parametrize("across", [3, 5, 11])
def test_wide_strips_are_wider_by_a_constant_and_a_share(across):
    """0.25 to 0.46 cells at flat and square cells, and the growth's twentieth of the width."""
    for aspect, cells in ((0.1, 0.25), (1.0, 0.36)):
        assert cells < strip_offset(across, aspect) < cells + 0.03 * across


def test_offsets_rise_with_the_cells_above():
    offsets = [strip_offset(3, aspect) for aspect in (0.1, 0.3, 0.6, 1.0, 1.5, 2.0)]
    assert np.all(np.diff(offsets) > 0.0)


def uniform_share(cells: int) -> float:
    """The share on a uniform square lattice, from its kernel instead of a solution.

    A step of 1 V at one edge of the plane draws K(n) through the n-th edge from it, with
    K(0) - K(n) = (1/pi) int_0^pi (1 - cos n t) 2 sinh s / (2 - 2 cos t) dt, cosh s = 2 - cos t;
    far away K(n) = (2/pi) ln(R/n).  The even fall draws (2/pi)(ln(2 R/g) + 1 - ln 2 + 1/2).
    """
    node, weight = np.polynomial.legendre.leggauss(16)
    panel = np.pi / 600  # 1500 turns over all of them: 8 rad each
    t = (panel * (np.arange(600)[:, None] + 0.5 * (node + 1.0))).ravel()
    weight = np.tile(0.5 * panel * weight, 600)
    symbol = 2.0 * np.sqrt((2.0 - np.cos(t)) ** 2 - 1.0) / (2.0 - 2.0 * np.cos(t))

    def drop(n: int) -> float:
        return float((weight * (1.0 - np.cos(n * t)) * symbol).sum() / np.pi)

    first = drop(1500) - 2.0 / np.pi * np.log(1500.0)
    pairs = [abs(i - j) for i in range(cells) for j in range(cells)]
    lattice = first - np.mean([drop(n) for n in pairs])
    exact = 2.0 / np.pi * (np.log(2.0 / cells) + 1.5 - np.log(2.0))
    return 1.0 - (lattice - exact) * cells


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_gap_holds_the_charge_that_the_lattice_has(cells):
    """Within 0.06 of the share on uniform cells; the cells' growth makes that difference."""
    assert gap_share(cells, 1.0) == pytest.approx(uniform_share(cells), abs=0.06)


def test_rim_of_a_plain_lattice_needs_no_factor():
    """0.3536, the offset of an isolated edge on square cells, to 0.02 for slow growth."""
    at_one = np.interp(
        1.0, rim_factor(np.linspace(0.2, 0.6, 81), np.ones(81)), np.linspace(0.2, 0.6, 81)
    )
    assert at_one == pytest.approx(0.3536, abs=0.02)


@pytest.mark.parametrize("aspect", [0.3, 1.0, 2.5])
def test_rim_factor_rises_with_the_position_within_its_range(aspect):
    position = np.linspace(-0.5, 2.5, 61)
    factor = rim_factor(position, np.full(61, aspect))
    assert np.all(np.diff(factor) >= 0.0)
    assert factor[0] == pytest.approx(FACTORS[0])
    assert factor[-1] == pytest.approx(FACTORS[-1])


def test_endless_factor_is_one_more_cell_of_metal():
    """An edge of endless permittivity joins the next node to the metal."""
    y, z = np.arange(-40.0, 40.0) + 0.5, np.arange(-40.0, 41.0)
    section = Section(y, z)
    metal = section.node[np.abs(y) < 2.0, 40]
    beyond = section.node[np.abs(np.abs(y) - 2.5) < 0.1, 40]
    radius = np.hypot(y[:, None], z[None, :])
    far = -np.log(np.maximum(radius, 1e-9)) / (2.0 * math.pi)
    joined, _ = section.unit_charge(metal, far, (metal[[0, -1]], beyond), np.array([1e9]))
    whole, _ = section.unit_charge(np.sort(np.concatenate((metal, beyond))), far)
    assert joined == pytest.approx(whole, rel=1e-6)


def test_current_of_the_outermost_line():
    """It carries what a continuous strip carries up to 0.947 cells from its rim, to 0.3 %.

    41 lines on a square lattice, whose Green's function on an axis is
    -(1/2 pi) int_0^pi (1 - cos n t)/sinh a dt with cosh a = 2 - cos t; rims a third of a cell out.
    """
    count = 41

    def green(n):
        def density(t):
            return (1.0 - np.cos(n * t)) / np.sqrt((2.0 - np.cos(t)) ** 2 - 1.0)

        return -quad(density, 0.0, np.pi, limit=400)[0] / (2.0 * np.pi)

    values = np.array([green(n) for n in range(count)])
    current = np.linalg.solve(
        values[np.abs(np.subtract.outer(np.arange(count), np.arange(count)))], np.ones(count)
    )
    width = count - 1 + 2.0 / 3.0
    share = current[0] / current.sum()
    assert width * np.sin(0.5 * np.pi * share) ** 2 == pytest.approx(RIM_CURRENT, rel=3e-3)


def test_lines_of_a_slanted_rim_carry_what_the_exact_lattice_has():
    """Where nothing is put right the rim is a third of a cell out and the line carries RIM_CURRENT
    of a cell: 0.02 by the growth of this mesh; the farther out the rim, the more."""
    place, reach = rim_reaches()
    assert np.interp(1.0 / 3.0, place, reach) == pytest.approx(RIM_CURRENT, abs=0.03)
    assert np.all(np.diff(reach) > 0.0)
    assert np.all(reach > place)


@pytest.mark.parametrize("cells", [8, 20])
def test_face_of_an_untreated_slot_carries_what_the_exact_lattice_has(cells):
    """Its faces seem to lie 0.354 cells in the slot: (2/pi) arcosh there up to RIM_CURRENT.

    Budget: 5 % by the cells' growth, which widens a strip by a twentieth, and 2 % since the
    slot's two sides do not end where those of one half-plane do.
    """
    half = 0.5 * cells
    line = math.acosh(1.0 + RIM_CURRENT / (half - 0.3536))
    wanted = half * (math.cosh(line) - 1.0)
    assert face_reach(cells, 1.0, 1.0) == pytest.approx(wanted, rel=0.07)


def test_a_thinned_slot_leaves_its_faces_less():
    """With the factor that makes its charge right a face carries less, but more than half a cell:
    what the next line takes begins there."""
    factor = slot_factor(2, 1.0)
    assert 0.5 < face_reach(2, 1.0, factor) < 0.8 * face_reach(2, 1.0, 1.0)
