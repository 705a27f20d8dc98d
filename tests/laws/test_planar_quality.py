"""What a planar solution says of its own errors: every frequency counts, and losses have theirs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from estimate_measures import measures
from planar_refinement import Meshes, compared, meshes
from random_designs import random_problem

import lunar_antenna as la

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


FREQUENCY = np.linspace(5e6, 35e6, 9)
# Designs each on the mesh of an accuracy, on the coarser one and on one of half the spacings:
# benchmarks/planar_mesh_error.py --first 98000 --designs 100 --out FILE.  Drawn when all numbers
# stood; the shares of Z and of losses were moved since (docs/validation.md).
TABLE = Path(__file__).parents[1] / "oracles" / "data" / "planar_mesh_errors.jsonl"
ROWS = [json.loads(line) for line in TABLE.read_text(encoding="utf-8").splitlines()]
SEEDS = (6, 13, 4000, 4005, 4012, 5001, 5007, 5020)  # small ones, that set the numbers
DIGITS = 1e-6  # of |Z|, to which the table is kept and solutions are recorded


@pytest.mark.parametrize("accuracy", ["draft", "normal"])
def test_errors_cover(accuracy):
    """Against all spacings halved, every design of the table: covered at 95 % of the frequencies.

    z_error is 1 to 3 times the error in the median.  The others, of real quantities, go through
    zero along a sweep: of them 3 is asked, or 1.5 times the ratio of an estimate that knew the rms
    error of each design (estimate_measures.py) where that is more, and 8 at most.
    """
    rows = [row for row in ROWS if row["accuracy"] == accuracy and row["small"]]
    assert len(rows) >= 65
    pairs = [Meshes.from_dict(row["meshes"]).errors(accuracy) for row in rows]
    for name in ("z_error", "r_error", "efficiency_error", "gain_error"):
        stated, true = ([pair[name][k].ravel() for pair in pairs] for k in (0, 1))
        covered, ratio, at_best = measures(stated, true, 1e-4)
        assert covered >= 0.95, name
        most = 3.0 if name == "z_error" else min(8.0, max(3.0, 1.5 * at_best))
        assert 1.0 < ratio < most, name


@pytest.mark.parametrize("accuracy", ["draft", "normal"])
def test_the_table_is_of_the_solver_in_force(accuracy):
    """The first two designs solved again, on the finer mesh too."""
    rows = [row for row in ROWS if row["accuracy"] == accuracy and row["small"]][:2]
    for row in rows:
        kept = Meshes.from_dict(row["meshes"])
        again = meshes(random_problem(row["seed"], FREQUENCY)[1], accuracy)
        for name in ("own", "coarse", "finer"):
            z, right = getattr(again, name).z, getattr(kept, name).z
            assert np.all(np.abs(z - right) <= DIGITS * np.abs(right)), (row["seed"], name)


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
