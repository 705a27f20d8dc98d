"""Symmetry of a layout: mirror planes, quarter turns, and the whole mesh from its part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely import affinity
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from ...conventions import FloatArray, IntArray
from ...geometry.layout import Gap
from .mesh_outline import polygons

# Maps of the plane, (2, 2): the turn by +90 degrees, and the mirror image in the line x = y
TURN = np.array([[0.0, -1.0], [1.0, 0.0]])
SWAP = np.array([[0.0, 1.0], [1.0, 0.0]])


@dataclass(frozen=True, slots=True, eq=False)
class TriangleMesh:
    """vertices (n_v, 2) m; triangles (n_t, 3), counter-clockwise; tab (n_t,) gap index or -1.

    cell (n_t,): two triangles of one number are the halves of a cell, -1 for one that is none.
    mirror_x, mirror_y: the mesh is its own image under x -> -x, y -> -y.  The first
    n_fundamental triangles are the fundamental part; image k of them follows in the order
    identity, x, y, xy of the mirrors present, with the same numbering inside.
    """

    vertices: FloatArray
    triangles: IntArray
    tab: IntArray
    cell: IntArray
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


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A piece of metal (tab -1) or of a feed tab, and its images elsewhere in the layout.

    images: (map, tab) of each image, the map (2, 2) as applied to points.
    """

    polygon: Polygon
    tab: int
    images: tuple[tuple[FloatArray, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What the symmetry of a layout depends on.

    metal: its conductors, merged.  span: m, the larger side of the layout's bounding box.
    """

    metal: BaseGeometry
    gaps: tuple[Gap, ...]
    span: float

    @property
    def tolerance(self) -> float:
        """m, within which two points are the same."""
        return 1e-9 * self.span

    def mirrored(self, axis: int) -> bool:
        """True where the layout, ports included, is its own mirror image in that coordinate."""
        change = np.diag([-1.0, 1.0] if axis == 0 else [1.0, -1.0])
        return self._metal_onto_itself(change) and all(
            mirror_gap(self.gaps, index, axis, self.tolerance) is not None
            for index in range(len(self.gaps))
        )

    def onto_itself(self, change: FloatArray) -> bool:
        """True where the layout, gaps included, is its own image under a map of the plane.

        The current of a gap may become that of another one in either direction.
        """
        return self._metal_onto_itself(change) and all(
            mapped_gap(self.gaps, index, change, self.tolerance) is not None
            for index in range(len(self.gaps))
        )

    def _metal_onto_itself(self, change: FloatArray) -> bool:
        image = affinity.affine_transform(self.metal, [*change.ravel(), 0.0, 0.0])
        if np.abs(np.subtract(self.metal.bounds, image.bounds)).max() > self.tolerance:
            return False
        return bool(self.metal.symmetric_difference(image).area <= 1e-9 * self.metal.area)


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


def unfold(
    vertices: FloatArray,
    triangles: IntArray,
    tab: IntArray,
    cell: IntArray,
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
        cell=np.concatenate(
            [np.where(cell >= 0, cell + k * len(triangles), -1) for k in range(len(parts))]
        ),
        mirror_x=mirror_x,
        mirror_y=mirror_y,
        n_fundamental=len(triangles),
    )


def mapped_gap(
    gaps: tuple[Gap, ...], index: int, change: FloatArray, tolerance: float
) -> int | None:
    """Index of the gap that is the image of gap ``index`` under a map of the plane, or None."""
    gap = gaps[index]
    centre = change @ np.array([gap.x, gap.y])
    direction = change @ gap.direction
    for other_index, other in enumerate(gaps):
        if (
            np.abs(centre - [other.x, other.y]).max() <= tolerance
            and abs(gap.length - other.length) <= tolerance
            and abs(gap.width - other.width) <= tolerance
            and abs(abs(float(direction @ other.direction)) - 1.0) < 1e-9
        ):
            return other_index
    return None


def orbits(
    pieces: list[tuple[Polygon, int]], shape: Shape, mirrors: tuple[bool, bool]
) -> list[Region]:
    """Pieces of a layout, one of each set that its quarter turns or diagonals map onto another.

    mirrors: the pieces are those of one quadrant between two mirror planes, or of the whole
    layout where there is none.  A piece that is its own image is cut at the sectors' borders.
    """
    maps, sector = _maps(shape, mirrors)
    left = list(pieces)
    found: list[Region] = []
    while left:
        polygon, tab = left.pop(0)
        images: list[tuple[FloatArray, int]] = []
        for change in maps:
            image = affinity.affine_transform(polygon, [*change.ravel(), 0.0, 0.0])
            if polygon.symmetric_difference(image).area <= 1e-9 * polygon.area:
                break
            for k, (other, other_tab) in enumerate(left):
                if other.symmetric_difference(image).area <= 1e-9 * polygon.area:
                    images.append((change, other_tab))
                    left.pop(k)
                    break
        else:
            found.append(Region(polygon, tab, tuple(images)))
            continue
        found += [
            Region(part, tab, tuple((change, tab) for change in maps))
            for part in polygons(polygon.intersection(sector))
            if part.area > shape.tolerance**2
        ]
    return found


def _maps(shape: Shape, mirrors: tuple[bool, bool]) -> tuple[list[FloatArray], Polygon]:
    """Maps onto itself other than the mirror planes x = 0 and y = 0, and a sector of the plane
    which they and the identity carry over all of it."""
    far = 4.0 * max(abs(v) for v in shape.metal.bounds)
    if mirrors[0] != mirrors[1]:
        return [], Polygon()
    if mirrors[0]:
        maps = [SWAP] if shape.onto_itself(TURN) else []
        return maps, Polygon([(0.0, 0.0), (far, 0.0), (far, far)])
    if shape.onto_itself(TURN):
        maps = [TURN, TURN @ TURN, TURN @ TURN @ TURN]
        return maps, Polygon([(0.0, 0.0), (far, -far), (far, far)])
    for change, sign in ((SWAP, 1.0), (-SWAP, -1.0)):
        if shape.onto_itself(change):
            return [change], Polygon(
                [(-far, -sign * far), (far, -far * 2.0 * sign), (far, sign * far)]
            )
    return [], Polygon()
