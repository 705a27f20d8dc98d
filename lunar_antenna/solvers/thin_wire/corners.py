"""Corners of strips: what their inductance and charge differ by from those of wires that meet.

The current of a strip takes the inner side of a corner, its charge the outer side.  Where a strip
of width w and length L turns by theta it has, against wires of a quarter of its width along its
axis, the inductance and, to the charge alone, the length

    dL = -0.074 mu0 w (1 - cos theta),      dl = 0.088 w (1 - cos theta),

the same for momwire and NEC, so that they are the strip's.  Fitted to planar solutions, 6 to 35
MHz, in three V (0.85 to 1.4 rad, 0.05 to 0.2 m wide) and three meanders (12 and 20 right corners,
0.03 to 0.1 m) in free space and in three of them over soils of eps_r 3.5 and 5 at 0.1 to 0.5 m: dL
0.068 to 0.079, dl 0.078 to 0.091 (0.107 at 0.2 m), and with both momwire came from 0.6-4.6 % of Z
at its worst frequency to 0.02-0.3 %.  By first-order perturbation a port's impedance changes by

    dZ_pq = sum over corners of  j omega dL I_p I_q + j dl ln(2 L/w)/(2 pi eps0 omega) I'_p I'_q,

I and I' the current in the corner and its derivative along the strip for 1 A at the port, the
others open (:mod:`.perturbed`).

Where two strips cross, the current of each spreads into the other: dL = -0.28 mu0 w in each (0.269
and 0.288 on hubs of crossed dipoles, arms one width long, 0.1 and 0.05 m wide, in free space; 1.8
and 3.3 % of Z at its worst frequency without, 0.1 to 0.3 % with it).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...conventions import EPS0, MU0, ComplexArray, FloatArray
from .types import WireModel, joined_wires, meetings

INDUCTANCE = -0.074  # of mu0 w (1 - cos theta)
CROSSING = -0.28  # of mu0 w
LENGTH = 0.088  # of w (1 - cos theta)
CROSS = 4  # ends of wires where two strips cross
STRAIGHT = 1e-6  # 1 - cos theta of two wires in one line


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Of a model: segment (n, 2) before and after, +1 where it runs towards the corner, else -1;
    inductance (n,) H; length (n,) m, to the charge; line (n,), ln(2 L/w); turn (n,), 1 - cos theta,
    0 of crossings; width (n,) m."""

    segment: FloatArray
    towards: FloatArray
    inductance: FloatArray
    length: FloatArray
    line: FloatArray
    turn: FloatArray
    width: FloatArray

    def through(
        self, current: ComplexArray, slope: ComplexArray, length: FloatArray
    ) -> ComplexArray:
        """(p, n) A, the current in the corners; arguments of :func:`corner_change`."""
        half = 0.5 * self.towards * length[self.segment]
        at_end = current[:, self.segment] + half * slope[:, self.segment]  # (p, n, 2)
        inward = self.towards * at_end
        return np.asarray(0.5 * (inward[..., 0] - inward[..., 1]))


def corners_of(model: WireModel) -> Corners | None:
    """Turns from one wire of a strip into the next, and crossings; None if there are none."""
    whole = {
        number: sum(model.wires[k].length for k in group)
        for group in joined_wires(model)
        for number in group
    }
    first = model.first_segment
    segment, towards, inductance, length, line = [], [], [], [], []
    turned, width = [], []
    for met in meetings(model):
        crossing = _straight(model, met)
        for pair in crossing or ([met] if len(met) == 2 else []):
            turn = _turn(model, pair)
            if turn <= STRAIGHT and not crossing:
                continue
            size = 2.0 * sum(model.wires[k].radius for k, _ in pair)  # the width
            segment.append(
                [first[k] + (model.wires[k].segments - 1 if end else 0) for k, end in pair]
            )
            towards.append([1.0 if at_end else -1.0 for _, at_end in pair])
            inductance.append(MU0 * size * (CROSSING if crossing else INDUCTANCE * turn))
            length.append(0.0 if crossing else LENGTH * size * turn)
            line.append(np.log(2.0 * whole[met[0][0]] / size))
            turned.append(0.0 if crossing else turn)
            width.append(size)
    if not line:
        return None
    found = (segment, towards, inductance, length, line, turned, width)
    return Corners(*(np.array(item) for item in found))


def crossings(model: WireModel) -> list[set[int]]:
    """The conductors at every place where two strips cross."""
    return [
        {model.wires[k].conductor for k, _ in met}
        for met in meetings(model)
        if _straight(model, met)
    ]


def _straight(model: WireModel, met: list[tuple[int, bool]]) -> list[Sequence[tuple[int, bool]]]:
    """Both pairs of ends that lead straight on where two strips cross; none where none do."""
    if len(met) != CROSS:
        return []
    pairs = [p for p in itertools.combinations(met, 2) if _turn(model, p) <= STRAIGHT]
    return list(pairs) if len(pairs) == CROSS // 2 else []


def _turn(model: WireModel, pair: Sequence[tuple[int, bool]]) -> float:
    """1 - cos theta of the way from one wire into another at a place where both have an end."""
    wires = [model.wires[k] for k, _ in pair]
    along = [np.subtract(wire.end, wire.start) / wire.length for wire in wires]
    signs = [1.0 if at_end else -1.0 for _, at_end in pair]
    return 1.0 + signs[0] * signs[1] * float(along[0] @ along[1])


def corner_change(
    corners: Corners,
    current: ComplexArray,
    slope: ComplexArray,
    length: FloatArray,
    frequency: float,
) -> ComplexArray:
    """(p, p) ohm: dZ.

    current A, slope A/m: (p, n_segment) for 1 A at each port; length: (n_segment,) m.
    """
    omega = 2.0 * np.pi * frequency
    through = corners.through(current, slope, length)
    rise = corners.towards * slope[:, corners.segment]
    onward = 0.5 * (rise[..., 0] - rise[..., 1])
    charge = corners.length * corners.line / (2.0 * np.pi * EPS0 * omega)
    change = 1j * omega * (through * corners.inductance) @ through.T
    return np.asarray(change + 1j * (onward * charge) @ onward.T)
