"""What an array says of its own errors, of what it needs, and of a frequency that failed."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array import coupling, frequency, plan, run
from lunar_antenna.array.truncation import ALLOWED, TABLES, stated
from lunar_antenna.common.workers import WorkerPool
from lunar_antenna.errors import InputError, SolverError

FOUND = ("basis_z", "far_z", "kernel_z", "residual", "basis_pattern", "far_current", "basis_loss")
# What each error found counts for in that of Z, of the pattern and of the losses.
COUNTS = {
    "basis_z": (ALLOWED, 0.0, 0.0),
    "far_z": (ALLOWED, 0.0, ALLOWED),
    "kernel_z": (1.0, 0.0, 0.0),
    "residual": (1.0, 0.0, 0.0),
    "basis_pattern": (0.0, ALLOWED, 0.0),
    "far_current": (0.0, ALLOWED, 0.0),
    "basis_loss": (0.0, 0.0, ALLOWED),
}


@pytest.mark.parametrize("name", FOUND)
def test_each_error_found_is_added_to_those_that_it_is_part_of(name):
    told = stated({**dict.fromkeys(FOUND, 0.0), name: 1e-3})
    names = ("error_z", "error_pattern", "error_loss")
    for key, share in zip(names, COUNTS[name], strict=True):
        assert told[key] == pytest.approx(TABLES + 1e-3 * share, rel=1e-12), key


def test_errors_of_grids_are_told_each_as_its_own(small_array, monkeypatch):
    """What a comparison finds of Z and of the current comes back in this order."""
    monkeypatch.setattr(coupling, "_difference", lambda *_: np.array([3e-7, 2e-7]))
    seen = []
    made = coupling.couple

    def kept(*given, **named):
        found = made(*given, **named)
        seen.append(found[1:])
        return found

    monkeypatch.setattr(frequency, "couple", kept)
    frequency.Model(small_array, "draft").solve(0)
    assert seen == [(3e-7, 2e-7)]


@pytest.mark.parametrize(("workers", "told"), [(1, "fewer elements or a"), (2, "or workers or a")])
def test_memory_is_told_with_what_to_take_less_of(small_array, monkeypatch, workers, told):
    monkeypatch.setattr(plan, "usable", lambda: 1e3)
    with pytest.raises(InputError) as refused:
        plan.check(small_array, "draft", workers)
    text = str(refused.value)
    assert told in text
    assert ("each of 2 workers" in text) is (workers == 2)
    needed = plan.estimate(small_array, "draft").bytes
    assert re.search(rf"needs {needed / 1e9:.3g} GB", text)


def test_a_frequency_that_failed_is_counted_from_one(small_array, monkeypatch):
    def failing(_self, _jobs, report):
        report(1, None, "the machine went away")

    monkeypatch.setattr(WorkerPool, "run", failing)
    with pytest.raises(SolverError, match="frequency 2 failed: the machine went away"):
        la.solve_array(small_array, accuracy="draft", workers=2)


def test_the_mesh_error_is_the_largest_of_the_elements_alone(small_array):
    """At every frequency."""
    alone = [
        la.solve(small_array.problem(key), accuracy="draft").quality.z_error
        for key in small_array.layouts
    ]
    assert run.mesh_error(small_array, "draft") == pytest.approx(np.max(alone, axis=0), rel=1e-12)
