"""What pairs of triangles add to the matrices: all radial modes and static parts in one pass.

For each pair the moments <1>, <r>, <r'>, <r . r'> of every kernel are formed once and shared by the
nine pairs of RWG functions.  Smooth modes use a three-point rule on both triangles, static parts of
neighbours the ways of :mod:`.near`, images what their distance asks for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...conventions import FloatArray, IntArray
from .jit import compiled, compiled_fast
from .near import (
    NearRules,
    Rule,
    Triangle,
    image_by_rule,
    image_differences,
    map_points,
    near_moments,
)

# Of two triangles the smaller one is outside where it is smaller than this share of the other: what
# it sees of that is smooth on its own scale.  Triangles of one size are taken in both orders.
UNEVEN = 0.5
NEAR = 0.5  # static parts are analytic where the centres are nearer than 1 + NEAR summed radii
# Distance of an image over the summed radii of near triangles: beyond the first it is integrated
# by the rule of the modes (1e-4 of the inverse radii there), beyond the second by seven points on
# both (2e-5), beyond the third by 28 (1e-6), else analytically.  Coarser, a film 7 cm above the
# soil was off by 7e-5 of the reflection.
FAR_IMAGE, MIDDLE_IMAGE, DEEP_IMAGE = 2.0, 1.0, 0.7
FLAT = 0.15  # of the distance of two triangles: images nearer than that by their moments


class Cells(NamedTuple):
    """Triangles and the functions on them: see :class:`.basis.Basis`.

    function, coefficient (n_t, 3): of the reduced functions; fundamental: number of the first
    triangles that are observers.
    """

    corner: FloatArray
    centroid: FloatArray
    area: FloatArray
    function: IntArray
    coefficient: FloatArray
    triangles: IntArray
    tab: IntArray
    fundamental: int


class Modes(NamedTuple):
    """Radial modes on u = sqrt(rho), ``step`` apart, padded to whole vectors; kept: real number."""

    a: FloatArray
    phi: FloatArray
    kept_a: int
    kept_phi: int
    step: float


class Statics(NamedTuple):
    """Images of the charge: distance (n,) from 0 upwards, weight (n, r); mirror: of the current."""

    distance: FloatArray
    weight: FloatArray
    mirror: float


@compiled
def symmetrise(values: FloatArray) -> None:
    """Mean of each (n, n) matrix and its transpose, in place."""
    n = values.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(values.shape[2]):
                mean = 0.5 * (values[i, j, k] + values[j, i, k])
                values[i, j, k] = mean
                values[j, i, k] = mean


@compiled_fast
def fill_pairs(
    p_start: int,
    p_end: int,
    cells: Cells,
    modes: Modes,
    statics: Statics,
    far_rule: Rule,
    near_rules: NearRules,
    out: FloatArray,
) -> None:
    """Add to ``out`` (n, n, n_column) what observers p_start to p_end are part of.

    Half of it: the other order of each pair follows by :func:`symmetrise`.
    """
    corner, centroid, area = cells.corner, cells.centroid, cells.area
    index, coefficient, triangles = cells.function, cells.coefficient, cells.triangles
    n_fund = cells.fundamental
    modes_a, modes_phi, keep_a, keep_phi = modes.a, modes.phi, modes.kept_a, modes.kept_phi
    image, mirror = statics.distance, statics.mirror
    rule, weight = far_rule.point, far_rule.weight
    n_t = corner.shape[0]
    n_a = modes_a.shape[1]
    n_phi = modes_phi.shape[1]
    n_image = image.size
    n_static = statics.weight.shape[1]
    n_q = rule.shape[0]
    n_image_parts = n_t // n_fund
    last = modes_a.shape[0] - 2
    inv_step = 1.0 / modes.step
    radius = np.empty(n_t)
    for t in range(n_t):
        far2 = 0.0
        for i in range(3):
            dx = corner[t, i, 0] - centroid[t, 0]
            dy = corner[t, i, 1] - centroid[t, 1]
            far2 = max(far2, dx * dx + dy * dy)
        radius[t] = np.sqrt(far2)
    points = np.empty((n_t, n_q, 2))
    for t in range(n_t):
        map_points(corner[t], rule, points[t])
    # of the images that are flat for a pair, what multiplies <1/rho>, <1/rho^3>, <1/rho^5>
    flat = np.zeros((n_image + 1, 3, n_static))
    for k in range(n_image):
        d2 = image[k] * image[k]
        for j in range(n_static):
            flat[k + 1, 0, j] = flat[k, 0, j] + statics.weight[k, j]
            flat[k + 1, 1, j] = flat[k, 1, j] - 0.5 * d2 * statics.weight[k, j]
            flat[k + 1, 2, j] = flat[k, 2, j] + 0.375 * d2 * d2 * statics.weight[k, j]
    # loops below touch few arrays each: the compiler vectorises only what it can prove apart
    g_a = np.empty(n_a)
    row0 = np.empty(n_a)
    rowx = np.empty(n_a)
    rowy = np.empty(n_a)
    m00 = np.empty(n_a)
    m10x = np.empty(n_a)
    m10y = np.empty(n_a)
    m01x = np.empty(n_a)
    m01y = np.empty(n_a)
    m11 = np.empty(n_a)
    h0 = np.empty(n_a)
    hx = np.empty(n_a)
    hy = np.empty(n_a)
    phi = np.empty(n_phi)
    static = np.empty(6)
    behind = np.empty(6)
    charge = np.empty(n_static)
    ab = np.empty(n_image)
    ba = np.empty(n_image)
    inv4pi = 1.0 / (4.0 * np.pi)
    for p in range(p_start, p_end):
        cpx = centroid[p, 0]
        cpy = centroid[p, 1]
        # the matrix is symmetric: of each pair of fundamental triangles one order is enough
        for other in range(n_image_parts * (p + 1)):
            q = (other // (p + 1)) * n_fund + other % (p + 1)
            twice = 2.0 if other % (p + 1) < p else 1.0
            cqx = centroid[q, 0]
            cqy = centroid[q, 1]
            distance = np.sqrt((cpx - cqx) ** 2 + (cpy - cqy) ** 2)
            reach = radius[p] + radius[q]
            touching = False
            is_near = distance < (1.0 + NEAR) * reach
            if distance <= reach * 1.0000001:
                for i in range(3):
                    for j in range(3):
                        if triangles[p, i] == triangles[q, j]:
                            touching = True
            # images up to n_flat are flat for far pairs, or to be done analytically for near ones
            n_flat = 1
            limit = FAR_IMAGE * reach if is_near else FLAT * distance
            while n_flat < n_image and image[n_flat] < limit:
                n_flat += 1
            for k in range(n_a):
                m00[k] = 0.0
                m10x[k] = 0.0
                m10y[k] = 0.0
                m01x[k] = 0.0
                m01y[k] = 0.0
                m11[k] = 0.0
            for k in range(n_phi):
                phi[k] = 0.0
            for k in range(6):
                static[k] = 0.0
                behind[k] = 0.0
            for k in range(n_static):
                charge[k] = 0.0
            third = 0.0
            fifth = 0.0
            for a in range(n_q):
                xa = points[p, a, 0]
                ya = points[p, a, 1]
                for k in range(n_a):
                    row0[k] = 0.0
                    rowx[k] = 0.0
                    rowy[k] = 0.0
                lx = xa - cpx
                ly = ya - cpy
                for b in range(n_q):
                    xb = points[q, b, 0]
                    yb = points[q, b, 1]
                    rho2 = (xa - xb) ** 2 + (ya - yb) ** 2
                    rho = np.sqrt(rho2)
                    u = np.sqrt(rho) * inv_step
                    cell = min(int(u), last)
                    t = u - cell
                    w = weight[a] * weight[b]
                    w1 = w * t
                    w0 = w - w1
                    bx = xb - cqx
                    by = yb - cqy
                    low = modes_a[cell]
                    high = modes_a[cell + 1]
                    for k in range(n_a):
                        g_a[k] = w0 * low[k] + w1 * high[k]
                    for k in range(n_a):
                        g = g_a[k]
                        row0[k] += g
                        rowx[k] += g * bx
                        rowy[k] += g * by
                    low = modes_phi[cell]
                    high = modes_phi[cell + 1]
                    for k in range(n_phi):
                        phi[k] += w0 * low[k] + w1 * high[k]
                    if not is_near:
                        g = w / rho
                        static[0] += g
                        static[1] += g * lx
                        static[2] += g * ly
                        static[3] += g * bx
                        static[4] += g * by
                        static[5] += g * (lx * bx + ly * by)
                        if n_flat > 1:
                            third += g / rho2
                            fifth += g / (rho2 * rho2)
                        if mirror > 0.0:
                            g = w / np.sqrt(rho2 + mirror * mirror)
                            behind[0] += g
                            behind[1] += g * lx
                            behind[2] += g * ly
                            behind[3] += g * bx
                            behind[4] += g * by
                            behind[5] += g * (lx * bx + ly * by)
                    for k in range(n_flat, n_image):
                        g = w / np.sqrt(rho2 + image[k] * image[k])
                        for j in range(n_static):
                            charge[j] += g * statics.weight[k, j]
                for k in range(n_a):
                    m00[k] += row0[k]
                for k in range(n_a):
                    m10x[k] += lx * row0[k]
                for k in range(n_a):
                    m10y[k] += ly * row0[k]
                for k in range(n_a):
                    m01x[k] += rowx[k]
                for k in range(n_a):
                    m01y[k] += rowy[k]
                for k in range(n_a):
                    m11[k] += lx * rowx[k] + ly * rowy[k]
            if is_near:
                first = Triangle(corner[p], centroid[p], area[p])
                second = Triangle(corner[q], centroid[q], area[q])
                outside = 0.5
                if radius[p] < UNEVEN * radius[q]:
                    outside = 1.0
                elif radius[q] < UNEVEN * radius[p]:
                    outside = 0.0
                near_moments(first, second, 0.0, outside, near_rules, p == q, touching, static)
                if mirror > 0.0:
                    near_moments(
                        first, second, mirror, outside, near_rules, p == q, touching, behind
                    )
                n_deep = n_flat
                while n_flat > 1 and image[n_flat - 1] > DEEP_IMAGE * reach:
                    n_flat -= 1
                for k in range(n_flat, n_deep):
                    image_rule = near_rules.apart
                    if image[k] < MIDDLE_IMAGE * reach:
                        image_rule = near_rules.touching
                    g = image_by_rule(first, second, image[k], image_rule)
                    for j in range(n_static):
                        charge[j] += g * statics.weight[k, j]
                if p == q and n_flat > 1:
                    image_differences(first, second, image, 1, n_flat, near_rules.own_side, ab)
                    for k in range(1, n_flat):
                        ba[k] = ab[k]
                elif n_flat > 1:
                    if outside > 0.0:
                        image_differences(first, second, image, 1, n_flat, near_rules.side, ab)
                    if outside < 1.0:
                        image_differences(second, first, image, 1, n_flat, near_rules.side, ba)
                for k in range(1, n_flat):
                    mean = ab[k] if outside == 1.0 else ba[k]
                    if outside == 0.5:
                        mean = 0.5 * (ab[k] + ba[k])
                    for j in range(n_static):
                        charge[j] += mean * statics.weight[k, j]
            for j in range(n_static):
                charge[j] += flat[n_flat, 0, j] * static[0]
            if n_flat > 1 and not is_near:
                for j in range(n_static):
                    charge[j] += flat[n_flat, 1, j] * third + flat[n_flat, 2, j] * fifth
            if mirror > 0.0:
                for k in range(6):
                    static[k] -= behind[k]
            for i in range(3):
                bi = index[p, i]
                if bi < 0:
                    continue
                vix = corner[p, i, 0] - cpx
                viy = corner[p, i, 1] - cpy
                for k in range(n_a):
                    h0[k] = m11[k] - vix * m01x[k] - viy * m01y[k]
                for k in range(n_a):
                    hx[k] = m10x[k] - vix * m00[k]
                for k in range(n_a):
                    hy[k] = m10y[k] - viy * m00[k]
                for j in range(3):
                    bj = index[q, j]
                    if bj < 0:
                        continue
                    vjx = corner[q, j, 0] - cqx
                    vjy = corner[q, j, 1] - cqy
                    both = twice * coefficient[p, i] * coefficient[q, j]
                    quarter = 0.25 * both
                    dot = vix * vjx + viy * vjy
                    line = out[bi, bj]
                    for k in range(keep_a):
                        line[k] += quarter * (h0[k] - vjx * hx[k] - vjy * hy[k])
                    line[keep_a] += (
                        quarter
                        * inv4pi
                        * (
                            static[5]
                            - vjx * static[1]
                            - vjy * static[2]
                            - vix * static[3]
                            - viy * static[4]
                            + dot * static[0]
                        )
                    )
                    for k in range(keep_phi):
                        line[keep_a + 1 + k] += both * phi[k]
                    for k in range(n_static):
                        line[keep_a + 1 + keep_phi + k] += both * 2.0 * inv4pi * charge[k]
                    if p == q and cells.tab[p] < 0:
                        # <(r - v_i).(r - v_j)> = dot + <|r - c|^2>
                        second_moment = 0.0
                        for m in range(3):
                            second_moment += (corner[p, m, 0] - cpx) ** 2
                            second_moment += (corner[p, m, 1] - cpy) ** 2
                        line[keep_a + 1 + keep_phi + n_static] += (
                            quarter / area[p] * (dot + second_moment / 12.0)
                        )
