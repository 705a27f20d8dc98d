"""Least squares with bounds, from several starts, so that a wrong minimum does not catch it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..conventions import ComplexArray, FloatArray
from .errors import Whitening
from .model import SweepModel

_SAMPLES = 12  # 2^12 points of a low-discrepancy sequence over the prior box
_CHUNK = 512
_STARTS = 8
_APART = 0.3  # of the box, between two starts
_NEAR_BOUND = 1e-3  # of the prior range


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """values (p,) SI; chi2; jacobian (2n, p) of the whitened sweep; residual (2n,) whitened.

    at_bound: names of parameters that ended at the edge of their prior.  minima: (chi2, values)
    of the distinct minima found, lowest first.
    """

    values: FloatArray
    chi2: float
    jacobian: FloatArray
    residual: FloatArray
    at_bound: tuple[str, ...]
    minima: tuple[tuple[float, FloatArray], ...]

    @property
    def freedom(self) -> int:
        """Degrees of freedom: 2 n - p."""
        return len(self.residual) - len(self.values)


def chi_squared(
    model: SweepModel, measured: ComplexArray, whitening: Whitening, values: FloatArray
) -> FloatArray:
    """(k,) sums of squared whitened residuals for ``values`` (k, p)."""
    return np.concatenate(
        [
            (whitening(measured - model(values[start : start + _CHUNK])) ** 2).sum(axis=1)
            for start in range(0, len(values), _CHUNK)
        ]
    )


def starting_points(
    model: SweepModel, measured: ComplexArray, whitening: Whitening, seed: int
) -> FloatArray:
    """(k, p) up to 8 good and distinct points of a global search of the box."""
    from scipy.stats import qmc

    sobol = qmc.Sobol(len(model.ranges), seed=seed).random_base2(_SAMPLES)
    x = 2.0 * sobol - 1.0
    values = _values(model, x)
    order = np.argsort(chi_squared(model, measured, whitening, values))
    chosen: list[int] = []
    for candidate in order[:512]:
        gaps = [np.abs(x[candidate] - x[other]).max() for other in chosen]
        if all(gap > 2.0 * _APART for gap in gaps):
            chosen.append(int(candidate))
        if len(chosen) == _STARTS:
            break
    return values[chosen]


def fit(model: SweepModel, measured: ComplexArray, whitening: Whitening, starts: FloatArray) -> Fit:
    """The lowest minimum of chi2 reached from ``starts`` (k, p), trust-region with bounds."""
    from scipy.optimize import least_squares

    def residual(x: FloatArray) -> FloatArray:
        return np.asarray(whitening(measured - model(_values(model, x[None, :]))[0]))

    def slope(x: FloatArray) -> FloatArray:
        # dvalue/dx of a Prior, then of the sweep
        step = 1e-6
        values = _values(model, x[None, :])[0]
        upper = _values(model, np.minimum(x + step, 1.0)[None, :])[0]
        lower = _values(model, np.maximum(x - step, -1.0)[None, :])[0]
        scale = (upper - lower) / (np.minimum(x + step, 1.0) - np.maximum(x - step, -1.0))
        return np.asarray(-(whitening(model.derivative(values)) * scale[:, None]).T)

    found = []
    for start in starts:
        x0 = np.clip(_coordinates(model, start), -1.0 + 1e-6, 1.0 - 1e-6)
        result = least_squares(
            residual, x0, slope, bounds=(-1.0, 1.0), xtol=1e-10, ftol=1e-10, gtol=1e-10
        )
        found.append((2.0 * float(result.cost), result.x))
    found.sort(key=lambda item: item[0])
    lowest, best = found[0]
    values = _values(model, best[None, :])[0]
    distinct = [found[0]]
    for item in found[1:]:
        if all(np.abs(item[1] - other[1]).max() > 0.05 for other in distinct):
            distinct.append(item)
    return Fit(
        values=values,
        chi2=lowest,
        jacobian=whitening(model.derivative(values)).T,
        residual=residual(best),
        at_bound=tuple(
            item.name
            for item, value in zip(model.ranges, values, strict=True)
            if min(value - item.low, item.high - value) < _NEAR_BOUND * item.width
        ),
        minima=tuple((cost, _values(model, x[None, :])[0]) for cost, x in distinct),
    )


def _values(model: SweepModel, x: FloatArray) -> FloatArray:
    """(k, p) SI values of coordinates ``x`` (k, p) in [-1, 1] of the model's limits."""
    return np.column_stack([item.value(x[:, k]) for k, item in enumerate(model.limits)])


def _coordinates(model: SweepModel, values: FloatArray) -> FloatArray:
    return np.array(
        [float(item.coordinate(v)) for item, v in zip(model.limits, values, strict=True)]
    )
