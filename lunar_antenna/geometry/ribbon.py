"""Ribbon: a centre line with a half-width along it; every family is made of ribbons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon

from ..conventions import FloatArray, JsonDict
from ..errors import GeometryError


@dataclass(frozen=True, slots=True, eq=False)
class Ribbon:
    """A flat conductor described along its length.

    path: (n, 2) m, centre line.  half_width: (n,) m, measured along the mitre at each point.
    The outline is path + half_width * mitre normal on either side; at a corner the mitre
    keeps the two straight sides parallel to their centre lines.
    """

    path: FloatArray
    half_width: FloatArray

    def __init__(self, path: object, half_width: object) -> None:
        points = np.asarray(path, dtype=float)
        if points.ndim != 2 or points.shape[1] != 2 or points.shape[0] < 2:
            raise GeometryError(
                f"ribbon path has shape {points.shape}; give at least two (x, y) points"
            )
        widths = np.broadcast_to(np.asarray(half_width, dtype=float), (points.shape[0],)).copy()
        if not (np.all(np.isfinite(points)) and np.all(np.isfinite(widths))):
            raise GeometryError("ribbon has non-finite coordinates or widths; give finite metres")
        if np.any(widths <= 0.0):
            where = points[int(np.argmin(widths))]
            raise GeometryError(
                f"ribbon half-width {widths.min():g} m at ({where[0]:g}, {where[1]:g}) m "
                "is not positive; make the width there larger than zero"
            )
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        if np.any(steps <= 0.0):
            where = points[int(np.argmin(steps))]
            raise GeometryError(
                f"ribbon repeats the point ({where[0]:g}, {where[1]:g}) m; remove one of them"
            )
        object.__setattr__(self, "path", points)
        object.__setattr__(self, "half_width", widths)

    @property
    def normals(self) -> FloatArray:
        """(n, 2) mitre vectors: unit normal at straight points, longer at corners."""
        tangent = np.diff(self.path, axis=0)
        tangent = tangent / np.linalg.norm(tangent, axis=1)[:, None]
        normal = np.column_stack((-tangent[:, 1], tangent[:, 0]))
        before = np.vstack((normal[:1], normal))
        after = np.vstack((normal, normal[-1:]))
        mean = before + after
        # |mean|^2/2 = 1 + cos(turn); the mitre is mean / (1 + cos(turn))
        cosine = np.einsum("ij,ij->i", before, after)
        if np.any(cosine < -0.9):
            where = self.path[int(np.argmin(cosine))]
            raise GeometryError(
                f"ribbon turns back on itself at ({where[0]:g}, {where[1]:g}) m; "
                "use two corners of 90 degrees instead"
            )
        return np.asarray(mean / (1.0 + cosine)[:, None])

    @property
    def sides(self) -> tuple[FloatArray, FloatArray]:
        """Left and right outline, each (n, 2) m, seen along the path."""
        offset = self.normals * self.half_width[:, None]
        return self.path + offset, self.path - offset

    @property
    def polygon(self) -> Polygon:
        left, right = self.sides
        return Polygon(np.vstack((left, right[::-1])))

    @property
    def length(self) -> float:
        return float(np.linalg.norm(np.diff(self.path, axis=0), axis=1).sum())

    def width_at(self, points: FloatArray) -> FloatArray:
        """(n,) m: width where the centre line comes nearest to each of ``points`` (n, 2) m."""
        line = LineString(self.path)
        place = np.r_[0.0, np.linalg.norm(np.diff(self.path, axis=0), axis=1).cumsum()]
        at = shapely.line_locate_point(line, shapely.points(points))
        return np.asarray(2.0 * np.interp(at, place, self.half_width))

    def to_dict(self) -> JsonDict:
        return {"path": self.path.tolist(), "half_width": self.half_width.tolist()}
