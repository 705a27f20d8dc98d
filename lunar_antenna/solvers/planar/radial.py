"""Kernels of one frequency as functions of distance, and their values between sets of points.

The impedance of two currents that are apart is a double integral over their moments alone,

    Z_mn = int int J_m . J_n K_A(rho) + div J_m div J_n K_phi(rho),
    K_A = j k0 eta0 g_A,   K_phi = eta0/(j k0) g_phi,

and what they lose together in the ground or in the film has real kernels of the same form
(:mod:`.columns`).  Tabulated is rho K(rho) on u = sqrt(rho), static parts included: it is finite
at 0 and has no pole to interpolate over.

What reaches the sky has smooth kernels.  With |V|^2 the voltage at the metal of a unit plane wave
(:mod:`.sky`), J_rho = k . J/k_rho the radial part of the moment spectrum and |J_phi|^2 = |J|^2 -
|J_rho|^2, the power is

    R = c int [ |V_te|^2 |J|^2 + (cos^2 theta |V_tm|^2 - |V_te|^2)/k_rho^2 |div J|^2 ] J0(k_rho rho)

over cos theta from 0 to 1, c = 2 pi (omega mu0/4 pi)^2/eta0, twice that in free space: no current
has to be summed over the sky.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ...conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from ...media.elevation import elevations, half_sphere
from ...media.plane_wave import line_fields
from ...problem import Problem
from .jit import compiled_fast
from .kernels import Kernels, kernels_for

SKY_STEP = 0.005  # rad of k0 rho between samples of the sky's kernels: linear to 3e-6


@dataclass(frozen=True, slots=True, eq=False)
class Radial:
    """rho times the kernels (ohm/m, ohm m) at one frequency, ``step`` apart in sqrt(rho).

    z (n, 4): K_A and K_phi, real and imaginary parts.  ground, film (n, 2): K_A, K_phi.
    sky (n_sky, 2): K_A and K_phi themselves, ``sky_step`` m apart in rho.
    kernels: the tables behind them; mirror of the vector potential and images are in ``z``.
    """

    frequency: float
    step: float
    z: FloatArray
    ground: FloatArray
    film: FloatArray
    sky: FloatArray
    sky_step: float
    kernels: Kernels

    def impedance(
        self, points: FloatArray, others: FloatArray, dtype: Any = np.complex128
    ) -> tuple[ComplexArray, ComplexArray]:
        """K_A and K_phi (n, m) between ``points`` (n, 2) and ``others`` (m, 2), none in common."""
        shape = (len(points), len(others))
        a, phi = np.empty(shape, dtype), np.empty(shape, dtype)
        _complex_pairs(points, others, self.z, 1.0 / self.step, a, phi)
        return a, phi

    def loss(
        self, name: str, points: FloatArray, others: FloatArray, dtype: Any = np.float64
    ) -> tuple[FloatArray, FloatArray]:
        """The same of "ground", "film" or "sky"; for the sky points may coincide."""
        shape = (len(points), len(others))
        a, phi = np.empty(shape, dtype), np.empty(shape, dtype)
        if name == "sky":
            _smooth_pairs(points, others, self.sky, 1.0 / self.sky_step, a, phi)
        else:
            table = self.ground if name == "ground" else self.film
            _real_pairs(points, others, table, 1.0 / self.step, a, phi)
        return a, phi


def radial(problem: Problem, frequency: float, span: float) -> Radial:
    """Kernels of ``problem``'s stack at ``frequency`` (Hz) up to ``span`` (m)."""
    kernels = kernels_for(problem, np.array([frequency]), span)
    k0 = float(wavenumber(np.array(frequency)))
    rho = (np.arange(len(kernels.modes_a)) * kernels.step) ** 2
    images = kernels.images

    def rest(coefficient: ComplexArray | FloatArray, modes: FloatArray) -> ComplexArray:
        return np.asarray(rho * (modes @ coefficient[0].real + 1j * (modes @ coefficient[0].imag)))

    def charges(total: ComplexArray | FloatArray) -> ComplexArray:
        size = images.weight @ total[0]
        out = np.zeros(rho.size, dtype=complex)
        for distance, value in zip(images.distance, size, strict=True):
            share = rho / np.hypot(rho, distance) if distance > 0.0 else 1.0
            out += value / (2.0 * np.pi) * share
        return out

    vector = np.full(rho.size, 0.25 / np.pi)
    if np.isfinite(images.mirror):
        vector *= 1.0 - rho / np.hypot(rho, images.mirror)
    a = 1j * k0 * ETA0 * (rest(kernels.z_a, kernels.modes_a) + vector)
    phi = ETA0 / (1j * k0) * (rest(kernels.z_phi, kernels.modes_phi) + charges(images.total))
    lost = []
    for of_a, of_phi, static in (
        (kernels.ground_a, kernels.ground_phi, images.ground if kernels.absorbs else None),
        (kernels.film_a, kernels.film_phi, images.film),
    ):
        charge = rest(of_phi, kernels.modes_phi)
        if static is not None:
            charge = charge + charges(static)
        first = k0 * ETA0 * rest(of_a, kernels.modes_a)
        lost.append(np.ascontiguousarray(np.stack((first, ETA0 / k0 * charge), axis=1).real))
    sky, sky_step = sky_kernels(problem, frequency, kernels.rho_max)
    return Radial(
        frequency,
        kernels.step,
        np.ascontiguousarray(np.stack((a.real, a.imag, phi.real, phi.imag), axis=1)),
        lost[0],
        lost[1],
        sky,
        sky_step,
        kernels,
    )


def sky_kernels(problem: Problem, frequency: float, radius: float) -> tuple[FloatArray, float]:
    """(n, 2) K_A (ohm/m2) and K_phi (ohm) of the power to the sky up to ``radius``, and the step.

    Gauss-Legendre in cos theta: J0(k_rho rho) asks for half of k0 rho more than the layers do.
    """
    from scipy.special import j0

    layers = problem.stratification
    k0 = float(wavenumber(np.array(frequency)))
    heights = np.array([problem.metal_height])
    order = int(0.5 * k0 * radius) + elevations(layers, np.array([frequency]), heights) + 8
    cos_t, weight = half_sphere(order)
    voltage = [
        np.abs(line_fields(layers.placed, frequency, cos_t, heights, kind)[0][:, 0]) ** 2
        if layers.placed
        else np.ones_like(cos_t)
        for kind in ("tm", "te")
    ]
    halves = 1.0 if layers.reflects else 2.0
    scale = halves * 2.0 * np.pi * (0.5 * frequency * MU0) ** 2 / ETA0 * weight
    k_rho2 = k0**2 * (1.0 - cos_t**2)
    spectrum = np.stack(
        (scale * voltage[1], scale * (cos_t**2 * voltage[0] - voltage[1]) / k_rho2), axis=1
    )
    step = SKY_STEP / k0
    count = int(np.ceil(radius / step)) + 2
    rho = step * np.arange(count)
    table = np.empty((count, 2))
    for start in range(0, count, 4096):
        part = slice(start, start + 4096)
        table[part] = j0(np.outer(rho[part], np.sqrt(k_rho2))) @ spectrum
    return table, step


@lru_cache(maxsize=1)
def near_rule() -> float:
    """Centres nearer than this times the summed radii of two triangles are integrated as near."""
    from .pairs import NEAR

    return 1.0 + NEAR


@compiled_fast
def _complex_pairs(
    points: FloatArray,
    others: FloatArray,
    table: FloatArray,
    inverse: float,
    a: ComplexArray,
    phi: ComplexArray,
) -> None:
    last = table.shape[0] - 2
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        for j in range(others.shape[0]):
            dx, dy = x - others[j, 0], y - others[j, 1]
            rho = np.sqrt(dx * dx + dy * dy)
            u = np.sqrt(rho) * inverse
            cell = min(int(u), last)
            high = (u - cell) / rho
            low = 1.0 / rho - high
            one, two = table[cell], table[cell + 1]
            a[i, j] = complex(low * one[0] + high * two[0], low * one[1] + high * two[1])
            phi[i, j] = complex(low * one[2] + high * two[2], low * one[3] + high * two[3])


@compiled_fast
def _real_pairs(
    points: FloatArray,
    others: FloatArray,
    table: FloatArray,
    inverse: float,
    a: FloatArray,
    phi: FloatArray,
) -> None:
    last = table.shape[0] - 2
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        for j in range(others.shape[0]):
            dx, dy = x - others[j, 0], y - others[j, 1]
            rho = np.sqrt(dx * dx + dy * dy)
            u = np.sqrt(rho) * inverse
            cell = min(int(u), last)
            high = (u - cell) / rho
            low = 1.0 / rho - high
            one, two = table[cell], table[cell + 1]
            a[i, j] = low * one[0] + high * two[0]
            phi[i, j] = low * one[1] + high * two[1]


@compiled_fast
def _smooth_pairs(
    points: FloatArray,
    others: FloatArray,
    table: FloatArray,
    inverse: float,
    a: FloatArray,
    phi: FloatArray,
) -> None:
    last = table.shape[0] - 2
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        for j in range(others.shape[0]):
            dx, dy = x - others[j, 0], y - others[j, 1]
            u = np.sqrt(dx * dx + dy * dy) * inverse
            cell = min(int(u), last)
            high = u - cell
            low = 1.0 - high
            one, two = table[cell], table[cell + 1]
            a[i, j] = low * one[0] + high * two[0]
            phi[i, j] = low * one[1] + high * two[1]
