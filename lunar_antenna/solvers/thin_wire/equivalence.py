"""A flat strip as a round wire: what is put right of it, what is estimated, what is refused.

In free space a strip of width w is a wire of radius w/4.  Over a soil its image is one too: the
mean of the logarithm of the distance between a strip and its image, charge as 1/sqrt(1 - x^2),

    ln(2 h_e) = < ln sqrt((x - x')^2 + 4 h^2) >,

is that of a wire at h_e > h.  Measured against the moment method on sheets, strip 10 m x 0.2 m
0.1 m above eps_r 3.5, 8 to 35 MHz: largest difference of Gamma in 200 ohm 0.051 at h, 0.013 at
h_e = 0.1106 m; 0.016 in free space, where no soil is.

What is left besides the segments' own error (ends, corners, and a gap shorter than 4 radii, which
is fed over one that long) acts like a shift of all frequencies by ``shift``: 43 cases of strips
5 to 13 m x 0.01 to 0.25 m, bent, folded and meandered, in free space and over eps_r 3.5 and 6,
needed up to 0.0145 at w/extent = 1/20 (refused), 0.0025 at 1/36, 0.0016 at 1/50, 0.0005 at 1/90,
and folded ones, whose parallel parts lie closer than four widths, up to 0.0133.  A corner or joint
is a wire longer or shorter by a part of the width: bent strips of 0.1 and 0.2 m needed 0.1 of it.

A film shifts by about half its ln(b/a) times eps - 1/eps over the line's own logarithm; the coating
is 12 to 20 % short of it (strip of 0.05 m, films of 127 and 500 um, in free space and over soil,
against the planar solver).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString

from ...conventions import FloatArray
from ...problem import Problem
from .loading import coating, polarised
from .model import extent_of
from .types import WireModel

SHIFT = 4.0  # of (width over extent)^2, from the cases above
PROXIMITY = 0.25  # of (width over distance)^2: log distance of two strips against two wires
CORNER = 0.1  # of the width for each corner or joint, over the length of all strips
FILM = 0.3  # of the shift by the film
TURN = 0.94  # cosine of 20 degrees: a corner
POINTS = 64


def image_height(height: FloatArray, width: float) -> FloatArray:
    """h_e, m, of a strip of ``width`` (m) at ``height`` (m) above a soil."""
    across = 0.5 * width * np.cos((np.arange(POINTS) + 0.5) * np.pi / POINTS)
    apart = (across[:, None] - across[None, :]) ** 2
    high = np.asarray(height, dtype=float)[..., None, None]
    return np.asarray(0.5 * np.exp(0.5 * np.log(apart + 4.0 * high**2).mean(axis=(-2, -1))))


@dataclass(frozen=True, slots=True)
class Strips:
    """width: of the widest, m.  extent: larger side of the layout, m.  length: of all strips, m.

    corners: turns and joints.  distance: between parts that do not meet, m, inf if none.  coat:
    eps - 1/eps times ln(b/a) of the coating that stands for the film.
    """

    width: float
    extent: float
    length: float
    corners: int
    distance: float
    coat: float


def shift(strips: Strips) -> float:
    """Relative shift of frequency that stands for what wires are not of ``strips``."""
    width, extent = strips.width, strips.extent
    line = 2.0 * np.log(extent / (0.25 * width)) - 2.0
    ends = SHIFT * (width / extent) ** 2 + PROXIMITY * (width / strips.distance) ** 2
    corners = CORNER * strips.corners * width / strips.length
    return float(ends + corners + FILM * 0.5 * strips.coat / line)


def strips_of(problem: Problem, model: WireModel) -> Strips:
    """What the equivalence of strips and wires is judged by."""
    layout = problem.layout
    width = max(2.0 * float(ribbon.half_width.max()) for ribbon in layout.ribbons)
    lines = [LineString(ribbon.path) for ribbon in layout.ribbons]
    fed = max((gap.length for gap in layout.gaps), default=0.0)
    distances = [a.distance(b) for a, b in itertools.combinations(lines, 2)]
    joints = sum(distance <= width for distance in distances)
    apart = [distance for distance in distances if distance > 1.001 * max(width, fed)]
    coat = 0.0
    if layout.film is not None:
        thickest = max(coating(wire, layout.film) for wire in model.wires)
        coat = float(np.abs(polarised(layout.film, problem.frequency)).max()) * thickest
    return Strips(
        width,
        extent_of(layout),
        sum(ribbon.length for ribbon in layout.ribbons),
        joints + sum(_turns(ribbon.path) for ribbon in layout.ribbons),
        min(apart, default=np.inf),
        coat,
    )


def _turns(path: FloatArray) -> int:
    """Corners of a path (n, 2) m sharper than TURN."""
    step = np.diff(path, axis=0)
    unit = step / np.linalg.norm(step, axis=1)[:, None]
    return int(np.sum(np.einsum("ij,ij->i", unit[1:], unit[:-1]) < TURN))
