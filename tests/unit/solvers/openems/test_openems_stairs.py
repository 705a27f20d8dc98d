"""The staircase for a relief: levels, connection, flat gaps, symmetry, films, stated error."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.errors import SolverError
from lunar_antenna.geometry.relief import Relief, Sag
from lunar_antenna.solvers.openems.model.mesh import build_grid
from lunar_antenna.solvers.openems.model.scene import build_scene, document, prepare
from lunar_antenna.solvers.openems.model.stairs import path_excess, stair_error, tread, wires
from lunar_antenna.solvers.openems.model.symmetry import Symmetry, find_symmetry
from lunar_antenna.solvers.openems.preview import preview
from lunar_antenna.solvers.openems.solver import OpenEmsSolver, judged

FREE = la.Stack.free_space()
SOIL = la.Stack.half_space(3.5, conductivity=1e-4)
BAND = la.Band.mhz(10, 16, 4)
RELIEFS = {
    "tilt": {"tilt.angle": 0.08},
    "tilt across": {"tilt.angle": 0.08, "tilt.direction": math.pi / 2},
    "oblique tilt": {"tilt.angle": 0.08, "tilt.direction": 0.7},
    "sag": {"sag.depth": 0.2},
    "wrinkle": {"wrinkle.amplitude": 0.06, "wrinkle.wavelength": 1.5, "wrinkle.phase": 0.5},
    "oblique wrinkle": {"wrinkle.amplitude": 0.06, "wrinkle.direction": 0.7},
}


def scene(family="strip", relief=None, stack=FREE, height=0.6, accuracy="draft", **parameters):
    layout = la.load_geometry(family, **parameters, **(relief or {}))
    return prepare(la.Problem(layout, stack, height, BAND), accuracy)


def pieces(found):
    """Number of connected pieces of metal, and how many edges along z there are."""
    owner: dict[tuple[float, ...], tuple[float, ...]] = {}

    def root(node):
        while owner.setdefault(node, node) != node:
            node = owner[node]
        return node

    upright = 0
    lines = [np.sort(np.round(found.grid.axis(axis), 9)) for axis in range(3)]
    for start, end in wires(found.stairs, found.grid):
        axis = int(np.argmax(np.abs(end - start)))
        low, high = sorted((round(float(start[axis]), 9), round(float(end[axis]), 9)))
        stops = [v for v in lines[axis] if low <= v <= high]
        nodes = []
        for stop in stops:
            point = [round(float(v), 9) for v in start]
            point[axis] = stop
            nodes.append(tuple(point))
        upright += (axis == 2) * (len(nodes) - 1)
        for a, b in pairwise(nodes):
            owner[root(a)] = root(b)
    return len({root(node) for node in list(owner)}), upright


@pytest.mark.parametrize("family", ["strip", "bowtie", "coupled_bowtie"])
@pytest.mark.parametrize("relief", list(RELIEFS.values()), ids=list(RELIEFS))
def test_sheets_hang_together_between_levels(family, relief):
    """As many pieces of metal as without the relief, joined by vertical edges."""
    raised = scene(family, relief, accuracy="normal")
    layout, mirror = raised.problem.layout, raised.grid.symmetry
    plane = build_scene(
        la.Problem(la.load_geometry(family), FREE, 0.6, BAND),
        build_grid(
            la.Problem(la.load_geometry(family), FREE, 0.6, BAND), "normal", symmetry=mirror
        ),
    )
    count, upright = pieces(raised)
    assert count == pieces(plane)[0]
    assert mirror != Symmetry() or count == len(layout.conductors)
    assert upright == len(raised.stairs.risers) > 0
    assert pieces(plane)[1] == 0


@pytest.mark.parametrize("relief", list(RELIEFS.values()), ids=list(RELIEFS))
def test_sheets_lie_within_half_a_step_of_the_relief(relief):
    """Treads: each edge's level is the nearest to the film at its middle, or, across the slope, at
    the middle of a neighbour half a cell of 55 mm away; the flat zone round the gap apart.
    """
    found = scene(relief=relief, stack=SOIL, height=0.9, accuracy="normal")
    grid, stairs, layout = found.grid, found.stairs, found.problem.layout
    step = grid.levels[1] - grid.levels[0]
    assert np.allclose(np.diff(grid.levels), step)
    i, j = np.nonzero(stairs.metal[0])
    x = 0.5 * (grid.x[i] + grid.x[i + 1])
    off = np.abs(grid.z[stairs.level[0][i, j]] - 0.9 - layout.relief.elevation(x, grid.y[j]))
    away = np.abs(x) > 0.3
    along, across = np.abs(layout.relief.gradient(x, grid.y[j]))
    limit = 0.5 * step + np.where(along > across, 0.0, 0.5 * 0.055 * across)
    assert np.all(off[away] <= limit[away] + 1e-9)


def test_the_gap_is_flat_and_on_a_level():
    found = scene(relief={"tilt.angle": 0.1})
    (gap,) = found.gaps
    grid = found.grid
    assert grid.z[gap.level] == pytest.approx(0.6, abs=1e-12)
    near = np.flatnonzero(np.abs(0.5 * (grid.x[1:] + grid.x[:-1])) < 0.15)
    assert np.all(found.stairs.level[0][near[:, None], gap.across] == gap.level)


def test_the_surface_is_a_level_where_the_film_touches_it():
    found = scene(relief={"sag.depth": 0.1}, stack=SOIL, height=0.1)
    assert found.grid.levels[0] == 0.0
    assert np.all(found.grid.levels >= 0.0)
    (level,) = [k for k, _ in found.films]
    assert found.grid.z[level] == 0.0  # the air left under the lowest tread


def test_a_vanishing_relief_is_the_plane():
    """Depth 1 um: the same lines (shifted by it), the same edges, one level."""
    flat, almost = scene(stack=SOIL), scene(relief={"sag.depth": 1e-6}, stack=SOIL)
    for axis in range(3):
        assert np.allclose(flat.grid.axis(axis), almost.grid.axis(axis), atol=2e-6)
    assert almost.grid.levels.size == 1
    assert almost.stairs.risers.size == 0
    for mine, other in zip(flat.stairs.metal, almost.stairs.metal, strict=True):
        assert np.array_equal(mine, other)
    assert path_excess(almost.problem, almost.grid, almost.stairs) == (0.0, 0.0)


def test_a_constant_relief_is_a_height():
    """Lifted by 0.2 m from 0.4 m: the document of the engine is that of a plane at 0.6 m."""
    layout = la.load_geometry("strip", film="polyimide_50um")
    lifted = la.Layout.from_dict({**layout.to_dict(), "relief": {"offset": 0.2, "terms": []}})
    documents = [
        document(prepare(la.Problem(item, SOIL, height, BAND), "draft"), 0, 100)
        for item, height in ((layout, 0.6), (lifted, 0.4))
    ]
    assert documents[0] == documents[1]


@pytest.mark.parametrize(
    ("relief", "mirrors"),
    [
        ({"sag.depth": 0.1}, (True, True)),
        ({"sag.depth": 0.1, "sag.centre": 0.5}, (False, True)),
        ({"sag.depth": 0.1, "sag.direction": math.pi / 2}, (True, True)),
        ({"tilt.angle": 0.05}, (False, True)),
        ({"tilt.angle": 0.05, "tilt.direction": math.pi / 2}, (True, False)),
        ({"wrinkle.amplitude": 0.01}, (True, True)),
        ({"wrinkle.amplitude": 0.01, "wrinkle.phase": 0.1}, (False, True)),
        ({"wrinkle.amplitude": 0.01, "wrinkle.direction": 0.4}, (False, False)),
    ],
)
def test_mirror_planes_only_where_the_relief_has_them(relief, mirrors):
    assert find_symmetry(la.load_geometry("strip", **relief)) == Symmetry(*mirrors)


def test_a_symmetric_relief_makes_a_symmetric_staircase():
    """The riser edges of a full model of a sag are their own mirror images in x and y."""
    problem = la.Problem(la.load_geometry("strip", **{"sag.depth": 0.2}), FREE, 0.6, BAND)
    full = build_scene(problem, build_grid(problem, "draft", symmetry=Symmetry()))
    x, y = np.round(full.grid.x, 6), np.round(full.grid.y, 6)
    found = {(x[i], y[j], k) for i, j, k in full.stairs.risers}
    assert {(-a, b, k) for a, b, k in found} == found
    assert {(a, -b, k) for a, b, k in found} == found
    assert len(found) > 8


def test_film_treads_tile_the_film():
    """Every piece of film lies on one level, none is lost or doubled."""
    found = scene(
        "bowtie", RELIEFS["oblique wrinkle"], height=0.3, stack=SOIL, film="polyimide_50um"
    )
    outline = found.problem.layout.film_outline
    parts = [tread(found.stairs, found.grid, k, outline) for k in found.stairs.used]
    assert sum(part.area for part in parts) == pytest.approx(outline.area, rel=1e-9)
    assert len([k for k, _ in found.films]) > 3
    text = document(found, 0, 100)
    assert text.count('Material Name="film') == len(found.films)


def test_stated_error_follows_the_slope():
    """First order in the slope below a bound that is the path itself, <1 + |s| - sqrt(1 + s^2)>."""
    found = [scene(relief={"tilt.angle": angle}) for angle in (0.02, 0.04, 0.08)]
    values = [path_excess(item.problem, item.grid, item.stairs) for item in found]
    for (mean, bound), angle in zip(values, (0.02, 0.04, 0.08), strict=True):
        s = math.tan(angle)
        assert bound == pytest.approx(1.0 + s - math.hypot(1.0, s), rel=1e-9)
        assert 0.0 < mean < bound
    assert values[2][0] / values[0][0] == pytest.approx(values[2][1] / values[0][1], rel=0.2)
    steep = np.array([3.0, 6.0, 2.0, 8.0])
    item = found[1]
    details, error, (note,) = stair_error(item.problem, item.grid, item.stairs, steep)
    assert details["stair_levels"] == item.grid.levels.size
    assert details["stair_height"] == pytest.approx(np.diff(item.grid.levels)[0])
    assert error == pytest.approx(values[1][0] * steep)
    assert f"{item.grid.levels.size} levels" in note
    flat = scene()
    assert stair_error(flat.problem, flat.grid, flat.stairs, steep)[0] == {}


def test_finer_accuracies_have_lower_steps_and_smaller_errors():
    found = [scene(relief={"sag.depth": 0.2}, accuracy=a) for a in ("draft", "normal", "fine")]
    steps = [float(np.diff(item.grid.levels)[0]) for item in found]
    errors = [path_excess(item.problem, item.grid, item.stairs)[0] for item in found]
    assert steps == sorted(steps, reverse=True)
    assert errors == sorted(errors, reverse=True)


def test_the_staircase_counts_in_the_verdict_on_the_mesh():
    """Trust ends where the median of both errors together exceeds a tenth."""
    small, large = np.full(3, 0.04), np.full(3, 0.3)
    assert judged(small, 0.0 * small) == (True, pytest.approx(small))
    assert judged(small, large) == (False, pytest.approx(small + large))
    assert judged(None, 0.0 * small) == (True, None)
    assert judged(None, large) == (False, None)


def test_refusals_name_the_reason():
    thin = la.load_geometry(
        "strip", metal={"conductivity": 3.5e7, "thickness": 2e-8}, **{"sag.depth": 0.1}
    )
    reason = OpenEmsSolver().refusal(la.Problem(thin, FREE, 0.0, BAND))
    assert reason is not None
    assert "ohm per square on a relief (sag 0.1 m over 10 m)" in reason


def test_too_many_levels_are_refused():
    """A feed 4 mm above the soil sets the step of a film that rises to 2 m."""
    layout = la.load_geometry("strip").to_dict()
    relief = Relief((Sag(-2.0, 10.0, centre=5.0),), 0.004)
    bulge = la.Layout.from_dict({**layout, "relief": relief.to_dict()})
    with pytest.raises(SolverError, match=r"501 levels of 0\.004 m, allowed 400"):
        prepare(la.Problem(bulge, SOIL, 0.0, BAND), "draft")


def test_preview_draws_the_staircase():
    shown = preview(
        la.Problem(la.load_geometry("strip", **{"sag.depth": 0.1}), SOIL, 0.3, BAND), "draft"
    )
    figure = shown.figure()
    assert len(figure.axes) == 3
    assert "staircase of 5 levels, 25 mm apart" in figure.axes[2].get_title()
