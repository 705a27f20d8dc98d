"""Static parts of neighbouring triangles: analytic inside, quadrature outside.

Moments of 1/R with a linear source are integrated analytically over one triangle (Wilton et al.
1984) and by quadrature over the other.  What an image at distance d behind the plane differs by
from the charge itself, as a mean over two triangles, is a double integral along their sides:

    int int (1/sqrt(rho^2 + d^2) - 1/rho) dS dS' = - sum n . n' int int psi dl dl',

    psi = R - rho - d ln(d + R),    laplacian psi = 1/R - 1/rho,    R^2 = rho^2 + d^2,

by the theorem of Gauss, applied twice.  The inner integral is elementary and the outer one is
smooth on any scale: with four points a side (ten for a triangle with itself) it is good to 0.4 % of
what the image changes, for any d from a thousandth of the width of a triangle to many widths,
however slender it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...conventions import FloatArray
from .jit import compiled, compiled_fast
from .potential import triangle_potential


class Rule(NamedTuple):
    """Points of a triangle rule, barycentric (n, 3), and weights (n,) that sum to one."""

    point: FloatArray
    weight: FloatArray


class SideRule(NamedTuple):
    """Nodes on (0, 1) along a side and weights that sum to one."""

    node: FloatArray
    weight: FloatArray


class NearRules(NamedTuple):
    """Rules over the outer triangle: apart, touching, one and the same; and along a side."""

    apart: Rule
    touching: Rule
    same: Rule
    side: SideRule
    own_side: SideRule


class Triangle(NamedTuple):
    """corner (3, 2) counter-clockwise, centre (2,), m; area, m2."""

    corner: FloatArray
    centre: FloatArray
    area: float


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
    observer: Triangle,
    source: Triangle,
    distance: float,
    scale: float,
    rule: Rule,
    static: FloatArray,
    first: int,
) -> None:
    """Add the static moments of one ordered pair, the source ``distance`` behind the plane.

    static: <1>, then the first moments of the observer at ``first`` (1 or 3) and those of the
    source at the other place, then <r . r'>.
    """
    second = 4 - first
    corner = observer.corner
    for a in range(rule.weight.size):
        u, v, w = rule.point[a, 0], rule.point[a, 1], rule.point[a, 2]
        x = u * corner[0, 0] + v * corner[1, 0] + w * corner[2, 0]
        y = u * corner[0, 1] + v * corner[1, 1] + w * corner[2, 1]
        s0, sx, sy = triangle_potential(source.corner, x, y, distance)
        share = rule.weight[a] * scale
        # first moments about the source centroid
        sx = (sx + (x - source.centre[0]) * s0) * share
        sy = (sy + (y - source.centre[1]) * s0) * share
        s0 *= share
        lx = x - observer.centre[0]
        ly = y - observer.centre[1]
        static[0] += s0
        static[first] += lx * s0
        static[first + 1] += ly * s0
        static[second] += sx
        static[second + 1] += sy
        static[5] += lx * sx + ly * sy


@compiled
def near_moments(
    observer: Triangle,
    source: Triangle,
    distance: float,
    outside: float,
    rules: NearRules,
    same: bool,
    touching: bool,
    static: FloatArray,
) -> None:
    """Add the static moments of a pair; outside: share of the order with ``observer`` outside."""
    rule = rules.apart
    if touching:
        rule = rules.touching
    if same:
        rule = rules.same
    if same or outside == 1.0:
        near_static(observer, source, distance, 1.0 / source.area, rule, static, 1)
        return
    if outside > 0.0:
        near_static(observer, source, distance, outside / source.area, rule, static, 1)
    near_static(source, observer, distance, (1.0 - outside) / observer.area, rule, static, 3)


@compiled
def _add_side(
    x: float,
    y: float,
    a: FloatArray,
    b: FloatArray,
    image: FloatArray,
    first: int,
    last: int,
    factor: float,
    out: FloatArray,
) -> None:
    """Add ``factor`` times the integral of psi over the side from ``a`` to ``b``, seen from (x, y).

    out[k] is that of the distance image[k], first <= k < last.
    """
    ux = b[0] - a[0]
    uy = b[1] - a[1]
    length = np.sqrt(ux * ux + uy * uy)
    ux /= length
    uy /= length
    ax = a[0] - x
    ay = a[1] - y
    t = abs(ax * uy - ay * ux)
    low = ax * ux + ay * uy
    t2 = t * t
    for end in range(2):
        q = low + length if end == 1 else low
        rho2 = q * q + t2
        rho = np.sqrt(rho2)
        size = abs(q)
        # primitives are odd in q
        log_rho = t2 * np.log((size + rho) / t) if t2 > 0.0 else 0.0
        sign = factor if (q < 0.0) != (end == 1) else -factor
        for k in range(first, last):
            d = image[k]
            r02 = t2 + d * d
            big = np.sqrt(rho2 + d * d)
            log_big = np.log((size + big) / np.sqrt(r02))
            half = 0.5 * (size * (d * d / (big + rho)) + r02 * log_big - log_rho)
            turn = 0.0
            if t2 > 0.0:
                turn = t * np.arctan2(t * size * rho2 / (big + d), t2 * big + d * size * size)
            out[k] += sign * (half - d * (size * (np.log(d + big) - 1.0) + d * log_big + turn))


@compiled
def image_differences(
    observer: Triangle,
    source: Triangle,
    image: FloatArray,
    first: int,
    last: int,
    side: SideRule,
    out: FloatArray,
) -> None:
    """out[k]: mean over both triangles of 1/sqrt(rho^2 + d^2) - 1/rho, 1/m, at d = image[k] > 0."""
    for k in range(first, last):
        out[k] = 0.0
    scale = -1.0 / (observer.area * source.area)
    for i in range(3):
        a = observer.corner[i]
        b = observer.corner[i + 1 if i < 2 else 0]
        for j in range(3):
            e = source.corner[j]
            f = source.corner[j + 1 if j < 2 else 0]
            # n . n' times the length of the outer side
            dot = (b[0] - a[0]) * (f[0] - e[0]) + (b[1] - a[1]) * (f[1] - e[1])
            dot *= scale / np.sqrt((f[0] - e[0]) ** 2 + (f[1] - e[1]) ** 2)
            for m in range(side.node.size):
                x = a[0] + side.node[m] * (b[0] - a[0])
                y = a[1] + side.node[m] * (b[1] - a[1])
                _add_side(x, y, e, f, image, first, last, dot * side.weight[m], out)


@compiled_fast
def image_by_rule(observer: Triangle, source: Triangle, distance: float, rule: Rule) -> float:
    """Mean over both triangles of 1/sqrt(rho^2 + distance^2)."""
    p, q = observer.corner, source.corner
    n = rule.weight.size
    total = 0.0
    for a in range(n):
        u, v, w = rule.point[a, 0], rule.point[a, 1], rule.point[a, 2]
        x = u * p[0, 0] + v * p[1, 0] + w * p[2, 0]
        y = u * p[0, 1] + v * p[1, 1] + w * p[2, 1]
        inner = 0.0
        for b in range(n):
            r, s, t = rule.point[b, 0], rule.point[b, 1], rule.point[b, 2]
            dx = x - (r * q[0, 0] + s * q[1, 0] + t * q[2, 0])
            dy = y - (r * q[0, 1] + s * q[1, 1] + t * q[2, 1])
            inner += rule.weight[b] / np.sqrt(dx * dx + dy * dy + distance * distance)
        total += rule.weight[a] * inner
    return total
