"""From gap-driven currents to port quantities: impedance, elements, loss matrices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray, wavenumber
from ...media.stratification import Stratification
from ...radiation import CurrentElements, radiated_resistance
from .crowding import Crowding
from .currents import Currents
from .gaps import AtGaps
from .perturbed import Changes
from .types import WireModel

POINTS = 2  # current elements per segment, Gauss points

# (model, current (p, n_segment) A, slope (p, n_segment) A/m, Hz) to (p, p) ohm
Flux = Callable[[WireModel, ComplexArray, ComplexArray, float], ComplexArray]


@dataclass(frozen=True, slots=True, eq=False)
class PortResult:
    """One frequency.  z, r_* (p, p) ohm; moments (p, n_element, 3) A m per A.

    r_ground: by flux through the soil's surface; None without.
    """

    z: ComplexArray
    r_sky: ComplexArray
    r_ground: ComplexArray | None
    r_metal: ComplexArray
    r_film: ComplexArray
    moments: ComplexArray


def element_positions(model: WireModel) -> FloatArray:
    """(POINTS n_segments, 3) m: two-point Gauss-Legendre on every segment."""
    ends = model.segment_ends
    centre, half = ends.mean(axis=1), (ends[:, 1] - ends[:, 0]) / 2.0
    offset = half / np.sqrt(3.0)
    return np.stack((centre - offset, centre + offset), axis=1).reshape(-1, 3)


def _moments(
    model: WireModel, current: ComplexArray, slope: ComplexArray, k: float
) -> ComplexArray:
    """Moments (p, POINTS n_segments, 3) of currents that vary as cos and sin of k s."""
    ends = model.segment_ends
    vector = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(vector, axis=1)
    even = current * np.sinc(k * length / 2.0 / np.pi)  # mean of I cos(k s)
    odd = slope * length / (2.0 * np.sqrt(3.0))
    pair = np.stack((even - odd, even + odd), axis=-1)  # (p, n, POINTS)
    moments = 0.5 * pair[..., None] * vector[None, :, None, :]
    return np.asarray(moments.reshape(current.shape[0], -1, 3))


def gap_impedance(model: WireModel, currents: Currents) -> ComplexArray:
    """(n_gap, n_gap) ohm, the inverse of the gap admittances read with the source's weights."""
    if currents.admittance is not None:
        return np.asarray(np.linalg.inv(currents.admittance))
    first = model.first_segment
    admittance = np.zeros((len(model.feeds),) * 2, dtype=complex)
    for row, feed in enumerate(model.feeds):
        for wire, segment, share in feed.sources:
            admittance[row] += share * currents.current[:, first[wire] + segment]
    return np.asarray(np.linalg.inv(admittance))


def _scale(z: ComplexArray, bare: ComplexArray) -> FloatArray:
    """(p,) what currents grow by where the impedance ``bare`` of their powers is ``z``."""
    return np.asarray(np.sqrt(np.clip(np.diagonal(z).real / np.diagonal(bare).real, 0.25, 4.0)))


def port_result(
    model: WireModel,
    currents: Currents,
    series: FloatArray,
    frequency: float,
    metal: ComplexArray,
    film: ComplexArray,
    stratification: Stratification,
    flux: Flux | None = None,
    film_charge: FloatArray | None = None,
    film_in_z: bool = True,
    gaps: AtGaps | None = None,
    changes: Changes | None = None,
    voltages: FloatArray | None = None,
    crowding: Crowding | None = None,
) -> PortResult:
    """Everything a Solution needs at one ``frequency`` (Hz); metal, film: (n_wire,) ohm/m.

    flux: what goes into the soil; None where there is none, or no flux.  film_charge: (n_wire,) and
    film_in_z: see Loading.
    gaps: what each has beside its source.  changes: what strips are that wires are not.
    voltages: (n_gap,) V that sources of 1 V act like; 1 without.  crowding: metal losses beyond
    ``metal``.
    """
    acting = np.ones(len(model.feeds)) if voltages is None else voltages
    z_gap = gap_impedance(model, currents) * np.sqrt(np.outer(acting, acting))
    if gaps is not None:
        z_gap = gaps.faces(z_gap, frequency)
    drive = z_gap @ series  # gap voltages per ampere at each port, (n_gap, p)
    applied = drive / acting[:, None]
    current = applied.T @ currents.current  # (p, n_segment)
    slope = applied.T @ currents.slope
    segments = np.array([wire.segments for wire in model.wires])
    step = np.array([wire.segment_length for wire in model.wires])
    z = np.asarray(series.T @ drive)
    if changes is not None:
        bare, z = z, changes.of(z, current, slope, np.repeat(step, segments), frequency)
        scale = _scale(z, bare)
        current, slope = scale[:, None] * current, scale[:, None] * slope
    if gaps is not None:
        z = z + series.T @ gaps.tabs(frequency) @ series

    def lost(per_metre: ComplexArray) -> ComplexArray:
        resistance = np.repeat(per_metre.real * step, segments)
        return np.asarray((current.conj() * resistance) @ current.T)

    r_metal = lost(metal)
    if crowding is not None:
        length = np.repeat(step, segments)
        added, beyond = crowding.losses(series.T, current, slope, length, frequency)
        bare, z = z + beyond, z + added
        scale = _scale(z, bare)
        r_metal = (r_metal + beyond) * np.outer(scale, scale)
        current, slope = scale[:, None] * current, scale[:, None] * slope
    r_film = lost(film)
    if film_charge is not None:
        by_charge = (slope.conj() * np.repeat(film_charge * step, segments)) @ slope.T
        r_film = r_film + by_charge
        if not film_in_z:
            z = z + by_charge
    moments = _moments(model, current, slope, float(wavenumber(np.array(frequency))))
    elements = CurrentElements(element_positions(model), moments[None])
    return PortResult(
        z=z,
        r_sky=radiated_resistance(elements, 0, frequency, stratification),
        r_ground=None if flux is None else flux(model, current, slope, frequency),
        r_metal=r_metal,
        r_film=r_film,
        moments=moments,
    )
