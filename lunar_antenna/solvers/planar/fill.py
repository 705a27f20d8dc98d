"""Moment-method matrices of all radial modes and static parts, filled in one pass.

For each pair of triangles the moments <1>, <r>, <r'>, <r . r'> of every kernel are formed once
and shared by the nine pairs of RWG functions.  Smooth modes use a three-point rule on both
triangles.  Static 1/R kernels of neighbouring triangles are integrated analytically over the
source triangle (Wilton et al. 1984) and by quadrature over the observer.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numba
import numpy as np

from ...conventions import FloatArray, IntArray
from .basis import Basis, ParityClass
from .columns import Edges
from .jit import compiled, compiled_fast
from .kernels import Kernels
from .near import map_points, near_part
from .rules import RULE_3, RULE_7, RULE_28, RULE_112, WEIGHT_3, WEIGHT_7, WEIGHT_28, WEIGHT_112

# A worker process limited to one numba thread stays serial; more than two gain little here.
THREADS = min(2, int(numba.config.NUMBA_NUM_THREADS))


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """values (n, n, n_column) of one parity class; columns as laid out below.

    [0, n_a): modes of A; n_a: static A; then n_phi modes of phi; then n_image static parts of
    phi; then the local (delta) part of phi; the metal Gram matrix without the tabs; last n_rim
    parts of the edge-crowding matrix (see :mod:`.rim`).  What multiplies them is in
    :mod:`.columns`.
    """

    values: FloatArray
    n_a: int
    n_phi: int
    n_image: int
    n_rim: int

    @property
    def columns(self) -> dict[str, slice]:
        a, p, i, r = self.n_a, self.n_phi, self.n_image, self.n_rim
        return {
            "a": slice(0, a),
            "a_static": slice(a, a + 1),
            "phi": slice(a + 1, a + 1 + p),
            "phi_static": slice(a + 1 + p, a + 1 + p + i),
            "local": slice(a + 1 + p + i, a + 2 + p + i),
            "metal": slice(a + 2 + p + i, a + 3 + p + i),
            "rim": slice(a + 3 + p + i, a + 3 + p + i + r),
        }


def fill_matrices(
    basis: Basis, parity: ParityClass, kernels: Kernels, edges: Edges, *, near: float = 0.5
) -> Matrices:
    """Matrices of one class.  near: analytic static parts within ``near`` summed radii."""
    n_a, n_phi = kernels.modes_a.shape[1], kernels.modes_phi.shape[1]
    n_image = kernels.images.distance.size
    n_fund = basis.mesh.n_fundamental
    index = np.where(basis.index >= 0, parity.orbit[basis.index], -1)
    coefficient = np.where(index >= 0, basis.coefficient * parity.sign[basis.index], 0.0)
    rim = edges.current_matrices(basis, index, coefficient, parity.count)
    shape = (parity.count, parity.count, n_a + n_phi + n_image + 3 + rim.shape[2])
    modes_a, modes_phi = _padded(kernels.modes_a), _padded(kernels.modes_phi)
    rules = (
        *(RULE_3, WEIGHT_3),
        *(RULE_7, WEIGHT_7),
        *(RULE_28, WEIGHT_28),
        *(RULE_112, WEIGHT_112),
    )

    def part(start: int, end: int) -> FloatArray:
        values = np.zeros(shape)
        _fill(
            start,
            end,
            basis.corner,
            basis.centroid,
            basis.area,
            index,
            coefficient,
            basis.mesh.triangles,
            basis.mesh.tab,
            n_fund,
            modes_a,
            modes_phi,
            n_a,
            n_phi,
            kernels.step,
            kernels.images.distance,
            kernels.images.strength,
            near,
            *rules,
            values,
        )
        return values

    values = _in_threads(part, n_fund, pairs=n_fund * len(index), size=8 * int(np.prod(shape)))
    values[:, :, n_a + n_phi + n_image + 3 :] = rim
    values *= float(parity.order)
    _symmetrise(values)
    return Matrices(values, n_a, n_phi, n_image, rim.shape[2])


def _in_threads(
    part: Callable[[int, int], FloatArray], count: int, *, pairs: int, size: int
) -> FloatArray:
    """Sum of ``part`` over ranges of observers, one thread each where that pays.

    Every thread owns its output; numba's thread count says how many may run, so that worker
    processes limited to one thread stay serial.
    """
    if THREADS < 2 or pairs < 20_000 or size > 400e6:
        return part(0, count)
    middle = int(count * 0.7071)  # the work grows as the square of the index
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(part, middle, count)
        values = part(0, middle)
        values += other.result()
    return values


def _padded(modes: FloatArray) -> FloatArray:
    """Columns filled up to a multiple of sixteen, so that inner loops run on whole vectors."""
    extra = -modes.shape[1] % 16
    return np.ascontiguousarray(np.pad(modes, ((0, 0), (0, extra))))


@compiled
def _symmetrise(values: FloatArray) -> None:
    n = values.shape[0]
    for i in range(n):
        for j in range(i):
            for k in range(values.shape[2]):
                mean = 0.5 * (values[i, j, k] + values[j, i, k])
                values[i, j, k] = mean
                values[j, i, k] = mean


@compiled_fast
def _fill(
    p_start: int,
    p_end: int,
    corner: FloatArray,
    centroid: FloatArray,
    area: FloatArray,
    index: IntArray,
    coefficient: FloatArray,
    triangles: IntArray,
    tab: IntArray,
    n_fund: int,
    modes_a: FloatArray,
    modes_phi: FloatArray,
    keep_a: int,
    keep_phi: int,
    step: float,
    image: FloatArray,
    strength: FloatArray,
    near: float,
    rule: FloatArray,
    weight: FloatArray,
    rule_near: FloatArray,
    weight_near: FloatArray,
    rule_touch: FloatArray,
    weight_touch: FloatArray,
    rule_self: FloatArray,
    weight_self: FloatArray,
    out: FloatArray,
) -> None:
    n_t = corner.shape[0]
    n_a = modes_a.shape[1]
    n_phi = modes_phi.shape[1]
    n_image = image.size
    n_q = rule.shape[0]
    n_image_parts = n_t // n_fund
    last = modes_a.shape[0] - 2
    inv_step = 1.0 / step
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
    charge = np.empty(n_image)
    scratch = np.empty((2, rule_self.shape[0]))
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
            is_near = distance < (1.0 + near) * reach
            if distance <= reach * 1.0000001:
                for i in range(3):
                    for j in range(3):
                        if triangles[p, i] == triangles[q, j]:
                            touching = True
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
            for k in range(n_image):
                charge[k] = 0.0
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
                        for k in range(1, n_image):
                            charge[k] += w / np.sqrt(rho2 + image[k] * image[k])
                    else:
                        for k in range(1, n_image):
                            if image[k] > reach:
                                charge[k] += w / np.sqrt(rho2 + image[k] * image[k])
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
                near_part(
                    *(corner[p], centroid[p], area[p], corner[q], centroid[q], area[q]),
                    *(p == q, touching, reach, image, strength),
                    *(rule_near, weight_near, rule_touch, weight_touch, rule_self, weight_self),
                    *(scratch, static, charge),
                )
            charge[0] = static[0]
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
                    for k in range(n_image):
                        line[keep_a + 1 + keep_phi + k] += both * 2.0 * inv4pi * charge[k]
                    if p == q:
                        base = keep_a + 1 + keep_phi + n_image
                        line[base] += both / area[p]
                        if tab[p] < 0:
                            # <(r - v_i).(r - v_j)> = dot + <|r - c|^2>
                            second = 0.0
                            for m in range(3):
                                second += (corner[p, m, 0] - cpx) ** 2
                                second += (corner[p, m, 1] - cpy) ** 2
                            line[base + 1] += quarter / area[p] * (dot + second / 12.0)
