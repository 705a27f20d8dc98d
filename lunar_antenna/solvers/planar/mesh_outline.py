"""The outline of metal as the mesher sees it: rims, corners, and how much metal meets there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

from ...conventions import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]

CORNER = np.deg2rad(15.0)  # a smaller turn of the outline belongs to a curve
# Widths of a gap that its rims' cells shrink within, and by how much at most: a slot that closes to
# a point would ask for ever more.  Plates of 2 m end to end, 1 mm apart, "normal": 7 % of Z with
# cells of the metal's width alone, 1.1, 0.26 and 0.13 % with 16, 64 and 256.
GAPS, DEEPEST = 2.0, 256.0


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """Mirror planes x = 0 and y = 0 that bound the part to be meshed."""

    x: bool
    y: bool
    tolerance: float

    def hold(self, first: FloatArray, second: FloatArray) -> BoolArray:
        """(n,) True for edges between points (n, 2) that lie on a plane."""
        on = np.zeros(len(first), dtype=bool)
        for axis, present in ((0, self.x), (1, self.y)):
            if present:
                on |= (np.abs(first[:, axis]) <= self.tolerance) & (
                    np.abs(second[:, axis]) <= self.tolerance
                )
        return on


def rings(polygon: Polygon) -> list[FloatArray]:
    """Outer ring and holes, (n, 2) m without the closing repeat, metal on the left."""
    found = []
    for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
        points = np.asarray(ring.coords, dtype=float)[:-1, :2]
        if ring.is_ccw != (number == 0):
            points = points[::-1]
        found.append(points)
    return found


def turns(points: FloatArray) -> FloatArray:
    """(n,) turn of the outline at each vertex, rad, positive where the metal is convex."""
    out = np.roll(points, -1, axis=0) - points
    into = np.roll(out, 1, axis=0)
    cross = into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]
    return np.asarray(np.arctan2(cross, (into * out).sum(axis=1)))


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Rims (n, 4): x1, y1, x2, y2 of all edges that bound metal, mirror images included; corners
    (m, 2), metal and reach (m,).

    metal: half the width of the narrower piece of metal that meets at the corner, m.  reach: the
    same, or less where a rim that ends there faces another (:func:`reach_at`).
    """

    rims: FloatArray
    corners: FloatArray
    metal: FloatArray
    reach: FloatArray

    def holds(self, points: FloatArray, near: float) -> BoolArray:
        """(n,) True for points within ``near`` of a rim."""
        a, step = self.rims[:, :2], self.rims[:, 2:] - self.rims[:, :2]
        length2 = np.maximum((step**2).sum(axis=1), 1e-300)
        offset = points[:, None, :] - a
        share = np.clip((offset * step).sum(axis=2) / length2, 0.0, 1.0)
        distance = np.linalg.norm(offset - share[..., None] * step, axis=2)
        return np.asarray((distance <= near).any(axis=1))


def outline_of(metal: list[Polygon], planes: Planes) -> Outline:
    """Of disjoint pieces of metal, tabs merged in, cut at the mirror planes."""
    every = [ring for polygon in metal for ring in rings(polygon)]
    edges = np.vstack([np.hstack((ring, np.roll(ring, -1, axis=0))) for ring in every])
    mirrored = planes.hold(edges[:, :2], edges[:, 2:])
    corners: list[FloatArray] = []
    metal_there: list[float] = []
    reach: list[float] = []
    start = 0
    for ring in every:
        own = slice(start, start + len(ring))
        start += len(ring)
        found, halves, reaches = _corners_of(ring, mirrored[own], edges, mirrored)
        corners.extend(found)
        metal_there.extend(halves)
        reach.extend(reaches)
    rims = edges[~mirrored]
    for axis, present in ((0, planes.x), (1, planes.y)):
        if present:
            image = rims.copy()
            image[:, axis::2] *= -1.0
            rims = np.vstack((rims, image))
    return Outline(
        rims,
        np.array(corners).reshape(-1, 2),
        np.asarray(metal_there, dtype=float),
        np.asarray(reach, dtype=float),
    )


def _corners_of(
    ring: FloatArray,
    on_plane: BoolArray,
    edges: FloatArray,
    mirrored: BoolArray,
) -> tuple[list[FloatArray], list[float], list[float]]:
    """Corners of one ring, and metal and reach at each."""
    n = len(ring)
    turn = turns(ring)
    after, before = on_plane, np.roll(on_plane, 1)
    both_planes = after & before
    one_plane = after ^ before
    # where a rim meets a mirror plane it turns by twice what it is short of a right angle
    turn = np.where(one_plane, 2.0 * (turn - 0.5 * np.pi), turn)
    corner = (np.abs(turn) > CORNER) & ~both_planes
    stops = np.flatnonzero(corner | one_plane)
    if not corner.any():
        return [], [], []
    half = np.full(n, np.inf)  # of the metal at the run that starts at a stop
    beyond = np.full(n, np.inf)  # width of what lies beyond it, up to the next metal
    for k, begin in enumerate(stops):
        end = stops[(k + 1) % len(stops)]
        if on_plane[begin]:
            continue
        path = np.arange(begin, begin + ((end - begin - 1) % n) + 2) % n
        doubled = sum(bool(one_plane[stop] and not corner[stop]) for stop in (begin, end))
        length = np.linalg.norm(np.diff(ring[path], axis=0), axis=1).sum()
        width = _across(ring[path], 1.0, edges, mirrored)
        half[begin] = 0.5 * min(width, length * 2.0**doubled)
        beyond[begin] = _across(ring[path], -1.0, edges, mirrored)
    found, halves, reaches = [], [], []
    for k, stop in enumerate(stops):
        if corner[stop]:
            found.append(ring[stop])
            halves.append(float(min(half[stop], half[stops[k - 1]])))
            gap = float(min(beyond[stop], beyond[stops[k - 1]]))
            reaches.append(reach_at(halves[-1], gap))
    return found, halves, reaches


def reach_at(half: float, gap: float) -> float:
    """D of the spacing law at a rim, m: half the width of the metal, or GAPS times the width of the
    gap that it faces other metal across, if that is less.

    Charge at a rim alone falls as the root of the distance up to the middle of the metal; at a rim
    that faces another only up to about the width of the gap, and as its inverse beyond.
    """
    return min(half, max(GAPS * gap, half / DEEPEST))


def _across(path: FloatArray, side: float, edges: FloatArray, mirrored: BoolArray) -> float:
    """Extent of the metal (side 1) or of what lies beyond (-1) across a run of the outline, from
    its middle, m."""
    step = np.diff(path, axis=0)
    length = np.linalg.norm(step, axis=1)
    middle = np.searchsorted(np.cumsum(length), 0.5 * length.sum())
    point = 0.5 * (path[middle] + path[middle + 1])
    inward = np.array([-step[middle, 1], step[middle, 0]]) / length[middle]
    distance, which = ray_hits(point, side * inward, edges)
    ahead = np.flatnonzero(distance > 1e-9 * length.sum())
    if ahead.size == 0:
        return float("inf")
    first = ahead[np.argmin(distance[ahead])]
    return float(distance[first]) * (2.0 if mirrored[which[first]] else 1.0)


def ray_hits(
    point: FloatArray, direction: FloatArray, edges: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Distances along a ray (negative ones behind it) where it meets edges, and which those are."""
    a, b = edges[:, :2] - point, edges[:, 2:] - point
    side_a = direction[0] * a[:, 1] - direction[1] * a[:, 0]
    side_b = direction[0] * b[:, 1] - direction[1] * b[:, 0]
    which = np.flatnonzero((side_a <= 0.0) != (side_b <= 0.0))
    share = side_a[which] / (side_a[which] - side_b[which])
    along_a, along_b = a[which] @ direction, b[which] @ direction
    return np.asarray(along_a + share * (along_b - along_a)), which


def simplified(polygon: Polygon, share: float, fixed: FloatArray, near: float) -> Polygon:
    """The polygon with its curves drawn by fewer straight lines.

    They stay within ``share`` of the metal's mean width, twice the area over the circumference.
    Corners stay, and so do vertices within ``near`` of ``fixed`` (k, 2).
    """
    tolerance = share * 2.0 * polygon.area / polygon.length
    loops = []
    for ring in rings(polygon):
        at_fixed = (np.linalg.norm(ring[:, None] - fixed, axis=2) <= near).any(axis=1)
        stops = np.flatnonzero((np.abs(turns(ring)) > CORNER) | at_fixed)
        if stops.size == 0:
            stops = np.array([0])
        pieces = []
        for begin, end in zip(stops, [*stops[1:], stops[0] + len(ring)], strict=True):
            path = ring[np.arange(begin, end + 1) % len(ring)]
            pieces.append(np.asarray(shapely.LineString(path).simplify(tolerance).coords)[:-1])
        loops.append(np.vstack(pieces))
    result = Polygon(loops[0], loops[1:])
    return result if result.is_valid else polygon


def polygons(shape: object) -> list[Polygon]:
    """The polygons of any shapely geometry."""
    kind = getattr(shape, "geom_type", "")
    if kind == "Polygon":
        assert isinstance(shape, Polygon)
        return [] if shape.is_empty else [shape]
    if kind in ("MultiPolygon", "GeometryCollection"):
        return [p for part in shapely.get_parts(shape) for p in polygons(part)]
    return []
