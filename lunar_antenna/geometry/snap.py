"""Rounding of a drawing taken away: what lies within SNAP of a feed tab lies on it, and no outline
has slits or slivers thinner than that.

A polygon that misses a tab by 1e-10 m would be an open circuit to a solver that asks whether two
pieces of metal share an edge; a slit as thin, which drawing programs leave where an outline
returns along itself, would cut the metal in two.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from ..conventions import FloatArray
from ..errors import GeometryError
from .layout import Layout

SNAP = 2e-5  # m; metal and gaps are a tenth of a millimetre at least


def snapped(layout: Layout) -> Layout:
    """The layout with its metal fitted to the tabs and healed; itself where nothing is off.

    Coordinates move by at most SNAP.  Raises :class:`GeometryError` where an outline falls apart
    or vanishes.
    """
    ends = np.array([[gap.corners[[0, 3]], gap.corners[[1, 2]]] for gap in layout.gaps])
    ends = ends.reshape(-1, 2, 2)  # both ends of every tab
    conductors = tuple(_snapped(polygon, ends) for polygon in layout.conductors)
    if all(new is old for new, old in zip(conductors, layout.conductors, strict=True)):
        return layout
    return replace(layout, conductors=conductors)


def _snapped(polygon: Polygon, ends: FloatArray) -> Polygon:
    if polygon.geom_type != "Polygon" or polygon.is_empty or not polygon.is_valid:
        return polygon  # the validation says why
    healed = _healed(polygon)
    rings = [np.asarray(ring.coords, dtype=float)[:-1, :2] for ring in _rings(healed)]
    fitted = [_fitted(ring, ends) for ring in rings]
    if all(new is old for new, old in zip(fitted, rings, strict=True)):
        return healed
    return Polygon(fitted[0], fitted[1:])


def _rings(polygon: Polygon) -> list[shapely.LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def _healed(polygon: Polygon) -> Polygon:
    """Without slits, slivers and steps thinner than SNAP."""
    place = narrow_place(polygon)
    if place is None:
        return polygon
    healed = shapely.set_precision(polygon, SNAP)
    if healed.geom_type == "Polygon" and narrow_place(healed) is not None:
        healed = _closed(polygon)  # the grid fell between the two sides
    if healed.geom_type != "Polygon" or healed.is_empty:
        x, y = place + 0.0
        raise GeometryError(
            f"metal at ({x:g}, {y:g}) m is thinner than {SNAP:g} m; make it wider or leave it out"
        )
    return _moved_back(healed, polygon)


def _moved_back(healed: Polygon, polygon: Polygon) -> Polygon:
    """``healed`` with the vertices that the grid moved without need where ``polygon`` has them."""
    points, narrow = _narrow(polygon)
    places = shapely.STRtree(shapely.points(points[~narrow]))
    rings = [np.asarray(ring.coords, dtype=float)[:-1, :2] for ring in _rings(healed)]
    for ring in rings:
        vertex, place = places.query_nearest(shapely.points(ring), max_distance=SNAP)
        ring[vertex] = points[~narrow][place]
    moved = Polygon(rings[0], rings[1:])
    worse = narrow_place(moved) is not None and narrow_place(healed) is None
    return moved if moved.is_valid and not worse else healed


def _closed(polygon: Polygon) -> shapely.Geometry:
    """Without slits and slivers thinner than SNAP: grown, shrunk and grown again by half of it."""
    half = 0.51 * SNAP
    for distance in (half, -2.0 * half, half):
        polygon = shapely.buffer(polygon, distance, join_style="mitre", mitre_limit=10.0)
    return shapely.set_precision(polygon, 1e-10)


def narrow_place(polygon: Polygon) -> FloatArray | None:
    """A vertex (2,) closer than SNAP to another part of its polygon's outline, or None."""
    points, narrow = _narrow(polygon)
    return None if not narrow.any() else np.asarray(points[narrow][0])


def _narrow(polygon: Polygon) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Vertices (n, 2), and which of them are closer than SNAP to another part of the outline."""
    rings = [np.asarray(ring.coords, dtype=float)[:-1, :2] for ring in _rings(polygon)]
    points = np.vstack(rings)
    following = np.vstack([np.roll(ring, -1, axis=0) for ring in rings])
    sizes = [len(ring) for ring in rings]
    first = np.repeat(np.cumsum([0, *sizes[:-1]]), sizes)  # number of the ring's first vertex
    after = first + (np.arange(len(points)) - first + 1) % np.repeat(sizes, sizes)
    edges = shapely.linestrings(np.stack((points, following), axis=1))
    tree = shapely.STRtree(edges)
    vertex, edge = tree.query(shapely.points(points), predicate="dwithin", distance=SNAP)
    # every vertex touches the edge that starts at it and the one that ends there
    foreign = (edge != vertex) & (after[edge] != vertex)
    narrow = np.zeros(len(points), dtype=bool)
    narrow[vertex[foreign]] = True
    return points, narrow


def _fitted(ring: FloatArray, ends: FloatArray) -> FloatArray:
    """Ring with vertices near a tab's end moved onto it, and one at each corner of the tab."""
    moved = ring.copy()
    for a, b in ends:
        step = b - a
        length = float(np.linalg.norm(step))
        along = (moved - a) @ step / length**2
        foot = a + along[:, None] * step
        on = (np.linalg.norm(moved - foot, axis=1) <= SNAP) & (along > 0.0) & (along < 1.0)
        moved[on] = foot[on]
        for corner in (a, b):
            moved[np.linalg.norm(moved - corner, axis=1) <= SNAP] = corner
    moved = moved[np.abs(moved - np.roll(moved, 1, axis=0)).max(axis=1) > 0.0]
    result = with_vertices(moved, ends.reshape(-1, 2), SNAP)
    return ring if result.shape == ring.shape and np.array_equal(result, ring) else result


def with_corners(polygon: Polygon, points: FloatArray, near: float) -> Polygon:
    """The polygon with a vertex at each of ``points`` (k, 2) within ``near`` of its outline."""
    rings = [np.asarray(ring.coords, dtype=float)[:-1, :2] for ring in _rings(polygon)]
    new = [with_vertices(ring, points, near) for ring in rings]
    if all(len(a) == len(b) for a, b in zip(new, rings, strict=True)):
        return polygon
    return Polygon(new[0], new[1:])


def with_vertices(ring: FloatArray, points: FloatArray, near: float) -> FloatArray:
    """Ring (n, 2) with a vertex at each of ``points`` (k, 2) that lies within ``near`` of an edge
    and not at a vertex."""
    step = np.roll(ring, -1, axis=0) - ring
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-300)
    offset = points[:, None, :] - ring  # (k, n, 2)
    along = (offset * step).sum(axis=2) / length
    aside = np.abs(offset[..., 0] * step[:, 1] - offset[..., 1] * step[:, 0]) / length
    point, edge = np.nonzero((aside <= near) & (along > near) & (along < length - near))
    if point.size == 0:
        return ring
    order = np.lexsort((along[point, edge], edge))
    point, edge = point[order], edge[order]
    fresh = np.ones(len(point), dtype=bool)  # two tabs may share a corner
    fresh[1:] = (edge[1:] != edge[:-1]) | (along[point, edge][1:] - along[point, edge][:-1] > near)
    return np.insert(ring, edge[fresh] + 1, points[point[fresh]], axis=0)
