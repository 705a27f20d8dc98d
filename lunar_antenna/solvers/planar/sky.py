"""Far-field sources of a planar current, compressed onto a Chebyshev grid, and the sky power.

exp(j k . r) over the layout is a polynomial of low degree in x and y to any accuracy, so the
current radiates like point moments on a small tensor grid of Chebyshev nodes (interpolation of
the phase factor, transposed).  The grid serves every frequency and every direction.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from ...common import chebyshev
from ...conventions import ETA0, MU0, ComplexArray, FloatArray, wavenumber
from ...media.elevation import elevations, half_sphere
from ...media.plane_wave import line_fields
from ...problem import Problem
from .kernels import table_radius

BATCH = 2e6  # numbers held at once
WAVES = 4096  # through the layers at once
# Directions of gains, rad: within 10 degrees of the horizon a soil leaves little of any field.  The
# azimuths are those of the first quadrant.
THETA = np.radians(np.arange(0.0, 81.0, 10.0))
PHI = np.radians((0.0, 45.0, 90.0))


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
        lx = chebyshev.matrix(self.x, points[:, 0], ends=False)
        ly = chebyshev.matrix(self.y, points[:, 1], ends=False)
        return np.asarray((lx[:, :, None] * ly[:, None, :]).reshape(len(points), -1))


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """cos_t (n_theta,); cos_p, sin_p (n_quarter,): of the azimuths in the first quadrant, whose
    mirror images are the others."""

    cos_t: FloatArray
    cos_p: FloatArray
    sin_p: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SkyRule(Directions):
    """Quadrature over the sky: Gauss-Legendre in cos theta, trapezoidal rule in phi.

    tm, te (n_freq, n_theta): weight of |transverse moment spectrum|^2 in R, from |V|^2 at the metal
    of a unit plane wave, ohm per (A m)^2.
    """

    tm: FloatArray
    te: FloatArray


_rules: OrderedDict[object, SkyRule] = OrderedDict()
_RULES = 128  # kept


def sky_rule(problem: Problem, frequency: FloatArray, extent: float) -> SkyRule:
    """Rule for sources up to ``extent`` (m) across; cached, as it does not depend on the layout."""
    layers = problem.stratification
    radius = table_radius(extent)
    key = (layers, problem.metal_height, frequency.tobytes(), radius)
    if key not in _rules:
        _rules[key] = _make_rule(problem, frequency, radius)
        while len(_rules) > _RULES:
            _rules.popitem(last=False)
    _rules.move_to_end(key)
    return _rules[key]


def _make_rule(problem: Problem, frequency: FloatArray, radius: float) -> SkyRule:
    layers = problem.stratification
    k0 = wavenumber(frequency)
    # |E|^2 holds azimuthal harmonics up to k times the extent of the source, plus a few
    size = float(k0.max()) * radius
    heights = np.array([problem.metal_height])
    cos_t, weights = half_sphere(int(0.5 * size) + elevations(layers, frequency, heights))
    quarter = int(np.ceil(0.5 * (8.0 + 0.5 * size)))
    phi = 0.5 * np.pi * (np.arange(quarter) + 0.5) / quarter
    halves = 1.0 if layers.reflects else 2.0  # a sheet in free space: both halves alike
    scale = halves * (0.5 * frequency * MU0) ** 2 / ETA0  # (omega mu0 / (4 pi))^2 / eta0
    area = weights * (0.5 * np.pi / quarter)
    tm, te = _heard(problem, frequency, cos_t)
    weight = scale[:, None] * area
    return SkyRule(cos_t, np.cos(phi), np.sin(phi), weight * tm, weight * te)


def _heard(
    problem: Problem, frequency: FloatArray, cos_t: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(n_freq, n_theta) each: |E|^2 along the metal, in the plane of incidence and across it, of
    unit plane waves."""
    placed = problem.stratification.placed
    heights = np.array([problem.metal_height])
    tm, te = (np.ones((frequency.size, cos_t.size)) for _ in range(2))
    batch = max(1, WAVES // cos_t.size)
    for start in range(0, frequency.size if placed else 0, batch):
        part = frequency[start : start + batch]
        waves = np.repeat(part, cos_t.size), np.tile(cos_t, part.size), heights
        for found, kind in ((tm, "tm"), (te, "te")):
            voltage = line_fields(placed, *waves, kind)[0]
            found[start : start + batch] = np.abs(voltage.reshape(part.size, -1)) ** 2
    return tm * cos_t**2, te


def _nodes(low: float, high: float, k_max: float) -> FloatArray:
    count = int(np.ceil(1.4 * k_max * 0.5 * (high - low))) + 11
    return chebyshev.points(high, low, count, ends=False)  # falling, as files hold them


def sky_resistance(
    problem: Problem, frequency: FloatArray, grid: SourceGrid, moments: ComplexArray
) -> ComplexArray:
    """(n_freq, p, p) R_sky by integrating the far field over the sky, ohm.

    moments: (n_freq, p, nx * ny, 2) A m per A.  The upper half-sphere over soil, the whole sphere
    without.

    With the phase origin at the middle of the grid the spectrum is a sum of four parts, even or
    odd in k_x and in k_y.  Over the four mirror images of a direction the products of different
    parts cancel, so that one quadrant of real sines and cosines does for all.
    """
    extent = float(np.hypot(np.ptp(grid.x), np.ptp(grid.y)))
    rule = sky_rule(problem, frequency, extent)
    result = np.zeros((frequency.size, *2 * moments.shape[1:2]), dtype=complex)
    directions = rule.cos_t.size * rule.cos_p.size
    numbers = 8 * directions * moments[0].size // grid.x.size
    batch = int(max(1, BATCH // numbers))
    for start in range(0, frequency.size, batch):
        part = slice(start, start + batch)
        radial, across = _spectra(rule, wavenumber(frequency[part]), grid, moments[part])
        for pattern, weight in ((radial, rule.tm[part]), (across, rule.te[part])):
            weighted = pattern.conj() * weight[:, None, None, :, None, None]
            flat = (len(weight), -1, moments.shape[1])
            first, second = weighted.reshape(flat), pattern.reshape(flat)
            result[part] += 4.0 * np.swapaxes(first, 1, 2) @ second
    return result


def intensities(
    problem: Problem, frequency: FloatArray, grid: SourceGrid, moments: ComplexArray
) -> FloatArray:
    """(n_freq, p, n_direction) towards THETA and PHI with its mirror images, but for a factor that
    all of a frequency have.  moments: as for :func:`sky_resistance`."""
    cos_t = np.cos(THETA)
    towards = Directions(cos_t, np.cos(PHI), np.sin(PHI))
    parts = _spectra(towards, wavenumber(frequency), grid, moments)
    mirrored = np.array([[1.0, 1.0], [1.0, -1.0]])  # of even and odd parts, on either side
    found = 0.0
    for pattern, weight in zip(parts, _heard(problem, frequency, cos_t), strict=True):
        field = np.einsum("fabtqp,ax,by->fptqxy", pattern, mirrored, mirrored)
        found = found + np.abs(field) ** 2 * weight[:, None, :, None, None, None]
    return np.asarray(found).reshape(*moments.shape[:2], -1)


def _spectra(
    rule: Directions, k0: FloatArray, grid: SourceGrid, moments: ComplexArray
) -> tuple[ComplexArray, ComplexArray]:
    """Radial and azimuthal moment spectra (n_freq, 2, 2, n_theta, n_quarter, p), by parity."""
    n_freq, n_port = moments.shape[:2]
    n_x, n_y = grid.x.size, grid.y.size
    k_rho = k0[:, None, None] * np.sqrt(1.0 - rule.cos_t**2)[:, None]
    shape = (n_freq, rule.cos_t.size, rule.cos_p.size)
    waves = []
    for nodes, component in ((grid.x, rule.cos_p), (grid.y, rule.sin_p)):
        centred = nodes - 0.5 * (nodes[0] + nodes[-1])
        phase = (k_rho * component).reshape(n_freq, -1, 1) * centred
        waves.append(np.stack((np.cos(phase), np.sin(phase)), axis=1))  # (f, parity, d, n)
    rows = np.moveaxis(moments.reshape(n_freq, n_port, n_x, n_y, 2), 2, 1).reshape(n_freq, n_x, -1)
    partial = waves[0].reshape(n_freq, -1, n_x) @ np.ascontiguousarray(rows).view(float)
    partial = partial.view(complex).reshape(n_freq, 2, -1, n_port, n_y, 2)
    parts = np.einsum("fadpyc,fbdy->fabdpc", partial, waves[1])
    parts = parts.reshape(n_freq, 2, 2, *shape[1:], n_port, 2)
    parts[:, 1] *= 1j
    parts[:, :, 1] *= 1j
    # a factor cos phi or sin phi turns the parity in k_x or k_y
    along = rule.cos_p[:, None, None] * parts[:, ::-1]
    aside = rule.sin_p[:, None, None] * parts[:, :, ::-1]
    return along[..., 0] + aside[..., 1], along[..., 1] - aside[..., 0]
