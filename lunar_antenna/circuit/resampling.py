"""A curve between the frequencies it is known at: one rational fit, one estimate of its error.

The response of a linear, lumped or distributed network is, over a bounded band, well approximated
by a rational function of frequency.  The AAA algorithm (Nakatsukasa, Sete & Trefethen, SIAM J.
Sci. Comput. 40, A1494, 2018) finds one through the samples.  A pole between two samples shows in
the samples around it, which a polynomial spline through the same points would miss.  What is real
in time (an impedance, a share of power) has Z(-omega) = Z*(omega), so that the mirror images of
its samples are samples too.

The error of any fit is what it shows where it can be checked: every second sample is left out
(never the first or the last: no fit is asked to extrapolate), and all are predicted from the rest.
The real grid is twice as dense, so that this is an upper estimate down to the fit's own tolerance.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

Curve = Callable[[FloatArray], ComplexArray]  # frequency (m,) Hz -> values (m,)
Fit = Callable[[FloatArray, ComplexArray], Curve]  # samples at (n,) Hz, values (n,) -> Curve

TOLERANCE = 1e-4  # relative to max |Z|; far below the discretisation error of any solver (1e-2)
EXACT = 1e-10  # of a curve that is nobody's discretisation
MAX_TERMS = 60
MIN_POINTS = 8
MIN_HELD_OUT = 5  # samples
SHARE_ROUNDING = 1e-3  # ten times the tolerance of the fit
PER_INTERVAL = 20  # points of the fine grid per interval of solved frequencies


def rational(frequency: FloatArray, values: ComplexArray) -> Curve:
    """The AAA approximation of ``values`` (n,) at ``frequency`` (n,) Hz, to :data:`EXACT`."""
    return _aaa(frequency, values, frequency[-1], EXACT, 100)


def hermitian(frequency: FloatArray, values: ComplexArray) -> Curve:
    """The same to :data:`TOLERANCE` for what is real in time: values(-f) = values(f)*."""
    points = np.concatenate((-frequency[::-1], frequency))
    mirrored = np.concatenate((np.conj(values[::-1]), values))
    terms = min(MAX_TERMS, frequency.size)
    return _aaa(points, mirrored, frequency[-1], TOLERANCE, terms)


def _aaa(
    points: FloatArray, values: ComplexArray, scale: float, tolerance: float, terms: int
) -> Curve:
    from scipy.interpolate import AAA

    with warnings.catch_warnings():
        # AAA warns where noise keeps it above the tolerance; the held-out error says so better
        warnings.simplefilter("ignore", RuntimeWarning)
        fit = AAA(points / scale, values, rtol=tolerance, max_terms=terms)

    def curve(wanted: FloatArray) -> ComplexArray:
        with np.errstate(all="ignore"):
            return np.asarray(fit(wanted / scale), dtype=complex)

    return curve


def spline(frequency: FloatArray, values: ComplexArray) -> Curve:
    """Cubic spline of real and imaginary part, straight lines below four samples."""
    from scipy.interpolate import make_interp_spline

    scale = frequency[-1]
    degree = 3 if frequency.size > 3 else min(1, frequency.size - 1)
    fit = make_interp_spline(frequency / scale, np.column_stack((values.real, values.imag)), degree)

    def curve(wanted: FloatArray) -> ComplexArray:
        re, im = fit(np.clip(wanted, frequency[0], scale) / scale).T
        return np.asarray(re + 1j * im)

    return curve


def held_out(
    frequency: FloatArray,
    values: ComplexArray,
    fit: Fit,
    seen: Callable[[ComplexArray], ComplexArray] = np.asarray,
) -> float | None:
    """Largest difference with which ``fit`` to every second sample predicts all of them.

    ``seen``: what is compared, from values.  Infinite where a prediction is not finite; None
    below :data:`MIN_HELD_OUT` samples.
    """
    if frequency.size < MIN_HELD_OUT:
        return None
    keep = np.zeros(frequency.size, dtype=bool)
    keep[::2] = True
    keep[-1] = True
    predicted = fit(frequency[keep], values[keep])(frequency)
    error = float(np.abs(seen(predicted) - seen(values)).max())
    return error if np.isfinite(error) else np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """Values at the wanted frequencies, the method used, and its held-out error (or None)."""

    values: ComplexArray
    method: str
    error: float | None


def interpolate(frequency: FloatArray, s: ComplexArray, wanted: FloatArray) -> Interpolated:
    """Complex ``s`` (n,) on ``frequency`` (n,) at ``wanted`` (m,), inside the solved range.

    The better of :func:`spline` and :func:`rational` by held-out error.  Points that were solved
    keep their values.  Raises :class:`InputError` outside the solved range.
    """
    edge = 1e-9 * frequency[-1]
    if wanted.min() < frequency[0] - edge or wanted.max() > frequency[-1] + edge:
        raise InputError("interpolation outside the solved band is not done; solve a wider band")
    nearest = np.argmin(np.abs(wanted[:, None] - frequency[None, :]), axis=1)
    solved = np.abs(frequency[nearest] - wanted) <= 1e-9 * wanted
    if solved.all():
        return Interpolated(s[nearest], "none: all points solved", 0.0)
    method, fit, error = "cubic spline", spline, held_out(frequency, s, spline)
    other = held_out(frequency, s, rational)
    if other is not None and error is not None and other < 0.5 * error:
        method, fit, error = "AAA", rational, other
    values = fit(frequency, s)(wanted)
    values[solved] = s[nearest[solved]]
    return Interpolated(values, method, None if error is None or np.isinf(error) else error)


@dataclass(frozen=True, slots=True, eq=False)
class DenseImpedance:
    """Impedance on a fine grid.

    frequency: (m,) Hz.  z: (m,) ohm.  held_out: error of the rational fit, |dGamma| at 100 ohm.
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
    fitted = hermitian(frequency, z)(dense)
    passive = bool(np.all(np.isfinite(fitted)) and np.all(fitted.real > 0.0))
    value = fitted if passive else _passive_spline(frequency, z, dense)
    value[::per_interval] = z
    error = held_out(frequency, z, hermitian, _gamma)
    assert error is not None
    return DenseImpedance(dense, value, error, passive)


def fine_grid(frequency: FloatArray, per_interval: int = PER_INTERVAL) -> FloatArray:
    """``frequency`` (n,) with ``per_interval`` - 1 points put into every interval, Hz."""
    position = np.arange((frequency.size - 1) * per_interval + 1) / per_interval
    return np.interp(position, np.arange(frequency.size), frequency)


def densify_share(
    frequency: FloatArray, share: FloatArray, per_interval: int = PER_INTERVAL
) -> FloatArray:
    """A share of power (n,) at ``frequency`` (n,) Hz on the grid of :func:`densify`.

    Where the rational fit leaves [0, 1] by more than :data:`SHARE_ROUNDING`, monotone cubic
    pieces (PCHIP) take its place.
    """
    dense = fine_grid(frequency, per_interval)
    value = hermitian(frequency, share.astype(complex))(dense).real
    physical = np.isfinite(value) & (value > -SHARE_ROUNDING) & (value < 1.0 + SHARE_ROUNDING)
    if not physical.all():
        from scipy.interpolate import PchipInterpolator

        value = np.asarray(PchipInterpolator(frequency, share)(dense))
    value[::per_interval] = share
    return np.clip(value, 0.0, 1.0)


def _gamma(z: ComplexArray) -> ComplexArray:
    return np.asarray((z - 100.0) / (z + 100.0))


def _passive_spline(frequency: FloatArray, z: ComplexArray, dense: FloatArray) -> ComplexArray:
    """Cubic spline of Gamma (100 ohm), clipped to passive values, back to Z."""
    from scipy.interpolate import CubicSpline

    gamma = CubicSpline(frequency, _gamma(z))(dense)
    gamma = gamma / np.maximum(1.0, np.abs(gamma) * (1.0 + 1e-9))
    return np.asarray(100.0 * (1.0 + gamma) / (1.0 - gamma))
