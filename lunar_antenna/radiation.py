"""The far field of currents above a layered soil: one evaluator for every solver.

By reciprocity (e.g. Collin, Antennas and Radiowave Propagation, 1985, ch. 2; Michalski &
Mosig 1997 for the layered plane wave) the far field of a current distribution is its reaction
with the total field of a unit plane wave arriving from the direction of observation:

    r E_a exp(+jkr) = -(j omega mu0 / 4 pi) * integral of J . e_a dV,   a = theta, phi

where e_a is the field in the stack of an incident plane wave polarised along a, phase
reference at the origin.  A magnetic current M adds +(j omega mu0 / 4 pi) M . h_a.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .conventions import ETA0, MU0, ComplexArray, FloatArray, IntArray, wavenumber
from .media.elevation import elevations, half_sphere
from .media.plane_wave import plane_wave_fields
from .media.stratification import Stratification

BATCH = 2e6  # complex numbers held at once


@dataclass(frozen=True, slots=True, eq=False)
class CurrentElements:
    """Point moments that radiate like the solved currents, per ampere at each port.

    position: (n, 3) m.  electric: (n_freq, n_port, n, 3) A m per A.
    magnetic: the same shape in V m per A, or None.
    """

    position: FloatArray
    electric: ComplexArray
    magnetic: ComplexArray | None = None

    def series(self, matrix: ComplexArray | FloatArray) -> CurrentElements:
        """Moments for ports made of series gaps: columns of (n_gap, n_port) ``matrix``."""
        electric = np.einsum("fgnc,gp->fpnc", self.electric, matrix)
        magnetic = (
            None if self.magnetic is None else np.einsum("fgnc,gp->fpnc", self.magnetic, matrix)
        )
        return CurrentElements(self.position, electric, magnetic)


def far_field(
    elements: CurrentElements,
    index: int,
    frequency: float,
    stratification: Stratification,
    theta: FloatArray,
    phi: FloatArray,
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) as r E exp(+jkr) in V per A, each (n_port, *theta.shape).

    index: which frequency of ``elements``.  theta and phi: rad, broadcast against each other.
    """
    theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
    n_port = elements.electric.shape[1]
    out = np.zeros((2, n_port, theta.size), dtype=complex)
    spectrum = Spectrum(elements, index, frequency, stratification)
    chunk = max(1, int(BATCH // max(1, elements.position.shape[0])))
    for start in range(0, theta.size, chunk):
        part = slice(start, start + chunk)
        out[:, :, part] = np.moveaxis(spectrum(theta.ravel()[part], phi.ravel()[part]), 1, 2)
    result = out.reshape((2, n_port, *theta.shape))
    return result[0], result[1]


def radiated_resistance(
    elements: CurrentElements,
    index: int,
    frequency: float,
    stratification: Stratification,
) -> ComplexArray:
    """(n_port, n_port) Hermitian matrix R with power = 1/2 I^H R I radiated to the sky, ohm.

    Gauss-Legendre in cos theta (both halves of the sphere without soil, the upper one with it)
    and the trapezoidal rule in phi.  |E|^2 of sources D across is a polynomial of degree k D in
    both, and has what the layers' waves need besides
    (:func:`~lunar_antenna.media.elevation.elevations`).  The plane wave's
    dependence on x, y and z is evaluated once for elements that share them.
    """
    position = elements.position
    k0 = float(wavenumber(np.array(frequency)))
    extent = float(np.linalg.norm(np.ptp(position, axis=0)))
    size = k0 * (extent + float(np.abs(position[:, 2]).max(initial=0.0)))
    ends = np.unique((position[:, 2].min(), position[:, 2].max()))
    order = int(0.5 * size) + elevations(stratification, np.array([frequency]), ends)
    cos_t, weights = half_sphere(order)
    if not stratification.reflects:
        cos_t, weights = np.concatenate((-cos_t[::-1], cos_t)), np.tile(weights, 2)
    n_phi = int(24 + 1.2 * size)
    theta = np.repeat(np.arccos(cos_t), n_phi)
    phi = np.tile(2.0 * np.pi * np.arange(n_phi) / n_phi, cos_t.size)
    weight = np.repeat(weights, n_phi) * 2.0 * np.pi / n_phi
    spectrum = Spectrum(elements, index, frequency, stratification)
    total = np.zeros((elements.electric.shape[1],) * 2, dtype=complex)
    chunk = max(1, int(BATCH // position.shape[0]))
    for start in range(0, theta.size, chunk):
        part = slice(start, start + chunk)
        field = spectrum(theta[part], phi[part])  # (2, n_dir, p)
        total += np.einsum("adp,d,adq->pq", field.conj(), weight[part], field, optimize=True)
    return np.asarray(total / ETA0)


class Spectrum:
    """The far field per ampere at each port in many directions, elements grouped by z."""

    def __init__(
        self,
        elements: CurrentElements,
        index: int,
        frequency: float,
        stratification: Stratification,
    ) -> None:
        self.stratification, self.frequency = stratification, frequency
        self.k0 = float(wavenumber(np.array(frequency)))
        lines = [_lines(elements.position[:, axis]) for axis in range(3)]
        (self.x, self.ix), (self.y, self.iy), (self.z, iz) = lines
        self.levels = [np.flatnonzero(iz == level) for level in range(self.z.size)]
        self.parts = [(elements.electric[index], 1.0)]
        if elements.magnetic is not None:
            self.parts.append((elements.magnetic[index], -1.0))

    def __call__(self, theta: FloatArray, phi: FloatArray) -> ComplexArray:
        """(2, n_dir, n_port) V per A, theta and phi polarised, for ``theta``, ``phi`` (n_dir,)."""
        side = self.k0 * np.sin(theta)
        wave_x = np.exp(1j * np.outer(side * np.cos(phi), self.x))  # (n_dir, n_x)
        wave_y = np.exp(1j * np.outer(side * np.sin(phi), self.y))
        axis = np.column_stack((np.zeros((self.z.size, 2)), self.z))
        waves = plane_wave_fields(
            self.stratification, self.frequency, theta, phi, axis, magnetic=len(self.parts) > 1
        )
        ports = self.parts[0][0].shape[0]
        field = np.zeros((2, theta.size, ports), dtype=complex)
        for level, here in enumerate(self.levels):
            lateral = wave_x[:, self.ix[here]] * wave_y[:, self.iy[here]]  # (n_dir, n)
            for (moments, sign), wave in zip(
                self.parts, (waves.electric, waves.magnetic), strict=False
            ):
                rows = moments[:, here].transpose(1, 0, 2).reshape(here.size, -1)  # (n, 3 p)
                spectrum = (lateral @ rows).reshape(theta.size, ports, 3)
                field += sign * np.einsum("dpc,adc->adp", spectrum, wave[:, :, level])
        return np.asarray(field * (-1j * 2.0 * np.pi * self.frequency * MU0 / (4.0 * np.pi)))


def _lines(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Distinct coordinates (m, to a picometre), and which of them each of ``values`` is."""
    _, first, inverse = np.unique(np.round(values, 12), return_index=True, return_inverse=True)
    return values[first], inverse.astype(np.int64)
