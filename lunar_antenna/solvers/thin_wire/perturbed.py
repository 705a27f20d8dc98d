"""Impedances after small changes of the inductance and the charge along wires.

A change dZ of first order, from the currents without it, is made in the reflection coefficient
against 60 ln(2 L/w) ohm, which knows resonances of both kinds; all powers of a port scale with its
resistance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...geometry.layout import Layout
from .corners import Corners, corner_change, corners_of
from .types import WireModel, joined_wires
from .uneven import local_widths, uneven_change

GRID_LINE = 3.0  # ln(2 L/w) of what has wide metal, assumed


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Of a model: its corners; local widths of its strips, (n_segment,); line, ln(2 L/w)."""

    corners: Corners | None
    widths: FloatArray | None
    line: float

    def of(
        self,
        z: ComplexArray,
        current: ComplexArray,
        slope: ComplexArray,
        length: FloatArray,
        frequency: float,
    ) -> ComplexArray:
        """(p, p) ohm: ``z`` with them.

        current A, slope A/m: (p, n_segment) for 1 A at each port; length: (n_segment,) m.
        """
        change = np.zeros_like(z)
        if self.corners is not None:
            change = change + corner_change(self.corners, current, slope, length, frequency)
        if self.widths is not None:
            change = change + uneven_change(self.widths, current, slope, length, frequency)
        one, scale = np.eye(len(z)), 60.0 * self.line
        inverse = np.linalg.inv(z + scale * one)
        reflection = (z - scale * one) @ inverse + 2.0 * scale * inverse @ change @ inverse
        return np.asarray(scale * (one + reflection) @ np.linalg.inv(one - reflection))


def changes_of(model: WireModel, layout: Layout | None = None) -> Changes | None:
    """Corners of ``model`` and, where ``layout`` is given, its uneven strips; None without any."""
    corners = corners_of(model)
    widths = None if layout is None else local_widths(layout, model)
    if corners is not None:
        return Changes(corners, widths, float(corners.line.mean()))
    if widths is None:
        return None
    if any(wire.grid for wire in model.wires):
        return Changes(None, widths, GRID_LINE)
    group = max(joined_wires(model), key=lambda found: sum(model.wires[k].length for k in found))
    length = sum(model.wires[k].length for k in group)
    width = 4.0 * max(model.wires[k].radius for k in group)
    return Changes(None, widths, float(np.log(2.0 * length / width)))
