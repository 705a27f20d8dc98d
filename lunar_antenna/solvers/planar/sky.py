"""Far-field sources of a planar current, compressed onto a Chebyshev grid, and the sky power.

exp(j k . r) over the layout is a polynomial of low degree in x and y to any accuracy, so the
current radiates like point moments on a small tensor grid of Chebyshev nodes (interpolation of
the phase factor, transposed).  The grid serves every frequency and every direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from ...media.plane_wave import line_fields
from ...problem import Problem


@dataclass(frozen=True, slots=True, eq=False)
class SourceGrid:
    """x (nx,), y (ny,) m: Chebyshev nodes over the bounding box of the layout."""

    x: FloatArray
    y: FloatArray

    @classmethod
    def cover(cls, bounds: tuple[float, float, float, float], k_max: float) -> SourceGrid:
        """Grid on which exp(j k r) is interpolated to 1e-8 for all k <= k_max (rad/m)."""
        x0, y0, x1, y1 = bounds
        return cls(_nodes(x0, x1, k_max), _nodes(y0, y1, k_max))

    @property
    def position(self) -> FloatArray:
        """(nx * ny, 2) m, y fastest."""
        gx, gy = np.meshgrid(self.x, self.y, indexing="ij")
        return np.column_stack((gx.ravel(), gy.ravel()))

    def spread(self, points: FloatArray) -> FloatArray:
        """(n_point, nx * ny): weights with which a moment at a point goes to the grid."""
        lx = _lagrange(self.x, points[:, 0])
        ly = _lagrange(self.y, points[:, 1])
        return np.asarray((lx[:, :, None] * ly[:, None, :]).reshape(len(points), -1))


def _nodes(low: float, high: float, k_max: float) -> FloatArray:
    half = 0.5 * (high - low)
    count = int(np.ceil(1.4 * k_max * half)) + 11
    return 0.5 * (low + high) + half * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _lagrange(nodes: FloatArray, x: FloatArray) -> FloatArray:
    """(n_x, n_nodes) values of the Lagrange polynomials of Chebyshev nodes (barycentric)."""
    n = nodes.size
    weights = (-1.0) ** np.arange(n) * np.sin(np.pi * (np.arange(n) + 0.5) / n)
    difference = x[:, None] - nodes
    exact = difference == 0.0
    difference[exact] = 1e-300
    ratio = weights / difference
    return np.asarray(ratio / ratio.sum(axis=1, keepdims=True))


def sky_resistance(
    problem: Problem, frequency: FloatArray, grid: SourceGrid, moments: ComplexArray
) -> ComplexArray:
    """(n_freq, p, p) R_sky by integrating the far field over the sky, ohm.

    moments: (n_freq, p, nx * ny, 2) A m per A.  The upper half-sphere over soil, the whole sphere
    without.  Gauss-Legendre in cos theta, trapezoidal rule in phi.
    """
    n_freq, n_port = moments.shape[:2]
    result = np.zeros((n_freq, n_port, n_port), dtype=complex)
    k0 = wavenumber(frequency)
    extent = float(np.hypot(np.ptp(grid.x), np.ptp(grid.y)))
    layers = problem.stratification
    for n in range(n_freq):
        order = int(12 + 0.9 * k0[n] * extent)
        nodes, weights = np.polynomial.legendre.leggauss(order)
        cos_t, weights = 0.5 * (nodes + 1.0), 0.5 * weights
        sin_t = np.sqrt(1.0 - cos_t**2)
        phi = 2.0 * np.pi * (np.arange(2 * order) + 0.5) / (2 * order)
        if layers:
            z = np.array([problem.metal_height])
            factor = {
                kind: line_fields(layers, float(frequency[n]), cos_t, z, kind)[0][:, 0]
                for kind in ("tm", "te")
            }
            halves = 1.0
        else:
            factor = {kind: np.ones(order, dtype=complex) for kind in ("tm", "te")}
            halves = 2.0  # both half-spheres receive the same power from a current sheet
        k_rho = k0[n] * sin_t
        ex = np.exp(1j * np.multiply.outer(np.outer(k_rho, np.cos(phi)), grid.x))
        ey = np.exp(1j * np.multiply.outer(np.outer(k_rho, np.sin(phi)), grid.y))
        shaped = moments[n].reshape(n_port, grid.x.size, grid.y.size, 2)
        spectrum = np.einsum(
            "tpa,qabc->tpqbc", ex, shaped, optimize=True
        )  # (n_theta, n_phi, p, ny, 2)
        spectrum = np.einsum("tpqbc,tpb->tpqc", spectrum, ey)
        radial = spectrum[..., 0] * np.cos(phi)[:, None] + spectrum[..., 1] * np.sin(phi)[:, None]
        across = spectrum[..., 1] * np.cos(phi)[:, None] - spectrum[..., 0] * np.sin(phi)[:, None]
        scale = 2.0 * np.pi * frequency[n] * MU0 / (4.0 * np.pi)
        e_theta = radial * (cos_t * factor["tm"])[:, None, None]
        e_phi = across * factor["te"][:, None, None]
        area = weights * (np.pi / order) * halves * scale**2 / ETA0
        for field in (e_theta, e_phi):
            result[n] += np.einsum("t,tpq,tpr->qr", area, field.conj(), field, optimize=True)
    return result
