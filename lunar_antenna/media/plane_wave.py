"""Total field of a unit plane wave arriving from the sky on a layered soil.

Transmission-line analogue (Michalski & Mosig 1997): in each layer tangential E and H of a TM
(E_theta) or TE (E_phi) wave are the voltage and current of a line with

    Y_TM = omega eps / k_z,   Y_TE = k_z / (omega mu0),   k_z = sqrt(k^2 - k_rho^2), Im k_z <= 0.

The reflection coefficient is carried upwards layer by layer, the amplitudes downwards; only
decaying exponentials occur, so that thick lossy layers are harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from .stratification import Placed, Stratification


@dataclass(frozen=True, slots=True, eq=False)
class PlaneWave:
    """electric, magnetic: (2, n_direction, n_position, 3), first axis theta and phi polarised.

    electric in V/m for 1 V/m incident.  magnetic is H in A/m, empty unless asked for.
    """

    electric: ComplexArray
    magnetic: ComplexArray


def vertical_wavenumber(eps_r: ComplexArray, cos_t: FloatArray, k0: FloatArray) -> ComplexArray:
    """k_z = k0 sqrt(eps_r - sin^2 theta), Im k_z <= 0 (fields decay away from sources)."""
    k_z = k0 * np.sqrt(np.asarray(eps_r - 1.0 + cos_t**2, dtype=complex))
    return np.asarray(np.where(k_z.imag > 0.0, -k_z, k_z))


def plane_wave_fields(
    stratification: Stratification,
    frequency: float,
    theta: FloatArray,
    phi: FloatArray,
    position: FloatArray,
    *,
    magnetic: bool = False,
) -> PlaneWave:
    """Fields at ``position`` (n, 3) m of plane waves arriving from (theta, phi), each (n_dir,).

    With soil, directions below the horizon give zero.
    """
    layers = stratification.placed
    theta = np.asarray(theta, dtype=float)
    phi = np.asarray(phi, dtype=float)
    k0 = float(wavenumber(np.array(frequency)))
    cos_t, sin_t = np.cos(theta), np.sin(theta)
    k_rho = k0 * sin_t
    radial = np.stack((np.cos(phi), np.sin(phi)), axis=1)  # (n_dir, 2)
    # the wave arrives from (theta, phi): exp(+j k r_hat . r)
    lateral = np.exp(1j * k_rho[:, None] * (radial @ position[:, :2].T))  # (n_dir, n)
    z = position[:, 2]
    shape = (theta.size, position.shape[0])
    if not layers:
        wave = np.exp(1j * k0 * cos_t[:, None] * z[None, :])
        tangential = {"tm": wave, "te": wave}
        current = {"tm": wave, "te": wave}
        vertical = wave
    else:
        up = cos_t > 0.0
        tangential, current = {}, {}
        vertical = np.zeros(shape, dtype=complex)
        for kind in ("tm", "te"):
            v, i, vert = line_fields(layers, frequency, np.where(up, cos_t, 1.0), z, kind)
            mask = up[:, None]
            tangential[kind] = np.where(mask, v, 0.0)
            current[kind] = np.where(mask, i, 0.0)
            if kind == "tm":
                vertical = np.where(mask, vert, 0.0)
    electric = np.zeros((2, *shape, 3), dtype=complex)
    # theta_hat = (cos t cos p, cos t sin p, -sin t); tangential E of theta polarisation cos t
    for axis in (0, 1):
        electric[0, :, :, axis] = (
            cos_t[:, None] * radial[:, axis][:, None] * tangential["tm"] * lateral
        )
    electric[0, :, :, 2] = -sin_t[:, None] * vertical * lateral
    phi_hat = np.stack((-radial[:, 1], radial[:, 0]), axis=1)
    for axis in (0, 1):
        electric[1, :, :, axis] = phi_hat[:, axis][:, None] * tangential["te"] * lateral
    if not magnetic:
        return PlaneWave(electric, np.zeros((0,), dtype=complex))
    # propagation along -r_hat: H = (-r_hat x E)/eta0, so theta-polarised E gives -phi_hat/eta0
    # and phi-polarised E gives +theta_hat/eta0 in the incident wave
    field = np.zeros_like(electric)
    for axis in (0, 1):
        field[0, :, :, axis] = -phi_hat[:, axis][:, None] * current["tm"] * lateral / ETA0
        field[1, :, :, axis] = (
            cos_t[:, None] * radial[:, axis][:, None] * current["te"] * lateral / ETA0
        )
    # B_z continuous, H_z = k_rho E_phi/(omega mu): follows tangential E of the TE line
    field[1, :, :, 2] = -sin_t[:, None] * tangential["te"] * lateral / ETA0
    return PlaneWave(electric, field)


def line_fields(
    layers: Placed,
    frequency: float | FloatArray,
    cos_t: FloatArray,
    z: FloatArray,
    kind: str,
) -> tuple[ComplexArray, ComplexArray, ComplexArray]:
    """Voltage, current and vertical field along the line, each (n_dir, n), incident one = 1.

    frequency: Hz, one for all directions or one each.  The vertical field is E_z over its
    incident value (TM only): it carries eps0/eps.
    """
    f = np.broadcast_to(np.asarray(frequency, dtype=float), cos_t.shape)
    k0 = wavenumber(f)
    omega = 2.0 * np.pi * f
    tops = [top for top, _ in layers]
    eps = [np.ones(cos_t.shape, dtype=complex)]
    eps += [layer.complex_eps_r(f) for _, layer in layers]
    n = len(layers)
    k_z = [vertical_wavenumber(e, cos_t, k0) for e in eps]
    if kind == "tm":
        admittance = [e * k0 / (ETA0 * kz) for e, kz in zip(eps, k_z, strict=True)]
    else:
        admittance = [kz / (omega * MU0) for kz in k_z]
    # reflection looking down at each interface, i = 0 .. n-1 is the top of layer i
    reflection: list[ComplexArray] = [np.zeros_like(k_z[0]) for _ in range(n + 1)]
    # down-going voltage just below interface i over that just above it
    transmission: list[ComplexArray] = [np.zeros_like(k_z[0]) for _ in range(n)]
    for i in range(n - 1, -1, -1):
        if layers[i][1].is_conductor:
            reflection[i] = -np.ones_like(k_z[0])
            continue
        total = admittance[i] + admittance[i + 1]
        local = (admittance[i] - admittance[i + 1]) / total
        through = 2.0 * admittance[i] / total  # 1 + local without cancellation
        if i == n - 1:
            reflection[i] = local
            transmission[i] = through
        else:
            below = reflection[i + 1] * np.exp(-2j * k_z[i + 1] * layers[i][1].thickness)
            reflection[i] = (local + below) / (1.0 + local * below)
            transmission[i] = through / (1.0 + local * below)
    shape = (cos_t.size, z.size)
    v = np.zeros(shape, dtype=complex)
    c = np.zeros(shape, dtype=complex)
    vert = np.zeros(shape, dtype=complex)
    ratio0 = admittance[0]
    # amplitude of the down-going wave at the reference height of each region
    for region in range(n + 1):
        if region == 0:
            inside = z >= tops[0]
            amplitude = np.exp(1j * k_z[0] * tops[0])  # incident phase is zero at z = 0
            reference = tops[0]
            gamma = reflection[0]
            distance = z[inside] - reference  # >= 0, up
            down = amplitude[:, None] * np.exp(1j * k_z[0][:, None] * distance)
            up = (amplitude * gamma)[:, None] * np.exp(-1j * k_z[0][:, None] * distance)
        else:
            layer = layers[region - 1][1]
            if layer.is_conductor:
                break
            bottom = tops[region] if region < n else -np.inf
            inside = (z < tops[region - 1]) & (z >= bottom)
            if region > 1:
                previous = layers[region - 2][1].thickness
                amplitude = amplitude * np.exp(-1j * k_z[region - 1] * previous)
            amplitude = amplitude * transmission[region - 1]
            depth = tops[region - 1] - z[inside]  # >= 0, down
            down = amplitude[:, None] * np.exp(-1j * k_z[region][:, None] * depth)
            if region < n:
                up = (amplitude * reflection[region])[:, None] * np.exp(
                    -1j * k_z[region][:, None] * (2.0 * layer.thickness - depth)
                )
            else:
                up = np.zeros_like(down)
        v[:, inside] = down + up
        c[:, inside] = (down - up) * (admittance[region] / ratio0)[:, None]
        vert[:, inside] = c[:, inside] / eps[region][:, None]
        if region < n and np.all(z >= tops[region]):
            break
    return v, c, vert
