"""Crowding of the current at the edges of a thin strip, and the impedance it costs.

A sheet of impedance Z_s carries its current against the field of the current itself,

    Z_s J(y) - (j omega mu0 / 2 pi) integral J(y') ln|y - y'| dy' = E ,

whose symbol in the wavenumber k across the edge is (j omega mu0/2) (1 + lambda |k|)/|k|, with one
complex length

    lambda = 2 Z_s / (j omega mu0).

Far from the edge J = K/sqrt(distance), as on a perfect conductor, and the integral of J^2 grows
with the logarithm of the distance; within |lambda| the current evens out.  The Wiener-Hopf
factors of the symbol give the distance at which the logarithm stops,

    ln d = -gamma - ln 4 - FP integral_0^inf ln(1 + lambda k)/lambda dk/k^2
    =>  d = lambda e^(-1-gamma)/4

(FP: with the part ln(1/k) left out; gamma: Euler's constant).  The impedance of a strip beyond
that of a perfect conductor is (2/pi^2) ln(w/d) Z_s/w per metre, complex: the inductance inside
the metal comes with the resistance.  Two things belong to the metal and not to the sheet:

- Thickness.  The edges of metal that is as thick as its skin depth carry more current than a
  sheet's.  They act as a line along the edge that dissipates Lambda Re Z_s K^2 per metre; Lambda is
  a function of t/(skin depth) alone, tabulated from the volume-filament integral equation of
  Silvester 1968 (IEEE Trans. PAS 87, 735) on a strip of w/t = 2000 (two meshes agree to 0.1 % of
  the resistance).  For thick metal it amounts to d = t/220, 2 % of R' from t/291 (Vainshtein &
  Zhurav 1986; Holloway & Kuester 1994, IEEE Trans. MTT 42, 695).
- Width.  On strips of a few dozen thicknesses the side faces carry a part of the current.

Against the filaments the resistance of a strip is good to 1 % for w > 5 t and any t/(skin depth).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..conventions import MU0, ComplexArray, FloatArray
from .sheets import Metal

STOP = float(np.exp(-1.0 - np.euler_gamma)) / 4.0  # d over lambda

# t/(skin depth) and Lambda
_THICKNESS = np.array(
    [
        (0.0, 0.0),
        (0.1, 0.007),
        (0.2, 0.028),
        (0.3, 0.062),
        (0.4, 0.117),
        (0.5, 0.184),
        (0.6, 0.259),
        (0.8, 0.439),
        (1.0, 0.651),
        (1.25, 0.946),
        (1.6, 1.375),
        (2.0, 1.801),
        (2.5, 2.108),
        (3.0, 2.122),
        (4.0, 1.689),
        (5.0, 1.281),
        (6.0, 1.043),
        (8.0, 0.763),
        (10.0, 0.548),
        (15.0, 0.154),
        (20.0, -0.128),
    ]
)


def _depths(metal: Metal, frequency: FloatArray) -> FloatArray:
    """Thickness over skin depth, shape of ``frequency``."""
    frequency = np.asarray(frequency, dtype=float)
    return np.asarray(metal.thickness * np.sqrt(np.pi * frequency * MU0 * metal.conductivity))


def edge_length(metal: Metal, frequency: FloatArray) -> ComplexArray:
    """lambda = 2 Z_s/(j omega mu0) in m, shape of ``frequency`` (Hz)."""
    frequency = np.asarray(frequency, dtype=float)
    return np.asarray(2.0 * metal.sheet_impedance(frequency) / (2j * np.pi * frequency * MU0))


def edge_line(metal: Metal, frequency: FloatArray) -> FloatArray:
    """Lambda, shape of ``frequency``: an edge dissipates Lambda Re Z_s |K|^2 W/m more than a sheet.

    Beyond the table d/t is constant while lambda falls, so that Lambda goes on as -ln(t).
    """
    depths = _depths(metal, frequency)
    last = _THICKNESS[-1]
    inside = np.interp(depths, _THICKNESS[:, 0], _THICKNESS[:, 1])
    return np.asarray(
        np.where(depths > last[0], last[1] - np.log(np.maximum(depths, last[0]) / last[0]), inside)
    )


def stopping_distance(metal: Metal, frequency: FloatArray) -> FloatArray:
    """d in m with which a wide strip has R' = (2/pi^2) ln(w/d) Re Z_s/w; shape of ``frequency``."""
    sheet, length = metal.sheet_impedance(frequency), edge_length(metal, frequency)
    turned = sheet.imag / sheet.real * np.angle(length)
    return np.asarray(STOP * np.abs(length) * np.exp(-turned - edge_line(metal, frequency)))


def strip_crowding(ratio: npt.ArrayLike) -> ComplexArray:
    """F(w/lambda) of a sheet of width w: its impedance beyond that of a perfect strip is F Z_s/w
    per metre, 1 where the current is uniform, (2/pi^2) ln(w/d) where w >> |lambda|.

    Both limits and the first order of the uniform one are exact (mean distance of a segment from
    itself, e^-3/2 w, against w/4); between them a rational function, good to 0.1 % for phases of
    lambda from -90 to 0 degrees.
    """
    z = np.asarray(ratio, dtype=complex)
    uniform = 0.5 * np.pi * (1.5 - np.log(4.0))
    crowded = np.exp(-0.5 * np.pi**2) / STOP
    slope = (uniform + 0.008624 * z + 0.00024445 * crowded * z**2) / (
        1.0 + 0.05746 * z + 0.00024445 * z**2
    )
    return np.asarray(1.0 + 2.0 / np.pi**2 * np.log(1.0 + z * slope))


def strip_factor(width: npt.ArrayLike, metal: Metal, frequency: FloatArray) -> ComplexArray:
    """F of a strip of ``width`` (m) of ``metal``: F Z_s/w per metre; broadcast with frequency."""
    width = np.asarray(width, dtype=float)
    sheet, length = metal.sheet_impedance(frequency), edge_length(metal, frequency)
    line = edge_line(metal, frequency) * width / (width + np.abs(length))
    factor = strip_crowding(width / length) + 2.0 / np.pi**2 * line * sheet.real / sheet
    return np.asarray(factor / (1.0 + side_saving(width, metal, frequency)))


def rim_factor(
    width: npt.ArrayLike, metal: Metal, frequency: FloatArray, across: npt.ArrayLike = np.inf
) -> ComplexArray:
    """F of the part of a sheet within ``width`` (m) of its one edge, given its current.

    1 + (1/lambda) integral_0^lambda (M - 1) dlambda' with M = w int J^2 / (int J)^2 over the part
    (the impedance is stationary in the current), within 2 % of a half-plane's; and the edge line.
    across: m, of the whole conductor; half of a strip has the strip's F.
    """
    width, across = np.broadcast_arrays(*(np.asarray(v, dtype=float) for v in (width, across)))
    sheet, length = metal.sheet_impedance(frequency), edge_length(metal, frequency)
    z = width / length
    law = np.log(1.0 + z / (np.exp(4.0) * STOP) + 0.25 * np.sqrt(z))
    line = edge_line(metal, frequency) * sheet.real / sheet
    part = 1.0 + 0.25 * (law + line * edge_strength(z)) / (1.0 + width / (2.0 * across))
    whole = strip_factor(np.minimum(across, 2.0 * width), metal, frequency)
    return np.asarray(np.where(width > 0.4 * across, whole, part))


def edge_strength(ratio: npt.ArrayLike) -> FloatArray:
    """4 K^2 s / |I|^2 of the part within s of an edge that carries I A; ratio: s/lambda.

    1 where s >> |lambda|; (4/pi) |lambda|/s where the current is even, J(0) = K sqrt(pi/lambda)
    (Wiener-Hopf).  Their sum is within 5 % for phases of lambda near -45 degrees, where metal is
    thick enough to need it.
    """
    return np.asarray(1.0 + 4.0 / np.pi / np.abs(ratio))


def side_saving(width: npt.ArrayLike, metal: Metal, frequency: FloatArray) -> FloatArray:
    """Resistance of the law for w >> t over that of a strip of ``width`` (m), less one.

    The side faces take a part of the current.  Fitted to the filaments for w/t from 5 to 200 and
    t/(skin depth) from 0.05 to 20, within 1 % of R'.
    """
    width = np.asarray(width, dtype=float)
    tau = metal.thickness / width
    depths = _depths(metal, frequency)
    z = width / np.abs(edge_length(metal, frequency))
    return np.asarray(depths / (0.313 + 0.57 * depths) * tau / (1.0 + 1.43 * tau) * z / (z + 4.345))
