"""Far-field sources of a planar current, compressed onto a Chebyshev grid, and the sky power.

exp(j k . r) over the layout is a polynomial of low degree in x and y to any accuracy, so the
current radiates like point moments on a small tensor grid of Chebyshev nodes (interpolation of
the phase factor, transposed).  The grid serves every frequency and every direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ...conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from ...media.plane_wave import line_fields
from ...problem import Problem
from ...radiation import layer_order


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


@lru_cache(maxsize=128)
def _gauss(order: int) -> tuple[FloatArray, FloatArray]:
    return np.polynomial.legendre.leggauss(order)


def _transmission(
    problem: Problem, frequency: FloatArray, cos_t: list[FloatArray]
) -> list[tuple[FloatArray, FloatArray]]:
    """Per frequency |V|^2 at the metal of a unit plane wave, TM and TE, each (n_theta,)."""
    layers = problem.stratification
    if not layers:
        return [(np.ones_like(c), np.ones_like(c)) for c in cos_t]
    sizes = [c.size for c in cos_t]
    f = np.repeat(frequency, sizes)
    z = np.array([problem.metal_height])
    squared = [
        np.abs(line_fields(layers, f, np.concatenate(cos_t), z, kind)[0][:, 0]) ** 2
        for kind in ("tm", "te")
    ]
    ends = np.cumsum(sizes)[:-1]
    return list(zip(*(np.split(s, ends) for s in squared), strict=True))


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
    rules = []
    for n in range(n_freq):
        # |E|^2 holds azimuthal harmonics up to k times the extent of the source, plus a few
        size = k0[n] * extent
        nodes, weights = _gauss(int(12 + 0.5 * size) + layer_order(layers, frequency[n]))
        rules.append((0.5 * (nodes + 1.0), 0.5 * weights, 2 * int(8 + 0.5 * size)))
    power = _transmission(problem, frequency, [rule[0] for rule in rules])
    halves = 1.0 if layers else 2.0  # a sheet in free space radiates alike into both halves
    for n, (cos_t, weights, n_phi) in enumerate(rules):
        order = cos_t.size
        sin_t = np.sqrt(1.0 - cos_t**2)
        phi = 2.0 * np.pi * (np.arange(n_phi) + 0.5) / n_phi
        tm, te = power[n]
        k_rho = k0[n] * sin_t
        cos_p, sin_p = np.cos(phi), np.sin(phi)
        ex = np.exp(1j * np.multiply.outer(np.outer(k_rho, cos_p).ravel(), grid.x))
        ey = np.exp(1j * np.multiply.outer(np.outer(k_rho, sin_p).ravel(), grid.y))
        shaped = np.moveaxis(moments[n].reshape(n_port, grid.x.size, grid.y.size, 2), 1, 0)
        partial = (ex @ shaped.reshape(grid.x.size, -1)).reshape(-1, n_port, grid.y.size, 2)
        spectrum = np.einsum("dqbc,db->dqc", partial, ey).reshape(order, n_phi, n_port, 2)
        radial = spectrum[..., 0] * cos_p[:, None] + spectrum[..., 1] * sin_p[:, None]
        across = spectrum[..., 1] * cos_p[:, None] - spectrum[..., 0] * sin_p[:, None]
        scale = 2.0 * np.pi * frequency[n] * MU0 / (4.0 * np.pi)
        area = weights * (2.0 * np.pi / n_phi) * halves * scale**2 / ETA0
        for pattern, weight in (
            (radial, area * cos_t**2 * tm),
            (across, area * te),
        ):
            weighted = (pattern.conj() * weight[:, None, None]).reshape(-1, n_port)
            result[n] += weighted.T @ pattern.reshape(-1, n_port)
    return result
