"""The FDTD mesh: lines where the metal needs them, smooth growth, symmetric quarters."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

import lunar_antenna as la
from lunar_antenna.errors import SolverError, UnsupportedProblemError
from lunar_antenna.solvers.openems.model.accuracy import ACCURACY, GROWTH_LIMIT, PML_CELLS
from lunar_antenna.solvers.openems.model.edge_laws import strip_offset
from lunar_antenna.solvers.openems.model.estimate import estimate, refuse_absurd
from lunar_antenna.solvers.openems.model.grading import check_lines
from lunar_antenna.solvers.openems.model.mesh import build_grid
from lunar_antenna.solvers.openems.model.outline import conductors, gap_edges, metal_masks
from lunar_antenna.solvers.openems.model.symmetry import Symmetry, find_symmetry
from lunar_antenna.solvers.openems.preview import preview
from lunar_antenna.solvers.openems.solver import OpenEmsSolver, prepare

SOIL = la.Stack.half_space(3.5, conductivity=1e-4)


def strip(height=0.3, stack=SOIL, **parameters):
    return la.Problem(la.load_geometry("strip", **parameters), stack, height, la.Band.mhz(6, 30, 5))


@pytest.mark.parametrize(("accuracy", "cells"), [("draft", 1), ("normal", 3), ("fine", 5)])
def test_lines_across_a_strip(accuracy, cells):
    """N equal cells, one more beyond, and the edge outside by what the mesh adds there itself."""
    grid = build_grid(strip(), accuracy, symmetry=Symmetry())
    inside = grid.y[np.abs(grid.y) < 0.1]
    assert inside.size == cells + 1
    d = inside[1] - inside[0]
    assert np.allclose(np.diff(inside), d)
    assert np.abs(grid.y - inside[-1] - d).min() < 1e-9
    above = grid.z[grid.k_plane + 1] - grid.plane
    offset = (0.1 - inside[-1]) / d
    assert strip_offset(cells, 0.8 * above / d) < offset < strip_offset(cells, 1.2 * above / d)


def test_square_ends_get_cells_by_the_width_of_the_strip():
    """A third of 0.2 m: with longer cells the strip seems too short."""
    grid = build_grid(strip(), "draft", symmetry=Symmetry())
    last = int(np.flatnonzero(grid.x < 5.0)[-1])
    assert grid.x[last + 1] - grid.x[last] == pytest.approx(0.2 / 3.0, rel=1e-6)
    assert (5.0 - grid.x[last]) * 3.0 == pytest.approx(0.2 / 3.0, rel=1e-6)


def test_narrow_slanted_strips_get_cells_across():
    """Arms of 0.1 m at a slope of 0.2: two cells over the chord along y in draft, 4 in normal."""
    layout = la.load_geometry("fan")
    for accuracy, cells in (("draft", 2), ("normal", 4)):
        grid = build_grid(la.Problem(layout, SOIL, 0.3, la.Band.mhz(6, 30, 5)), accuracy)
        arm = (grid.y > 0.3) & (grid.y < 0.9)
        chord = 0.1 * np.hypot(1.0, 0.2)
        assert np.diff(grid.y[arm]).max() <= chord / cells * 1.05


@pytest.mark.parametrize("accuracy", ["draft", "normal"])
def test_a_model_has_the_same_lines_along_it_whether_it_is_cut_or_not(accuracy):
    problem = strip(0.3, la.Stack.half_space(3.5, loss_tangent=0.01))
    whole, cut = build_grid(problem, accuracy, symmetry=Symmetry()), build_grid(problem, accuracy)
    right = whole.x[whole.x > -1e-9]
    assert right == pytest.approx(cut.x[cut.x > -1e-9][: right.size], abs=2e-3)


def test_gap_is_two_cells_and_interfaces_have_lines():
    stack = la.Stack([la.Layer(2.0, 2.0, 0.0, 1e-5), la.Layer(math.inf, 6.0, 0.0, 1e-4)])
    grid = build_grid(strip(0.3, stack), "normal", symmetry=Symmetry())
    left = int(np.abs(grid.x + 0.05).argmin())
    assert grid.x[left] == pytest.approx(-0.05)
    assert grid.x[left + 1] == pytest.approx(0.0, abs=1e-12)
    assert grid.x[left + 2] == pytest.approx(0.05)
    for z in (0.3, 0.0, -2.0):
        assert np.abs(grid.z - z).min() < 1e-9
    assert grid.plane == 0.3


@pytest.mark.parametrize(
    "name", ["strip", "bowtie", "coupled_bowtie", "crossed_bowtie", "folded", "meander", "fan"]
)
@pytest.mark.parametrize("accuracy", ["draft", "normal"])
def test_families_give_a_checked_mesh(name, accuracy):
    problem = la.Problem(la.load_geometry(name), la.load_soil("sourcebook_highland"))
    grid = build_grid(problem, accuracy)
    assert grid.ratio <= GROWTH_LIMIT
    for lines in (grid.x, grid.y, grid.z):
        assert np.all(np.diff(lines) > 0.0)
        assert len(lines) > 2 * PML_CELLS
    x_edges, y_edges = metal_masks(conductors(problem.layout), grid)
    assert x_edges.sum() > 10
    assert y_edges.sum() > 0
    for gap in gap_edges(problem.layout, grid):
        assert gap.stop > gap.start
        assert gap.across.size > 0


def test_quarter_model_has_the_walls_where_the_engine_puts_them():
    """Electric wall on the first x line; magnetic wall midway between the first two y lines."""
    grid = build_grid(strip(), "normal")
    assert grid.symmetry == Symmetry(True, True)
    assert grid.x[0] == 0.0
    assert grid.y[0] == pytest.approx(-grid.y[1])


def test_asymmetric_layouts_are_not_mirrored():
    assert find_symmetry(la.load_geometry("crossed_bowtie")) == Symmetry()
    assert not find_symmetry(la.load_geometry("bent")).y


def test_no_edge_sticks_out_of_a_staircase():
    """Every node that a metal edge touches carries edges of both directions or is an end."""
    layout = la.load_geometry("bowtie")
    grid = build_grid(la.Problem(layout, la.Stack.free_space()), "normal")
    metal = conductors(layout).buffer(1e-6)
    for mask, step in zip(metal_masks(conductors(layout), grid), ((1, 0), (0, 1)), strict=True):
        i, j = np.nonzero(mask)
        assert shapely.contains_xy(metal, grid.x[i], grid.y[j]).all()
        assert shapely.contains_xy(metal, grid.x[i + step[0]], grid.y[j + step[1]]).all()


def test_self_check_names_the_place():
    with pytest.raises(SolverError, match=r"at 1 m differ by 10"):
        check_lines("x", np.array([0.0, 1.0, 1.1]), {})
    with pytest.raises(SolverError, match=r"surface at z = 0\.5 m is on no mesh line"):
        check_lines("z", np.array([0.0, 1.0, 2.0]), {"surface": 0.5})


def test_estimate_counts_and_refuses():
    scene = prepare(strip(), "normal")
    cost = estimate(scene, ACCURACY["normal"])
    assert cost.cells == np.prod(scene.grid.shape)
    assert cost.runs == 1
    assert cost.steps * scene.grid.courant == pytest.approx(ACCURACY["normal"].duration, rel=1e-3)
    assert 1.0 < cost.seconds < 600.0
    assert refuse_absurd(cost) is None
    thin = strip(width=1e-4, gap=1e-4)
    assert OpenEmsSolver().refusal(thin) is not None


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            la.Problem(
                la.load_geometry("strip", film={"thickness": 0.01, "eps_r": 3.0}), SOIL, 0.1
            ),
            "film of 10 mm",
        ),
        (la.Problem(la.load_geometry("strip"), SOIL, 0.1, la.Band.mhz(1, 30, 3)), "factor of 20"),
    ],
)
def test_refusals_name_the_reason(problem, words):
    reason = OpenEmsSolver().refusal(problem)
    assert reason is not None
    assert words in reason
    assert "\n" not in reason


def test_preview_shows_mesh_and_cost():
    shown = preview(strip(), "normal")
    assert shown.refusal is None
    text = "\n".join(shown.lines())
    assert "1/4 of the model by symmetry" in text
    assert "cells" in text
    assert len(shown.figure().axes) == 2
    with pytest.raises(UnsupportedProblemError, match="factor of 20"):
        preview(la.Problem(la.load_geometry("strip"), SOIL, 0.1, la.Band.mhz(1, 30, 3)))
