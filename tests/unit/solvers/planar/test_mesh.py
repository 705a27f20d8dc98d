"""The mesher: covers the metal, conforms, keeps the layout's symmetry, is graded alike everywhere.

Area to 1e-9 (sums of a few thousand triangles); symmetry exactly.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.affinity import affine_transform
from shapely.ops import unary_union

import lunar_antenna as la
from lunar_antenna.errors import GeometryError
from lunar_antenna.geometry.load import geometry_names
from lunar_antenna.solvers.planar.mesh import MeshSize, TriangleMesh, triangulate
from lunar_antenna.solvers.planar.mesh_field import EXPONENT

COARSE = MeshSize(0.8, 2.0, 2.0, 1.5)
FINE = MeshSize(0.4, 4.0, 4.0, 3.0)
MODIFIED = {
    "slots": ("blade", {"slots.count": 2}),
    "coupled": ("bowtie", {"coupled.count": 1, "coupled.length": 4.0}),
    "collinear": ("bowtie", {"collinear.gap": 0.05}),
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
    assert size.cells == 0.5 * FINE.cells
    assert size.corner == 0.5 * FINE.corner
    assert size.feed == 0.5 * FINE.feed


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    family=st.sampled_from(
        ["strip", "bowtie", "blade", "bent", "fan", "folded", "end_loaded", "meander", "profile"]
    ),
    length=st.floats(4.0, 16.0),
    width=st.floats(0.1, 3.0),
    longest=st.floats(0.3, 1.5),
    cells=st.floats(1.0, 6.0),
)
def test_random_members_of_the_families(family, length, width, longest, cells):
    try:
        layout = layout_of(family, {"length": length, "width": width})
    except GeometryError:
        return  # the family refuses this size, which is its own test
    check(layout, triangulate(layout, MeshSize(longest, cells, cells, 0.6 * cells)))


# -- quarter turns ---------------------------------------------------------------------------


CROSSED = {
    "bowtie": ("crossed_bowtie", {}),
    "end_loaded": ("end_loaded", {"gap": 0.4, "port_width": 0.1, "crossed.hub": 0.2}),
    "bent up": (
        "strip",
        {
            "gap": 0.4,
            "port_width": 0.1,
            "crossed.hub": 0.2,
            "bend.angle": 0.5,
            "bend.start": 1.0,
        },
    ),
    "meander": (
        "meander",
        {"gap": 0.4, "port_width": 0.05, "crossed.hub": 0.2, "amplitude": 0.2},
    ),
}


def images(mesh: TriangleMesh, change: np.ndarray) -> set[tuple[int, ...]]:
    """Triangles of the mapped mesh as sets of the mesh's own vertices."""
    place = {tuple(v): k for k, v in enumerate((np.round(mesh.vertices, 9) + 0.0).tolist())}
    moved = np.round(mesh.vertices @ change.T, 9) + 0.0
    number = np.array([place[tuple(v)] for v in moved.tolist()])
    return {tuple(sorted(t)) for t in number[mesh.triangles].tolist()}


@pytest.mark.parametrize("size", [COARSE, FINE], ids=["coarse", "fine"])
@pytest.mark.parametrize("name", list(CROSSED))
def test_what_carries_a_crossed_layout_onto_itself_carries_its_mesh(name, size):
    """A quarter turn, or where the arms bend to one side the mirror image in y = -x."""
    layout = layout_of(*CROSSED[name])
    mesh = triangulate(layout, size)
    check(layout, mesh)
    turn, swap = np.array([[0.0, -1.0], [1.0, 0.0]]), np.array([[0.0, -1.0], [-1.0, 0.0]])
    own = {tuple(sorted(t)) for t in mesh.triangles.tolist()}
    assert images(mesh, turn if mesh.mirror_x else swap) == own


# -- grading ---------------------------------------------------------------------------------


def free(conductors, gap, name="free"):
    return la.Layout(name, tuple(conductors), (la.Port((gap,)),))


def turned(layout, angle):
    """The layout turned about the origin by an angle that is no symmetry of anything."""
    cosine, sine = np.cos(angle), np.sin(angle)
    rotation = [cosine, -sine, sine, cosine, 0.0, 0.0]
    gap = layout.gaps[0]
    x, y = cosine * gap.x - sine * gap.y, sine * gap.x + cosine * gap.y
    return free(
        [affine_transform(p, rotation) for p in layout.conductors],
        la.Gap(x, y, gap.length, gap.width, gap.angle + angle),
    )


@pytest.mark.parametrize("name", ["strip", "end_loaded", "meander", "folded"])
def test_a_turned_layout_has_the_turned_mesh(name):
    """Nothing prefers an axis: as many triangles, of the same areas to 1e-6."""
    layout = layout_of(name)
    straight = triangulate(layout, FINE, use_symmetry=False)
    other = triangulate(turned(layout, 0.7), FINE, use_symmetry=False)
    assert len(other.triangles) == len(straight.triangles)
    assert np.sort(other.areas) == pytest.approx(np.sort(straight.areas), rel=1e-6)


def crossings(mesh: TriangleMesh, start, end):
    """Where the straight way between two points crosses sides of triangles, m from its start."""
    start, end = np.asarray(start), np.asarray(end)
    way = (end - start) / np.linalg.norm(end - start)
    sides, _ = edge_counts(mesh)
    a, b = mesh.vertices[sides[:, 0]] - start, mesh.vertices[sides[:, 1]] - start
    side_a, side_b = (way[0] * p[:, 1] - way[1] * p[:, 0] for p in (a, b))
    met = (side_a > 0.0) != (side_b > 0.0)
    share = side_a[met] / (side_a[met] - side_b[met])
    at = a[met] @ way + share * ((b[met] - a[met]) @ way)
    return np.unique(np.round(at[(at > 1e-9) & (at < np.linalg.norm(end - start) - 1e-9)], 9))


def test_every_rim_has_narrow_cells():
    """A T: from the middle of every rim inwards, the first cell is as narrow as the law says.

    d_1 = D/n^q with D half the metal's width; across the end of a bar as across its sides.  A
    triangle's side may be met anywhere up to that.
    """
    size = MeshSize(2.0, 3.0, 3.0, 2.0)
    layout = layout_of("end_loaded", {"width": 1.0, "bar_width": 1.0, "bar_length": 6.0})
    mesh = triangulate(layout, size)
    first = 0.5 / 3.0**EXPONENT
    for rim, inward in (
        ((2.0, 0.5), (0.0, -1.0)),  # strip, side
        ((5.0, 1.7), (-1.0, 0.0)),  # bar, outer side
        ((4.0, 1.7), (1.0, 0.0)),  # bar, inner side
    ):
        at = crossings(mesh, rim, np.asarray(rim) + 0.45 * np.asarray(inward))
        assert at[0] <= 1.01 * first
    end = crossings(mesh, (4.5001, 3.0), (4.5001, 2.55))
    cells = 3.0 * np.cbrt(0.5 / 2.0)  # of an end, a fourth of the longest spacing wide
    assert end[0] <= 0.5 / cells**EXPONENT


def test_bars_are_refined_towards_their_joint():
    """Along the bar of a T spacings shrink towards the inner corners from either side."""
    layout = layout_of("end_loaded", {"width": 0.2, "bar_width": 0.2, "bar_length": 4.0})
    mesh = triangulate(layout, MeshSize(0.8, 4.0, 4.0, 2.0))
    at = crossings(mesh, (4.9, 1.95), (4.9, -0.0))
    y = np.concatenate((1.95 - at, [0.0]))
    corner = int(np.abs(y - 0.1).argmin())
    gaps = np.abs(np.diff(y))
    assert y[corner] == pytest.approx(0.1, abs=0.03)
    assert gaps[corner - 1 : corner + 1].max() < 0.1
    assert gaps.max() > 0.2
