"""Corners of strips: what their inductance and charge differ by from those of two wires that meet.

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
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ...conventions import EPS0, MU0, ComplexArray, FloatArray
from .types import Place, WireModel, joined_wires

INDUCTANCE = -0.074  # of mu0 w (1 - cos theta)
LENGTH = 0.088  # of w (1 - cos theta)


@dataclass(frozen=True, slots=True, eq=False)
class Corners:
    """Of a model: segment (n, 2) before and after, +1 where it runs towards the corner, else -1;
    size (n,) m, w (1 - cos theta); line (n,), ln(2 L/w)."""

    segment: FloatArray
    towards: FloatArray
    size: FloatArray
    line: FloatArray


def corners_of(model: WireModel) -> Corners | None:
    """Turns from one wire of a strip into the next; None if there are none."""
    meeting: dict[Place, list[tuple[int, bool]]] = defaultdict(list)
    for number, (start, end) in enumerate(model.places):
        meeting[start].append((number, False))
        meeting[end].append((number, True))
    whole = {
        number: sum(model.wires[k].length for k in group)
        for group in joined_wires(model)
        for number in group
    }
    first = model.first_segment
    segment, towards, size, line = [], [], [], []
    for met in meeting.values():
        if len(met) != 2 or any(model.wires[k].kind != "strip" for k, _ in met):
            continue
        wires = [model.wires[k] for k, _ in met]
        along = [np.subtract(wire.end, wire.start) / wire.length for wire in wires]
        signs = [1.0 if at_end else -1.0 for _, at_end in met]
        turn = 1.0 + signs[0] * signs[1] * float(along[0] @ along[1])  # 1 - cos theta
        if turn < 1e-6 or any(wire.grid for wire in wires):
            continue
        segment.append([first[k] + (model.wires[k].segments - 1 if end else 0) for k, end in met])
        towards.append(signs)
        width = 2.0 * sum(wire.radius for wire in wires)
        size.append(turn * width)
        line.append(np.log(2.0 * whole[met[0][0]] / width))
    if not size:
        return None
    return Corners(np.array(segment), np.array(towards), np.array(size), np.array(line))


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
    first, sign = corners.segment[:, 0], corners.towards[:, 0]
    through = current[:, first] + 0.5 * sign * slope[:, first] * length[first]
    inward = corners.towards * slope[:, corners.segment]  # (p, n, 2)
    onward = 0.5 * (inward[..., 0] - inward[..., 1])
    charge = LENGTH * corners.size * corners.line / (2.0 * np.pi * EPS0 * omega)
    change = 1j * omega * MU0 * INDUCTANCE * (through * corners.size) @ through.T
    return np.asarray(change + 1j * (onward * charge) @ onward.T)
