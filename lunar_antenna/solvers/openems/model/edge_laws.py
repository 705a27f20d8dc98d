"""Where the mesh takes metal to end, and how to put the end where it is.

Edges.  A strip of N cells between its outer lines acts like a continuous one of N + 2 offset cells.
Two lattices are known exactly: one line of zero field on a uniform square lattice is a wire of
radius exp(-gamma) / sqrt(8) = 0.1985 cells, and a strip of one cell there has offset 0.3708.
Real meshes have other cells along z, and cells that grow away from the metal; growth alone widens
a strip by a twentieth on every mesh, so that refining never shows it.

Gaps.  The metal on both sides of a gap seems to reach into it, so that the mesh's gap holds more
charge than one across which the potential falls evenly, the port of a moment method.  Beside the
feed tab, where the gap is an open slot, less permittivity in it takes the excess away.

Slanted rims run between the lines.  More permittivity on the edge that leaves the metal and as
much less permeability beside it move the apparent rim outwards without slowing the wave along it
(in the spirit of conformal finite differences: Dey and Mittra 1997, there by lengths and areas).

Every law is the solution of one cross-section of the mesh (:mod:`.lattice`) with the exact
potential of the continuous problem on a far boundary; none is fitted to another solver.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from ....conventions import FloatArray
from .grading import Axis
from .lattice import Section

REACH = 300.0  # cells to the boundary, where a strip looks like a line and a gap like a point
COUNTED = 0.1  # of REACH: charge beside a gap is compared up to there
RIM_CELLS = 11  # across the strip whose two rims stand for those of half-planes
RIM_WIDTH = RIM_CELLS + 0.71  # cells, its width to the boundary
FACTORS = np.exp2(np.linspace(-1.0, 3.0, 17))
FACTORS_OF_SLOTS = np.exp2(np.linspace(-5.0, 1.0, 13))
ASPECTS = np.exp2(np.arange(-4.0, 5.0))


@functools.lru_cache(maxsize=256)
def strip_offset(across: int, aspect: float) -> float:
    """Cells by which a strip of ``across`` cells seems wider than its outer lines, on each side.

    aspect: cell asked of the grading along z at the metal, over the cell across.
    A strip of width w with unit charge per length has the potential -ln(r)/(2 pi) far away where
    it itself lies at -ln(w/4)/(2 pi).
    """
    half = 0.5 * across
    y, z = _lines(half, across, True, aspect)
    section = Section(y, z)
    metal = section.node[np.abs(y) <= half + 1e-9, _plane(z)]
    radius = np.maximum(np.hypot(y[:, None], z[None, :]), 1e-9)
    (potential,), _ = section.unit_charge(metal, -np.log(radius) / (2.0 * math.pi))
    return 0.5 * (_strip_width(float(potential)) - across)


@functools.lru_cache(maxsize=256)
def gap_share(cells: int, aspect: float) -> float:
    """Share of the displacement current of a gap's own cells that belongs to the port's current.

    cells: in the gap.  aspect: cell asked along z at the metal, over one cell of the gap.
    The circulation of H round the gap leaves that current out; with all of it the port would see
    the mesh's own charge.  Exact: the charge on and beyond x of a plane whose potential falls
    evenly by 1 V over the gap g, (2/(pi g)) int ln((x + g/2)/(x - g/2)) dx per permittivity and
    width, averaged over x in the gap as a moment method's port current is.
    """
    half = 0.5 * cells
    x, z = _lines(half, cells, False, aspect)
    plane = _plane(z)
    section = Section(x, z)
    potential = _ramp(x[:, None], z[None, :], half)
    potential[:, plane] = np.clip(x / cells, -0.5, 0.5)
    charge = section.charge(section.node[:, plane], potential)
    last = int(np.searchsorted(x, COUNTED * REACH))
    end = 0.5 * (x[last] + x[last + 1])
    inside = np.flatnonzero(np.abs(0.5 * (x[1:] + x[:-1])) < half)
    found = float(np.mean([charge[i + 1 : last + 1].sum() for i in inside]))
    beyond = (end + half) * math.log(end + half) - (end - half) * math.log(end - half)
    exact = (beyond - half * (2.0 * math.log(cells) - 1.0)) / (math.pi * half)
    height = 0.5 * (z[plane + 1] - z[plane - 1])
    return float(1.0 - (found - exact) * cells / height)


@functools.lru_cache(maxsize=256)
def slot_factor(cells: int, aspect: float) -> float:
    """Factor on the permittivity of the edges across an open slot between exact lines.

    cells: across the slot.  aspect: cell asked along z at the metal, over one cell of the slot.
    Exact: between coplanar half-planes at 1 V the charge up to x is (2/pi) arcosh(2 x/g) per
    permittivity and width.  The permeability in the slot is divided by the same factor.
    """
    x, _ = _lines(0.5 * cells, cells, False, aspect)
    last = int(np.searchsorted(x, COUNTED * REACH))
    end = 0.5 * (x[last] + x[last + 1])
    exact = 2.0 / math.pi * math.acosh(2.0 * end / cells)
    beside = last - int(np.searchsorted(x, 0.5 * cells - 1e-9)) + 1
    found = [float(_slot_charge(cells, aspect, f)[:beside].sum()) for f in FACTORS_OF_SLOTS]
    return float(np.exp2(np.interp(exact, found, np.log2(FACTORS_OF_SLOTS))))


@functools.lru_cache(maxsize=256)
def face_reach(cells: int, aspect: float, factor: float) -> float:
    """Cells of metal beyond the face of an open slot whose current the line on the face carries.

    cells, aspect: of :func:`slot_factor`.  factor: on the permittivity in the slot.  Currents
    along the face are as charges are, both being of the same potential problem.
    """
    charge = float(_slot_charge(cells, aspect, factor)[0])
    return 0.5 * cells * (math.cosh(0.5 * math.pi * charge) - 1.0)


def _slot_charge(cells: int, aspect: float, factor: float) -> FloatArray:
    """(n,) charge per permittivity and length on the lines of one side of a slot at 1 V."""
    half = 0.5 * cells
    x, z = _lines(half, cells, False, aspect)
    plane = _plane(z)
    potential = np.asarray(np.arcsin((x[:, None] + 1j * z[None, :]) / half).real) / math.pi
    metal = np.flatnonzero(np.abs(x) >= half - 1e-9)
    inside = np.flatnonzero(np.abs(0.5 * (x[1:] + x[:-1])) < half)
    section = Section(x, z)
    section.strengthen(section.node[inside, plane], section.node[inside + 1, plane], factor)
    charge = section.charge(section.node[metal, plane], potential)
    return np.asarray(charge[x[metal] > 0.0])


def rim_factor(position: FloatArray, aspect: FloatArray) -> FloatArray:
    """(n,) factor on the permittivity that puts a rim where it is between two lines.

    position: (n,) of the rim, cells beyond the last line of the metal.  aspect: (n,) cell along z
    over the cell across.  The permeability beside the edge is divided by the same factor.  It
    stays within FACTORS, 1/2 to 8; positions beyond those are rounded to them.
    """
    place = np.clip(np.log2(aspect), np.log2(ASPECTS[0]), np.log2(ASPECTS[-1]))
    lower = np.minimum(np.floor(place - np.log2(ASPECTS[0])).astype(int), ASPECTS.size - 2)
    weight = place - np.log2(ASPECTS[lower])
    exponent = np.log2(FACTORS)
    result = np.empty(position.size)
    for index in range(position.size):
        low, w = int(lower[index]), float(weight[index])
        offset = (1.0 - w) * _wide_strip(low)[0] + w * _wide_strip(low + 1)[0]
        result[index] = 2.0 ** float(np.interp(position[index], offset, exponent))
    return result


@functools.cache
def rim_reaches() -> tuple[FloatArray, FloatArray]:
    """(n,) positions of a rim, cells beyond the last line, and (n,) cells of metal from the rim on
    whose current that line carries; on a square lattice."""
    square = int(np.argmin(np.abs(np.log(ASPECTS))))
    offset, share = _wide_strip(square)
    half = 0.5 * RIM_CELLS + offset
    return offset, np.asarray(half * (1.0 - np.cos(np.pi * share)))


@functools.cache
def _wide_strip(number: int) -> tuple[FloatArray, FloatArray]:
    """Offset of a wide strip's rims for each of FACTORS on its outermost edges, ASPECTS[number],
    and the share of its charge on each of its outermost lines."""
    half = 0.5 * RIM_CELLS
    outside, up = _growing(1.0), _growing(float(ASPECTS[number]))
    y = np.concatenate(
        (-half - outside[::-1], np.linspace(-half, half, RIM_CELLS + 1), half + outside)
    )
    z = np.concatenate((-up[::-1], [0.0], up))
    plane = _plane(z)
    section = Section(y, z)
    metal = np.flatnonzero(np.abs(y) < half + 1e-9)
    rims = section.node[metal[[0, -1]], plane]
    beyond = section.node[[metal[0] - 1, metal[-1] + 1], plane]
    place = (y[:, None] + 1j * z[None, :]) / (0.5 * RIM_WIDTH)
    size = np.abs(place + np.sqrt(place - 1.0) * np.sqrt(place + 1.0))
    far = -np.log(0.25 * RIM_WIDTH * size) / (2.0 * math.pi)
    height = 0.5 * (z[plane + 1] - z[plane - 1])
    potential, charge = section.unit_charge(
        section.node[metal, plane], far, (rims, beyond), (FACTORS - 1.0) * height
    )
    offset = np.array([0.5 * (_strip_width(float(v)) - RIM_CELLS) for v in potential])
    return offset, charge[:, 0]


def _strip_width(potential: float) -> float:
    return 4.0 * math.exp(-2.0 * math.pi * potential)


def _plane(z: FloatArray) -> int:
    return int(np.abs(z).argmin())


def _lines(half: float, cells: int, collar: bool, aspect: float) -> tuple[FloatArray, FloatArray]:
    """Lines round ``cells`` equal cells, with ``collar`` one more on each side, and along z."""
    across, up = (Axis(-REACH, REACH, REACH) for _ in range(2))
    across.fixed.extend((-half, half))
    if collar:
        across.fixed.extend((-half - 1.0, half + 1.0))
    across.seeds.extend((line, 1.0) for line in across.fixed)
    across.exact[0.0] = cells
    up.fixed.append(0.0)
    up.seeds.append((0.0, aspect))
    return across.lines(), up.lines()


def _growing(cell: float) -> FloatArray:
    """Distances of lines: ten equal cells, then cells that grow slowly up to REACH."""
    sizes = [cell] * 10
    while sum(sizes) < REACH:
        sizes.append(1.05 * sizes[-1])
    return np.cumsum(sizes)


def _ramp(x: FloatArray, z: FloatArray, half: float) -> FloatArray:
    """Potential where the plane z = 0 holds -1/2 below -half, 1/2 above half, a ramp between."""
    height = np.maximum(np.abs(z), 1e-12)

    def part(u: FloatArray) -> FloatArray:
        return np.asarray(u * np.arctan(u / height) - 0.5 * height * np.log(u**2 + height**2))

    return np.asarray((part(x + half) - part(x - half)) / (2.0 * math.pi * half))
