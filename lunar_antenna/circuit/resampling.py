"""A curve between the frequencies it is known at: one rational fit, one estimate of its error.

The response of a linear, lumped or distributed network is, over a bounded band, well approximated
by a rational function of frequency.  The AAA algorithm (Nakatsukasa, Sete & Trefethen, SIAM J.
Sci. Comput. 40, A1494, 2018) finds one through the samples.  A pole between two samples shows in
the samples around it, which a polynomial spline through the same points would miss.  What is real
in time (an impedance, a share of power) has Z(-omega) = Z*(omega), so that the mirror images of
its samples are samples too.

Which fit, and how wrong: samples are left out, every third one in two patterns, of few also every
second (never the first or the last: no fit is asked to extrapolate), and the fits to the rest are
held against the fit to all of them, on the whole fine grid, not at the samples alone.  A pole
between two samples that only one of them has, because it is narrow, or because noise made it,
shows there and nowhere else.  AAA runs through a ladder of tolerances, from what smooth numbers
allow (a pole narrower than the spacing leaves its tails in the samples, 1e-4 of the largest value
and less) to the noise of an analyser; pieces of cubics stand beside it.  A tolerance of
:data:`SMOOTH` that fewer terms meet than would describe any numbers is met by no noise, and is
taken; of the others the one with the least doubt.  :data:`SAFETY` times the largest difference is
the stated error.
What leaves no trace in any sample no fit can know; where that matters, solve there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

Curve = Callable[[FloatArray], ComplexArray]  # frequency (m,) Hz -> values (m,)
Fit = Callable[[FloatArray, ComplexArray], Curve | None]  # samples (n,) Hz, values -> Curve
Seen = Callable[[ComplexArray], ComplexArray]  # what is compared, from values

LADDER = (1e-8, 1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2)  # tolerances of AAA, of the largest value
SMOOTH = 1e-6  # a tolerance that noise does not meet
ENOUGH = 1e-4  # stated error at which no other fit is tried; far below any solver's 1e-2
LOCAL = 0.25  # what the doubt of local pieces counts: wider gaps harm them most, as gap^4
MAX_TERMS = 60
MIN_POINTS = 8
MIN_HELD_OUT = 5  # samples
LEFT_OUT = ((3, 1), (3, 2))  # (every, from): two patterns
FEW = 24  # samples, below which every second is left out as well
SAFETY = 2.0  # on differences between fits; the largest need seen in 175 noisy sweeps was 1.1
ROUNDING = 1e-6  # what two fits to smooth numbers agree to and are still wrong by
SHARE_ROUNDING = 1e-3  # by which a fit may leave [0, 1]
CHECKED = 8  # points per interval at which fits are compared
PER_INTERVAL = 20  # points of the fine grid per interval of solved frequencies
REFERENCES = np.array([50.0, 100.0, 200.0, 400.0])[:, None]  # ohm, where Gamma is compared


def rational(tolerance: float) -> Fit:
    """AAA approximation to ``tolerance`` of the largest value; no Curve where it needs as many
    terms as half of the samples: it would describe any numbers, noise included.
    """

    def fit(frequency: FloatArray, values: ComplexArray) -> Curve | None:
        terms = min(MAX_TERMS, frequency.size // 2)
        return _aaa(frequency, values, frequency[-1], tolerance, terms)

    return fit


def hermitian(tolerance: float) -> Fit:
    """The same for what is real in time: values(-f) = values(f)*."""

    def fit(frequency: FloatArray, values: ComplexArray) -> Curve | None:
        points = np.concatenate((-frequency[::-1], frequency))
        mirrored = np.concatenate((np.conj(values[::-1]), values))
        terms = min(MAX_TERMS, frequency.size)
        return _aaa(points, mirrored, frequency[-1], tolerance, terms)

    return fit


def _aaa(
    points: FloatArray, values: ComplexArray, scale: float, tolerance: float, terms: int
) -> Curve | None:
    from scipy.interpolate import AAA

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # not converged: told by the terms
        # smooth numbers need no cleaning of doublets, which costs as much as the fit
        noisy = tolerance > SMOOTH
        try:
            fit = AAA(points / scale, values, rtol=tolerance, max_terms=terms, clean_up=noisy)
        except ValueError:  # of its own NaN, where nearly all values are zero
            return None
    if fit.support_points.size >= terms:
        return None

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


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """values (m,) on the grid asked for; method: its name.

    doubt: (m,) upper estimate of the error at each point of the grid; error: of all, and at the
    samples.
    """

    values: ComplexArray
    method: str
    doubt: FloatArray
    error: float


def fitted(
    frequency: FloatArray,
    values: ComplexArray,
    dense: FloatArray,
    fits: Iterable[tuple[str, Fit, float]],
    seen: Seen = np.asarray,
    allowed: Callable[[ComplexArray], bool] = lambda values: bool(np.isfinite(values).all()),
) -> Fitted:
    """The best of ``fits`` to ``values`` (n,) at ``frequency`` (n,) Hz, on ``dense`` (m,) Hz.

    fits: (name, fit, its tolerance, 1 of local pieces), tightest first.  seen: (..., m) of values
    (m,), in which
    errors are measured.  allowed: whether values on the grid are physical.  See the module.
    """
    best: Fitted | None = None
    for name, fit, tolerance in fits:
        found = _tried(frequency, values, dense, (name, fit), seen, allowed)
        favour = LOCAL if tolerance >= 1.0 else 1.0
        if found is not None and (best is None or favour * found.error < best.error):
            best = found
            if best.error <= ENOUGH or tolerance <= SMOOTH:
                break
    if best is None:
        raise InputError(
            f"{frequency.size} values cannot be interpolated; solve {MIN_POINTS} or more"
        )
    return best


def _tried(
    frequency: FloatArray,
    values: ComplexArray,
    dense: FloatArray,
    named: tuple[str, Fit],
    seen: Seen,
    allowed: Callable[[ComplexArray], bool],
) -> Fitted | None:
    name, fit = named
    curve = fit(frequency, values)
    if curve is None:
        return None
    value, at_samples = curve(dense), seen(values)
    if not allowed(value):
        return None
    doubt = np.zeros(dense.size)
    missed = _largest(seen(curve(frequency)) - at_samples)
    for keep in left_out(frequency.size):
        other = fit(frequency[keep], values[keep])
        if other is None:
            return None
        doubt = np.maximum(doubt, _over_references(seen(other(dense)) - seen(value)))
        missed = max(missed, _largest(seen(other(frequency)) - at_samples))
    doubt = SAFETY * np.where(np.isfinite(doubt), doubt, np.inf) + ROUNDING
    error = max(float(doubt.max()), SAFETY * missed + ROUNDING)
    return Fitted(value, name, doubt, error)


def left_out(count: int) -> Iterable[np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Which of ``count`` samples are kept, per pattern; the first and the last always."""
    index = np.arange(count)
    for every, first in (*LEFT_OUT, *(((2, 1),) if count < FEW else ())):
        yield (index % every != first) | (index == 0) | (index == count - 1)


def _over_references(difference: ComplexArray) -> FloatArray:
    """(m,) largest of (..., m)."""
    return np.asarray(np.abs(difference).reshape(-1, difference.shape[-1]).max(axis=0))


def _largest(difference: ComplexArray) -> float:
    largest = float(np.abs(difference).max())
    return largest if np.isfinite(largest) else np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """Values at the wanted frequencies, the method used, and an upper estimate of its error.

    error: None where there are too few samples to tell.
    """

    values: ComplexArray
    method: str
    error: float | None


def interpolate(frequency: FloatArray, s: ComplexArray, wanted: FloatArray) -> Interpolated:
    """Complex ``s`` (n,) on ``frequency`` (n,) at ``wanted`` (m,), inside the solved range.

    The best of :func:`rational` and :func:`spline` by :func:`fitted`.  Points that were solved
    keep their values.  Raises :class:`InputError` outside the solved range.
    """
    edge = 1e-9 * frequency[-1]
    if wanted.min() < frequency[0] - edge or wanted.max() > frequency[-1] + edge:
        raise InputError("interpolation outside the solved band is not done; solve a wider band")
    nearest = np.argmin(np.abs(wanted[:, None] - frequency[None, :]), axis=1)
    solved = np.abs(frequency[nearest] - wanted) <= 1e-9 * wanted
    if solved.all():
        return Interpolated(s[nearest], "none: all points solved", 0.0)
    if frequency.size < MIN_HELD_OUT:
        value, method, error = spline(frequency, s)(wanted), "cubic spline", None
    else:
        grid = np.union1d(fine_grid(frequency, CHECKED), wanted)
        found = fitted(
            frequency, s, grid, (*_ladder("AAA", rational), ("cubic spline", spline, 1.0))
        )
        value, method = found.values[np.searchsorted(grid, wanted)], found.method
        error = found.error if np.isfinite(found.error) else None
    value[solved] = s[nearest[solved]]
    return Interpolated(value, method, error)


def _ladder(
    name: str, kind: Callable[[float], Fit], tightest: float = 0.0
) -> tuple[tuple[str, Fit, float], ...]:
    return tuple(
        (name, kind(tolerance), tolerance) for tolerance in LADDER if tolerance >= tightest
    )


@dataclass(frozen=True, slots=True, eq=False)
class DenseImpedance:
    """Impedance on a fine grid.

    frequency: (m,) Hz.  z: (m,) ohm.  held_out: upper estimate of its error as :func:`fitted`
    makes it, |dGamma| at any of :data:`REFERENCES`.  rational: False where no rational fit was
    passive (Re Z > 0 between the samples) and Gamma was interpolated by a cubic spline.
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
    _enough(frequency)
    dense = fine_grid(frequency, per_interval)
    return impedance_on(frequency, z, dense)


def impedance_on(frequency: FloatArray, z: ComplexArray, dense: FloatArray) -> DenseImpedance:
    """``z`` (n,) ohm at ``frequency`` (n,) Hz on the grid ``dense`` (m,) Hz inside its range."""
    fits = (*_ladder("rational", hermitian), ("spline of Gamma", _passive_spline, 1.0))
    found = fitted(frequency, z, dense, fits, _gamma, _passive)
    value = _keeping(frequency, z, dense, found.values)
    return DenseImpedance(dense, value, found.error, found.method == "rational")


def _enough(frequency: FloatArray) -> None:
    if frequency.size < MIN_POINTS:
        raise InputError(
            f"{frequency.size} solved frequencies are too few to interpolate; "
            f"use {MIN_POINTS} points or more"
        )


def _keeping(
    frequency: FloatArray, values: ComplexArray, dense: FloatArray, fit: ComplexArray
) -> ComplexArray:
    """``fit`` (m,) with the samples themselves wherever the grid has them."""
    at = np.clip(np.searchsorted(frequency, dense), 0, frequency.size - 1)
    at = np.where(
        np.abs(frequency[np.maximum(at - 1, 0)] - dense) < np.abs(frequency[at] - dense),
        np.maximum(at - 1, 0),
        at,
    )
    return np.where(np.abs(frequency[at] - dense) <= 1e-9 * dense, values[at], fit)


def fine_grid(frequency: FloatArray, per_interval: int = PER_INTERVAL) -> FloatArray:
    """``frequency`` (n,) with ``per_interval`` - 1 points put into every interval, Hz."""
    position = np.arange((frequency.size - 1) * per_interval + 1) / per_interval
    return np.interp(position, np.arange(frequency.size), frequency)


@dataclass(frozen=True, slots=True, eq=False)
class DenseShare:
    """A share of power on a fine grid: value (m,) in [0, 1]; doubt (m,), error as in Fitted."""

    value: FloatArray
    doubt: FloatArray
    error: float


def densify_share(frequency: FloatArray, share: FloatArray, dense: FloatArray) -> DenseShare:
    """A share of power (n,) at ``frequency`` (n,) Hz on the grid ``dense`` (m,) Hz.

    Where rational fits leave [0, 1] by more than :data:`SHARE_ROUNDING`, or where they doubt more,
    monotone cubic pieces (PCHIP) take their place.
    """
    values = share.astype(complex)
    fits = (*_ladder("rational", hermitian, SMOOTH), ("monotone", _monotone, 1.0))
    found = fitted(frequency, values, dense, fits, np.real, _is_share)
    value = _keeping(frequency, values, dense, found.values).real
    doubt = found.doubt
    other = hermitian(SMOOTH * 10.0)(frequency, values)
    if other is not None:  # poles of a share are those of the currents and their mirror images
        difference = np.abs(np.clip(other(dense).real, 0.0, 1.0) - value)
        doubt = np.maximum(doubt, SAFETY * np.where(np.isfinite(difference), difference, 1.0))
    return DenseShare(np.clip(value, 0.0, 1.0), doubt, max(found.error, float(doubt.max())))


def _monotone(frequency: FloatArray, values: ComplexArray) -> Curve:
    from scipy.interpolate import PchipInterpolator

    fit = PchipInterpolator(frequency, values.real)
    return lambda wanted: np.asarray(fit(wanted), dtype=complex)


def _is_share(values: ComplexArray) -> bool:
    share = values.real
    inside = (share > -SHARE_ROUNDING) & (share < 1.0 + SHARE_ROUNDING)
    return bool(np.all(np.isfinite(share) & inside))


def _passive(z: ComplexArray) -> bool:
    return bool(np.all(np.isfinite(z) & (z.real > 0.0)))


def _gamma(z: ComplexArray) -> ComplexArray:
    """(4, m) Gamma at the references."""
    with np.errstate(all="ignore"):
        return np.asarray((z - REFERENCES) / (z + REFERENCES))


def _passive_spline(frequency: FloatArray, z: ComplexArray) -> Curve:
    """Cubic spline of Gamma (100 ohm), clipped to passive values, back to Z."""
    from scipy.interpolate import CubicSpline

    fit = CubicSpline(frequency, (z - 100.0) / (z + 100.0))

    def curve(wanted: FloatArray) -> ComplexArray:
        gamma = fit(wanted)
        gamma = gamma / np.maximum(1.0, np.abs(gamma) * (1.0 + 1e-9))
        return np.asarray(100.0 * (1.0 + gamma) / (1.0 - gamma))

    return curve
