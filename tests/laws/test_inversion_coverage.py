"""What the inversion promises, counted over 200 random soils and heights.

Truth: the planar solver with accuracy "fine", each soil on its own mesh, at the measured
frequencies themselves.  Inversion: one emulator of accuracy "normal" on one mesh over the whole
prior.  Errors of the sweeps: 0.2 dB and 2 degrees (standard deviations), half of the variance one
scale and one offset common to the sweep, the rest independent at each of 151 points.

Possible: 1.645 standard errors of the Fisher information of the sweep's errors at the truth are at
most 3 % of eps_r and 1 cm of height.  In such a case each parameter alone is within its limit with
a probability of at least 90 %.  Coverage: the number of 90 % intervals that hold the truth is
binomial; a two-sided test at 1 % for each parameter.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.inversion.study import run_study

SWEEPS = 200
PRIORS = {"eps_r": (2.5, 4.5), "loss_tangent": (0.002, 0.02), "height": (0.0, 0.5)}
TOLERANCE = {"eps_r": (0.03, True), "height": (0.01, False)}


@pytest.fixture(scope="module")
def study():
    antenna = la.Problem(la.load_geometry("bowtie"), la.Stack.half_space(3.0, loss_tangent=0.01))
    prepared = prepare(antenna, np.linspace(5e6, 35e6, 151), 100.0, priors=PRIORS)
    return run_study(prepared, SWEEPS, seed=7)


@pytest.mark.slow
def test_soil_and_height_are_found_wherever_the_information_allows(study):
    """At least half of the sweeps must be possible at all, or the count says nothing."""
    possible, within = study.possible(TOLERANCE), study.within(TOLERANCE)
    assert possible.sum() >= SWEEPS // 2
    assert within[possible].mean() >= 0.9


@pytest.mark.slow
def test_ninety_per_cent_intervals_hold_the_truth_in_ninety_per_cent(study):
    assert min(study.coverage_p_values().values()) > 0.01


@pytest.mark.slow
def test_chi2_is_what_the_errors_promise(study):
    """Mean of 200 ratios with 299 degrees of freedom: 1 +- sqrt(2/299/200) = 0.006; five of them,
    and 2 % for the fixed weights and the floor."""
    assert abs(study.chi2.mean() - 1.0) < 0.05
