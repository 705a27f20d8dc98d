"""Power radiated to the sky by moments that lie on few levels and few mesh lines.

The same integral as :func:`lunar_antenna.radiation.radiated_resistance`, but the plane wave's
dependence on x, y and z is evaluated once per mesh line and level instead of once per element.
"""

from __future__ import annotations

import numpy as np

from ....conventions import ETA0, MU0, ComplexArray, wavenumber
from ....media.layer import Layer
from ....media.plane_wave import plane_wave_fields
from ....radiation import CurrentElements, layer_order


def sky_resistance(
    elements: CurrentElements,
    frequency: float,
    index: int,
    layers: tuple[tuple[float, Layer], ...],
) -> ComplexArray:
    """(n_port, n_port) Hermitian R with power = 1/2 I^H R I radiated to the sky, ohm."""
    position = elements.position
    k0 = float(wavenumber(np.array(frequency)))
    extent = float(np.linalg.norm(np.ptp(position, axis=0))) + float(np.abs(position[:, 2]).max())
    azimuth = int(14 + 0.9 * k0 * extent)
    order = azimuth + layer_order(layers, frequency)
    nodes, weights = np.polynomial.legendre.leggauss(order)
    if layers:
        nodes, weights = 0.5 * (nodes + 1.0), 0.5 * weights
    n_phi = 2 * azimuth
    phi = 2.0 * np.pi * np.arange(n_phi) / n_phi
    theta, angle = (a.ravel() for a in np.meshgrid(np.arccos(nodes), phi, indexing="ij"))
    weight = np.repeat(weights, n_phi) * 2.0 * np.pi / n_phi
    x, ix = np.unique(np.round(position[:, 0], 9), return_inverse=True)
    y, iy = np.unique(np.round(position[:, 1], 9), return_inverse=True)
    z, iz = np.unique(np.round(position[:, 2], 9), return_inverse=True)
    wave_x = np.exp(1j * k0 * np.outer(np.sin(theta) * np.cos(angle), x))  # (n_dir, n_x)
    wave_y = np.exp(1j * k0 * np.outer(np.sin(theta) * np.sin(angle), y))
    axis = np.column_stack((np.zeros((z.size, 2)), z))
    waves = plane_wave_fields(
        layers, frequency, theta, angle, axis, magnetic=elements.magnetic is not None
    )
    ports = elements.electric.shape[1]
    field = np.zeros((2, theta.size, ports), dtype=complex)
    for level in range(z.size):
        here = np.flatnonzero(iz == level)
        lateral = wave_x[:, ix[here]] * wave_y[:, iy[here]]  # (n_dir, n)
        for moments, wave, sign in (
            (elements.electric, waves.electric, 1.0),
            (elements.magnetic, waves.magnetic, -1.0),
        ):
            if moments is None:
                continue
            values = moments[index][:, here]  # (n_port, n, 3)
            spectrum = lateral @ values.transpose(1, 0, 2).reshape(here.size, -1)
            spectrum = spectrum.reshape(theta.size, ports, 3)
            field += sign * np.einsum("dpc,adc->adp", spectrum, wave[:, :, level])
    field *= -1j * 2.0 * np.pi * frequency * MU0 / (4.0 * np.pi)
    total = np.einsum("adp,d,adq->pq", field.conj(), weight, field, optimize=True)
    return np.asarray(total / ETA0)
