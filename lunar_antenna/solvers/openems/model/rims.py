"""Slanted rims of the metal, put where they are between the mesh's lines.

The metal itself is a staircase of whole edges.  On the first edge outside it the permittivity, and
in the faces that the outline crosses the inverse permeability, take the factor of
:func:`.edge_laws.rim_factor`.  Without it the current's detour along the steps makes Z too
inductive: on a bow-tie |dGamma| is 0.02 with the draft mesh, with it 0.003.

A rim at an angle counts in each direction by the share of its normal there.  Rims parallel to an
axis have their own lines and need nothing, but for those that face each other across the open
slot on both sides of a feed tab: gaps are exact, so that their edges lie too near.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from ....conventions import FloatArray, IntArray
from .edge_laws import rim_factor, slot_factor
from .mesh import Grid
from .outline import BoolArray, GapEdges

PARALLEL = 1e-4  # rims whose normal has less than this across an axis are parallel to it
GRAZING = 0.02  # normals below this count as this where a distance is divided by them
LEAST = 0.25  # factor in a slot: lower ones would cost time steps
STEPS_PER_OCTAVE = 8  # factors are rounded to this, so that few materials serve all rims


@dataclass(frozen=True, slots=True, eq=False)
class Rims:
    """Edges (n_edge,) along ``axis`` from node (i, j), and faces (n_face,) from node (face_i,
    face_j), of the metal's plane; ``edge`` and ``face`` are the factors on permittivity and on
    inverse permeability.
    """

    axis: IntArray
    i: IntArray
    j: IntArray
    edge: FloatArray
    face_i: IntArray
    face_j: IntArray
    face: FloatArray

    def along(self, axis: int) -> tuple[IntArray, IntArray]:
        """Nodes where the edges along ``axis`` begin."""
        here = self.axis == axis
        return self.i[here], self.j[here]


def no_rims() -> Rims:
    whole, real = np.empty(0, dtype=int), np.empty(0)
    return Rims(whole, whole, whole, real, whole, whole, real)


def find_rims(
    shape: Polygon | MultiPolygon,
    grid: Grid,
    metal: tuple[BoolArray, ...],
    gaps: tuple[GapEdges, ...],
) -> Rims:
    """Rims of ``shape`` whose staircase is the edges ``metal``, (nx, ny) bool along x and along y.

    gaps: the slots beside their tabs count too, and before slanted rims; the tabs themselves are
    left alone.  Only for metal in one plane.
    """
    outline = Outline(shape)
    height, node = height_at(grid), nodes_of(metal)
    along_x, along_y = metal[0], metal[1]
    slots = [_slot(grid, gap, node, metal, height) for gap in gaps]
    own = [np.zeros(node.shape, dtype=bool) for _ in range(3)]  # edges along x, y; faces
    for gap in gaps:
        cells = np.arange(gap.start, gap.stop)
        own[gap.axis][np.ix_(cells, gap.across) if gap.axis == 0 else np.ix_(gap.across, cells)] = (
            True
        )
    for (along, i, j, _), (face_i, face_j, _) in slots:
        for direction in (0, 1):
            own[direction][i[along == direction], j[along == direction]] = True
        own[2][face_i, face_j] = True
    middle = [0.5 * (lines[1:] + lines[:-1]) for lines in (grid.x, grid.y)]
    cell = np.diff(grid.x), np.diff(grid.y)
    columns = []
    for axis in (0, 1):
        leaving = node[:-1] ^ node[1:] if axis == 0 else node[:, :-1] ^ node[:, 1:]
        i, j = np.nonzero(leaving & ~own[axis][: leaving.shape[0], : leaving.shape[1]])
        points = (middle[0][i], grid.y[j]) if axis == 0 else (grid.x[i], middle[1][j])
        size = cell[axis][(i, j)[axis]]
        depth, normal = outline.depth(*points)
        factor = _factor(depth, normal[:, axis], size, height)
        kept = (factor != 1.0) & (normal.min(axis=1) > PARALLEL)
        columns.append((np.full(kept.sum(), axis), i[kept], j[kept], factor[kept]))
    touched = node[:-1, :-1] | node[1:, :-1] | node[:-1, 1:] | node[1:, 1:]
    whole = along_x[:-1, :-1] & along_x[:-1, 1:] & along_y[:-1, :-1] & along_y[1:, :-1]
    i, j = np.nonzero(touched & ~whole & ~own[2][:-1, :-1])
    depth, normal = outline.depth(middle[0][i], middle[1][j])
    each = [_factor(depth, normal[:, a], cell[a][(i, j)[a]], height) for a in (0, 1)]
    face = _rounded(each[0] + each[1] - 1.0)
    kept = (normal.min(axis=1) > PARALLEL) & (face != 1.0)
    faces = [(i[kept], j[kept], face[kept])]
    for slot, beside in slots:
        columns.append(slot)
        faces.append(beside)
    axis_of, edge_i, edge_j, edge = (np.concatenate(c) for c in zip(*columns, strict=True))
    return Rims(
        axis_of, edge_i, edge_j, edge, *(np.concatenate(c) for c in zip(*faces, strict=True))
    )


def _slot(
    grid: Grid, gap: GapEdges, node: BoolArray, metal: tuple[BoolArray, ...], height: float
) -> tuple[tuple[IntArray, IntArray, IntArray, FloatArray], tuple[IntArray, IntArray, FloatArray]]:
    """Edges (axis, i, j, factor) and faces (i, j, factor) of the slot beside the tab of a gap."""
    cells = np.arange(gap.start, gap.stop)
    closed, factor, _ = slot_of(grid, gap, node, metal, height)
    rows = np.flatnonzero(closed)
    pairs = np.flatnonzero(closed[:-1] & closed[1:])
    along, across = (v.ravel() for v in np.meshgrid(cells, rows, indexing="ij"))
    beside, above = (v.ravel() for v in np.meshgrid(cells, pairs, indexing="ij"))
    edge = (along, across) if gap.axis == 0 else (across, along)
    face = (beside, above) if gap.axis == 0 else (above, beside)
    return (
        (np.full(along.size, gap.axis), *edge, np.full(along.size, factor)),
        (*face, np.full(beside.size, factor)),
    )


def slot_of(
    grid: Grid, gap: GapEdges, node: BoolArray, metal: tuple[BoolArray, ...], height: float
) -> tuple[BoolArray, float, float]:
    """The lines across ``gap`` where its slot lies open between two faces; the factor on the
    permittivity there; cell along z over the slot's.  node: the metal's, (nx, ny)."""
    nodes = node if gap.axis == 0 else node.T
    edges = metal[0] if gap.axis == 0 else metal[1].T
    lines = grid.axis(gap.axis)
    cells = np.arange(gap.start, gap.stop)
    closed = nodes[gap.stop] & ~edges[cells].any(axis=0)
    if gap.cells == gap.stop - gap.start:  # else the other side is the mirror image
        closed &= nodes[gap.start]
    closed[gap.across] = False
    if grid.symmetry.y and gap.axis == 0:
        closed[0] = False  # the image of the first line
    aspect = round(float(height * cells.size / (lines[gap.stop] - lines[gap.start])), 2)
    factor = max(LEAST, slot_factor(gap.cells, aspect))
    return closed, float(_rounded(np.array([factor]))[0]), aspect


def nodes_of(metal: tuple[BoolArray, ...]) -> BoolArray:
    """(nx, ny) nodes of the edges ``metal``, along x and along y."""
    along_x, along_y = metal[0], metal[1]
    node = along_x | along_y
    node[1:] |= along_x[:-1]
    node[:, 1:] |= along_y[:, :-1]
    return node


def height_at(grid: Grid) -> float:
    """The smaller of the cells above and below the metal's plane, m."""
    k = grid.k_plane
    return float(min(grid.z[k + 1] - grid.z[k], grid.z[k] - grid.z[k - 1]))


def _factor(depth: FloatArray, normal: FloatArray, cell: FloatArray, height: float) -> FloatArray:
    """1 and the share of the normal of what moves the rim to ``depth`` (m) beyond mid-cell."""
    position = 0.5 + depth / np.maximum(normal, GRAZING) / cell
    return _rounded(1.0 + (rim_factor(position, height / cell) - 1.0) * normal)


def _rounded(factor: FloatArray) -> FloatArray:
    return np.asarray(np.exp2(np.round(STEPS_PER_OCTAVE * np.log2(factor)) / STEPS_PER_OCTAVE))


class Outline:
    """The nearest piece of an outline to points."""

    def __init__(self, shape: Polygon | MultiPolygon) -> None:
        self.shape = shape
        shapely.prepare(shape)
        polygons = shape.geoms if isinstance(shape, MultiPolygon) else [shape]
        rings = [np.asarray(r.coords) for p in polygons for r in (p.exterior, *p.interiors)]
        start = np.concatenate([ring[:-1] for ring in rings])
        end = np.concatenate([ring[1:] for ring in rings])
        length = np.hypot(*(end - start).T)
        start, end, length = (value[length > 0.0] for value in (start, end, length))
        self.pieces = shapely.STRtree(shapely.linestrings(np.stack((start, end), axis=1)))
        self.normal = np.abs((end - start)[:, ::-1]) / length[:, None]

    def depth(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(n,) distance to the outline, m, positive inside, and the (n, 2) absolute normal."""
        points = shapely.points(x, y)
        nearest = self.pieces.nearest(points)
        distance = shapely.distance(points, self.pieces.geometries[nearest])
        inside = shapely.contains_xy(self.shape, x, y)
        return np.where(inside, distance, -distance), self.normal[nearest]
