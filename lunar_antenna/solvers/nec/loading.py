"""Series impedance per metre of the wires: metal and film of the sheet they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...conventions import MU0, ComplexArray, FloatArray
from ...media.edge import STOP, rim_factor, strip_crowding, strip_factor
from ...media.sheets import Film, Metal
from .wires.model import WireModel


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """metal, film: (n_freq, n_wire) ohm/m.  The feed tabs carry none."""

    metal: ComplexArray
    film: ComplexArray

    @property
    def is_empty(self) -> bool:
        return not (self.metal.any() or self.film.any())


def loading(
    model: WireModel, metal: Metal | None, film: Film | None, frequency: FloatArray
) -> Loading:
    """Loads of every wire at ``frequency`` (n_freq,) Hz.

    Metal: F Z_s/w, with the complex edge-crowding factor F of edge.py for strips and for the rims
    of grids, one inside a grid (whose own wires resolve the crowding).

    Film: a coating of a wire is a series inductance and a larger radius (thin-wire
    coating, L' = (mu0/2pi)(1 - 1/eps) ln(b/a), radius a (b/a)^(1 - 1/eps)).  For a
    film of thickness t on one face of a strip the same change of capacitance needs
    ln(b/a) = pi t F/(2 w), with the charge crowded like the current but stopped at t.  With complex
    eps the inductance brings the dielectric loss, (omega mu0/2pi) (tan d/eps_r) ln(b/a) ohm/m.
    The larger radius is left out: a 125 um film on a 0.2 m strip changes it by 0.1 %.
    """
    shape = (frequency.size, len(model.wires))
    z_metal = np.zeros(shape, dtype=complex)
    z_film = np.zeros(shape, dtype=complex)
    if metal is not None:
        sheet = metal.sheet_impedance(frequency)
    omega = 2.0 * math.pi * frequency
    for number, wire in enumerate(model.wires):
        if wire.kind == "tab":
            continue
        if metal is not None:
            factor: ComplexArray | float = 1.0
            if wire.kind == "strip":
                factor = strip_factor(wire.width, metal, frequency)
            elif wire.kind == "rim":
                factor = rim_factor(wire.width, metal, frequency)
            z_metal[:, number] = factor * sheet / wire.width
        if film is not None:
            crowding = 1.0
            if wire.kind == "strip":
                crowding = float(strip_crowding(STOP * wire.width / film.thickness).real)
            ratio = math.pi * film.thickness * crowding / (2.0 * wire.width)  # ln(b/a)
            inverse = 1.0 / film.complex_eps_r(frequency)
            z_film[:, number] = 1j * omega * MU0 / (2.0 * math.pi) * (1.0 - inverse) * ratio
    return Loading(z_metal, z_film)
