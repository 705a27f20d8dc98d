"""What the planar solver says it needs is what it takes."""

from __future__ import annotations

import re
import tracemalloc

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.solvers.planar import fill

# Beside the matrices: tables, mesh and moments, and what goes with the unknowns but is no matrix.
TABLES, REST = 2e6, 0.2  # bytes, share
CASES = [("bowtie", "normal"), ("crossed_bowtie", "draft")]


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(("family", "accuracy"), CASES)
def test_the_memory_told_is_the_memory_taken(monkeypatch, family, accuracy, threads):
    monkeypatch.setattr(fill, "THREADS", threads)
    layout = la.load_geometry(family)
    problem = la.Problem(layout, "simple_eps35", 0.0, la.Band.mhz(10, 30, 3))
    la.solve(problem, solver="planar", accuracy=accuracy)
    with monkeypatch.context() as poor:
        poor.setattr(fill, "usable", lambda: 1e3)
        with pytest.raises(la.SolverError) as refused:
            la.solve(problem, solver="planar", accuracy=accuracy)
    told = 1e9 * float(re.search(r"need (\S+) GB", str(refused.value))[1])
    assert "machine has 1e-06 GB" in str(refused.value)
    tracemalloc.start()
    try:
        la.solve(problem, solver="planar", accuracy=accuracy)
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (1.0 - 0.02) * told < taken < (1.0 + REST) * told + TABLES
    # and it is refused exactly where that does not fit
    monkeypatch.setattr(fill, "usable", lambda: 1.02 * told)
    la.solve(problem, solver="planar", accuracy=accuracy)


def test_a_second_thread_is_for_large_matrices_that_fit_twice(monkeypatch):
    """20 000 pairs are worth it, 400 MB a set is the most; one where numba may use no more."""
    monkeypatch.setattr(fill, "THREADS", 2)
    assert fill._threads(pairs=19_999, size=10**6) == 1
    assert fill._threads(pairs=20_000, size=400 * 10**6) == 2
    assert fill._threads(pairs=20_000, size=400 * 10**6 + 1) == 1
    monkeypatch.setattr(fill, "THREADS", 1)
    assert fill._threads(pairs=20_000, size=10**6) == 1


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_share_the_observers_between_them(threads):
    """Each of them once."""

    def part(start, end):
        seen = np.zeros(1000)
        for index in range(start, end):
            seen[index] += 1.0
        return seen

    assert np.all(fill._in_threads(part, 1000, threads) == 1.0)
