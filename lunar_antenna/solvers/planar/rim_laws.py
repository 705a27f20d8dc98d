"""What an edge cell misses of the current and the charge that pile up at the rims of the metal.

On a perfect conductor both grow as 1/sqrt(distance) towards an edge, and a cell of width s holds
their means.  Three things are lost, and each is given back as a term of the edge cells alone:

**The cell's own field** (:func:`field_excess`).  The energy of the mean is larger than that of what
it stands for, whatever s: a strip seems narrower than it is.  For a kernel f/k in the wavenumber k
across the edge the energy is too large as if f were larger by f k kappa s/pi,

    kappa = 0.25/(1 + 0.6 s/w),     0.227 in two cells across a strip.

The effective radius of a strip of any 2 to 20 cells, from equal ones to such that grow by r = 4.3,
is within 0.1 % with it, where up to 6 % were missing.  Charge is constant on triangles, two in a
cell, and adapts better than the current along the edge: OWN_SHARE of kappa, found from strips and
bow-ties of 2 to 6 cells (0.75 to 0.9).  The cell in a corner has two rims, and what either is due
is halved.

**The logarithm of the loss** (:func:`current_excess`).  J^2 grows down to the length lambda of the
metal (:mod:`lunar_antenna.media.edge`).  With z = s/lambda and r the ratio of the next cell to
this one the impedance Z_s c is missing,

    c = rho/(4 (1 + 0.10 s/w)) ln(1 + 0.162 z + 0.166 r^0.4 sqrt(z)),
    rho = 0.771/(1 + 0.0025 (r - 1)^2).

For s >> |lambda| this is the logarithm ln(s/d)/4 - 1 (Lewin 1984), corrected for the fact that a
Galerkin solution overestimates the mean of J in its edge cells; for s << |lambda| the mesh resolves
the current, and c vanishes, as does what its own field has too much: kappa |z|/(|z| + 0.2 r^3).
c is complex, with a positive real part: the inductance inside the metal comes with the resistance.
For meshes as above, lambda from 1e-7 to 3 widths and phases of lambda from -90 to -45 degrees the
resistance of the strip is within 1.6 %, with 0.4 % in the mean.  With two cells across a strip, c
is what the whole strip needs.

Metal as thick as its skin depth dissipates more at its edges than a sheet, Lambda Re Z_s K^2 W/m
(:mod:`~lunar_antenna.media.edge`); K follows from the mean of J in the cell.  What the side faces
of a narrow strip save is taken off at its edges, where they are.

**What lies closer than the cell is wide** (:func:`charge_excess`), a film or a gap of air.
"""

from __future__ import annotations

import numpy as np

from ...conventions import ETA0, ComplexArray, FloatArray, IntArray, wavenumber
from ...media.edge import (
    edge_length,
    edge_line,
    edge_strength,
    side_saving,
    strip_crowding,
    strip_factor,
)
from ...media.sheets import Metal
from .rim import Rims

KAPPA, KAPPA_WIDTH = 0.25, 0.6
KAPPA_WHOLE = 2.0 * (1.5 - float(np.log(4.0)))  # mean distance in a segment, e^-3/2 w, for w/4
OWN_SHARE, LOG_SHARE = 0.82, 0.93  # on triangles: of kappa, and of the rest of charge_excess
FELT = 1.07  # k s at which a cell feels the kernel by its own field
CHARGE_CUT, CHARGE_SEEN, CHARGE_RHO, CHARGE_WIDTH = 9.3, 0.80, 0.978, -0.12  # see charge_excess
# Most that is taken off a cell, over its own field in the kernel at ALTERNATING/s; the latter where
# the cell is one triangle, whose corner counts twice.  See held_charge_excess.
ALTERNATING, TAKEN, TAKEN_LONE = 4.0, 1.6, 1.0
SQUARE = float(np.sqrt(2.0))  # side of a square cell over the height of the triangles in it
WHOLE = 0.4  # of the local width: a cell that large is half of the strip
MOST_SAVED = 0.5  # of the loss of an edge cell: no cell may gain


def kappa(share: FloatArray) -> FloatArray:
    """kappa for s/w."""
    return np.asarray(np.where(share > WHOLE, KAPPA_WHOLE, KAPPA / (1.0 + KAPPA_WIDTH * share)))


def field_excess(rims: Rims) -> FloatArray:
    """(n_rim,) kappa s/pi, m.

    Of a triangle that is slimmer than its cell, as in a fan, only as much as a square cell of its
    height would have: more than its own field is never taken off, and every energy stays positive.
    """
    size = np.minimum(rims.size, SQUARE * rims.height)
    return np.asarray(kappa(rims.size / rims.width) * size / np.pi)


def resolved_share(growth: FloatArray, share: FloatArray) -> FloatArray:
    """rho/(1 + 0.10 s/w): what a Galerkin mean of an edge cell, squared, must be divided by."""
    return np.asarray(0.771 / (1.0 + 0.0025 * (growth - 1.0) ** 2) / (1.0 + 0.10 * share))


def cell_excess(ratio: ComplexArray, growth: FloatArray, share: FloatArray) -> ComplexArray:
    """c for z = s/lambda, r and s/w, broadcast."""
    inner = 1.0 + 0.162 * ratio + 0.166 * growth**0.4 * np.sqrt(ratio)
    law = 0.25 * resolved_share(growth, share) * np.log(inner)
    whole = strip_crowding(ratio / np.minimum(share, 0.5)) - 1.0
    return np.asarray(np.where(share > WHOLE, whole, law))


def field_share(ratio: ComplexArray, growth: FloatArray, share: FloatArray) -> FloatArray:
    """Share of kappa that remains where the metal evens the current out; as cell_excess."""
    remains = 1.0 / (1.0 + 0.2 * growth**3 / np.abs(ratio))
    return np.asarray(np.where(share > WHOLE, 1.0, remains))


def current_excess(
    rims: Rims, metal: Metal | None, frequency: FloatArray, mirror: float
) -> ComplexArray:
    """(n_rim, n_freq) impedance of the component along the edge, ohm; None: perfect conductor.

    mirror: distance of the image of the vector potential, m, inf without one.
    """
    kernel = 0.5 * -np.expm1(-FELT * mirror / rims.size)  # k g_A
    own = (field_excess(rims) * kernel)[:, None] * np.ones(frequency.size)
    loss: ComplexArray | float = 0.0
    if metal is not None:
        ratio = rims.size[:, None] / edge_length(metal, frequency)
        growth, share = rims.growth[:, None], (rims.size / rims.width)[:, None]
        in_tab = (rims.tab >= 0)[:, None]
        own *= np.where(in_tab, 1.0, field_share(ratio, growth, share))
        loss = metal_excess(rims, metal, frequency)
    return np.asarray(loss - 1j * ETA0 * wavenumber(frequency) * own)


def metal_excess(rims: Rims, metal: Metal, frequency: FloatArray) -> ComplexArray:
    """(n_rim, n_freq) the part of it that the metal makes; zero in the feed tabs, without metal."""
    sheet, length = metal.sheet_impedance(frequency), edge_length(metal, frequency)  # (n_freq,)
    size, width, growth = rims.size[:, None], rims.width[:, None], rims.growth[:, None]
    share = size / width
    ratio = size / length
    # 4 K^2 s/|I|^2 with the current I of the cell; in two cells across a strip it is 8/pi^2
    strength = edge_strength(ratio) - 1.0 + resolved_share(growth, share)
    strength = np.where(share > WHOLE, 8.0 / np.pi**2, strength)
    line = 0.25 * strength * edge_line(metal, frequency) * width / (width + np.abs(length))
    saving = side_saving(width, metal, frequency)
    saved = np.pi**2 / 8.0 * strength * strip_factor(width, metal, frequency).real * saving
    real = np.maximum(line - saved, -MOST_SAVED)
    value = sheet * cell_excess(ratio, growth, share) + sheet.real * real
    value[rims.tab >= 0] = 0.0
    return value


def held_charge_excess(rims: Rims, k: FloatArray, symbol: ComplexArray) -> ComplexArray:
    """:func:`charge_excess`, and never more taken off than leaves every charge its energy.

    Charges that alternate between the two triangles of a cell have the kernel at ALTERNATING/s or
    so; a square cell has 2.7 times its own field of it, where the kernel is even.  Thin layers of
    much permittivity (eps_r above 5 in air, above 16 on a soil of 3) have a kernel that falls so
    steeply there that the law would take more than all of it: the matrix of a strip of 20 mm on
    1 mm of eps_r 20 had a negative energy, and Z was 8 % off.
    """
    excess = charge_excess(rims, k, symbol)
    place = np.log(np.clip(ALTERNATING / rims.size, k[0], k[-1]))
    level = np.log(np.abs(symbol))
    felt = np.exp([np.interp(place, np.log(k), one) for one in level.T]).T
    most = np.where(rims.lone, TAKEN_LONE, TAKEN) * OWN_SHARE * field_excess(rims) / rims.sides
    size = np.abs(excess)
    over = (excess.real < 0.0) & (size > most[:, None] * felt * (1.0 + 1e-9))
    return np.asarray(
        np.where(over, excess * most[:, None] * felt / np.maximum(size, 1e-300), excess)
    )


def charge_excess(rims: Rims, k: FloatArray, symbol: ComplexArray) -> ComplexArray:
    """(n_rim, n_freq) length x, m, by which the static charge kernel of an edge cell is too small.

    The cell's own field, OWN_SHARE f kappa s/pi, is taken off.  What lies closer to the metal
    than the cells are wide, a film or a gap of air, changes the kernel f(k)/k only for k beyond the
    cells; by the Wiener-Hopf factors of f a cell of width s then lacks

        x = f(k_s) rho'/4 integral_{9.3/s}^inf ln(f(k)/f(k_s)) dk/k^2,     k_s = 0.80/s,

    which vanishes where f is even, and where the cells resolve what makes it uneven; rho' =
    0.978 rho/(1 - 0.12 s/w).  (For metal the integral over ln(1 + lambda k)/lambda is the law of
    the current.)  Fitted like that law, to strips on films of eps_r 2.2 to 10 and gaps of air, 1e-5
    to 0.1 widths thick, over eps_r 1 to 80: the change that the film makes is within 1.4 % on 16
    meshes, 0.3 % in the mean.

    symbol (n_k, n_freq): f at ``k`` (n_k,), rad/m.
    """
    level = np.log(symbol / symbol[-1])
    own = OWN_SHARE * (field_excess(rims) / rims.sides)[:, None]
    if np.abs(level).max() < 1e-9:
        return np.asarray(-own * symbol[-1])
    place = np.log(k)
    slope = np.diff(level, axis=0) / np.diff(place)[:, None]

    def antiderivative(level: ComplexArray, slope: ComplexArray, at: FloatArray) -> ComplexArray:
        """Of level dk/k^2 with a level linear in ln k."""
        return np.asarray(-(level + slope) / at[:, None])

    # integral from each k to the last, exact for levels linear in ln k between the samples
    part = antiderivative(level[1:], slope, k[1:]) - antiderivative(level[:-1], slope, k[:-1])
    above = np.zeros_like(level)
    above[:-1] = np.cumsum(part[::-1], axis=0)[::-1]

    def at(where: FloatArray) -> tuple[IntArray, ComplexArray]:
        cell = np.clip(np.searchsorted(k, where) - 1, 0, k.size - 2)
        offset = (np.log(where) - place[cell])[:, None]
        return cell, level[cell] + slope[cell] * offset

    low = np.clip(CHARGE_CUT / rims.size, k[0], k[-1])
    _, reference = at(np.clip(CHARGE_SEEN / rims.size, k[0], k[-1]))
    cell, start = at(low)
    integral = above[cell + 1] - reference / low[:, None]
    integral += antiderivative(level[cell + 1], slope[cell], k[cell + 1])
    integral -= antiderivative(start, slope[cell], low)
    rho = resolved_share(rims.growth, np.zeros_like(rims.size))
    rho = 0.25 * CHARGE_RHO * rho / (1.0 + CHARGE_WIDTH * rims.size / rims.width)
    rho *= LOG_SHARE / rims.sides
    _, felt = at(np.clip(FELT / rims.size, k[0], k[-1]))
    missing = rho[:, None] * np.exp(reference) * integral - own * np.exp(felt)
    return np.asarray(missing * symbol[-1])
