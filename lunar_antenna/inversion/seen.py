"""What the residuals of a fit say of the errors themselves: their white level, and structure.

The stated errors may be far wider than those of the sweep.  A model that is wrong by a tenth of
them then looks right.  Here the part of the errors that is drawn at every point (:class:`White`)
is not taken as stated but as seen: its two sizes make the deviance

    -2 ln L = r^H C^-1 r + ln det C

least.  What is common to the sweep stays as stated.  White errors are independent from point to
point whatever their size; what a wrong model leaves is smooth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from .errors import ErrorModel, White, Whitening

LAGS = 8  # at most, a quarter of the points at most
DRAWS = 999
_SEED = 20_251
_SMALLEST = 1e-3  # of the stated share: below it the floor is all there is


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Errors with the white part as seen in a residual: its sizes, the whitening, -2 ln L."""

    white: White
    whitening: Whitening
    deviance: float


def as_seen(
    errors: ErrorModel,
    frequency: FloatArray,
    gamma: ComplexArray,
    shapes: Sequence[ComplexArray],
    residual: ComplexArray,
    least: float,
) -> Seen:
    """The white part that makes ``residual`` (n,) about ``gamma`` (n,) likeliest.

    least: of its floor, what the model itself may be off by from point to point.
    """
    from scipy.optimize import minimize

    largest = max(1.0, 10.0 * errors.floor / least, 10.0 * float(np.abs(residual).max()) / least)

    def made(x: FloatArray) -> Seen:
        white = White(float(np.exp(x[0])), least * float(np.exp(x[1])))
        whitening = errors.whitening(frequency, gamma, shapes, white)
        chi2 = float((whitening(residual) ** 2).sum())
        return Seen(white, whitening, chi2 + whitening.log_determinant)

    bounds = [(np.log(_SMALLEST), np.log(100.0)), (0.0, np.log(largest))]
    size = float(np.sqrt(0.5 * np.mean(np.abs(residual) ** 2)))
    starts = [
        np.array([np.log(0.5), 0.0]),
        np.array([np.log(_SMALLEST), np.log(np.clip(size / least, 1.0, largest))]),
    ]
    found = [
        minimize(lambda x: made(x).deviance, start, method="L-BFGS-B", bounds=bounds).x
        for start in starts
    ]
    return min((made(x) for x in found), key=lambda item: item.deviance)


def neighbours(residual: FloatArray) -> float:
    """Correlation of neighbours of whitened residuals (2n,), radial and tangential ones apart."""
    halves = residual.reshape(2, -1)
    power = float((halves**2).sum())
    return float((halves[:, 1:] * halves[:, :-1]).sum()) / power if power > 0.0 else 0.0


def portmanteau(residual: FloatArray) -> FloatArray:
    """(...,) n sum_k n/(n - k) rho_k^2 over the lags k of residuals (..., 2n).

    Ljung and Box (Biometrika 65 (1978) 297; cited from memory), both parts of the residual in one
    correlation.
    """
    halves = residual.reshape(*residual.shape[:-1], 2, -1)
    n = halves.shape[-1]
    power = np.maximum((halves**2).sum(axis=(-1, -2)), 1e-300)
    total = np.zeros(power.shape)
    for lag in range(1, max(2, min(LAGS, n // 4 + 1))):
        rho = (halves[..., lag:] * halves[..., :-lag]).sum(axis=(-1, -2)) / power
        total += n * n / (n - lag) * rho**2
    return total


def chance_of_structure(residual: FloatArray, slopes: FloatArray) -> float:
    """How often white errors would leave residuals (2n,) as structured as these, 1/1000 at least.

    slopes (2n, p): directions that were fitted, in which nothing is left.  The distribution is
    that of DRAWS white sweeps with the same directions taken out: a few points are enough.
    """
    q, _ = np.linalg.qr(slopes)
    white = np.random.default_rng(_SEED).normal(size=(DRAWS, residual.size))
    white -= (white @ q) @ q.T
    own = portmanteau(residual - q @ (q.T @ residual))
    return float((1 + np.count_nonzero(portmanteau(white) >= own)) / (1 + DRAWS))
