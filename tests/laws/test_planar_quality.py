"""What a planar solution says of its own errors: every frequency counts, and losses have theirs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar import accuracy
from lunar_antenna.solvers.planar.solver import PlanarSolver
from lunar_antenna.solvers.protocol import mesh_is_trusted

SOIL = la.Stack.half_space(3.5, loss_tangent=0.01)


def test_one_bad_frequency_is_enough():
    """A median would pass it; so would any rule that ignores what is not a number."""
    error = np.full(61, 0.001)
    assert mesh_is_trusted(error)
    for bad in (0.11, np.nan, np.inf):
        error[30] = bad
        assert not mesh_is_trusted(error)


def test_a_single_resonance_is_not_hidden():
    """A lossless line 1 cm over a conductor, draft: wrong at its resonances only, and said so."""
    layout = la.load_geometry("strip", length=10.0, width=0.5)
    stack = la.Stack([la.Layer.conductor()])
    problem = la.Problem(layout, stack, 0.01, la.Band.mhz(5, 35, 61))
    solution = la.solve(problem, "planar", accuracy="draft")
    assert np.median(solution.quality.z_error) < 0.1 < solution.quality.z_error.max()
    assert not solution.quality.converged
    assert any("z_error exceeds" in note for note in solution.provenance.notes)


CASES = [
    ("strip", {"length": 10.0, "width": 0.05, "metal": "aluminium_100nm"}, SOIL, 0.0),
    ("strip", {"width": 0.3, "metal": "copper_18um", "film": "polyimide_125um"}, SOIL, 0.1),
    ("bowtie", {"length": 8.0, "width": 1.0, "metal": "aluminium_100nm"}, SOIL, 0.0),
]


def shares(solution):
    parts = [
        getattr(solution, name)[:, 0, 0].real for name in ("r_sky", "r_ground", "r_metal", "r_film")
    ]
    return np.stack(parts, axis=1)


def test_errors_of_losses_and_efficiencies(monkeypatch):
    """Draft and normal against a mesh finer than fine: upper estimates at 95 % of frequencies.

    Three layouts, thirteen frequencies each; and no more than six times too large in the median,
    so that they say something.
    """
    finer = replace(accuracy.RESOLUTION["fine"], edge=0.014, feed=0.08)
    monkeypatch.setitem(accuracy.RESOLUTION, "finer", finer)
    covered, ratio = [], []
    for name, changes, stack, height in CASES:
        layout = la.load_geometry(name, **changes)
        problem = la.Problem(layout, stack, height, la.Band.mhz(5, 35, 13))
        right = shares(PlanarSolver().solve(problem, "finer", None, 1))
        total = right.sum(axis=1, keepdims=True)
        for word in ("draft", "normal"):
            solution = la.solve(problem, "planar", accuracy=word)
            found = shares(solution)
            error = np.abs(found / found.sum(axis=1, keepdims=True) - right / total).max(axis=1)
            resistance = np.abs(found - right) / total
            estimate = solution.quality.efficiency_error
            covered += [error <= estimate, resistance[:, 0] <= solution.quality.r_error[:, 0]]
            covered += [resistance[:, 2] <= solution.quality.r_error[:, 2]]
            ratio.append(estimate / error)
    assert np.mean(covered) >= 0.95
    assert 1.0 < np.median(ratio) < 6.0


def test_a_file_keeps_them(tmp_path):
    """r_error and efficiency_error survive saving, and the JSON document has the latter."""
    problem = la.Problem(la.load_geometry("strip"), SOIL, band=la.Band([8e6, 14e6]))
    solution = la.solve(problem, "planar", accuracy="draft")
    solution.save(tmp_path / "run.h5")
    again = la.load(tmp_path / "run.h5")
    assert again.quality.r_error.shape == (2, 4)
    assert np.array_equal(again.quality.r_error, solution.quality.r_error)
    assert np.array_equal(again.quality.efficiency_error, solution.quality.efficiency_error)
    document = solution.summary()["quality"]
    assert document["efficiency_error"] == pytest.approx(solution.quality.efficiency_error)
