"""Static parts of neighbouring triangles: analytic inside, quadrature outside, or both by rule."""

from __future__ import annotations

import numpy as np

from ...conventions import FloatArray
from .jit import compiled, compiled_fast
from .potential import triangle_potential

# An image weaker than this, relative to the static part, is integrated to 1e-3 of itself; a
# stronger one, which may cancel the static part, with the same rule as that.
STRONG = 0.1
# Distance of an image over the summed radii of the triangles: above these a product rule of 7 or
# 28 points each is within 1e-3.
SMOOTH = 0.3
ROUGH = 0.12


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
def spread_points(corner: FloatArray, rule: FloatArray, out: FloatArray) -> None:
    """The points of the rule, x and y as rows of ``out`` (2, n or more)."""
    for a in range(rule.shape[0]):
        for axis in range(2):
            out[axis, a] = (
                rule[a, 0] * corner[0, axis]
                + rule[a, 1] * corner[1, axis]
                + rule[a, 2] * corner[2, axis]
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
    scratch: FloatArray,
    static: FloatArray,
    first: int,
) -> None:
    """Add the static moments of one ordered pair: quadrature outside, analytic inside.

    static: <1>, then the first moments of the observer at ``first`` (1 or 3) and those of the
    source at the other place, then <r . r'>.
    """
    second = 4 - first
    spread_points(observer, rule, scratch)
    for a in range(rule.shape[0]):
        x = scratch[0, a]
        y = scratch[1, a]
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


@compiled
def image_analytic(
    observer: FloatArray,
    source: FloatArray,
    distance: float,
    rule: FloatArray,
    weight: FloatArray,
    scratch: FloatArray,
) -> float:
    """Mean over the observer of the integral over the source of 1/sqrt(rho^2 + distance^2)."""
    spread_points(observer, rule, scratch)
    total = 0.0
    for a in range(rule.shape[0]):
        total += weight[a] * triangle_potential(source, scratch[0, a], scratch[1, a], distance)[0]
    return total


@compiled_fast
def image_by_rule(
    observer: FloatArray,
    source: FloatArray,
    distance: float,
    rule: FloatArray,
    weight: FloatArray,
    scratch: FloatArray,
) -> float:
    """Mean over both triangles of 1/sqrt(rho^2 + distance^2); scratch (2, n or more)."""
    spread_points(source, rule, scratch)
    x, y = scratch[0], scratch[1]
    n = rule.shape[0]
    total = 0.0
    for a in range(n):
        u = rule[a, 0] * observer[0, 0] + rule[a, 1] * observer[1, 0] + rule[a, 2] * observer[2, 0]
        v = rule[a, 0] * observer[0, 1] + rule[a, 1] * observer[1, 1] + rule[a, 2] * observer[2, 1]
        inner = 0.0
        for b in range(n):
            dx = u - x[b]
            dy = v - y[b]
            inner += weight[b] / np.sqrt(dx * dx + dy * dy + distance * distance)
        total += weight[a] * inner
    return total


@compiled
def near_part(
    observer: FloatArray,
    observer_centre: FloatArray,
    observer_area: float,
    source: FloatArray,
    source_centre: FloatArray,
    source_area: float,
    same: bool,
    touching: bool,
    reach: float,
    image: FloatArray,
    strength: FloatArray,
    rule_near: FloatArray,
    weight_near: FloatArray,
    rule_touch: FloatArray,
    weight_touch: FloatArray,
    rule_self: FloatArray,
    weight_self: FloatArray,
    scratch: FloatArray,
    static: FloatArray,
    charge: FloatArray,
) -> None:
    """Static moments of a pair, and its images within ``reach``; strength: of each image.

    Both orders are taken, so that the result does not depend on which triangle comes first.
    """
    rule, weight = rule_near, weight_near
    if touching:
        rule, weight = rule_touch, weight_touch
    if same:
        rule, weight = rule_self, weight_self
    share = 1.0 if same else 0.5
    near_static(
        *(observer, observer_centre, source, source_centre, share / source_area),
        *(rule, weight, scratch, static, 1),
    )
    if not same:
        near_static(
            *(source, source_centre, observer, observer_centre, share / observer_area),
            *(rule, weight, scratch, static, 3),
        )
    coarse, coarse_weight = rule_near, weight_near
    if same:
        coarse, coarse_weight = rule_touch, weight_touch
    for k in range(1, image.size):
        d = image[k]
        if d > reach:
            continue
        strong = strength[k] > STRONG
        if d > SMOOTH * reach and not strong:
            charge[k] += image_by_rule(observer, source, d, rule_near, weight_near, scratch)
        elif (d > ROUGH * reach or not touching) and not strong:
            charge[k] += image_by_rule(observer, source, d, rule_touch, weight_touch, scratch)
        else:
            r, w = (rule, weight) if strong else (coarse, coarse_weight)
            total = image_analytic(observer, source, d, r, w, scratch) / source_area
            if not same:
                total += image_analytic(source, observer, d, r, w, scratch) / observer_area
            charge[k] += share * total
