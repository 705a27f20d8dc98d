"""Impedance between solved frequencies, so that no notch hides between samples.

Z(j omega) of a linear, passive, lumped or distributed antenna is real on the real axis of s, so
Z(-omega) = Z*(omega), and over a bounded band it is well approximated by a rational function.
The AAA algorithm (Nakatsukasa, Sete & Trefethen, SIAM J. Sci. Comput. 40, A1494, 2018) fits one
to the samples and their mirror images.  A pole between two samples shows in the samples around
it, which a polynomial spline through the same points would miss.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

TOLERANCE = 1e-4  # relative to max |Z|; far below the discretisation error of any solver (1e-2)
MAX_TERMS = 60
MIN_POINTS = 8
SHARE_ROUNDING = 1e-3  # ten times the tolerance of the fit
PER_INTERVAL = 20  # points of the fine grid per interval of solved frequencies


@dataclass(frozen=True, slots=True, eq=False)
class DenseImpedance:
    """Impedance on a fine grid.

    frequency: (m,) Hz.  z: (m,) ohm.  held_out: largest |dGamma| (100 ohm) with which a fit to
    every second sample predicts the others: an upper estimate of the interpolation's error.
    rational: False where the fit was not passive (Re Z <= 0 between the samples) and Gamma was
    interpolated by a cubic spline instead.
    """

    frequency: FloatArray
    z: ComplexArray
    held_out: float
    rational: bool


def densify(
    frequency: FloatArray, z: ComplexArray, per_interval: int = PER_INTERVAL
) -> DenseImpedance:
    """``z`` (n,) ohm at ``frequency`` (n,) Hz on ``per_interval`` times as many points.

    Raises :class:`InputError` for fewer than :data:`MIN_POINTS` samples.
    """
    if frequency.size < MIN_POINTS:
        raise InputError(
            f"{frequency.size} solved frequencies are too few to interpolate; "
            f"use {MIN_POINTS} points or more"
        )
    dense = fine_grid(frequency, per_interval)
    rational = _rational(frequency, z, dense)
    passive = bool(np.all(np.isfinite(rational)) and np.all(rational.real > 0.0))
    value = rational if passive else _spline(frequency, z, dense)
    value[::per_interval] = z
    half = _rational(frequency[::2], z[::2], frequency)
    return DenseImpedance(dense, value, float(np.abs(_gamma(half) - _gamma(z)).max()), passive)


def fine_grid(frequency: FloatArray, per_interval: int = PER_INTERVAL) -> FloatArray:
    """``frequency`` (n,) with ``per_interval`` - 1 points put into every interval, Hz."""
    position = np.arange((frequency.size - 1) * per_interval + 1) / per_interval
    return np.interp(position, np.arange(frequency.size), frequency)


def densify_share(
    frequency: FloatArray, share: FloatArray, per_interval: int = PER_INTERVAL
) -> FloatArray:
    """A share of power (n,) at ``frequency`` (n,) Hz on the grid of :func:`densify`.

    A share is an even, real function of frequency: the same rational fit, to the samples and
    their mirror images.  Where that leaves [0, 1] by more than :data:`SHARE_ROUNDING`, monotone
    cubic pieces (PCHIP) take its place.
    """
    dense = fine_grid(frequency, per_interval)
    value = _rational(frequency, share.astype(complex), dense).real
    physical = np.isfinite(value) & (value > -SHARE_ROUNDING) & (value < 1.0 + SHARE_ROUNDING)
    if not physical.all():
        from scipy.interpolate import PchipInterpolator

        value = np.asarray(PchipInterpolator(frequency, share)(dense))
    value[::per_interval] = share
    return np.clip(value, 0.0, 1.0)


def _gamma(z: ComplexArray) -> ComplexArray:
    return np.asarray((z - 100.0) / (z + 100.0))


def _rational(frequency: FloatArray, z: ComplexArray, dense: FloatArray) -> ComplexArray:
    from scipy.interpolate import AAA

    scale = frequency[-1]
    points = np.concatenate((-frequency[::-1], frequency)) / scale
    values = np.concatenate((np.conj(z[::-1]), z))
    with warnings.catch_warnings():
        # AAA warns where noise keeps it above the tolerance; the held-out error says so better.
        warnings.simplefilter("ignore", RuntimeWarning)
        fit = AAA(points, values, rtol=TOLERANCE, max_terms=min(MAX_TERMS, frequency.size))
    return np.asarray(fit(dense / scale))


def _spline(frequency: FloatArray, z: ComplexArray, dense: FloatArray) -> ComplexArray:
    """Cubic spline of Gamma (100 ohm), clipped to passive values, back to Z."""
    from scipy.interpolate import CubicSpline

    gamma = CubicSpline(frequency, _gamma(z))(dense)
    gamma = gamma / np.maximum(1.0, np.abs(gamma) * (1.0 + 1e-9))
    return np.asarray(100.0 * (1.0 + gamma) / (1.0 - gamma))
