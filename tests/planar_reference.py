"""Brute-force kernels of a layered stack, written apart from the solver, for its tests.

The spectra come from total reflection coefficients (not from summed admittances), and the
transform runs along another contour: a half ellipse over all singularities up to k = a, then
J0 = (H1 + H2)/2 with either part along a vertical line, where it decays exponentially.  No
static part is subtracted; adaptive quadrature throughout.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import quad_vec
from scipy.special import hankel1e, hankel2e, jv

from lunar_antenna.conventions import wavenumber
from lunar_antenna.media.layer import Layer


def vertical(k2, k_rho):
    """kz = -j sqrt(k_rho^2 - k^2), analytic for Re k_rho beyond the branch point."""
    root = np.sqrt(k_rho * k_rho - k2 + 0j)
    value = -1j * root
    return -value if value.imag > 0.0 else value


def reflection(layers: tuple[Layer, ...], frequency: float, k_rho: complex, kind: str) -> complex:
    """Reflection of tangential E (TM and TE) from ``layers`` seen from vacuum at their top."""
    f = np.array(frequency)
    k02 = float(wavenumber(f)) ** 2

    def wave_impedance(eps):
        kz = vertical(k02 * eps, k_rho)
        return (kz / eps if kind == "tm" else 1.0 / kz), kz

    z_in = None
    for layer in reversed(layers):
        if layer.is_conductor:
            z_in = 0.0
            continue
        z, kz = wave_impedance(complex(layer.complex_eps_r(f)))
        if z_in is None:
            z_in = z
            continue
        decay = np.exp(-2j * kz * layer.thickness)
        inner = (z_in - z) / (z_in + z)
        z_in = z * (1.0 + inner * decay) / (1.0 - inner * decay)
    z0, _ = wave_impedance(1.0)
    return (z_in - z0) / (z_in + z0)


def spectrum(
    above: tuple[Layer, ...], below: tuple[Layer, ...], frequency: float, k_rho: complex
) -> np.ndarray:
    """(g_A, g_phi): voltages of a unit current between two reflecting half-spaces of no depth."""
    k0 = float(wavenumber(np.array(frequency)))
    kz = vertical(k0 * k0, k_rho)
    voltage = {}
    for kind, z in (("tm", kz), ("te", 1.0 / kz)):
        up = reflection(above, frequency, k_rho, kind)
        down = reflection(below, frequency, k_rho, kind)
        voltage[kind] = 0.5 * z * (1.0 + up) * (1.0 + down) / (1.0 - up * down)
    g_a = voltage["te"] / 1j
    g_phi = 1j / k_rho**2 * (voltage["tm"] - k0 * k0 * voltage["te"])
    return np.array([g_a, g_phi])


def kernels(
    above: tuple[Layer, ...],
    below: tuple[Layer, ...],
    frequency: float,
    rho: float,
    tolerance: float = 1e-9,
) -> np.ndarray:
    """(G_A/mu0, eps0 K_phi) at horizontal distance ``rho`` > 0 (m), relative to ``tolerance``."""
    k0 = float(wavenumber(np.array(frequency)))
    eps = [
        abs(complex(layer.complex_eps_r(np.array(frequency))))
        for layer in (*above, *below)
        if not layer.is_conductor
    ]
    a = 1.7 * k0 * max(eps) ** 0.5
    height = min(0.4 * a, 1.5 / rho)
    scale = 1.0 / (4.0 * np.pi * rho)

    def ellipse(t):
        k = 0.5 * a * (1.0 - np.cos(t)) + 1j * height * np.sin(t)
        slope = 0.5 * a * np.sin(t) + 1j * height * np.cos(t)
        return spectrum(above, below, frequency, k) * (k * jv(0, k * rho) * slope)

    def tail(s):
        y = s / rho
        up, down = a + 1j * y, a - 1j * y
        first = spectrum(above, below, frequency, up) * (
            0.5j * up * hankel1e(0, up * rho) * np.exp(1j * a * rho - s)
        )
        second = spectrum(above, below, frequency, down) * (
            -0.5j * down * hankel2e(0, down * rho) * np.exp(-1j * a * rho - s)
        )
        return (first + second) / rho

    small = tolerance * scale * 2.0 * np.pi
    near, _ = quad_vec(ellipse, 0.0, np.pi, epsabs=small, epsrel=0.0, limit=4000)
    far, _ = quad_vec(tail, 0.0, 45.0, epsabs=small, epsrel=0.0, limit=4000)
    return (near + far) / (2.0 * np.pi)
