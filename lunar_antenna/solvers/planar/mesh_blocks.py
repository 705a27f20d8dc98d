"""Metal cut at its joints into blocks that each run along one direction.

A bar that leaves a strip sideways wants cells long along itself.  Where the outline turns inwards
by more than 40 degrees (the inner corners of a T, an L or a fan, also rounded ones), the metal is
cut by the shortest straight line from there: to another such corner, or across to the other side.
What remains turns nowhere sharply and is swept along its own direction (:mod:`.mesh_sweep`).
"""

from __future__ import annotations

import numpy as np
import shapely
from shapely import contains_xy
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

from ...conventions import FloatArray
from .mesh_outline import BoolArray, Planes, ray_hits, rings, turns
from .mesh_sweep import RIM, Block

INWARDS = np.deg2rad(40.0)  # more than this is cut
SHEAR = np.deg2rad(35.0)  # of the cells that is no harm
ENDS, WIDE = 0.3, 0.1  # metres of slanted side that a metre of rim across or of width is worth
_STRAIGHT = np.pi + np.deg2rad(20.0)  # angle up to which a part counts as not turning inwards
_ASIDE = np.deg2rad(60.0)  # least angle between a cut and the outline or another cut
_TO_CORNER = 0.75  # a cut that serves two corners is worth a longer way
_SNAP = 0.15  # of the cut: a corner of the outline so near its end is its end


def blocks_of(polygon: Polygon, planes: Planes) -> list[Polygon]:
    """The pieces of one piece of metal, which is not changed where nothing turns inwards."""
    loops = rings(polygon)
    cuts = [cut for loop in loops for cut in _cuts(loop, loops, polygon, planes)]
    if not cuts:
        return [polygon]
    ends = np.array([end for _, end in cuts])
    lines = [LineString(cut) for cut in cuts if np.linalg.norm(cut[1] - cut[0]) > 0.0]
    border = [_through(loop, ends, planes.tolerance) for loop in loops]
    faces = shapely.get_parts(shapely.polygonize([unary_union([*border, *lines])]))
    pieces = [
        face
        for face in faces
        if face.area > planes.tolerance**2
        and contains_xy(polygon, *face.representative_point().coords[0])
    ]
    return pieces or [polygon]


def _through(loop: FloatArray, points: FloatArray, tolerance: float) -> LineString:
    """The closed ring with vertices at those points that lie on its edges."""
    pieces = []
    for a, b in zip(loop, np.roll(loop, -1, axis=0), strict=True):
        pieces.append(a[None, :])
        length = np.linalg.norm(b - a)
        along = (points - a) @ (b - a) / length
        off = np.abs((points - a) @ np.array([a[1] - b[1], b[0] - a[0]])) / length
        here = np.flatnonzero(
            (off <= tolerance) & (along > tolerance) & (along < length - tolerance)
        )
        pieces.append(points[here[np.argsort(along[here])]])
    ring = np.vstack(pieces)
    return LineString(np.vstack((ring, ring[:1])))


def _cuts(
    loop: FloatArray, loops: list[FloatArray], polygon: Polygon, planes: Planes
) -> list[tuple[FloatArray, FloatArray]]:
    """(corner, end) of every cut that starts on one ring."""
    edges = np.vstack([np.hstack((ring, np.roll(ring, -1, axis=0))) for ring in loops])
    on_plane = planes.hold(edges[:, :2], edges[:, 2:])
    corners = np.vstack([ring[inner_corners(ring)] for ring in loops])
    found: list[tuple[FloatArray, FloatArray]] = []
    for index in inner_corners(loop):
        here = loop[index]
        out = loop[(index + 1) % len(loop)] - here
        back = loop[index - 1] - here
        start = np.arctan2(out[1], out[0])
        whole = float((np.arctan2(back[1], back[0]) - start) % (2.0 * np.pi))
        targets, weight = _targets(here, out, back, edges, on_plane, corners)
        if len(targets) == 0:
            continue
        ray = targets - here
        angle = (np.arctan2(ray[:, 1], ray[:, 0]) - start) % (2.0 * np.pi)
        cost = weight * np.linalg.norm(ray, axis=1)
        order = np.argsort(cost, kind="stable")
        parts = [(0.0, whole)]
        while parts:
            low, high = parts.pop()
            if high - low <= _STRAIGHT:
                continue
            for k in order:
                if low + _ASIDE < angle[k] < high - _ASIDE and _visible(
                    here, targets[k], edges, polygon, planes.tolerance
                ):
                    found.append((here, targets[k]))
                    parts += [(low, float(angle[k])), (float(angle[k]), high)]
                    break
    return found


def inner_corners(loop: FloatArray) -> list[int]:
    """Vertices at which the outline has turned inwards by INWARDS since the last one."""
    turn = turns(loop)
    if turn.min() > -1e-6:
        return []
    first = int(np.argmax(turn))  # a convex vertex: nothing is pending there
    total, found = 0.0, []
    for step in range(len(loop)):
        index = (first + step) % len(loop)
        if turn[index] > np.deg2rad(2.0):
            total = 0.0
        elif turn[index] < 0.0:
            total += float(turn[index])
            if total < -INWARDS:
                found.append(index)
                total = 0.0
    return found


def _targets(
    here: FloatArray,
    out: FloatArray,
    back: FloatArray,
    edges: FloatArray,
    on_plane: BoolArray,
    corners: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Ends that a cut from ``here`` may have, (n, 2), and the weight of its length."""
    a, b = edges[:, :2], edges[:, 2:]
    step = b - a
    length2 = np.maximum((step**2).sum(axis=1), 1e-300)
    share = np.clip(((here - a) * step).sum(axis=1) / length2, 0.0, 1.0)
    feet = a + share[:, None] * step
    plane = np.where(on_plane, 2.0, 1.0)
    points, weights = [feet], [plane]
    for away in (-back, -out):
        distance, which = ray_hits(here, away / np.linalg.norm(away), edges)
        ahead = distance > 1e-9 * np.linalg.norm(away)
        hits = here + distance[ahead, None] * away / np.linalg.norm(away)
        points.append(hits)
        weights.append(0.98 * plane[which[ahead]])
    ends, weight = np.vstack(points), np.concatenate(weights)
    reach = np.linalg.norm(ends - here, axis=1)
    vertices = a
    gap = np.linalg.norm(ends[:, None, :] - vertices, axis=2)
    nearest = gap.argmin(axis=1)
    snapped = gap[np.arange(len(ends)), nearest] < _SNAP * reach
    ends = np.where(snapped[:, None], vertices[nearest], ends)
    ends = np.vstack((ends, corners))
    weight = np.concatenate((weight, np.full(len(corners), 1.0)))
    is_corner = (np.abs(ends[:, None, :] - corners).max(axis=2) == 0.0).any(axis=1)
    weight = np.where(is_corner, _TO_CORNER, weight)
    far = np.linalg.norm(ends - here, axis=1) > 1e-9 * np.sqrt(length2.max())
    return ends[far], weight[far]


def _visible(
    start: FloatArray, end: FloatArray, edges: FloatArray, polygon: Polygon, tolerance: float
) -> bool:
    """True where the straight way from ``start`` to ``end`` runs inside the metal."""
    length = float(np.linalg.norm(end - start))
    distance, _ = ray_hits(start, (end - start) / length, edges)
    between = (distance > 10.0 * tolerance) & (distance < length - 10.0 * tolerance)
    middle = 0.5 * (start + end)
    return not between.any() and bool(contains_xy(polygon, middle[0], middle[1]))


def frame_of(block: Block) -> FloatArray:
    """(2, 2) rotation into the frame in which a block is swept along its first coordinate.

    The sweep runs along the rims, from one neighbour to the next, as the current does: rims across
    it count against a direction, and so does a block that is wider than long.  The lines of the
    sweep shall be parallel to the ends of the block, its long sides may be inclined to their normal
    by up to 35 degrees; among equals the axes of the layout are taken.
    """
    points = np.vstack(block.rings)
    edges = np.vstack([np.roll(ring, -1, axis=0) - ring for ring in block.rings])
    length = np.linalg.norm(edges, axis=1)
    rim = (np.concatenate(block.kinds) == RIM)[length > 0.0]
    edges, length = edges[length > 0.0], length[length > 0.0]
    angle = np.arctan2(edges[:, 1], edges[:, 0])
    axes = np.array([0.0, 0.5 * np.pi])
    longest = angle[np.argsort(-length, kind="stable")[:8]]
    for candidates in (axes, np.concatenate((axes, longest, longest + 0.5 * np.pi))):
        to_axis = np.abs((angle - candidates[:, None] + 0.5 * np.pi) % np.pi - 0.5 * np.pi)
        slant = np.maximum(to_axis - SHEAR, 0.0) * np.cos(to_axis) @ length
        shear = np.minimum(to_axis, 0.5 * np.pi - to_axis) @ length
        cosine, sine = np.cos(candidates), np.sin(candidates)
        along = np.ptp(np.outer(points[:, 0], cosine) + np.outer(points[:, 1], sine), axis=0)
        across = np.ptp(np.outer(points[:, 1], cosine) - np.outer(points[:, 0], sine), axis=0)
        scale = float(length.sum())
        ends = (rim & (to_axis > 0.25 * np.pi)) @ length
        wide = np.maximum(0.999 * across - along, 0.0)
        cost = slant + ENDS * ends + WIDE * wide + 1e-3 * shear
        cost[2:] += 1e-6 * scale
        best = int(np.flatnonzero(cost <= cost.min() + 1e-9 * scale)[0])
        if slant[best] <= 1e-9 * scale:
            break
    return _rotation(float(candidates[best]))


def _rotation(angle: float) -> FloatArray:
    cosine, sine = np.cos(angle), np.sin(angle)
    if abs(cosine) < 1e-12 or abs(sine) < 1e-12:
        cosine, sine = float(round(cosine)), float(round(sine))
    return np.array([[cosine, sine], [-sine, cosine]])
