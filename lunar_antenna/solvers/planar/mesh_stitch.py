"""Blocks meshed each on its own, joined into one conforming mesh."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from ...conventions import FloatArray, IntArray
from .mesh_outline import BoolArray

_TOGETHER = 0.35  # of the spacing: nodes of two blocks closer than this become one


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Mesh of one block: vertices (n, 2), triangles (m, 3), and the corners of the block (k, 2).

    cells (m,): number of the cell that a triangle is half of, -1 for none.  seams: (s, 4) edges of
    the block that it shares with others.
    """

    vertices: FloatArray
    triangles: IntArray
    cells: IntArray
    corners: FloatArray
    seams: FloatArray

    def mapped(self, change: FloatArray) -> Piece:
        """Its image under a turn or a mirror image of the plane, (2, 2) as applied to points."""
        flip = [0, 1, 2] if np.linalg.det(change) > 0.0 else [0, 2, 1]
        ends = self.seams.reshape(-1, 2, 2) @ change.T
        return Piece(
            self.vertices @ change.T,
            self.triangles[:, flip],
            self.cells,
            self.corners @ change.T,
            ends.reshape(-1, 4),
        )


def stitch(
    pieces: list[Piece], tolerance: float
) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """(vertices, triangles, piece and cell of each triangle): conforming along all seams.

    Nodes of two pieces that nearly coincide on a seam become one; a triangle on whose side a
    node of another piece remains is split from its opposite corner.
    """
    starts = np.cumsum([0] + [len(piece.vertices) for piece in pieces])
    vertices = np.vstack([piece.vertices for piece in pieces])
    triangles = np.vstack([p.triangles + s for p, s in zip(pieces, starts, strict=False)])
    counts = [len(piece.triangles) for piece in pieces]
    owner = np.repeat(np.arange(len(pieces)), counts)
    before = np.repeat(np.cumsum([0, *counts[:-1]]), counts)
    cells = np.concatenate([piece.cells for piece in pieces])
    cells = np.where(cells >= 0, cells + before, -1)
    if len(pieces) == 1:
        return vertices, triangles, owner, cells
    sides = border(triangles)
    rim = np.unique(sides)
    owner_of_vertex = np.repeat(np.arange(len(pieces)), [len(piece.vertices) for piece in pieces])
    seams = np.vstack([piece.seams for piece in pieces])
    corners = cKDTree(np.vstack([piece.corners for piece in pieces]))
    fixed = np.zeros(len(vertices), dtype=bool)
    fixed[rim] = corners.query(vertices[rim])[0] <= 10.0 * tolerance
    moved = _drawn_together(vertices, rim, owner_of_vertex, fixed, seams, tolerance)
    if areas_of(moved, triangles).min() > 0.0:
        vertices = moved
    same = _coinciding(vertices, rim, 10.0 * tolerance)
    triangles, sides = same[triangles], same[sides]
    triangles, source, whole = _split(vertices, triangles, sides, seams, tolerance)
    used, inverse = np.unique(triangles, return_inverse=True)
    triangles = np.asarray(inverse).reshape(triangles.shape)
    return vertices[used], triangles, owner[source], np.where(whole, cells[source], -1)


def border(triangles: IntArray) -> IntArray:
    """(n, 2) sides that belong to one triangle only."""
    every = np.vstack((triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]))
    key = np.sort(every, axis=1)
    code = key[:, 0] * (int(triangles.max()) + 1) + key[:, 1]
    _, first, count = np.unique(code, return_index=True, return_counts=True)
    return np.asarray(every[first[count == 1]])


def _on(points: FloatArray, seam: FloatArray, near: float) -> tuple[IntArray, FloatArray]:
    """Which of the points lie on a seam, and how far along it, m; ascending."""
    step = seam[2:] - seam[:2]
    length = float(np.linalg.norm(step))
    along = (points - seam[:2]) @ step / length
    aside = np.abs((points - seam[:2]) @ np.array([-step[1], step[0]])) / length
    here = np.flatnonzero((aside <= near) & (along >= -near) & (along <= length + near))
    here = here[np.argsort(along[here], kind="stable")]
    return here, along[here]


def _drawn_together(
    vertices: FloatArray,
    rim: IntArray,
    owner: IntArray,
    fixed: BoolArray,
    seams: FloatArray,
    tolerance: float,
) -> FloatArray:
    """Vertices with nearly coinciding nodes of neighbours moved onto each other."""
    moved = vertices.copy()
    settled = fixed.copy()
    for seam in seams:
        here, along = _on(moved[rim], seam, 10.0 * tolerance)
        nodes = rim[here]
        owners = np.unique(owner[nodes])
        for k, one in enumerate(owners):
            for other in owners[k + 1 :]:
                a, b = owner[nodes] == one, owner[nodes] == other
                if a.sum() < 2 or b.sum() < 2:
                    continue
                _pair(moved, settled, nodes[a], along[a], nodes[b], along[b])
    return moved


def _pair(
    moved: FloatArray,
    settled: BoolArray,
    first: IntArray,
    at_first: FloatArray,
    second: IntArray,
    at_second: FloatArray,
) -> None:
    """Move free nodes of two pieces that are each other's nearest onto one place."""
    distance = np.abs(at_first[:, None] - at_second)
    mate = distance.argmin(axis=1)
    back = distance.argmin(axis=0)
    room_first, room_second = _room(at_first), _room(at_second)
    for i, j in enumerate(mate):
        if back[j] != i or distance[i, j] > _TOGETHER * min(room_first[i], room_second[j]):
            continue
        p, q = first[i], second[j]
        if settled[p] and settled[q]:
            continue
        if settled[p]:
            moved[q] = moved[p]
        elif settled[q]:
            moved[p] = moved[q]
        else:
            moved[p] = moved[q] = 0.5 * (moved[p] + moved[q])
        settled[[p, q]] = True


def _room(along: FloatArray) -> FloatArray:
    """Distance of each node to its nearer neighbour."""
    gap = np.diff(along)
    return np.asarray(np.minimum(np.append(gap, np.inf), np.append(np.inf, gap)))


def _coinciding(vertices: FloatArray, rim: IntArray, near: float) -> IntArray:
    """(n,) one number for all vertices at one place."""
    pairs = cKDTree(vertices[rim]).query_pairs(near, output_type="ndarray")
    n = len(rim)
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    _, label = connected_components(graph, directed=False)
    first = np.full(n, n)
    np.minimum.at(first, label, np.arange(n))
    number = np.arange(len(vertices))
    number[rim] = rim[first[label]]
    return number


def _split(
    vertices: FloatArray,
    triangles: IntArray,
    sides: IntArray,
    seams: FloatArray,
    tolerance: float,
) -> tuple[IntArray, IntArray, BoolArray]:
    """Triangles with every node that lies inside one of their sides made a corner, which one each
    is a part of, and whether it is the whole of it."""
    nodes = np.unique(sides)
    inside: dict[tuple[int, int], IntArray] = {}
    for seam in seams:
        here, _ = _on(vertices[nodes], seam, 10.0 * tolerance)
        ids = nodes[here]
        place = np.full(len(vertices), -1)
        place[ids] = np.arange(len(ids))
        ends = place[sides]
        for k in np.flatnonzero((ends.min(axis=1) >= 0) & (np.abs(np.diff(ends)[:, 0]) > 1)):
            low, high = int(ends[k].min()), int(ends[k].max())
            found = ids[low + 1 : high]
            a, b = sides[k].tolist()
            inside[a, b] = found if ends[k, 0] < ends[k, 1] else found[::-1]
    number = np.arange(len(triangles))
    if not inside:
        return triangles, number, np.ones(len(triangles), dtype=bool)
    keep = np.ones(len(triangles), dtype=bool)
    new: list[tuple[int, int, int]] = []
    source: list[int] = []
    starts = {pair[0] for pair in inside}
    for t in np.flatnonzero(np.isin(triangles, list(starts)).any(axis=1)).tolist():
        parts = [tuple(triangles[t].tolist())]
        done: list[tuple[int, int, int]] = []
        while parts:
            corner = parts.pop()
            for side in range(3):
                a, b, apex = (corner[(side + k) % 3] for k in range(3))
                if (a, b) in inside:
                    chain = [a, *inside[a, b].tolist(), b]
                    parts += [(p, q, apex) for p, q in pairwise(chain)]
                    break
            else:
                done.append(corner)
        if len(done) > 1:
            keep[t] = False
            new += done
            source += [t] * len(done)
    whole = np.arange(int(keep.sum()) + len(new)) < keep.sum()
    return (
        np.vstack((triangles[keep], np.array(new, dtype=triangles.dtype).reshape(-1, 3))),
        np.concatenate((number[keep], np.array(source, dtype=number.dtype))),
        whole,
    )


def areas_of(vertices: FloatArray, triangles: IntArray) -> FloatArray:
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    return np.asarray(
        0.5
        * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))
    )
