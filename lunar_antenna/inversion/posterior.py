"""Posterior of an inversion: uniform priors times the Gaussian likelihood, sampled by emcee.

Affine-invariant ensemble (Goodman and Weare 2010, as implemented by emcee; Foreman-Mackey et al.,
PASP 125 (2013) 306; cited from memory).  The chain grows until it is 50 autocorrelation times
long, and says so where it did not get there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conventions import ComplexArray, FloatArray, JsonDict
from ..errors import MissingEngineError
from .errors import Whitening
from .fit import Fit, chi_squared
from .identify import Information
from .model import SweepModel

INSTALL = "python -m pip install 'lunar-antenna[inversion]'"
LONG_ENOUGH = 50.0  # autocorrelation times
LEVEL = 0.9


def sampler_library() -> Any:
    """The emcee module; :class:`MissingEngineError` with the install command where absent."""
    try:
        import emcee
    except ImportError:
        raise MissingEngineError(f"a posterior needs emcee; install it: {INSTALL}") from None
    return emcee


def plot_library() -> Any:
    """The corner module; :class:`MissingEngineError` with the install command where absent."""
    try:
        import corner
    except ImportError:
        raise MissingEngineError(f"a corner plot needs corner; install it: {INSTALL}") from None
    return corner


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """samples (n, p), SI, thinned and after burn-in, in the order of ``names``.

    autocorrelation (p,): steps.  steps: per walker.  converged: steps > 50 times the longest.
    """

    names: tuple[str, ...]
    samples: FloatArray
    autocorrelation: FloatArray
    steps: int
    walkers: int
    acceptance: float
    converged: bool

    @property
    def median(self) -> FloatArray:
        return np.asarray(np.median(self.samples, axis=0))

    def interval(self, level: float = LEVEL) -> FloatArray:
        """(p, 2) equal-tailed credible intervals."""
        tail = 50.0 * (1.0 - level)
        return np.asarray(np.percentile(self.samples, (tail, 100.0 - tail), axis=0).T)

    def to_dict(self) -> JsonDict:
        interval = self.interval()
        return {
            "median": dict(zip(self.names, self.median.tolist(), strict=True)),
            "interval_90": {n: interval[k].tolist() for k, n in enumerate(self.names)},
            "samples": len(self.samples),
            "walkers": self.walkers,
            "steps": self.steps,
            "autocorrelation_time": dict(
                zip(self.names, self.autocorrelation.tolist(), strict=True)
            ),
            "acceptance": self.acceptance,
            "converged": self.converged,
        }


def sample(
    model: SweepModel,
    measured: ComplexArray,
    whitening: Whitening,
    start: Fit,
    *,
    seed: int,
    most_steps: int = 6000,
    report: Callable[[float, str], None] | None = None,
) -> Posterior:
    """Sample the parameters of ``model`` around ``start``; up to ``most_steps`` per walker."""
    emcee = sampler_library()
    random = np.random.RandomState(seed)
    low = np.array([item.low for item in model.limits])
    width = np.array([item.width for item in model.limits])
    walkers = max(32, 4 * len(low))

    def log_probability(u: FloatArray) -> FloatArray:
        inside = np.all((u >= 0.0) & (u <= 1.0), axis=1)
        out = np.full(len(u), -np.inf)
        if inside.any():
            values = low + width * u[inside]
            out[inside] = -0.5 * chi_squared(model, measured, whitening, values)
        return out

    sampler = emcee.EnsembleSampler(walkers, len(low), log_probability, vectorize=True)
    sampler.random_state = random.get_state()
    state = _walkers(start, model, low, width, walkers, random)
    chunk = 250
    while sampler.iteration < most_steps:
        state = sampler.run_mcmc(state, min(chunk, most_steps - sampler.iteration))
        time = np.asarray(sampler.get_autocorr_time(tol=0, quiet=True), dtype=float)
        enough = bool(np.all(np.isfinite(time)) and sampler.iteration > LONG_ENOUGH * time.max())
        if report is not None:
            report(sampler.iteration / most_steps, f"{sampler.iteration} steps of the posterior")
        if enough:
            break
    longest = float(np.nanmax(time)) if np.isfinite(time).any() else sampler.iteration / 10.0
    burn = min(int(5.0 * longest), sampler.iteration // 3)
    chain = sampler.get_chain(discard=burn, thin=max(1, int(0.5 * longest)), flat=True)
    return Posterior(
        names=tuple(item.name for item in model.ranges),
        samples=low + width * chain,
        autocorrelation=time,
        steps=int(sampler.iteration),
        walkers=walkers,
        acceptance=float(np.mean(sampler.acceptance_fraction)),
        converged=enough,
    )


def _walkers(
    start: Fit,
    model: SweepModel,
    low: FloatArray,
    width: FloatArray,
    count: int,
    random: Any,
) -> FloatArray:
    """(count, p) around the fit, drawn from its own covariance, inside the box."""
    covariance = Information.of(start.jacobian, model.ranges).covariance()
    drawn = random.multivariate_normal(start.values, covariance, size=count)
    u = (drawn - low) / width
    u = np.abs(u)  # reflected at both edges, so that no two walkers fall together
    u = np.where(u > 1.0, 2.0 - u, u)
    return np.asarray(np.clip(u, 1e-6, 1.0 - 1e-6) + 1e-9 * random.uniform(size=u.shape))
