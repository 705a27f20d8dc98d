"""The cells along the rims of the metal, and the matrices of what they miss.

How much an edge cell misses is the matter of :mod:`.rim_laws`; here are the cells and the products
of the functions on them,

    sum over edge cells of f_m^t f_n^t and of div f_m div f_n, times area and a weight,

f^t the component along the edge.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

from ...conventions import ComplexArray, FloatArray, IntArray
from .basis import Basis

WIDEST = (
    3.2  # ratio r of neighbouring cells up to which the laws count: cells that grow more are skewed
)
FAR = 1e5  # cell sizes: a width of no account
PARTS = 1e-5  # of the largest correction: separable parts below are left out
UNLIKE = 3.0  # ratio of the areas up to which two triangles make one cell
CHUNK = 2_000_000  # pairs of ray and edge looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Rims:
    """Halves of the edge cells of the fundamental part: two for each side of a triangle on the rim.

    triangle (n,): the one with its side on the rim, then the ones beside those that fill the cells,
    or the same again where there is none.  along (n, 2): unit vector of the side.  area (n,): of
    the half, m2; both differ where the cell tapers.  size (n,): width s of the cell across the rim,
    m; growth (n,): that of the next cell over it; width (n,): of the conductor across, m.  tab
    (n,): gap whose feed tab the cell lies in, or -1.  sides (n,): sides of the cell on a rim, two
    in a corner.  height (n,): the smallest of the triangle, m.  lone (n,): whether both halves are
    the same triangle.
    """

    triangle: IntArray
    along: FloatArray
    area: FloatArray
    size: FloatArray
    growth: FloatArray
    width: FloatArray
    tab: IntArray
    sides: IntArray
    height: FloatArray
    lone: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """C of every rim at every frequency in separable form: weight (n_rim, k) @ factor (k, n_freq).

    factor: complex, ohm; k is 2 to 4.
    """

    weight: FloatArray
    factor: ComplexArray


def find_rims(basis: Basis) -> Rims:
    """Rims of the fundamental part of the mesh of ``basis``."""
    mesh = basis.mesh
    fundamental = np.arange(len(mesh.triangles)) < mesh.n_fundamental
    every = basis.index < 0  # (n_t, 3): the side opposite that vertex carries no function
    triangle, opposite = np.nonzero(every & fundamental[:, None])
    start = basis.corner[triangle, (opposite + 1) % 3]
    side = basis.corner[triangle, (opposite + 2) % 3] - start
    length = np.linalg.norm(side, axis=1)
    along = side / length[:, None]
    inward = np.column_stack((-along[:, 1], along[:, 0]))  # triangles are counter-clockwise
    mate = _mates(basis, triangle, opposite)
    size = np.minimum((basis.area[triangle] + basis.area[mate]) / length, length)
    apex = mesh.triangles[triangle, opposite]
    reach = _reach_at(basis, apex, start, inward)
    all_triangle, all_opposite = np.nonzero(every)
    ends = np.stack(
        [basis.corner[all_triangle, (all_opposite + k) % 3] for k in (1, 2)], axis=1
    )  # (n_all, 2, 2)
    own = np.flatnonzero(fundamental[all_triangle])
    width = _width_across(start + 0.5 * side, inward, ends, own)
    sides = np.bincount(triangle, minlength=len(basis.index))
    sides += np.bincount(mate[mate != triangle], minlength=len(basis.index))
    longest = np.linalg.norm(basis.corner - np.roll(basis.corner, 1, axis=1), axis=2).max(axis=1)
    height = 2.0 * basis.area / longest
    one_half = Rims(
        triangle=triangle,
        along=along,
        area=basis.area[triangle],
        size=size,
        growth=np.clip(reach / size - 1.0, 1.0, WIDEST),
        width=np.clip(width, size, FAR * size),
        tab=mesh.tab[triangle],
        sides=np.maximum(sides[triangle], sides[mate]),
        height=height[triangle],
        lone=mate == triangle,
    )
    other_half = replace(one_half, triangle=mate, area=basis.area[mate], height=height[mate])
    return Rims(
        *(
            np.concatenate((getattr(one_half, part.name), getattr(other_half, part.name)))
            for part in fields(Rims)
        )
    )


def _mates(basis: Basis, triangle: IntArray, opposite: IntArray) -> IntArray:
    """(n,) neighbour across the longer inner side, or the triangle itself.

    Itself where the neighbour lies on the rim too or in a tab, or is so much larger or smaller that
    both are no cell, and where both sides are alike, so that mirror images choose alike.
    """
    n_t = len(basis.index)
    on_rim = np.any(basis.index < 0, axis=1)
    owner = np.repeat(np.arange(n_t), 3)
    function = basis.index.ravel()
    first = np.full(basis.count, n_t)
    last = np.full(basis.count, -1)
    live = function >= 0
    np.minimum.at(first, function[live], owner[live])
    np.maximum.at(last, function[live], owner[live])
    local = (opposite[:, None] + np.array([1, 2])) % 3  # the inner sides lie opposite these
    length = np.abs(basis.coefficient[triangle[:, None], local])
    inner = basis.index[triangle[:, None], local]
    length = np.where(inner >= 0, length, 0.0)
    longer = length.argmax(axis=1)
    alike = np.abs(length[:, 0] - length[:, 1]) < 1e-6 * length.max(axis=1)
    side = inner[np.arange(triangle.size), longer]
    other = np.where(first[side] == triangle, last[side], first[side])
    share = basis.area[other] / basis.area[triangle]
    fits = (
        ~alike
        & (side >= 0)
        & ~on_rim[other]
        & (basis.mesh.tab[other] == basis.mesh.tab[triangle])
        & (share > 1.0 / UNLIKE)
        & (share < UNLIKE)
    )
    return np.asarray(np.where(fits, other, triangle))


def _reach_at(basis: Basis, vertex: IntArray, origin: FloatArray, inward: FloatArray) -> FloatArray:
    """(n,) farthest distance along ``inward`` of the triangles that meet in ``vertex``, m."""
    corners = basis.mesh.triangles.ravel()
    order = np.argsort(corners, kind="stable")
    first = np.searchsorted(corners[order], vertex)
    count = np.searchsorted(corners[order], vertex, side="right") - first
    rim = np.repeat(np.arange(vertex.size), count)
    place = np.arange(rim.size) - np.repeat(np.cumsum(count) - count, count)
    near = order[first[rim] + place] // 3  # triangle of each pair
    offset = basis.corner[near] - origin[rim, None, :]
    far = np.einsum("nic,nc->ni", offset, inward[rim]).max(axis=1)
    result = np.zeros(vertex.size)
    np.maximum.at(result, rim, far)
    return result


def _width_across(
    middle: FloatArray, inward: FloatArray, ends: FloatArray, own: IntArray
) -> FloatArray:
    """(n,) distance from each rim's middle to the next rim straight across, m; inf without."""
    width = np.full(len(middle), np.inf)
    step = max(1, CHUNK // max(1, len(ends)))
    edge = ends[:, 1] - ends[:, 0]
    for low in range(0, len(middle), step):
        rows = slice(low, low + step)
        direction = inward[rows, None, :]
        offset = ends[None, :, 0] - middle[rows, None, :]
        cross = direction[..., 0] * edge[:, 1] - direction[..., 1] * edge[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (offset[..., 0] * edge[:, 1] - offset[..., 1] * edge[:, 0]) / cross
            where = (
                offset[..., 0] * direction[..., 1] - offset[..., 1] * direction[..., 0]
            ) / cross
        hit = (cross != 0.0) & (where >= -1e-9) & (where <= 1.0 + 1e-9) & (distance > 0.0)
        hit[np.arange(len(hit)), own[rows]] = False
        width[rows] = np.where(hit, distance, np.inf).min(axis=1)
    return width


def separable(value: ComplexArray) -> Excess:
    """(n_rim, n_freq) values as a short sum of products, to PARTS of the largest."""
    if value.size == 0 or not np.any(value):
        return Excess(np.zeros((len(value), 0)), np.zeros((0, value.shape[1]), dtype=complex))
    both = np.hstack((value.real, value.imag))
    u, s, vt = np.linalg.svd(both, full_matrices=False)
    rank = int(np.count_nonzero(s > PARTS * s[0]))
    factor = s[:rank, None] * vt[:rank]
    count = value.shape[1]
    return Excess(np.ascontiguousarray(u[:, :rank]), factor[:, :count] + 1j * factor[:, count:])


def current_matrices(
    basis: Basis,
    rims: Rims,
    index: IntArray,
    coefficient: FloatArray,
    count: int,
    weight: FloatArray,
) -> FloatArray:
    """(count, count, k): sums over edge cells of f_m^t f_n^t times area and ``weight`` (n_rim, k).

    index, coefficient: (n_t, 3) reduced functions.  Each triangle of a cell stands for half of
    it, so that current that varies along the edge is met in the middle of the cell, less what
    their step is too much (:mod:`.taper`; between the means, that no sum be negative).
    """
    rows = rims.triangle
    arm = basis.centroid[rows, None, :] - basis.corner[rows]  # (n, 3, 2)
    value = 0.5 * coefficient[rows] * np.einsum("njc,nc->nj", arm, rims.along)
    whole = _sums(index[rows], value / basis.area[rows, None], rims.area, weight, count)
    half = len(rows) // 2
    pair = np.flatnonzero(rows[:half] != rows[half:])
    one, two = rows[pair], rows[half + pair]
    area_one, area_two = basis.area[one], basis.area[two]
    step = np.hstack((value[pair] / area_one[:, None], -value[half + pair] / area_two[:, None]))
    share = 2.0 / 3.0 * area_one * area_two / (area_one + area_two)
    return whole - _sums(np.hstack((index[one], index[two])), step, share, weight[pair], count)


def charge_matrices(
    basis: Basis,
    rims: Rims,
    index: IntArray,
    coefficient: FloatArray,
    count: int,
    weight: FloatArray,
) -> FloatArray:
    """(count, count, k): sums over edge cells of div f_m div f_n times area and ``weight``."""
    rows = rims.triangle
    value = coefficient[rows] / basis.area[rows, None]
    return _sums(index[rows], value, rims.area, weight, count)


def _sums(
    index: IntArray, value: FloatArray, area: FloatArray, weight: FloatArray, count: int
) -> FloatArray:
    """(count, count, k): sums over half cells of value_i value_j area weight."""
    out = np.zeros((count, count, weight.shape[1]))
    for i in range(index.shape[1]):
        for j in range(index.shape[1]):
            live = (index[:, i] >= 0) & (index[:, j] >= 0)
            product = value[live, i] * value[live, j] * area[live]
            np.add.at(out, (index[live, i], index[live, j]), product[:, None] * weight[live])
    return out
