"""Static parts of neighbouring triangles: quadrature outside, analytic inside."""

from __future__ import annotations

from ...conventions import FloatArray
from .jit import compiled
from .potential import triangle_potential


@compiled
def map_points(corner: FloatArray, rule: FloatArray, out: FloatArray) -> None:
    for a in range(rule.shape[0]):
        out[a, 0] = (
            rule[a, 0] * corner[0, 0] + rule[a, 1] * corner[1, 0] + rule[a, 2] * corner[2, 0]
        )
        out[a, 1] = (
            rule[a, 0] * corner[0, 1] + rule[a, 1] * corner[1, 1] + rule[a, 2] * corner[2, 1]
        )


@compiled
def near_static(
    observer: FloatArray,
    observer_centre: FloatArray,
    source: FloatArray,
    source_centre: FloatArray,
    scale: float,
    rule: FloatArray,
    weight: FloatArray,
    image: FloatArray,
    reach: float,
    points: FloatArray,
    static: FloatArray,
    charge: FloatArray,
    first: int,
) -> None:
    """Add the static moments of one ordered pair: quadrature outside, analytic inside.

    static: <1>, then the first moments of the observer at ``first`` (1 or 3) and those of the
    source at the other place, then <r . r'>.  charge: images within ``reach``.
    """
    second = 4 - first
    map_points(observer, rule, points)
    for a in range(rule.shape[0]):
        x = points[a, 0]
        y = points[a, 1]
        s0, sx, sy = triangle_potential(source, x, y, 0.0)
        w = weight[a] * scale
        # first moments about the source centroid
        sx = (sx + (x - source_centre[0]) * s0) * w
        sy = (sy + (y - source_centre[1]) * s0) * w
        s0 *= w
        lx = x - observer_centre[0]
        ly = y - observer_centre[1]
        static[0] += s0
        static[first] += lx * s0
        static[first + 1] += ly * s0
        static[second] += sx
        static[second + 1] += sy
        static[5] += lx * sx + ly * sy
        for k in range(1, image.size):
            if image[k] <= reach:
                charge[k] += w * triangle_potential(source, x, y, image[k])[0]
