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

from .conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from .media.layer import Layer
from .media.plane_wave import plane_wave_fields

INAUDIBLE = 14.0  # nepers there and back: exp(-14) = 1e-6


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
    layers: tuple[tuple[float, Layer], ...],
    theta: FloatArray,
    phi: FloatArray,
) -> tuple[ComplexArray, ComplexArray]:
    """(E_theta, E_phi) as r E exp(+jkr) in V per A, each (n_port, *theta.shape).

    index: which frequency of ``elements``.  layers: (z of top, layer) from the top down, empty
    in free space.  theta and phi: rad, broadcast against each other.
    """
    theta, phi = np.broadcast_arrays(np.asarray(theta, float), np.asarray(phi, float))
    shape = theta.shape
    directions = np.column_stack((theta.ravel(), phi.ravel()))  # (n_dir, 2)
    n_port = elements.electric.shape[1]
    out = np.zeros((2, n_port, directions.shape[0]), dtype=complex)
    moments = elements.electric[index]  # (n_port, n, 3)
    scale = -1j * 2.0 * np.pi * frequency * MU0 / (4.0 * np.pi)
    chunk = max(1, int(2e6 // max(1, elements.position.shape[0])))
    for start in range(0, directions.shape[0], chunk):
        part = directions[start : start + chunk]
        waves = plane_wave_fields(
            layers,
            frequency,
            part[:, 0],
            part[:, 1],
            elements.position,
            magnetic=elements.magnetic is not None,
        )
        for polarisation in (0, 1):
            e_wave = waves.electric[polarisation]  # (n_dir, n, 3)
            value = np.einsum("pnc,dnc->pd", moments, e_wave, optimize=True)
            if elements.magnetic is not None:
                h_wave = waves.magnetic[polarisation]
                value -= np.einsum("pnc,dnc->pd", elements.magnetic[index], h_wave, optimize=True)
            out[polarisation, :, start : start + chunk] = scale * value
    result = out.reshape((2, n_port, *shape))
    return result[0], result[1]


def layer_order(layers: tuple[tuple[float, Layer], ...], frequency: float) -> int:
    """Extra quadrature points in elevation for interference with reflections from below."""
    return sum(layer_orders(layers, frequency))


def layer_orders(layers: tuple[tuple[float, Layer], ...], frequency: float) -> list[int]:
    """The points of :func:`layer_order` by cause: the height of the top, then each layer.

    A reflection from depth d turns the phase by 2 k d (sqrt(eps) - sqrt(eps - sin^2)) between
    zenith and horizon, as far down as losses let it be heard; heights count with eps = 1.
    """
    k0 = float(wavenumber(np.array(frequency)))
    phase = [2.0 * k0 * abs(layers[0][0])] if layers else []
    left = INAUDIBLE
    for _, layer in layers[:-1]:
        index = complex(np.sqrt(layer.complex_eps_r(np.array([frequency]))[0]))
        horizon = np.sqrt(max(index.real**2 - 1.0, 0.0))
        decay = -2.0 * k0 * layer.thickness * index.imag
        heard = min(1.0, left / decay) if decay > 0.0 else 1.0  # share of the thickness
        phase.append(2.0 * k0 * layer.thickness * heard * (index.real - horizon))
        left -= decay
        if left <= 0.0:
            break
    return [int(min(0.6 * item, 1e9)) for item in phase]


def radiated_resistance(
    elements: CurrentElements,
    index: int,
    frequency: float,
    layers: tuple[tuple[float, Layer], ...],
    n_theta: int = 0,
) -> ComplexArray:
    """(n_port, n_port) Hermitian matrix R with power = 1/2 I^H R I radiated to the sky, ohm.

    Gauss-Legendre in cos theta (the whole sphere without soil, the upper half with it) and the
    trapezoidal rule in phi, both of an order that follows the electrical size of the source.
    """
    extent = float(np.linalg.norm(np.ptp(elements.position, axis=0))) + float(
        np.abs(elements.position[:, 2]).max(initial=0.0)
    )
    size = float(wavenumber(np.array(frequency))) * extent
    order = n_theta or int(16 + 1.2 * size) + layer_order(layers, frequency)
    nodes, weights = np.polynomial.legendre.leggauss(order)
    if layers:  # upper half only
        nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    n_phi = 2 * (n_theta or int(16 + 1.2 * size))  # layers make no fringes in azimuth
    phi = 2.0 * np.pi * np.arange(n_phi) / n_phi
    theta = np.arccos(nodes)
    grid_theta, grid_phi = np.meshgrid(theta, phi, indexing="ij")
    e_theta, e_phi = far_field(elements, index, frequency, layers, grid_theta, grid_phi)
    weight = (weights[:, None] * np.full(n_phi, 2.0 * np.pi / n_phi)).ravel()
    total = np.zeros((e_theta.shape[0],) * 2, dtype=complex)
    for field in (e_theta, e_phi):
        flat = field.reshape(field.shape[0], -1)
        total += (flat.conj() * weight) @ flat.T
    return np.asarray(total / ETA0, dtype=complex)
