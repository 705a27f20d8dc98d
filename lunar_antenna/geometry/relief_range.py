"""The lowest, highest and steepest point of a relief over a region of the plan view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

from ..conventions import FloatArray
from .relief import Relief

PER_SCALE = 24  # samples per length over which the slope changes
MOST = 250  # samples along a side of the region
ROUNDS = 40  # halvings of the step about the best sample

Height = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Place:
    """A value at the plan coordinates x, y (m, to a micrometre)."""

    x: float
    y: float
    value: float


def _place(point: FloatArray, value: float) -> Place:
    x, y = (round(float(v), 6) + 0.0 for v in point)
    return Place(x, y, value)


def lowest(relief: Relief, regions: Iterable[Polygon | MultiPolygon]) -> Place:
    """Where ``relief`` is lowest over ``regions``, with its elevation in m."""
    return _smallest(relief.elevation, relief, regions)


def highest(relief: Relief, regions: Iterable[Polygon | MultiPolygon]) -> Place:
    """Where ``relief`` is highest over ``regions``, with its elevation in m."""
    place = _smallest(lambda x, y: -relief.elevation(x, y), relief, regions)
    return Place(place.x, place.y, -place.value)


def steepest(relief: Relief, regions: Iterable[Polygon | MultiPolygon]) -> Place:
    """Where ``relief`` is steepest over ``regions``, with its slope."""

    def flatness(x: FloatArray, y: FloatArray) -> FloatArray:
        return np.asarray(-np.hypot(*relief.gradient(x, y)))

    place = _smallest(flatness, relief, regions)
    return Place(place.x, place.y, -place.value)


def _smallest(function: Height, relief: Relief, regions: Iterable[Polygon | MultiPolygon]) -> Place:
    """Samples of the boundary and the inside, the best of each refined by halving steps.

    Exact to rounding where the region is at most MOST / PER_SCALE scales long; beyond that one of
    many nearly equal places may be missed.
    """
    found: list[Place] = []
    for region in regions:
        for polygon in getattr(region, "geoms", [region]):
            for ring in (polygon.exterior, *polygon.interiors):
                found.append(_on_ring(function, relief, ring))
            inner = _inside(function, relief, polygon)
            if inner is not None:
                found.append(inner)
    return min(found, key=lambda place: place.value)


def _step(relief: Relief, length: float) -> float:
    return max(min(relief.scale / PER_SCALE, length / 32.0), length / MOST)


def _on_ring(function: Height, relief: Relief, ring: shapely.LinearRing) -> Place:
    corners = np.asarray(ring.coords)[:, :2]
    step = _step(relief, ring.length / 2.0)
    along = np.linspace(0.0, ring.length, int(ring.length / step) + 2)

    def points(at: FloatArray) -> FloatArray:
        found = shapely.line_interpolate_point(ring, at % ring.length)
        return np.asarray(shapely.get_coordinates(found))

    values = function(*points(along).T)
    best = along[int(np.argmin(values))]
    for _ in range(ROUNDS):
        trial = best + step * np.linspace(-1.0, 1.0, 5)
        best = trial[int(np.argmin(function(*points(trial).T)))]
        step *= 0.5
    candidates = np.vstack((points(np.array([best])), corners))
    values = function(*candidates.T)
    number = int(np.argmin(values))
    return _place(candidates[number], float(values[number]))


def _inside(function: Height, relief: Relief, polygon: Polygon) -> Place | None:
    x0, y0, x1, y1 = polygon.bounds
    lines = [
        np.linspace(low, high, int((high - low) / _step(relief, max(x1 - x0, y1 - y0))) + 3)
        for low, high in ((x0, x1), (y0, y1))
    ]
    x, y = (a.ravel() for a in np.meshgrid(*lines, indexing="ij"))
    within = shapely.contains_xy(polygon, x, y)
    if not within.any():
        return None
    x, y = x[within], y[within]
    number = int(np.argmin(function(x, y)))
    best = np.array([x[number], y[number]])
    step = np.array([line[1] - line[0] for line in lines])
    pattern = np.array([(0.0, 0.0), *[(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j]])
    for _ in range(ROUNDS):
        trial = best + step * pattern
        trial = trial[np.append(True, shapely.contains_xy(polygon, *trial[1:].T))]
        best = trial[int(np.argmin(function(*trial.T)))]
        step = 0.5 * step
    return _place(best, float(function(*best[:, None])[0]))
