"""Rao-Wilton-Glisson functions on a mesh, their mirror classes and the port vectors.

On triangle t the function of the edge opposite vertex i is sign * l/(2A) (r - v_i), with
divergence sign * l/A (Rao, Wilton & Glisson 1982).  Where the mesh has mirror planes every
excitation splits into classes of definite parity; in each class the unknowns are the orbits of
the functions under the mirrors, and rows need only be tested on the fundamental triangles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import FloatArray, IntArray
from ...errors import GeometryError
from ...geometry.layout import Gap, Layout
from .mesh import TriangleMesh


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """index (n_t, 3): function of the edge opposite each vertex, -1 at the rim.

    coefficient (n_t, 3): sign times edge length, m.  count: number of functions.
    corner (n_t, 3, 2), centroid (n_t, 2), area (n_t,): of the triangles, m and m2.
    """

    mesh: TriangleMesh
    index: IntArray
    coefficient: FloatArray
    count: int
    corner: FloatArray
    centroid: FloatArray
    area: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ParityClass:
    """One class: (p_x, p_y) parities; orbit (n_full,) reduced index or -1; sign (n_full,).

    order: number of mirror images that the fundamental part stands for.
    """

    orbit: IntArray
    sign: FloatArray
    count: int
    order: int


def make_basis(mesh: TriangleMesh) -> Basis:
    """RWG functions of ``mesh``; a rim edge carries none."""
    tri = mesh.triangles
    n_t = len(tri)
    edges = np.vstack((tri[:, [1, 2]], tri[:, [2, 0]], tri[:, [0, 1]]))
    low, high = edges.min(axis=1), edges.max(axis=1)
    _, inverse, counts = np.unique(
        low * len(mesh.vertices) + high, return_inverse=True, return_counts=True
    )
    inverse = inverse.ravel()
    if counts.max() > 2:
        raise GeometryError("three triangles share an edge; conductors overlap in the layout")
    inner = counts == 2
    number = np.where(inner, np.cumsum(inner) - 1, -1)
    index = number[inverse].reshape(3, n_t).T
    owner = np.tile(np.arange(n_t), 3)
    first = np.full(counts.size, n_t)
    np.minimum.at(first, inverse, owner)
    plus = (first[inverse] == owner).reshape(3, n_t).T
    corner = mesh.vertices[tri]
    length = np.stack(
        [
            np.linalg.norm(corner[:, 2] - corner[:, 1], axis=1),
            np.linalg.norm(corner[:, 0] - corner[:, 2], axis=1),
            np.linalg.norm(corner[:, 1] - corner[:, 0], axis=1),
        ],
        axis=1,
    )
    return Basis(
        mesh=mesh,
        index=index,
        coefficient=np.where(plus, 1.0, -1.0) * length,
        count=int(inner.sum()),
        corner=np.ascontiguousarray(corner),
        centroid=mesh.centroids,
        area=mesh.areas,
    )


def gap_vectors(basis: Basis, layout: Layout) -> FloatArray:
    """(n_full, n_gap): v_m = (1/gap) integral of f_m . d over the gap, dimension m.

    The impressed field is uniform across the finite gap, or a delta on its centre line where the
    gap asks for it; the current of a gap is read with the same weights, I = v^T x, so that power
    and reciprocity are exact.
    """
    vectors = np.zeros((basis.count, len(layout.gaps)))
    for column, gap in enumerate(layout.gaps):
        inside = np.flatnonzero(basis.mesh.tab == column)
        if inside.size == 0:
            raise GeometryError(
                f"the feed tab at ({gap.x:g}, {gap.y:g}) m has no mesh; widen gap or port_width"
            )
        if gap.feed == "delta":
            share, point = _on_centre_line(basis, gap, inside)
        else:
            share = np.full(inside.size, 1.0 / gap.length)
            point = basis.centroid[inside]
        for i in range(3):
            arm = point - basis.corner[inside, i]
            value = 0.5 * basis.coefficient[inside, i] * (arm @ gap.direction) * share
            keep = basis.index[inside, i] >= 0
            np.add.at(vectors[:, column], basis.index[inside[keep], i], value[keep])
    return vectors


def _on_centre_line(basis: Basis, gap: Gap, inside: IntArray) -> tuple[FloatArray, FloatArray]:
    """Length of the gap's centre line in each triangle over its area, and the middle there.

    The line may lie on mesh edges; two lines just beside it, each with half the weight, give
    every edge to both of its triangles.
    """
    along = (basis.corner[inside] - np.array([gap.x, gap.y])) @ gap.direction  # (n, 3)
    share = np.zeros(inside.size)
    point = basis.centroid[inside].copy()
    for offset in (-1e-6 * gap.length, 1e-6 * gap.length):
        level = along - offset
        for t in np.flatnonzero((level.min(axis=1) < 0.0) & (level.max(axis=1) > 0.0)):
            ends = []
            for i in range(3):
                a, b = level[t, i], level[t, (i + 1) % 3]
                if (a < 0.0) != (b < 0.0):
                    corner = basis.corner[inside[t]]
                    ends.append(corner[i] + a / (a - b) * (corner[(i + 1) % 3] - corner[i]))
            share[t] += 0.5 * float(np.linalg.norm(ends[1] - ends[0])) / basis.area[inside[t]]
            point[t] = 0.5 * (ends[0] + ends[1])
    return share, point


def parity_classes(
    basis: Basis, vectors: FloatArray, *, every: bool = False
) -> list[tuple[ParityClass, FloatArray]]:
    """Classes that the gaps excite, or ``every`` one, each with its (n_reduced, n_gap) vectors."""
    mesh = basis.mesh
    mirrors = [axis for axis, on in ((0, mesh.mirror_x), (1, mesh.mirror_y)) if on]
    images = [_image(basis, axis) for axis in mirrors]
    least = 1e-9 * np.abs(vectors).max(initial=0.0)
    result = []
    for code in range(2 ** len(mirrors)):
        parity = [1.0 if code >> k & 1 else -1.0 for k in range(len(mirrors))]
        reduced = _orbits(basis.count, images, parity)
        projected = np.zeros((reduced.count, vectors.shape[1]))
        live = reduced.orbit >= 0
        np.add.at(projected, reduced.orbit[live], reduced.sign[live, None] * vectors[live])
        if every or np.abs(projected).max(initial=0.0) > least:
            result.append((reduced, projected))
    return result


def _image(basis: Basis, axis: int) -> tuple[IntArray, FloatArray]:
    """(n_full,) image function of each function under a mirror, and its sign."""
    mesh = basis.mesh
    n_parts = len(mesh.triangles) // mesh.n_fundamental
    # parts are ordered identity, x, y, xy (identity, x or identity, y with one mirror)
    flip = 1 if (axis == 0 or n_parts == 2) else 2
    part, inner = np.divmod(np.arange(len(mesh.triangles)), mesh.n_fundamental)
    partner = (part ^ flip) * mesh.n_fundamental + inner
    sx, sy = (-1.0, 1.0) if axis == 0 else (1.0, -1.0)
    image = np.full(basis.count, -1)
    sign = np.zeros(basis.count)
    reflected = basis.corner * np.array([sx, sy])
    for i in range(3):
        # the local vertex of the partner triangle that is the image of vertex i
        distance = np.abs(basis.corner[partner] - reflected[:, i][:, None, :]).max(axis=2)
        local = distance.argmin(axis=1)
        own = basis.index[:, i]
        live = own >= 0
        other = basis.index[partner, local]
        same = np.sign(basis.coefficient[:, i]) * np.sign(basis.coefficient[partner, local])
        image[own[live]] = other[live]
        sign[own[live]] = same[live]
    return image, sign


def _orbits(
    count: int, images: list[tuple[IntArray, FloatArray]], parity: list[float]
) -> ParityClass:
    members = [(np.arange(count), np.ones(count))]
    for (image, sign), p in zip(images, parity, strict=True):
        members += [(image[idx], p * s * sign[idx]) for idx, s in members]
    stacked = np.stack([idx for idx, _ in members])  # (order, n)
    signs = np.stack([s for _, s in members])
    representative = stacked.min(axis=0)
    # orbit function: sum of sign * f_member; it vanishes where a stabiliser flips the sign
    total = np.zeros((count,))
    own = np.arange(count)
    for idx, s in zip(stacked, signs, strict=True):
        total += np.where(idx == own, s, 0.0)
    alive = total > 0.5
    numbers = np.full(count, -1)
    chosen = np.flatnonzero(alive & (representative == own))
    numbers[chosen] = np.arange(chosen.size)
    orbit = np.where(alive, numbers[representative], -1)
    sign_to = np.zeros(count)
    for idx, s in zip(stacked, signs, strict=True):
        sign_to = np.where((idx == representative) & (sign_to == 0.0), s, sign_to)
    return ParityClass(orbit, sign_to, int(chosen.size), len(members))
