"""Laws of the inversion on a small problem: truth found, wrong models noticed, intervals right.

One bow-tie on a half-space, 21 points, errors 0.2 dB and 2 degrees of which half the variance is
common to the sweep.  The true sweeps come from the planar solver itself on a mesh of its own for
each soil; the inversion knows only the emulator on its one mesh.
"""

from __future__ import annotations

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.inversion.errors import ErrorModel
from lunar_antenna.inversion.invert import prepare
from lunar_antenna.inversion.study import run_study, true_sweep
from lunar_antenna.measurement.record import Measurement

FREQUENCY = np.linspace(5e6, 35e6, 21)
Z0 = 100.0
PRIORS = {"eps_r": (2.6, 4.0), "loss_tangent": (0.002, 0.02), "height": (0.04, 0.3)}
TRUTH = np.array([3.2, 0.008, 0.12])


@pytest.fixture(scope="module")
def antenna():
    layout = la.load_geometry("bowtie")
    return la.Problem(layout, la.Stack.half_space(3.0, loss_tangent=0.01), 0.12)


@pytest.fixture(scope="module")
def prepared(antenna):
    """The emulator over the whole prior, shared by all tests of this file."""
    return prepare(antenna, FREQUENCY, Z0, priors=PRIORS, workers=1)


@pytest.fixture(scope="module")
def clean(prepared):
    """The reflection of TRUTH without noise, on a finer mesh than the inversion's."""
    return true_sweep(prepared.setup, TRUTH, "fine")


def sweep(gamma):
    return Measurement(FREQUENCY, gamma, Z0, "synthetic", name="sweep")


def test_the_emulator_is_far_better_than_the_errors(prepared):
    """Off its nodes: median below half a standard error of a whole sweep, no point above one.

    The tolerance of the build is 0.3 for each neglected term; a few may add up.
    """
    low, high = np.array(list(PRIORS.values())).T
    points = np.random.default_rng(3).uniform(low, high, (6, 3))
    errors = prepared.errors_at(points)
    assert np.median(errors) < 0.5
    assert errors.max() < 1.0


def test_one_noisy_sweep_gives_its_truth_back(prepared, clean):
    """Within 4 standard errors (a chance of 2e-4 for three parameters), chi2 within 4 of its."""
    errors = prepared.setup.errors
    seen = errors.draw(FREQUENCY, clean, np.random.default_rng(11))
    found = prepared.invert(sweep(seen))
    assert np.all(np.abs(found.fit.values - TRUTH) < 4.0 * found.information.sigma)
    assert found.explained
    assert abs(found.chi2_per_freedom - 1.0) < 4.0 * np.sqrt(2.0 / found.fit.freedom)
    assert found.emulator_error < 1.0


def test_a_wrong_model_is_noticed(prepared, clean):
    """40 pF across the port that the model knows nothing of: no soil looks like that."""
    z = Z0 * (1.0 + clean) / (1.0 - clean)
    z = z / (1.0 + 2j * np.pi * FREQUENCY * 4e-11 * z)
    seen = prepared.setup.errors.draw(FREQUENCY, (z - Z0) / (z + Z0), np.random.default_rng(1))
    found = prepared.invert(sweep(seen), held_out=0)
    assert not found.explained
    assert any("does not explain" in note for note in found.notes())


def test_the_sampler_agrees_with_the_fisher_information(prepared, clean):
    """Where the prior does not cut in (eps_r, height) the posterior is nearly Gaussian.

    Its standard deviation from 50 autocorrelation times of 32 walkers is known to about 2 %; the
    curvature of the model over one standard error and the cut of the loss tangent's prior change
    it by some per cent more: 25 % allowed; medians within half a standard error.
    """
    found = prepared.invert(sweep(clean), held_out=0).sampled(seed=2)
    assert found.posterior is not None
    assert found.posterior.converged
    for k, name in enumerate(found.names):
        if name == "loss_tangent":
            continue
        sigma = found.information.sigma[k]
        assert abs(found.posterior.samples[:, k].std() / sigma - 1.0) < 0.25
        assert abs(found.posterior.median[k] - found.fit.values[k]) < 0.5 * sigma


def test_hub_capacitance_and_delay_are_found_with_the_soil(antenna, clean):
    """No noise: the whole way of `invert`, from a wide search to a local emulator.

    What is left is the difference of the meshes, marginalised with its estimated shape: answers
    within 2 standard errors of a sweep with the stated noise.
    """
    truth = {"eps_r": 3.2, "height": 0.12, "hub_capacitance": 6e-12, "delay": 4e-10}
    z = Z0 * (1.0 + clean) / (1.0 - clean)
    z = z / (1.0 + 2j * np.pi * FREQUENCY * truth["hub_capacitance"] * z)
    gamma = (z - Z0) / (z + Z0) * np.exp(-4j * np.pi * FREQUENCY * truth["delay"])
    found = la.invert(
        antenna,
        sweep(gamma),
        ",".join(truth),
        priors={"eps_r": (2.0, 5.0), "height": (0.0, 0.5)},
        fixed={"loss_tangent": 0.008},
        workers=1,
    )
    for name, value in truth.items():
        assert abs(found.values[name] - value) < 2.0 * found.sigma[name]
    assert found.explained
    assert found.stack.layers[0].loss_tangent == 0.008
    assert found.problem.height == found.values["height"]


def test_a_small_study_counts_and_covers(prepared):
    """8 sweeps: an interval holds the truth with 90 %, so fewer than 4 of 8 has 4e-4."""
    study = run_study(prepared, 8, seed=4, accuracy="normal", posterior_steps=500)
    tolerance = {"eps_r": (0.1, True), "height": (0.03, False)}
    possible, within = study.possible(tolerance), study.within(tolerance)
    assert possible.sum() >= 4
    assert within[possible].mean() >= 0.7
    assert np.all(study.covered().sum(axis=0) >= 4)
    assert min(study.coverage_p_values().values()) > 1e-4


def test_a_parameter_at_its_bound_is_told(clean):
    """A prior that leaves the true height out: the answer sits at its edge and says so."""
    narrow = prepare(
        la.Problem(la.load_geometry("bowtie"), la.Stack.half_space(3.2, loss_tangent=0.008), 0.2),
        FREQUENCY,
        Z0,
        "height",
        priors={"height": (0.2, 0.4)},
        errors=ErrorModel(),
        workers=1,
    )
    found = narrow.invert(sweep(clean), held_out=0)
    assert found.fit.at_bound == ("height",)
    assert any("edge of its prior" in note for note in found.notes())
    assert not found.explained
