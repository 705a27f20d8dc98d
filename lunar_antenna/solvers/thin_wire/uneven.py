"""Strips whose width changes along them, as wires of one radius: NEC knows no steps of it.

The width decides the last part of both potentials of a wire, ln(1/a)/(2 pi), where its own current
and charge are.  Where a strip of width w(s) is a wire of the radius a it has, per metre,

    dL' = -mu0/(2 pi) ln(w/4a),        d(1/C') = -ln(w/4a)/(2 pi eps0) ,

and a port's impedance changes, to the first order (:mod:`.perturbed`), by

    dZ_pq = integral of  j omega dL' I_p I_q + d(1/C')/(j omega) I'_p I'_q .

Against planar solutions, 6 to 35 MHz, strips of 10 m whose width changes by half all along, within
0.2 m in the middle of the arms or at their tips: NEC 6 to 35 % off at its worst frequency without,
0.7 to 3 % with it.
"""

from __future__ import annotations

import numpy as np

from ...conventions import EPS0, MU0, ComplexArray, FloatArray
from ...geometry.layout import Layout
from .types import WireModel

EVEN = 1.001  # ratio of the widths of a strip below which it has one


def local_widths(layout: Layout, model: WireModel) -> FloatArray | None:
    """(n_segment,) ln(w/4a) in the middle of every segment of strips, and of a grid's where one
    wire is left across the metal, 0 of others; None if all are even."""
    middle = model.segment_ends.mean(axis=1)[:, :2]
    found = np.zeros(len(middle))
    for wire, first in zip(model.wires, model.first_segment, strict=True):
        if wire.kind != "strip" or wire.conductor < 0:
            continue
        own = slice(first, first + wire.segments)
        if not layout.ribbons:
            found[own] = np.log(wire.width / (4.0 * wire.radius))
            continue
        ribbon = layout.ribbons[wire.conductor]
        if wire.grid or ribbon.half_width.max() >= EVEN * ribbon.half_width.min():
            found[own] = np.log(ribbon.width_at(middle[own]) / (4.0 * wire.radius))
    return found if found.any() else None


def uneven_change(
    logarithm: FloatArray,
    current: ComplexArray,
    slope: ComplexArray,
    length: FloatArray,
    frequency: float,
) -> ComplexArray:
    """(p, p) ohm: dZ.  current A, slope A/m: (p, n_segment) for 1 A at each port, the first in the
    middle of a segment; logarithm: of :func:`local_widths`; length: (n_segment,) m."""
    omega = 2.0 * np.pi * frequency
    squared = (current * logarithm * length) @ current.T
    squared = squared + (slope * logarithm * length**3 / 12.0) @ slope.T
    charges = (slope * logarithm * length) @ slope.T
    found = -1j * omega * MU0 * squared + 1j / (omega * EPS0) * charges
    return np.asarray(found / (2.0 * np.pi))
