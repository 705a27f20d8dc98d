"""What the current piled up at the rims of the metal costs beyond what the mesh resolves.

A cell of width s at a free edge holds the mean of J; the mean of J^2 over it is larger, because
J ~ 1/sqrt(distance) down to the length lambda of the metal (:mod:`lunar_antenna.media.edge`).  The
impedance that is missing is added to the matrix of the functions,

    C_mn = Z_s * integral over edge cells of f_m^t f_n^t c dS,   f^t: component along the edge,

    c = rho/(4 (1 + 0.527 s/w)) ln(1 + 0.262 z + 0.774 r^-0.734 sqrt(z)),   z = s/lambda,
    rho = 0.983/(1 + 0.0112 (r - 1)^1.76).

For s >> |lambda| this is the logarithm ln(s/d)/4 - 1 (Lewin 1984), corrected for the fact that a
Galerkin solution overestimates the mean of J in its edge cells, the more so the larger the ratio
r of the next cell to this one; for s << |lambda| the mesh resolves the current and c vanishes.
c is complex, with a positive real part: the inductance inside the metal comes with the resistance.

Metal as thick as its skin depth dissipates more at its edges than a sheet, Lambda Re Z_s K^2 W/m
(:mod:`~lunar_antenna.media.edge`); K follows from the mean of J in the cell.  What the side faces
of a narrow strip save is taken off at its edges, where they are.

The six numbers were fitted once to strips whose exact solution is known (a thousand times finer
cells): for 50 meshes across the strip, edge cells from 0.5 % to 13 % of the width, r from 1.2 to
4.3, lambda from 1e-7 to 3 widths and phases of lambda from -90 to -45 degrees the resistance of
the strip is within 1.3 %, with 0.4 % in the mean.  With two cells across a strip, c is what the
whole strip needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray, IntArray
from ...media.edge import (
    edge_length,
    edge_line,
    edge_strength,
    side_saving,
    strip_crowding,
    strip_factor,
)
from ...media.sheets import Metal
from .basis import Basis

CHARGE_CUT, CHARGE_SEEN, CHARGE_WIDTH = 7.56, 1.20, 0.825  # see charge_excess
WIDEST = 6.0  # ratio r of neighbouring cells up to which the law is followed
FAR = 1e5  # cell sizes: a width of no account
WHOLE = 0.4  # of the local width: a cell that large is half of the strip
MOST_SAVED = 0.5  # of the loss of an edge cell: no cell may gain
PARTS = 1e-5  # of the largest correction: separable parts below are left out
CHUNK = 2_000_000  # pairs of ray and edge looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Rims:
    """Edge cells of the fundamental part, one for each side of a triangle on the rim.

    triangle (n,): the one with its side on the rim.  mate (n,): the one beside it that fills the
    cell, or the same where there is none.  along (n, 2): unit vector of the side.  size (n,):
    width s of the cell across the rim, m; growth (n,): that of the next cell over it; width (n,):
    of the conductor across, m.  tab (n,): gap whose feed tab the cell lies in, or -1.
    """

    triangle: IntArray
    mate: IntArray
    along: FloatArray
    size: FloatArray
    growth: FloatArray
    width: FloatArray
    tab: IntArray


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
    size = 2.0 * basis.area[triangle] / length
    apex = mesh.triangles[triangle, opposite]
    reach = _reach_at(basis, apex, start, inward)
    all_triangle, all_opposite = np.nonzero(every)
    ends = np.stack(
        [basis.corner[all_triangle, (all_opposite + k) % 3] for k in (1, 2)], axis=1
    )  # (n_all, 2, 2)
    own = np.flatnonzero(fundamental[all_triangle])
    width = _width_across(start + 0.5 * side, inward, ends, own)
    return Rims(
        triangle=triangle,
        mate=_mates(basis, triangle, opposite),
        along=along,
        size=size,
        growth=np.clip(reach / size - 1.0, 1.0, WIDEST),
        width=np.clip(width, size, FAR * size),
        tab=mesh.tab[triangle],
    )


def _mates(basis: Basis, triangle: IntArray, opposite: IntArray) -> IntArray:
    """(n,) neighbour across the longer inner side, or the triangle itself.

    Itself where the neighbour lies on the rim too or in a tab, and where both sides are alike, so
    that mirror images choose alike.
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
    fits = (
        ~alike & (side >= 0) & ~on_rim[other] & (basis.mesh.tab[other] == basis.mesh.tab[triangle])
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


def resolved_share(growth: FloatArray, share: FloatArray) -> FloatArray:
    """rho/(1 + 0.527 s/w): what a Galerkin mean of an edge cell, squared, must be divided by."""
    rho = 0.983 / (1.0 + 0.0112 * (growth - 1.0) ** 1.76)
    return np.asarray(rho / (1.0 + 0.527 * share))


def cell_excess(ratio: ComplexArray, growth: FloatArray, share: FloatArray) -> ComplexArray:
    """c for z = s/lambda, r and s/w, broadcast."""
    inner = 1.0 + 0.262 * ratio + 0.774 * growth**-0.734 * np.sqrt(ratio)
    law = 0.25 * resolved_share(growth, share) * np.log(inner)
    whole = strip_crowding(ratio / np.minimum(share, 0.5)) - 1.0
    return np.asarray(np.where(share > WHOLE, whole, law))


def metal_excess(rims: Rims, metal: Metal, frequency: FloatArray) -> ComplexArray:
    """(n_rim, n_freq) C of the rims in ``metal``, ohm; zero in the feed tabs, which carry none."""
    sheet, length = metal.sheet_impedance(frequency), edge_length(metal, frequency)  # (n_freq,)
    size, width, growth = rims.size[:, None], rims.width[:, None], rims.growth[:, None]
    share = size / width
    ratio = size / length
    # 4 K^2 s/|I|^2 with the current I of the cell; in two cells across a strip it is 8/pi^2
    strength = edge_strength(ratio) - 1.0 + resolved_share(growth, share)
    strength = np.where(share > WHOLE, 8.0 / np.pi**2, strength)
    line = 0.25 * strength * edge_line(metal, frequency) * width / (width + np.abs(length))
    saving = side_saving(width, metal, frequency)
    saved = np.pi**2 / 8.0 * strength * strip_factor(width, metal, frequency).real * saving
    real = np.maximum(line - saved, -MOST_SAVED)
    value = sheet * cell_excess(ratio, growth, share) + sheet.real * real
    value[rims.tab >= 0] = 0.0
    return value


def charge_excess(rims: Rims, k: FloatArray, symbol: ComplexArray) -> ComplexArray:
    """(n_rim, n_freq) length x, m, by which the static charge kernel of an edge cell is too small.

    The charge piles up like the current.  What lies closer to the metal than the cells are wide, a
    film or a gap of air, changes the kernel f(k)/k only for k beyond the cells; by the Wiener-Hopf
    factors of f a cell of width s then lacks

        x = f(k_s) rho/(4 (1 + 0.825 s/w)) integral_{7.56/s}^inf ln(f(k)/f(k_s)) dk/k^2,

    k_s = 1.2/s, which vanishes where f is even, and where the cells resolve what makes it uneven.
    (For metal the integral over ln(1 + lambda k)/lambda is the law of the current.)  Fitted like
    that law, to strips on films of eps_r 2.2 to 10 and 1e-5 to 0.1 widths thick over eps_r 1 and
    3.5: the change that the film makes is within 1.9 % on 37 meshes, 0.5 % in the mean; up to eps_r
    30 and for gaps of air it holds as well.

    symbol (n_k, n_freq): f at ``k`` (n_k,), rad/m.
    """
    level = np.log(symbol / symbol[-1])
    if np.abs(level).max() < 1e-9:
        return np.zeros((rims.size.size, symbol.shape[1]), dtype=complex)
    place = np.log(k)
    slope = np.diff(level, axis=0) / np.diff(place)[:, None]

    def antiderivative(level: ComplexArray, slope: ComplexArray, at: FloatArray) -> ComplexArray:
        """Of level dk/k^2 with a level linear in ln k."""
        return np.asarray(-(level + slope) / at[:, None])

    # integral from each k to the last, exact for levels linear in ln k between the samples
    part = antiderivative(level[1:], slope, k[1:]) - antiderivative(level[:-1], slope, k[:-1])
    above = np.zeros_like(level)
    above[:-1] = np.cumsum(part[::-1], axis=0)[::-1]

    def at(where: FloatArray) -> tuple[IntArray, ComplexArray]:
        cell = np.clip(np.searchsorted(k, where) - 1, 0, k.size - 2)
        offset = (np.log(where) - place[cell])[:, None]
        return cell, level[cell] + slope[cell] * offset

    low = np.clip(CHARGE_CUT / rims.size, k[0], k[-1])
    _, reference = at(np.clip(CHARGE_SEEN / rims.size, k[0], k[-1]))
    cell, start = at(low)
    integral = above[cell + 1] - reference / low[:, None]
    integral += antiderivative(level[cell + 1], slope[cell], k[cell + 1])
    integral -= antiderivative(start, slope[cell], low)
    rho = resolved_share(rims.growth, np.zeros_like(rims.size))
    rho = 0.25 * rho / (1.0 + CHARGE_WIDTH * rims.size / rims.width)
    return np.asarray(rho[:, None] * np.exp(reference) * symbol[-1] * integral)


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

    index, coefficient: (n_t, 3) reduced functions.  Either triangle of a cell stands for half of
    it, so that current that varies along the edge is met in the middle of the cell.
    """
    out = np.zeros((count, count, weight.shape[1]))
    for rows in (rims.triangle, rims.mate):
        arm = basis.centroid[rows, None, :] - basis.corner[rows]  # (n, 3, 2)
        value = 0.5 * coefficient[rows] * np.einsum("njc,nc->nj", arm, rims.along)
        value /= basis.area[rows, None]
        _add(out, index[rows], value, basis.area[rims.triangle], weight)
    return out


def charge_matrices(
    basis: Basis,
    rims: Rims,
    index: IntArray,
    coefficient: FloatArray,
    count: int,
    weight: FloatArray,
) -> FloatArray:
    """(count, count, k): sums over edge cells of div f_m div f_n times area and ``weight``."""
    out = np.zeros((count, count, weight.shape[1]))
    for rows in (rims.triangle, rims.mate):
        value = coefficient[rows] / basis.area[rows, None]
        _add(out, index[rows], value, basis.area[rims.triangle], weight)
    return out


def _add(
    out: FloatArray, index: IntArray, value: FloatArray, area: FloatArray, weight: FloatArray
) -> None:
    """Add value_i value_j area weight of every rim to ``out`` (count, count, k)."""
    for i in range(3):
        for j in range(3):
            live = (index[:, i] >= 0) & (index[:, j] >= 0)
            product = value[live, i] * value[live, j] * area[live]
            np.add.at(out, (index[live, i], index[live, j]), product[:, None] * weight[live])
