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
from typing import Any

import numpy as np
import shapely
from shapely import affinity
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.ops import unary_union

from ...conventions import FloatArray, IntArray
from ...errors import GeometryError
from ...geometry.layout import Gap, Layout
from ...geometry.snap import snapped
from .mesh_sweep import MeshSize as MeshSize
from .mesh_sweep import Sweep


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

    Raises :class:`GeometryError` where the mesh does not cover the layout, or where a gap has no
    metal at one of its ends.
    """
    layout = snapped(layout)
    regions = _regions(layout)
    mirror_x = use_symmetry and _mirrored(layout, 0)
    mirror_y = use_symmetry and _mirrored(layout, 1)
    x0, y0, x1, y1 = layout.bounds
    span = max(x1 - x0, y1 - y0)
    window = box(
        0.0 if mirror_x else x0 - span,
        0.0 if mirror_y else y0 - span,
        x1 + span,
        y1 + span,
    )
    clipped: list[tuple[Polygon, int]] = []
    for polygon, tab in regions:
        part = polygon.intersection(window) if (mirror_x or mirror_y) else polygon
        for piece in _polygons(part):
            if piece.area > 1e-12 * span**2:
                clipped.append((piece, tab))
    pieces = [
        _sweep(part, size, layout.gaps, (mirror_x, mirror_y), span) for part in _components(clipped)
    ]
    offsets = np.cumsum([0] + [len(piece[0]) for piece in pieces[:-1]])
    vertices = np.vstack([piece[0] for piece in pieces])
    triangles = np.vstack([p[1] + start for p, start in zip(pieces, offsets, strict=True)])
    tab_of = np.concatenate([piece[2] for piece in pieces])
    covered = _areas(vertices, triangles).sum()
    wanted = sum(piece.area for piece, _ in clipped)
    if abs(covered - wanted) > 1e-6 * wanted:
        raise GeometryError(
            f"mesh covers {covered:.6g} of {wanted:.6g} m2 of layout {layout.name!r}; "
            "simplify the outline (vertices closer than a micrometre?)"
        )
    mesh = _unfold(vertices, triangles, tab_of, mirror_x, mirror_y, span, layout.gaps)
    _check_gaps(mesh, layout.gaps)
    return mesh


def _sweep(
    part: list[tuple[Polygon, int]],
    size: MeshSize,
    gaps: tuple[Gap, ...],
    mirror: tuple[bool, bool],
    span: float,
) -> tuple[FloatArray, IntArray, IntArray]:
    """One connected conductor, swept along its longer side."""
    bounds = np.array([polygon.bounds for polygon, _ in part])
    extent = bounds[:, 2:].max(axis=0) - bounds[:, :2].min(axis=0)
    if extent[1] <= extent[0]:
        return Sweep(part, size, gaps, mirror, span).run()
    turned = [(shapely.transform(p, lambda points: points[:, ::-1]), tab) for p, tab in part]
    vertices, triangles, tabs = Sweep(
        turned, size, gaps, (mirror[1], mirror[0]), span, swapped=True
    ).run()
    return vertices[:, ::-1], triangles[:, [0, 2, 1]], tabs


def _components(regions: list[tuple[Polygon, int]]) -> list[list[tuple[Polygon, int]]]:
    """Regions grouped into connected conductors; each is swept with lines of its own."""
    merged = _polygons(unary_union([polygon for polygon, _ in regions]))
    if len(merged) == 1:
        return [regions]
    groups: list[list[tuple[Polygon, int]]] = [[] for _ in merged]
    for polygon, tab in regions:
        point = polygon.representative_point()
        groups[next(k for k, whole in enumerate(merged) if whole.intersects(point))].append(
            (polygon, tab)
        )
    return groups


def _areas(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return np.asarray(
        0.5
        * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    )


def _polygons(shape: Any) -> list[Polygon]:
    kind = getattr(shape, "geom_type", "")
    if kind == "Polygon":
        return [shape]
    if kind in ("MultiPolygon", "GeometryCollection"):
        return [p for part in shape.geoms for p in _polygons(part)]
    return []


def _regions(layout: Layout) -> list[tuple[Polygon, int]]:
    """Conductors (tab -1) and gap rectangles (tab = gap index), with disjoint interiors."""
    tabs = [gap.polygon for gap in layout.gaps]
    merged = unary_union(list(layout.conductors))
    metal = merged.difference(unary_union(tabs)) if merged.intersects(unary_union(tabs)) else merged
    regions = [(piece, -1) for piece in _polygons(metal)]
    regions.extend((tab, index) for index, tab in enumerate(tabs))
    return regions


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


def _check_gaps(mesh: TriangleMesh, gaps: tuple[Gap, ...]) -> None:
    """:class:`GeometryError` unless current can enter every gap at both of its ends."""
    tri = mesh.triangles
    sides = np.sort(np.vstack((tri[:, [0, 1]], tri[:, [1, 2]], tri[:, [2, 0]])), axis=1)
    order = np.lexsort((sides[:, 1], sides[:, 0]))
    twin = np.flatnonzero((sides[order][1:] == sides[order][:-1]).all(axis=1))
    tab = np.tile(mesh.tab, 3)[order]
    first, second = tab[twin], tab[twin + 1]
    ends = mesh.vertices[sides[order][twin]]  # (n, 2 points, 2)
    for index, gap in enumerate(gaps):
        joint = (first == index) != (second == index)
        middle = ends[joint].mean(axis=1)
        length = np.linalg.norm(ends[joint, 1] - ends[joint, 0], axis=1)
        along = (middle - np.array([gap.x, gap.y])) @ gap.direction
        for sign in (-1.0, 1.0):
            here = np.abs(along - sign * gap.length / 2.0) < 1e-6 * gap.length
            if length[here].sum() < 1e-3 * gap.width:
                x, y = np.array([gap.x, gap.y]) + sign * gap.length / 2.0 * gap.direction + 0.0
                raise GeometryError(
                    f"the gap at ({gap.x:g}, {gap.y:g}) m touches no metal along its end at "
                    f"({x:g}, {y:g}) m; make the gap longer or the conductor reach it"
                )
