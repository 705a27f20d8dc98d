"""Which sampler proposes candidates.

"cma-es": covariance matrix adaptation (Hansen & Ostermeier, Evol. Comput. 9, 159, 2001), for
smooth problems of two or more variables and some hundred trials.  "tpe": tree-structured Parzen
estimators (Bergstra et al., NIPS 2011), for few trials.  "auto" is cma-es from 100 trials on
where there are at least two variables, else tpe.

Every trial gets a sampler of its own, seeded by the study's seed and the trial's number, so that
an interrupted study goes on as if nothing had happened.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from ..checks import choice

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

SAMPLERS = ("auto", "cma-es", "tpe")
_MANY = 100  # trials from which on cma-es has the generations it needs


def choose_sampler(name: str, variables: int, trials: int) -> str:
    """The sampler meant by ``name``; see the module for what "auto" means."""
    choice("sampler", name, SAMPLERS)
    if name != "auto":
        return "tpe" if variables < 2 else name  # cma-es needs two dimensions
    return "cma-es" if variables >= 2 and trials >= _MANY else "tpe"


def batch_size(variables: int) -> int:
    """Candidates proposed at once: 4 + 3 ln n, the default population of cma-es, at least 6.

    It depends on nothing else, so that the number of workers does not change the search.
    """
    return max(6, 4 + math.floor(3.0 * math.log(max(variables, 1))))


def make_sampler(name: str, variables: int, seed: int, number: int) -> BaseSampler:
    """The sampler of trial ``number``; the first batch is random around the shipped design."""
    from optuna.samplers import CmaEsSampler, RandomSampler, TPESampler

    size = batch_size(variables)
    own_seed = int(np.random.SeedSequence((seed, number)).generate_state(1)[0])
    with warnings.catch_warnings():
        # Options that optuna calls experimental may change their proposals, not their meaning.
        warnings.simplefilter("ignore")
        if number < size:
            return RandomSampler(seed=own_seed)
        if name == "cma-es":
            return CmaEsSampler(
                n_startup_trials=size,
                popsize=size,
                seed=own_seed,
                warn_independent_sampling=False,
            )
        return TPESampler(n_startup_trials=size, multivariate=True, seed=own_seed)
