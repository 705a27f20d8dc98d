"""Series impedance per metre of the wires: metal and film of the sheet they stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...conventions import EPS0, MU0, ComplexArray, FloatArray
from ...media.edge import STOP, rim_factor, strip_crowding, strip_factor
from ...media.sheets import Film, Metal
from .types import Wire, WireModel


@dataclass(frozen=True, slots=True, eq=False)
class Loading:
    """metal, film: (n_freq, n_wire) ohm/m.  The feed tabs carry none.

    film_charge: (n_freq, n_wire) ohm m, R with power = 1/2 R |dI/ds|^2 per metre lost in the film;
    None without one.  in_z: whether the engine has that loss in its impedances, by a coating of its
    own; else it is added to them.
    """

    metal: ComplexArray
    film: ComplexArray
    film_charge: FloatArray | None = None
    in_z: bool = True

    @property
    def is_empty(self) -> bool:
        return not (self.metal.any() or self.film.any())


def polarised(film: Film, frequency: FloatArray) -> ComplexArray:
    """eps - 1/eps of the film: its fields along and across, (n_freq,)."""
    eps = film.complex_eps_r(frequency)
    return np.asarray(eps - 1.0 / eps)


def coating(wire: Wire, film: Film) -> float:
    """ln(b/a) of a coating of eps - 1/eps that stands for ``film`` on ``wire``; 0 for a feed tab.

    A film of thickness t changes the elastance of a strip of width w in its plane by

        dS = -(t/(4 eps0 w)) F [(1 - 1/eps) + (eps - 1)],      F = (2/pi^2) (ln(w/t) + ...),

    the first of the field across the film under the metal, the second of the field along the film
    beside it; both fields are 1/sqrt(|x^2 - w^2/4|) next to the edges and stop at about t, so that
    F is that of the current.  A coating of a wire of radius a changes it by
    -(1 - 1/eps) ln(b/a)/(2 pi eps0), and acts like a series inductance (mu0/2 pi) times the same
    with a radius that is larger in the same measure.  (First-order perturbation of the energy,
    derived here; tested against the planar solver.)
    """
    if wire.kind == "tab":
        return 0.0
    crowding = 1.0
    if wire.kind == "strip":
        crowding = float(strip_crowding(STOP * wire.width / film.thickness).real)
    return math.pi * film.thickness * crowding / (2.0 * wire.width)


def charge_loss(model: WireModel, film: Film, frequency: FloatArray) -> FloatArray:
    """(n_freq, n_wire) ohm m: film_charge of coatings whose fields are those of the charge.

    Re(dS/(j omega)) with the complex eps of the film.
    """
    lost = -polarised(film, frequency).imag  # (n_freq,)
    ratio = np.array([coating(wire, film) for wire in model.wires])
    omega = 2.0 * math.pi * frequency
    return np.asarray((lost / (2.0 * math.pi * EPS0 * omega))[:, None] * ratio)


def loading(
    model: WireModel, metal: Metal | None, film: Film | None, frequency: FloatArray
) -> Loading:
    """Loads of every wire at ``frequency`` (n_freq,) Hz.

    Metal: F Z_s/w, with the complex edge-crowding factor F of edge.py for strips and for the rims
    of grids, one inside a grid (whose own wires resolve the crowding).

    Film: as a coating (:func:`coating`), by its series inductance.  Its loss is that of the fields
    of the charge (:func:`charge_loss`); as a resistance beside that inductance it would be a
    thirtieth on strips far shorter than a wave, whose charge stores most.  The larger radius that
    goes with it is left out: a 125 um film on a 0.2 m strip changes it by 0.5 %.
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
            ratio = coating(wire, film)
            z_film[:, number] = (
                1j * omega * MU0 / (2.0 * math.pi) * polarised(film, frequency).real * ratio
            )
    charge = None if film is None else charge_loss(model, film, frequency)
    return Loading(z_metal, z_film, charge, in_z=False)
