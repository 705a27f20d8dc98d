"""Triangle meshes of planar conductors by a vertical sweep, graded towards edges and the feed.

The plane is cut by vertical lines through every corner and between them as finely as the size
field asks.  On every line each stretch of metal gets nodes, spaced by the same field, and the
trapezoid between two lines is triangulated by merging the two node lists.  Cells may be long
along a conductor and narrow across it, which is what the edge singularity of a thin conductor
wants; corners, tabs, slots, parasitic strips and free shapes need no special case.  Where the
layout is mirror symmetric only the fundamental part is meshed and the rest is its image, so that
the mesh has the symmetry exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

from ...conventions import FloatArray, IntArray
from ...errors import GeometryError
from ...geometry.layout import Gap, Layout
from .mesh_blocks import blocks_of, frame_of
from .mesh_field import MeshSize as MeshSize
from .mesh_field import Sources, corner_cells
from .mesh_outline import Outline, Planes, outline_of, polygons, rings, with_vertices
from .mesh_stitch import Piece, border, stitch
from .mesh_sweep import INTERFACE, PLANE, RIM, Block, Sweep


@dataclass(frozen=True, slots=True, eq=False)
class TriangleMesh:
    """vertices (n_v, 2) m; triangles (n_t, 3), counter-clockwise; tab (n_t,) gap index or -1.

    mirror_x, mirror_y: the mesh is its own image under x -> -x, y -> -y.  The first
    n_fundamental triangles are the fundamental part; image k of them follows in the order
    identity, x, y, xy of the mirrors present, with the same numbering inside.
    """

    vertices: FloatArray
    triangles: IntArray
    tab: IntArray
    mirror_x: bool
    mirror_y: bool
    n_fundamental: int

    @property
    def centroids(self) -> FloatArray:
        return np.asarray(self.vertices[self.triangles].mean(axis=1))

    @property
    def areas(self) -> FloatArray:
        a, b, c = (self.vertices[self.triangles[:, i]] for i in range(3))
        ab, ac = b - a, c - a
        return np.asarray(0.5 * (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]))


def triangulate(layout: Layout, size: MeshSize, *, use_symmetry: bool = True) -> TriangleMesh:
    """Mesh of everything that carries current.

    Raises :class:`GeometryError` where the mesh does not cover the layout.
    """
    mirror_x = use_symmetry and _mirrored(layout, 0)
    mirror_y = use_symmetry and _mirrored(layout, 1)
    x0, y0, x1, y1 = layout.bounds
    span = max(x1 - x0, y1 - y0)
    planes = Planes(mirror_x, mirror_y, 1e-9 * span)
    window = box(
        0.0 if mirror_x else x0 - span,
        0.0 if mirror_y else y0 - span,
        x1 + span,
        y1 + span,
    )
    clipped: list[tuple[Polygon, int]] = []
    for polygon, tab in _regions(layout, planes.tolerance):
        part = polygon.intersection(window) if (mirror_x or mirror_y) else polygon
        clipped += [(piece, tab) for piece in polygons(part) if piece.area > 1e-12 * span**2]
    whole = polygons(unary_union([piece for piece, _ in clipped]))
    outline = outline_of(whole, planes)
    sources = _sources(layout, outline, size)
    wanted = sum(piece.area for piece in whole)
    length = sum(piece.length for piece in whole)
    for cut in (True, False):
        vertices, triangles, tab_of = _mesh(clipped, size, sources, outline, planes, cut)
        if _covers(vertices, triangles, wanted, length):
            return _unfold(vertices, triangles, tab_of, mirror_x, mirror_y, span, layout.gaps)
    covered = _areas(vertices, triangles).sum()
    raise GeometryError(
        f"mesh covers {covered:.6g} of {wanted:.6g} m2 of layout {layout.name!r}; "
        "simplify the outline (vertices closer than a micrometre?)"
    )


def _mesh(
    regions: list[tuple[Polygon, int]],
    size: MeshSize,
    sources: Sources,
    outline: Outline,
    planes: Planes,
    cut: bool,
) -> tuple[FloatArray, IntArray, IntArray]:
    """(vertices, triangles, gap index of each triangle); cut: at the joints."""
    pieces, tabs = [], []
    for polygon, tab in regions:
        for shape in blocks_of(polygon, planes) if cut and tab < 0 else [polygon]:
            block = _block(shape, outline, planes, tab)
            rotation = frame_of(shape)
            sweep = Sweep(block.turned(rotation), size, sources.turned(rotation), planes.tolerance)
            vertices, triangles = sweep.run()
            pieces.append(
                Piece(vertices @ rotation, triangles, np.vstack(block.rings), block.seams)
            )
            tabs.append(tab)
    vertices, triangles, owner = stitch(pieces, planes.tolerance)
    return vertices, triangles, np.asarray(tabs)[owner]


def _block(shape: Polygon, outline: Outline, planes: Planes, tab: int) -> Block:
    loops = rings(shape)
    kinds = []
    for loop in loops:
        ends = np.roll(loop, -1, axis=0)
        kind = np.where(planes.hold(loop, ends), PLANE, INTERFACE)
        rim = outline.holds(0.5 * (loop + ends), planes.tolerance)
        kinds.append(np.where((kind == INTERFACE) & rim, RIM, kind))
    return Block(tuple(loops), tuple(kinds), tab)


def _sources(layout: Layout, outline: Outline, size: MeshSize) -> Sources:
    return Sources(
        corner=outline.corners,
        reach=outline.reach,
        cells=corner_cells(outline.reach, size),
        feed=np.vstack([gap.corners for gap in layout.gaps]),
        first=np.repeat([size.feed * min(gap.length, gap.width) for gap in layout.gaps], 4),
    )


def _covers(vertices: FloatArray, triangles: IntArray, area: float, length: float) -> bool:
    """True for a mesh of that area whose unshared sides are its outline and nothing else."""
    areas = _areas(vertices, triangles)
    sides = vertices[border(triangles)]
    rim = np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1).sum()
    return bool(
        areas.min() > 0.0
        and abs(areas.sum() - area) <= 1e-6 * area
        and abs(rim - length) <= 1e-6 * length
    )


def _areas(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return np.asarray(
        0.5
        * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    )


def _regions(layout: Layout, tolerance: float) -> list[tuple[Polygon, int]]:
    """Conductors (tab -1) and gap rectangles (tab = gap index), with disjoint interiors.

    Metal has a vertex at each corner of a tab that touches it, and tabs at those of the metal.
    """
    tabs = [gap.polygon for gap in layout.gaps]
    merged = unary_union(list(layout.conductors))
    metal = merged.difference(unary_union(tabs)) if merged.intersects(unary_union(tabs)) else merged
    corners = np.vstack([gap.corners for gap in layout.gaps])
    pieces = [with_vertices(piece, corners, tolerance) for piece in polygons(metal)]
    return [(piece, -1) for piece in pieces] + list(zip(tabs, range(len(tabs)), strict=True))


def _mirrored(layout: Layout, axis: int) -> bool:
    """True where the layout, ports included, is its own mirror image in that coordinate."""
    factors = {"xfact": -1.0, "yfact": 1.0} if axis == 0 else {"xfact": 1.0, "yfact": -1.0}
    metal: MultiPolygon = unary_union(list(layout.conductors))
    image = affinity.scale(metal, origin=(0, 0), **factors)
    if metal.symmetric_difference(image).area > 1e-9 * metal.area:
        return False
    tolerance = 1e-9 * max(abs(v) for v in layout.bounds)
    return all(
        mirror_gap(layout.gaps, index, axis, tolerance) is not None
        for index in range(len(layout.gaps))
    )


def mirror_gap(
    gaps: tuple[Gap, ...], index: int, axis: int, tolerance: float
) -> tuple[int, float] | None:
    """(index, sign) of the gap that is the mirror image of gap ``index``, or None.

    sign is +1 where the image's positive current equals the mirrored positive current.
    """
    gap = gaps[index]
    sign = np.array([-1.0, 1.0]) if axis == 0 else np.array([1.0, -1.0])
    centre = np.array([gap.x, gap.y]) * sign
    direction = gap.direction * sign
    for other_index, other in enumerate(gaps):
        if (
            np.abs(centre - [other.x, other.y]).max() <= tolerance
            and abs(gap.length - other.length) <= tolerance
            and abs(gap.width - other.width) <= tolerance
        ):
            cosine = float(direction @ other.direction)
            if abs(abs(cosine) - 1.0) < 1e-9:
                return other_index, 1.0 if cosine > 0 else -1.0
    return None


def _mirrored_tabs(
    tab: IntArray, gaps: tuple[Gap, ...], sign: tuple[float, float], tolerance: float
) -> IntArray:
    """Gap indices of one mirror image of the fundamental part; -1 stays -1."""
    partner = np.arange(len(gaps) + 1)  # the last entry serves tab = -1
    for axis, factor in enumerate(sign):
        if factor > 0.0:
            continue
        for index in range(len(gaps)):
            image = mirror_gap(gaps, int(partner[index]), axis, tolerance)
            if image is not None:
                partner[index] = image[0]
    partner[-1] = -1
    return np.asarray(partner[tab])


def _unfold(
    vertices: FloatArray,
    triangles: IntArray,
    tab: IntArray,
    mirror_x: bool,
    mirror_y: bool,
    span: float,
    gaps: tuple[Gap, ...],
) -> TriangleMesh:
    """The fundamental mesh and its mirror images as one mesh with shared vertices."""
    parts = [(1.0, 1.0)]
    if mirror_x:
        parts.append((-1.0, 1.0))
    if mirror_y:
        parts.append((1.0, -1.0))
    if mirror_x and mirror_y:
        parts.append((-1.0, -1.0))
    points = vertices.copy()
    if mirror_x:
        points[np.abs(points[:, 0]) < 1e-9 * span, 0] = 0.0
    if mirror_y:
        points[np.abs(points[:, 1]) < 1e-9 * span, 1] = 0.0
    all_points = np.vstack([points * np.array(sign) for sign in parts])
    all_triangles = []
    for index, (sx, sy) in enumerate(parts):
        block = triangles + index * len(points)
        all_triangles.append(block if sx * sy > 0 else block[:, [0, 2, 1]])
    keys = np.round(all_points / (1e-9 * span)).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    return TriangleMesh(
        vertices=all_points[first],
        triangles=np.asarray(inverse).ravel()[np.vstack(all_triangles)],
        tab=np.concatenate([_mirrored_tabs(tab, gaps, sign, 1e-9 * span) for sign in parts]),
        mirror_x=mirror_x,
        mirror_y=mirror_y,
        n_fundamental=len(triangles),
    )
