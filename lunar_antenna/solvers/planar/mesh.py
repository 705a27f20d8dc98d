"""Triangle meshes of planar conductors, graded towards rims, corners and the feed.

Metal is cut at its joints into blocks (:mod:`.mesh_blocks`), each is swept along its own direction
with cells that are long along it and narrow across it (:mod:`.mesh_sweep`, :mod:`.mesh_field`), and
the blocks are joined into one conforming mesh (:mod:`.mesh_stitch`).  Where the layout is mirror
symmetric only the fundamental part is meshed and the rest is its image; where it is its own image
under a quarter turn, so is the mesh (:mod:`.mesh_symmetry`).
"""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from ...conventions import FloatArray, IntArray
from ...errors import GeometryError
from ...geometry.layout import Gap, Layout
from ...geometry.snap import snapped, with_corners
from .mesh_blocks import blocks_of, frame_of
from .mesh_field import EXPONENT, Sources, corner_cells
from .mesh_field import MeshSize as MeshSize
from .mesh_outline import Outline, Planes, outline_of, polygons, rings, simplified
from .mesh_stitch import Piece, areas_of, border, stitch
from .mesh_sweep import INTERFACE, PLANE, RIM, Block, Sweep
from .mesh_symmetry import Region, Shape, orbits, unfold
from .mesh_symmetry import TriangleMesh as TriangleMesh


def triangulate(layout: Layout, size: MeshSize, *, use_symmetry: bool = True) -> TriangleMesh:
    """Mesh of everything that carries current.

    Raises :class:`GeometryError` where the mesh does not cover the layout, or where a gap has no
    metal at one of its ends.
    """
    layout = snapped(layout)
    x0, y0, x1, y1 = layout.bounds
    span = max(x1 - x0, y1 - y0)
    shape = Shape(unary_union(list(layout.conductors)), layout.gaps, span)
    mirror_x = use_symmetry and shape.mirrored(0)
    mirror_y = use_symmetry and shape.mirrored(1)
    planes = Planes(mirror_x, mirror_y, shape.tolerance)
    window = box(
        0.0 if mirror_x else x0 - span,
        0.0 if mirror_y else y0 - span,
        x1 + span,
        y1 + span,
    )
    pieces: list[tuple[Polygon, int]] = []
    for polygon, tab in _regions(shape):
        part = polygon.intersection(window) if (mirror_x or mirror_y) else polygon
        pieces += [(piece, tab) for piece in polygons(part) if piece.area > 1e-12 * span**2]
    if size.outline > 0.0:
        fixed = _tab_corners(layout.gaps)
        pieces = [
            (piece if tab >= 0 else simplified(piece, size.outline, fixed, shape.tolerance), tab)
            for piece, tab in pieces
        ]
    whole = polygons(unary_union([piece for piece, _ in pieces]))
    outline = outline_of(whole, planes)
    sources = _sources(layout, outline, size)
    if use_symmetry:
        regions = orbits(pieces, shape, (mirror_x, mirror_y))
    else:
        regions = [Region(polygon, tab) for polygon, tab in pieces]
    area, length = (sum(getattr(piece, name) for piece in whole) for name in ("area", "length"))
    for at_joints in (True, False):
        vertices, triangles, tabs, cells = _mesh(regions, size, sources, outline, planes, at_joints)
        if _covers(vertices, triangles, area, length):
            mesh = unfold(vertices, triangles, tabs, cells, mirror_x, mirror_y, span, layout.gaps)
            _check_gaps(mesh, layout.gaps)
            return mesh
    raise GeometryError(
        f"mesh covers {areas_of(vertices, triangles).sum():.6g} of {area:.6g} m2 of layout "
        f"{layout.name!r}; simplify the outline (vertices closer than a micrometre?)"
    )


def _mesh(
    regions: list[Region],
    size: MeshSize,
    sources: Sources,
    outline: Outline,
    planes: Planes,
    at_joints: bool,
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """(vertices, triangles, gap index and cell of each); at_joints: metal is cut there."""
    pieces: list[Piece] = []
    tabs: list[int] = []
    for region in regions:
        whole = not at_joints or region.tab >= 0
        for shape in [region.polygon] if whole else blocks_of(region.polygon, planes):
            block = _block(shape, outline, planes)
            rotation = frame_of(block)
            rims = np.hstack((outline.rims[:, :2] @ rotation.T, outline.rims[:, 2:] @ rotation.T))
            turned = block.turned(rotation), size, sources.turned(rotation)
            sweep = Sweep(*turned, rims, planes.tolerance)
            vertices, triangles, cells = sweep.run()
            corners = np.vstack(block.rings)
            piece = Piece(vertices @ rotation, triangles, cells, corners, block.seams)
            pieces += [piece, *(piece.mapped(change) for change, _ in region.images)]
            tabs += [region.tab, *(tab for _, tab in region.images)]
    vertices, triangles, owner, cells = stitch(pieces, planes.tolerance)
    return vertices, triangles, np.asarray(tabs)[owner], cells


def _block(shape: Polygon, outline: Outline, planes: Planes) -> Block:
    loops = rings(shape)
    kinds = []
    for loop in loops:
        ends = np.roll(loop, -1, axis=0)
        kind = np.where(planes.hold(loop, ends), PLANE, INTERFACE)
        rim = outline.holds(0.5 * (loop + ends), planes.tolerance)
        kinds.append(np.where((kind == INTERFACE) & rim, RIM, kind))
    return Block(tuple(loops), tuple(kinds))


def _sources(layout: Layout, outline: Outline, size: MeshSize) -> Sources:
    tabs = np.repeat([0.5 * min(gap.length, gap.width) for gap in layout.gaps], 4)
    return Sources(
        point=np.vstack((outline.corners, _tab_corners(layout.gaps))),
        reach=np.concatenate((outline.reach, tabs)),
        cells=np.concatenate((corner_cells(outline.metal, size), np.full(tabs.size, size.feed))),
        growth=EXPONENT / np.repeat([size.corner, size.feed], [outline.reach.size, tabs.size]),
    )


def _tab_corners(gaps: tuple[Gap, ...]) -> FloatArray:
    """(4 gaps, 2) m; metal for bounds has no gap."""
    return np.array([gap.corners for gap in gaps]).reshape(-1, 2)


def _covers(vertices: FloatArray, triangles: IntArray, area: float, length: float) -> bool:
    """True for a mesh of that area whose unshared sides are its outline and nothing else."""
    areas = areas_of(vertices, triangles)
    sides = vertices[border(triangles)]
    rim = np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1).sum()
    return bool(
        areas.min() > 0.0
        and abs(areas.sum() - area) <= 1e-6 * area
        and abs(rim - length) <= 1e-6 * length
    )


def _regions(shape: Shape) -> list[tuple[Polygon, int]]:
    """Conductors (tab -1) and gap rectangles (tab = gap index), with disjoint interiors.

    Metal has a vertex at each corner of a tab that touches it, and tabs at those of the metal.
    """
    tabs = [gap.polygon for gap in shape.gaps]
    both = unary_union(tabs)
    metal = shape.metal.difference(both) if shape.metal.intersects(both) else shape.metal
    corners = _tab_corners(shape.gaps)
    pieces = [with_corners(piece, corners, shape.tolerance) for piece in polygons(metal)]
    points = np.vstack([ring for piece in pieces for ring in rings(piece)])
    tabs = [with_corners(tab, points, shape.tolerance) for tab in tabs]
    return [(piece, -1) for piece in pieces] + list(zip(tabs, range(len(tabs)), strict=True))


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
