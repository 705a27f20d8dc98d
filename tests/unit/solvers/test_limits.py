"""docs/limits.md says what decides, and what happens there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

import lunar_antenna as la
from lunar_antenna.errors import UnsupportedProblemError
from lunar_antenna.solvers.nec import solver as nec
from lunar_antenna.solvers.planar import solver as planar
from lunar_antenna.solvers.thin_wire import assembly

ROOT = Path(__file__).resolve().parents[3]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").replace(r"\|", "/").split("|")]
    for line in (ROOT / "docs" / "limits.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and "`test_" in line
]


def sources() -> str:
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "lunar_antenna").rglob("conform*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_limit_is_decided_where_the_page_says_and_has_its_test():
    known = set(re.findall(r"def (test_\w+)", sources()))
    assert len(ROWS) > 15
    for limit, figure, happens, where, test in ROWS:
        module, name = where.strip("`").split(":")
        value = getattr(importlib.import_module(f"lunar_antenna.{module}"), name)
        if figure != "-":
            assert float(figure) == pytest.approx(value), limit
        assert happens, limit
        assert test.strip("`") in known, limit


def small(**changes):
    layout = la.load_geometry("strip", length=10.0, width=0.1, metal="pec", film="none", **changes)
    return la.Problem(layout, la.Stack.free_space(), 0.0, la.Band([12e6, 14e6]))


def test_a_thick_film_without_soil_is_refused():
    layout = la.load_geometry("strip", metal="pec", film=la.Film(1.5e-3, 3.4))
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, la.Band([14e6]))
    with pytest.raises(UnsupportedProblemError, match=r"film of 0\.0015 m in free space"):
        la.solve(problem, solver="planar", accuracy="draft")


def test_open_balance_is_not_converged(monkeypatch):
    assert la.solve(small(), solver="planar", accuracy="draft").quality.converged
    monkeypatch.setattr(planar, "MOST_CLOSURE", 0.0)
    assert not la.solve(small(), solver="planar", accuracy="draft").quality.converged


def test_average_gain_that_is_off_is_not_converged(monkeypatch):
    monkeypatch.setattr(assembly, "GAIN_TOLERANCE", 0.0)
    solution = la.solve(small(), solver="nec", accuracy="draft")
    assert not solution.quality.converged
    assert any("average gain" in note for note in solution.provenance.notes)


def test_a_wire_grid_says_that_it_is_no_sheet():
    """Whatever its segments say: the stated error is that of the grid as well."""
    layout = la.load_geometry("bowtie", length=10.0, width=2.0, metal="pec", film="none")
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, la.Band([12e6]))
    quality = la.solve(problem, solver="nec", accuracy="draft").quality
    assert quality.z_error[0] == pytest.approx(quality.details["segment_error"][0] + nec.GRID)
