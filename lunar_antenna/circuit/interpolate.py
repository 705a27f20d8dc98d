"""Bringing a simulated reflection to other frequencies, with an honest error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from ..errors import InputError

Evaluate = Callable[[FloatArray], ComplexArray]


@dataclass(frozen=True, slots=True, eq=False)
class Interpolated:
    """Values at the wanted frequencies, the method used, and its held-out error.

    error: largest |dS| when every second solved point is left out and predicted from the rest
    (an upper estimate: the real grid is twice as dense); None below 5 points.
    """

    values: ComplexArray
    method: str
    error: float | None


def interpolate(frequency: FloatArray, s: ComplexArray, wanted: FloatArray) -> Interpolated:
    """Complex ``s`` (n,) on ``frequency`` (n,) at ``wanted`` (m,), inside the solved range.

    The better of a cubic spline of Re S and Im S and of the AAA rational approximation
    (Nakatsukasa, Sete and Trefethen, SIAM J. Sci. Comput. 40 (2018) A1494), by held-out error.
    Points that were solved keep their values.
    """
    edge = 1e-9 * frequency[-1]
    if wanted.min() < frequency[0] - edge or wanted.max() > frequency[-1] + edge:
        raise InputError("interpolation outside the solved band is not done; solve a wider band")
    nearest = np.argmin(np.abs(wanted[:, None] - frequency[None, :]), axis=1)
    solved = np.abs(frequency[nearest] - wanted) <= 1e-9 * wanted
    if solved.all():
        return Interpolated(s[nearest], "none: all points solved", 0.0)
    best: tuple[float, str, Callable[[FloatArray, ComplexArray], Evaluate]] | None = None
    for name, build in (("cubic spline", _spline), ("AAA", _rational)):
        error = _held_out(frequency, s, build)
        if best is None or (error is not None and error < 0.5 * best[0]):
            best = (np.inf if error is None else error, name, build)
    assert best is not None
    values = best[2](frequency, s)(wanted)
    values[solved] = s[nearest[solved]]
    return Interpolated(values, best[1], None if np.isinf(best[0]) else best[0])


def _held_out(
    frequency: FloatArray, s: ComplexArray, build: Callable[[FloatArray, ComplexArray], Evaluate]
) -> float | None:
    if frequency.size < 5:
        return None
    keep = np.zeros(frequency.size, dtype=bool)
    keep[::2] = True
    keep[-1] = True
    if keep.all():
        return None
    predicted = build(frequency[keep], s[keep])(frequency[~keep])
    error = float(np.abs(predicted - s[~keep]).max())
    return error if np.isfinite(error) else np.inf


def _spline(frequency: FloatArray, s: ComplexArray) -> Evaluate:
    from scipy.interpolate import make_interp_spline

    degree = min(3, frequency.size - 1)
    if degree == 2:
        degree = 1
    spline = make_interp_spline(
        frequency / frequency[-1], np.column_stack((s.real, s.imag)), degree
    )

    def evaluate(wanted: FloatArray) -> ComplexArray:
        inside = np.clip(wanted, frequency[0], frequency[-1])
        re, im = spline(inside / frequency[-1]).T
        return np.asarray(re + 1j * im)

    return evaluate


def _rational(frequency: FloatArray, s: ComplexArray) -> Evaluate:
    from scipy.interpolate import AAA

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # AAA warns where it stops early; the error judges it
        fit = AAA(frequency / frequency[-1], s, rtol=1e-10)

    def evaluate(wanted: FloatArray) -> ComplexArray:
        with np.errstate(all="ignore"):
            return np.asarray(fit(wanted / frequency[-1]), dtype=complex)

    return evaluate
