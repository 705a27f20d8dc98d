"""Which sampler proposes candidates.

"cma-es": covariance matrix adaptation (Hansen & Ostermeier, Evol. Comput. 9, 159, 2001), for
smooth problems of two or more variables and some hundred trials.  It begins at the best of the
first batch, the shipped design and random ones.  "tpe": tree-structured Parzen
estimators (Bergstra et al., NIPS 2011), for few trials.  "gp": Gaussian-process regression with
expected improvement, for few, expensive trials; needs torch.  These take one objective; tpe and
gp take several, too.  "nsga2" (Deb et al., IEEE Trans. Evol. Comput. 6, 182, 2002) and "nsga3"
(Deb & Jain, ibid. 18, 577, 2014): populations that spread along a Pareto front, with simulated
binary crossover.

"auto" is, with one objective, cma-es from 100 trials on where there are at least two variables,
else tpe.  With several objectives it is tpe below 1000 trials, from there on nsga2 for two of them
and nsga3 for more: on the shipped published_pareto (seed 1) 800 trials of tpe dominated as much
volume, 0.34 of a reference box, as 2000 of nsga2, against 0.29 and 0.28 for 800 of nsga2 and
nsga3; but the time tpe takes to propose grows with the square of the number of trials.

Every batch gets a sampler of its own, seeded by the study's seed and the number of its first
trial, so that an interrupted study goes on as if nothing had happened.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from ...common.checks import choice
from ...errors import InputError, MissingEngineError

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

POPULATIONS = ("nsga2", "nsga3")
SINGLE = ("cma-es",)
SAMPLERS = ("auto", "cma-es", "tpe", "gp", *POPULATIONS)
_POPULOUS = 1000  # trials from which on a front is left to populations
SPREAD = 0.25  # first standard deviation of cma-es, part of every range
_MANY = 100  # trials from which on cma-es has the generations it needs
_UNSOLVED = (1e3,)  # violation of a candidate that could not be built or solved


def choose_sampler(name: str, variables: int, trials: int, objectives: int = 1) -> str:
    """The sampler meant by ``name``; see the module for what "auto" means.

    Raises :class:`InputError` for one that cannot do the study's number of objectives and
    :class:`MissingEngineError` for gp without torch.
    """
    choice("sampler", name, SAMPLERS)
    if name == "auto":
        if objectives > 1:
            if trials < _POPULOUS:
                return "tpe"
            return "nsga2" if objectives == 2 else "nsga3"
        return "cma-es" if variables >= 2 and trials >= _MANY else "tpe"
    if objectives > 1 and name in SINGLE:
        raise InputError(
            f"sampler {name} takes one objective, the study has {objectives}; "
            "use nsga2, nsga3, tpe or gp"
        )
    if objectives == 1 and name in POPULATIONS:
        raise InputError(f"sampler {name} is for several objectives; use cma-es, tpe or gp")
    if name == "gp":
        _needs_torch()
    return "tpe" if name == "cma-es" and variables < 2 else name  # cma-es needs two dimensions


def batch_size(variables: int, sampler: str = "cma-es") -> int:
    """Candidates proposed at once: 4 + 3 ln n, the default population of cma-es, at least 6.

    For the populations of a front ten times the number of variables, between 24 and 100 and a
    multiple of 4.  It depends on nothing else, so that the number of workers does not change
    the search.
    """
    if sampler in POPULATIONS:
        return min(100, max(24, 4 * math.ceil(10 * variables / 4)))
    return max(6, 4 + math.floor(3.0 * math.log(max(variables, 1))))


def make_sampler(
    name: str,
    variables: int,
    seed: int,
    number: int,
    *,
    several: bool = False,
    start: dict[str, float] | None = None,
) -> BaseSampler:
    """The sampler of the batch that starts at trial ``number``; the first batch is random.

    start: parameters round which cma-es begins; None is the middle of the ranges.
    """
    from optuna import samplers

    size = batch_size(variables, name)
    own_seed = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    limits: dict[str, Any] = {"constraints_func": violations_of} if several else {}
    with warnings.catch_warnings():
        # Options that optuna calls experimental may change their proposals, not their meaning.
        warnings.simplefilter("ignore")
        if name in POPULATIONS:
            kind = samplers.NSGAIISampler if name == "nsga2" else samplers.NSGAIIISampler
            return kind(
                population_size=size,
                crossover=samplers.nsgaii.SBXCrossover(),
                seed=own_seed,
                **limits,
            )
        if number < size and not several:  # tpe and gp start at random by themselves
            return samplers.RandomSampler(seed=own_seed)
        if name == "cma-es":
            return samplers.CmaEsSampler(
                x0=start,
                sigma0=SPREAD,
                n_startup_trials=size,
                popsize=size,
                seed=own_seed,
                warn_independent_sampling=False,
            )
        if name == "gp":
            return samplers.GPSampler(
                n_startup_trials=size, seed=own_seed, deterministic_objective=True, **limits
            )
        return samplers.TPESampler(
            n_startup_trials=size, multivariate=True, seed=own_seed, **limits
        )


def violations_of(trial: FrozenTrial) -> tuple[float, ...]:
    """What the samplers of a front are told of a trial's constraints; > 0 is violated."""
    evaluation = trial.user_attrs["record"]["evaluation"]
    return _UNSOLVED if evaluation["reason"] else tuple(evaluation["violations"])


def _needs_torch() -> None:
    import importlib.util

    if importlib.util.find_spec("torch") is None:
        raise MissingEngineError(
            "sampler gp needs torch, which is not installed; "
            "run: pip install 'lunar-antenna[gp]', or use --sampler cma-es"
        )
