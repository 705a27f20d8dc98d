"""The sweep mesher: covers the metal, conforms, keeps mirror symmetry, has no slivers of no area.

Area to 1e-9 (sums of a few thousand triangles); symmetry exactly.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.ops import unary_union

import lunar_antenna as la
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.load import geometry_names
from lunar_antenna.solvers.planar.mesh import MeshSize, TriangleMesh, triangulate

COARSE = MeshSize(0.8, 0.3, 1.5, 0.5)
FINE = MeshSize(0.4, 0.1, 1.0, 0.25)
MODIFIED = {
    "slots": ("blade", {"slots.count": 2}),
    "coupled": ("bowtie", {"coupled.count": 1, "coupled.length": 4.0}),
    "crossed": ("crossed_bowtie", {}),
    "asymmetric": ("strip", {"asymmetry": 1.3}),
}


def layout_of(name: str, overrides: dict | None = None):
    return la.load_geometry(name, metal="pec", film="none", **(overrides or {}))


def edge_counts(mesh: TriangleMesh):
    tri = mesh.triangles
    edges = np.sort(np.vstack((tri[:, [1, 2]], tri[:, [2, 0]], tri[:, [0, 1]])), axis=1)
    return np.unique(edges, axis=0, return_counts=True)


def check(layout, mesh: TriangleMesh) -> None:
    """Everything a moment method asks of a mesh."""
    areas = mesh.areas
    assert areas.min() > 0.0
    whole = unary_union([*layout.conductors, *(gap.polygon for gap in layout.gaps)])
    assert areas.sum() == pytest.approx(whole.area, rel=1e-6)
    for index, gap in enumerate(layout.gaps):
        assert areas[mesh.tab == index].sum() == pytest.approx(gap.length * gap.width, rel=1e-6)
    assert len(np.unique(mesh.triangles)) == len(mesh.vertices)
    assert len(np.unique(np.round(mesh.vertices, 9), axis=0)) == len(mesh.vertices)
    edges, counts = edge_counts(mesh)
    assert counts.max() == 2
    # an edge that occurs once lies on the rim: any hanging node would add inner single edges
    single = edges[counts == 1]
    rim = np.linalg.norm(mesh.vertices[single[:, 0]] - mesh.vertices[single[:, 1]], axis=1).sum()
    assert rim == pytest.approx(whole.length, rel=1e-6)
    for axis, on in ((0, mesh.mirror_x), (1, mesh.mirror_y)):
        if on:
            image = mesh.vertices.copy()
            image[:, axis] *= -1.0
            ours = {tuple(v) for v in (mesh.vertices + 0.0).tolist()}
            assert {tuple(v) for v in (image + 0.0).tolist()} == ours
    parts = 2 ** (int(mesh.mirror_x) + int(mesh.mirror_y))
    assert parts * mesh.n_fundamental == len(mesh.triangles)


@pytest.mark.parametrize("size", [COARSE, FINE], ids=["coarse", "fine"])
@pytest.mark.parametrize("name", geometry_names())
def test_shipped_geometries(name, size):
    layout = layout_of(name)
    check(layout, triangulate(layout, size))


@pytest.mark.parametrize("name", list(MODIFIED))
def test_modifiers(name):
    layout = layout_of(*MODIFIED[name])
    check(layout, triangulate(layout, FINE))


def test_symmetry_is_found_where_it_is():
    assert triangulate(layout_of("bowtie"), COARSE).mirror_x
    assert triangulate(layout_of("bowtie"), COARSE).mirror_y
    lopsided = triangulate(layout_of("strip", {"asymmetry": 1.3}), COARSE)
    assert not lopsided.mirror_x
    assert lopsided.mirror_y
    assert not triangulate(layout_of("bowtie"), COARSE, use_symmetry=False).mirror_x


def test_spacing_follows_the_size():
    """No edge is longer than asked (the diagonal of a cell of two longest spacings)."""
    layout = layout_of("blade")
    for size in (COARSE, FINE):
        mesh = triangulate(layout, size)
        edges, _ = edge_counts(mesh)
        length = np.linalg.norm(np.diff(mesh.vertices[edges], axis=1)[:, 0], axis=1)
        assert length.max() < 1.5 * size.longest * np.sqrt(2.0)
    fine, coarse = (len(triangulate(layout, size).triangles) for size in (FINE, COARSE))
    assert fine > 1.5 * coarse


def test_coarser_scales_everything():
    size = FINE.coarser(2.0)
    assert size.longest == 2.0 * FINE.longest
    assert size.edge == 2.0 * FINE.edge
    assert size.feed == 2.0 * FINE.feed


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    family=st.sampled_from(["strip", "bowtie", "blade", "bent", "fan", "folded", "end_loaded"]),
    length=st.floats(4.0, 16.0),
    width=st.floats(0.1, 3.0),
    longest=st.floats(0.3, 1.5),
    edge=st.floats(0.05, 0.5),
)
def test_random_members_of_the_families(family, length, width, longest, edge):
    try:
        layout = layout_of(family, {"length": length, "width": width})
    except GeometryError:
        return  # the family refuses this size, which is its own test
    check(layout, triangulate(layout, MeshSize(longest, edge, 1.2, 0.4)))
