"""A flat strip as a round wire: what is put right of it, what is estimated, what is refused.

In free space a strip of width w is a wire of radius w/4.  Over a soil its image is one too: the
mean of the logarithm of the distance between a strip and its image, charge as 1/sqrt(1 - x^2),

    ln(2 h_e) = < ln sqrt((x - x')^2 + 4 h^2) >,

is that of a wire at h_e > h.  Measured against the moment method on sheets, strip 10 m x 0.2 m
0.1 m above eps_r 3.5, 8 to 35 MHz: largest difference of Gamma in 200 ohm 0.051 at h, 0.013 at
h_e = 0.1106 m; 0.016 in free space, where no soil is.

Gaps are put right by gaps.py, open ends by ends.py, corners by corners.py, conductors side by side
by beside.py. What is left besides the segments' own error acts like a shift of all frequencies by
``shift``: 1.7e-4 of everything, 0.9 (w/D)^2 of strips of the extent D, 7e-4 (w/h)^2 over a soil at
h, more over one that reflects more than eps_r 3.5 (:func:`over_soil`), 0.26 of (w1^2 + w2^2)/(2
d^2) of parts of one conductor at the distance d, which are much of a line made of the two, and 0.11
of it, over the logarithm of their line, of two conductors (closer than 1.5 widths 15 to 80 % of Z,
refused); and what each engine is in doubt of (:class:`Doubts`). Set on 120 random problems
(``tests.validation.errors --first 70000``, 80000 and 90000) and on 100 more (120000).

A film shifts by about half its ln(b/a) times eps - 1/eps over the line's own logarithm; the coating
is 12 to 20 % short of it (strip of 0.05 m, films of 127 and 500 um, in free space and over soil,
against the planar solver).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from ...conventions import FloatArray
from ...geometry.layout import Layout
from ...problem import Problem
from .corners import crossings
from .loading import coating, polarised
from .model import extent_of
from .types import WireModel

LAWS, SHIFT = 1.7e-4, 0.9  # of all; of (width over extent)^2
SOIL = 7e-4  # of (width over height)^2
SET_AT, LINE_FLOOR = 0.5556, 0.5  # K of eps_r 3.5; least logarithm of a line over its image
PROXIMITY, APART = 0.26, 0.11  # of (width over distance)^2: one conductor; two
# Least distance of two conductors beside each other, in widths of the wider, between axes: closer
# ones share their charge, which round wires do not.
NEAREST = 1.5
TURN = 0.94  # cosine of 20 degrees: a corner
POINTS = 64
Part = tuple[FloatArray, FloatArray, float]  # ends (x, y) and width of a straight part, m


def image_height(height: FloatArray, width: float) -> FloatArray:
    """h_e, m, of a strip of ``width`` (m) at ``height`` (m) above a soil."""
    across = 0.5 * width * np.cos((np.arange(POINTS) + 0.5) * np.pi / POINTS)
    apart = (across[:, None] - across[None, :]) ** 2
    high = np.asarray(height, dtype=float)[..., None, None]
    return np.asarray(0.5 * np.exp(0.5 * np.log(apart + 4.0 * high**2).mean(axis=(-2, -1))))


@dataclass(frozen=True, slots=True)
class Strips:
    """width: of the widest, m.  extent: larger side of the layout, m.  length: of all strips, m.

    joints: how many, a crossing as one. corners: turns by their 1 - cos. uneven: largest ln of a
    strip's own widths. height: least one over a soil, m, inf without. near: largest
    (width/distance)^2 of two parts of one conductor that do not meet, apart: of two conductors,
    over the logarithm of their line, 0 if there are none. reflected: largest |eps - 1|/|eps + 1| of
    the soil. coat: eps - 1/eps times ln(b/a) of the coating that stands for the film.
    """

    width: float
    extent: float
    length: float
    joints: int
    corners: float
    uneven: float
    height: float
    near: float
    apart: float
    coat: float
    reflected: float = 0.0


@dataclass(frozen=True, slots=True)
class Doubts:
    """What an engine is left in doubt of, as shifts: corner and joint, of the width for each right
    corner and each joint over the length of all strips; uneven, of the logarithm of the widest over
    the narrowest place of one strip; film, of the shift by the film; apart, of that by two
    conductors beside each other, 1 where beside.py puts them right; joined, of all that have
    joints, whatever their width."""

    corner: float
    joint: float
    uneven: float
    film: float
    apart: float = 1.0
    joined: float = 0.0


def shift(strips: Strips, doubts: Doubts) -> float:
    """Relative shift of frequency that stands for what wires are not of ``strips``."""
    width, extent = strips.width, strips.extent
    line = 2.0 * np.log(extent / (0.25 * width)) - 2.0
    beside = max(PROXIMITY * strips.near, doubts.apart * APART * strips.apart)
    ends = LAWS + SHIFT * (width / extent) ** 2 + beside
    corners = (
        (doubts.joint * strips.joints + doubts.corner * strips.corners) * width / strips.length
    )
    if strips.joints:
        corners += doubts.joined
    ends += over_soil(strips) + doubts.uneven * strips.uneven
    return float(ends + corners + doubts.film * 0.5 * strips.coat / line)


def over_soil(strips: Strips) -> float:
    """Shift by the charge that gathers below a strip: SOIL (w/h)^2 up to the reflection of eps_r
    3.5, as which random problems have set it, and beyond it as

        K^2 / (ln(8 D/w) - 1 - K ln(D/h)),    K = |eps - 1|/|eps + 1|,

    what its image of the second order makes of the capacitance of the line that it and its image
    are.  Strips of 50 to 200 mm at 0.55 to 0.6 of their width over eps_r 10 and 20: 2.6 to 4.4
    times what was stated at 6 MHz without it.
    """
    if not np.isfinite(strips.height):
        return 0.0

    def polarised(reflected: float) -> float:
        line = np.log(8.0 * strips.extent / strips.width) - 1.0
        nearer = reflected * np.log(max(1.0, strips.extent / strips.height))
        return float(reflected**2 / max(line - nearer, LINE_FLOOR))

    more = max(1.0, polarised(strips.reflected) / polarised(SET_AT))
    return float(SOIL * more * (strips.width / strips.height) ** 2)


def strips_of(problem: Problem, model: WireModel) -> Strips:
    """What the equivalence of strips and wires is judged by."""
    layout = problem.layout
    width = max(2.0 * float(ribbon.half_width.max()) for ribbon in layout.ribbons)
    metal = [ribbon.polygon.buffer(0.0) for ribbon in layout.ribbons]
    fed = max((gap.length for gap in layout.gaps), default=0.0)
    touch = 1e-6 * extent_of(layout)  # the sides of a gap do not
    joints = sum(one.distance(two) <= touch for one, two in itertools.combinations(metal, 2))
    for met in crossings(model):  # one joint, of however many parts
        joints -= max(0, math.comb(len(met), 2) - 1)
    near = {True: 0.0, False: 0.0}
    for one, two, distance, beside in _side_by_side(layout):
        if distance > 1.001 * max(width, fed):
            joined = any(_lie_on(polygon, one, two) for polygon in layout.conductors)
            felt = beside * 0.5 * (one[2] ** 2 + two[2] ** 2) / distance**2
            if not joined:
                felt /= max(1.0, 2.0 * np.log(4.0 * distance / np.sqrt(one[2] * two[2])))
            near[joined] = max(near[joined], felt)
    coat = 0.0
    if layout.film is not None:
        thickest = max(coating(wire, layout.film) for wire in model.wires)
        coat = float(np.abs(polarised(layout.film, problem.frequency)).max()) * thickest
    return Strips(
        width,
        extent_of(layout),
        sum(ribbon.length for ribbon in layout.ribbons),
        joints,
        sum(_turns(ribbon.path) for ribbon in layout.ribbons),
        max(float(np.log(r.half_width.max() / r.half_width.min())) for r in layout.ribbons),
        np.inf if problem.stack.is_free_space else float(model.segment_ends[:, :, 2].min()),
        near[True],
        near[False],
        coat,
        _reflected(problem),
    )


def _reflected(problem: Problem) -> float:
    """Largest |eps - 1|/|eps + 1| of the uppermost layer, 0 in free space."""
    if problem.stack.is_free_space:
        return 0.0
    eps = problem.stack.layers[0].complex_eps_r(problem.frequency)
    return float((np.abs(eps - 1.0) / np.abs(eps + 1.0)).max())


def closest(layout: Layout) -> float:
    """Least distance of strips side by side on two conductors, between axes, in widths of the
    wider; the two sides of a gap, which face each other there, are left out."""
    feeds = [Point(gap.x, gap.y).buffer(0.6 * gap.length) for gap in layout.gaps]
    met = [{k for k, feed in enumerate(feeds) if feed.intersects(c)} for c in layout.conductors]

    def apart(one: Part, two: Part) -> bool:
        found = [
            {n for n, polygon in enumerate(layout.conductors) if _lie_on(polygon, part)}
            for part in (one, two)
        ]
        gaps = [set().union(*(met[n] for n in numbers)) for numbers in found]
        return not found[0] & found[1] and not gaps[0] & gaps[1]

    return min(
        (
            distance / max(one[2], two[2])
            for one, two, distance, _ in _side_by_side(layout)
            if apart(one, two)
        ),
        default=np.inf,
    )


def _side_by_side(layout: Layout) -> Iterator[tuple[Part, Part, float, float]]:
    """Pairs of straight parts that run along each other: both, distance (m), share (_beside)."""
    parts: list[Part] = [
        (start, end, 2.0 * float(ribbon.half_width.max()))
        for ribbon in layout.ribbons
        for start, end in itertools.pairwise(ribbon.path[:, :2])
    ]
    for one, two in itertools.combinations(parts, 2):
        beside = _beside(one[:2], two[:2])
        if beside > 0.0:
            yield one, two, LineString(one[:2]).distance(LineString(two[:2])), beside


def _lie_on(polygon: Polygon, *parts: Part) -> bool:
    return all(polygon.distance(Point(0.5 * (start + end))) < 1e-6 for start, end, _ in parts)


def _beside(one: tuple[FloatArray, FloatArray], two: tuple[FloatArray, FloatArray]) -> float:
    """Share of the shorter of two straight parts that runs along the other, by its cosine."""
    along = one[1] - one[0]
    length, other = np.linalg.norm(along), np.linalg.norm(two[1] - two[0])
    unit = along / length
    places = sorted(float((point - one[0]) @ unit) for point in two)
    overlap = max(0.0, min(float(length), places[1]) - max(0.0, places[0]))
    cosine = abs(float((two[1] - two[0]) @ unit)) / other
    return float(cosine * overlap / min(length, other))


def _turns(path: FloatArray) -> float:
    """1 - cos of all corners of a path (n, 2) m that are sharper than TURN."""
    step = np.diff(path, axis=0)
    unit = step / np.linalg.norm(step, axis=1)[:, None]
    cosine = np.einsum("ij,ij->i", unit[1:], unit[:-1])
    return float(np.sum(1.0 - cosine[cosine < TURN]))
