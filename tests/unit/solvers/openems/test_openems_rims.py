"""Slanted rims between the mesh's lines."""

from __future__ import annotations

import re

import numpy as np
import pytest
import shapely

import lunar_antenna as la
from lunar_antenna.geometry.load import build
from lunar_antenna.solvers.openems.model.outline import conductors
from lunar_antenna.solvers.openems.model.scene import document, prepare

SOIL = la.Stack.half_space(4.0, loss_tangent=0.05)
BAND = la.Band.mhz(6, 30, 5)


def scene_of(name: str, height: float = 0.0, stack: la.Stack = SOIL, **materials):
    return prepare(la.Problem(la.load_geometry(name, **materials), stack, height, BAND), "draft")


def test_edges_along_the_axes_need_no_correction():
    rims = scene_of("strip").rims
    assert rims.edge.size == 0
    assert rims.face.size == 0


def test_every_corrected_edge_leaves_the_metal_and_lies_at_its_outline():
    """Within a cell of the outline, one end on the metal's staircase and the other off it."""
    scene = scene_of("bowtie")
    rims, grid = scene.rims, scene.grid
    outline = conductors(scene.problem.layout).boundary
    along_x, along_y = scene.stairs.metal[0], scene.stairs.metal[1]
    assert rims.edge.size > 20
    assert rims.face.size > 20
    for axis, i, j in zip(rims.axis, rims.i, rims.j, strict=True):
        assert not (along_x if axis == 0 else along_y)[i, j]
        ends = [(grid.x[i], grid.y[j]), (grid.x[i + (axis == 0)], grid.y[j + (axis == 1)])]
        assert shapely.LineString(ends).distance(outline) <= np.hypot(*np.subtract(*ends))


def test_factors_put_rims_on_both_sides_of_the_staircase():
    """Staircases lie inside the outline by 0 to 1 cell, 0.35 of which the mesh adds itself."""
    factor = scene_of("bowtie").rims.edge
    assert factor.min() < 0.95
    assert factor.max() > 1.5
    assert factor.min() >= 1.0 - 0.5 * np.sqrt(2.0)
    assert factor.max() <= 8.0 * np.sqrt(2.0)


def test_document_scales_what_lies_on_both_sides_of_the_plane():
    """On lossy soil under film: vacuum above, film and soil below, Debye poles on the line."""
    scene = scene_of("bowtie", film="polyimide_50um")
    text = document(scene, 0, 100)
    factor = float(scene.rims.edge[0])
    below, above, mean = (
        float(re.search(rf'Name="rim{side}_{factor:.3f}".*?Epsilon="([0-9.]+)"', text).group(1))
        for side in range(3)
    )
    assert above == pytest.approx(factor)
    assert below > 2.0 * factor
    assert factor < mean < below
    assert re.search(r'Name="side_[0-9.]+".*?Mue="0\.[0-9]+"', text)


def test_slot_beside_the_tab_is_thinned():
    """A blade of 2 m on a tab of 0.05 m: edges across the 0.1 m slot, none in the tab itself."""
    scene = scene_of("blade", 0.1)
    rims, (gap,) = scene.rims, scene.gaps
    slot = (rims.axis == 0) & (rims.i >= gap.start) & (rims.i < gap.stop)
    assert slot.sum() > 5
    assert np.all(rims.edge[slot] < 1.0)
    assert not np.isin(rims.j[slot], gap.across).any()
    assert np.all(rims.j[slot] > 0)


def test_a_relief_stays_a_staircase_and_resistive_metal_does_not():
    assert scene_of("membrane_sagging", 0.5).rims.edge.size == 0
    thin = {"conductivity": 3.5e7, "thickness": 2e-8}
    assert scene_of("bowtie", metal=thin).rims.edge.size == scene_of("bowtie").rims.edge.size > 0


def test_no_edge_is_corrected_twice_and_the_tab_never(tmp_path):
    """Slanted arms beside a tab, over a slot that narrows: slot first, then rims, never the tab."""
    path = tmp_path / "arms.toml"
    arms = [
        [
            [sign * x, y]
            for x, y in ((0.1, -0.05), (0.1, 0.05), (0.06, 1), (5, 1), (5, -1), (0.06, -1))
        ]
        for sign in (1, -1)
    ]
    lines = [f"[[polygon]]\npoints = {arm}\n" for arm in arms]
    gap_table = "[[gap]]\nx = 0.0\ny = 0.0\nlength = 0.2\nwidth = 0.1\n"
    path.write_text("".join(('family = "free"\n', *lines, gap_table)))
    scene = scene_of(str(path), 0.1)
    rims = scene.rims
    edges = list(zip(rims.axis.tolist(), rims.i.tolist(), rims.j.tolist(), strict=True))
    faces = list(zip(rims.face_i.tolist(), rims.face_j.tolist(), strict=True))
    assert len(edges) > 5
    assert len(set(edges)) == len(edges)
    assert len(set(faces)) == len(faces)
    (gap,) = scene.gaps
    tab = {(0, i, int(j)) for i in range(gap.start, gap.stop) for j in gap.across}
    assert not tab & set(edges)


def test_no_poles_are_put_where_the_engine_reads_none():
    """A hole with a corner on the long axis has slanted rims across the mesh's first line, half a
    cell beyond the symmetry plane.  A box of poles there is one that no edge uses, which the
    engine takes for a fault of the set-up; those of the two media beside the plane are used."""
    outer = [[0.1, -1.0], [0.1, 1.0], [4.0, 1.0], [4.0, -1.0]]
    hole = [[1.0, 0.0], [2.0, 0.6], [3.0, 0.0], [2.0, -0.6]]
    arm, other = (
        {"points": [[s * x, y] for x, y in outer], "holes": [[[s * x, y] for x, y in hole]]}
        for s in (1.0, -1.0)
    )
    gap = {"x": 0.0, "y": 0.0, "length": 0.2, "width": 0.1}
    layout = build({"family": "free", "name": "holes", "polygon": [arm, other], "gap": [gap]})
    scene = prepare(la.Problem(layout, SOIL, 0.0, BAND), "draft")
    first = scene.rims.j[scene.rims.axis == 0] == 0
    assert first.any()
    boxes = re.findall(r'<Box Priority="(\d)"><P1 X="[^"]*" Y="([^"]*)"', document(scene, 0, 2))
    low = {rank: np.array([float(y) for p, y in boxes if p == rank]) for rank in ("7", "8")}
    assert low["8"].size > 10
    assert low["8"].min() > scene.grid.y[0]
    assert np.sum(np.isclose(low["7"], scene.grid.y[0], atol=1e-9)) >= 2 * first.sum()
