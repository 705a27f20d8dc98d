"""What a planar solution says of its own errors: every frequency counts, and losses have theirs."""

from __future__ import annotations

import numpy as np
import pytest
from planar_refinement import compared
from random_designs import random_problem

import lunar_antenna as la

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


FREQUENCY = np.linspace(5e6, 35e6, 9)
# Every fourth of the 33 random designs of fewer than 550 triangles that set the estimate's numbers.
SEEDS = (6, 13, 4000, 4005, 4012, 5001, 5007, 5020)


def test_errors_cover():
    """Draft against all spacings halved, random designs: covered at 95 % of the frequencies.

    z_error 1 to 3 times the error in the median.  Losses are better than the laws at rims that they
    are stated by, so that theirs are larger.  Designs that did not set the numbers are in
    docs/validation.md.
    """
    pairs = [compared(random_problem(seed, FREQUENCY)[1], "draft") for seed in SEEDS]
    for name, most in (("z_error", 3.0), ("r_error", 8.0), ("efficiency_error", 8.0)):
        stated, true = (np.concatenate([pair[name][k].ravel() for pair in pairs]) for k in (0, 1))
        felt = true > 1e-4  # of Re Z: losses that are none have no error
        assert np.mean(stated[felt] >= true[felt]) >= 0.95, name
        assert 1.0 < np.median(stated[felt] / true[felt]) < most, name


def test_one_frequency_is_told_as_well():
    """A sweep of one frequency cannot average: four designs at three frequencies each."""
    found = []
    for seed in SEEDS[::4]:
        for frequency in FREQUENCY[::4]:
            found.append(compared(random_problem(seed, [frequency])[1], "draft")["z_error"])
    stated, true = np.array(found).squeeze().T
    assert np.mean(stated >= true) >= 0.9


def test_a_file_keeps_them(tmp_path):
    """r_error and efficiency_error survive saving, and the JSON document has the latter."""
    problem = la.Problem(la.load_geometry("strip"), SOIL, band=la.Band([8e6, 14e6]))
    solution = la.solve(problem, "planar", accuracy="draft")
    solution.save(tmp_path / "run.h5")
    again = la.load(tmp_path / "run.h5")
    assert again.quality.r_error.shape == (2, 4)
    assert np.array_equal(again.quality.r_error, solution.quality.r_error)
    assert np.array_equal(again.quality.efficiency_error, solution.quality.efficiency_error)
    document = solution.document()["quality"]
    assert document["efficiency_error"] == pytest.approx(solution.quality.efficiency_error)
