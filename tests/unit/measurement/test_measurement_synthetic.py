"""The synthetic prototype: labelled, reproducible, and undone by its own corrections."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hand_made import solution

import lunar_antenna as la
from lunar_antenna.common import catalogue
from lunar_antenna.common.tables import read_toml
from lunar_antenna.errors import SolverError
from lunar_antenna.measurement.corrections.deembed import deembed, without_capacitance
from lunar_antenna.measurement.synthetic import NAME, Truth, fixture, record, write_prototype


def test_shipped_files_are_labelled_synthetic() -> None:
    m = la.load_measurement(NAME)
    assert m.kind == "synthetic"
    assert m.z0 == 50.0
    assert (m.frequency[0], m.frequency[-1]) == (5e6, 35e6)
    assert m.report is not None
    assert m.report.reference_plane == "analyser end of the cable"
    assert m.report.repairs == m.report.warnings == ()
    for name, value in asdict(Truth()).items():
        assert m.metadata["truth"][name] == value
    for path in catalogue.folder("measurements").glob("*.s?p"):
        assert la.load_measurement(path).kind in ("measured", "synthetic")


def test_shipped_fixture_is_the_truths() -> None:
    box = la.load_measurement(f"{NAME}_fixture")
    assert np.array_equal(la.load_measurement(f"{NAME}_fixture.s2p").s, box.s)
    assert np.allclose(box.s, fixture(box.frequency, Truth()).s, atol=1e-12)


@pytest.mark.parametrize("name", [NAME, "prototype_sand_synthetic"])
def test_shipped_reflection_is_the_antenna_it_names(name: str) -> None:
    """De-embedded, hub taken off: within 0.02 of a coarse solution of the named problem.

    Budget: residual one-port errors of 0.006 each, seen through 0.5 dB of fixture, noise
    0.0008, mesh "draft" against "normal" or "fine" 0.01.
    """
    m = la.load_measurement(name)
    clean = without_capacitance(
        deembed(m, la.load_measurement(f"{NAME}_fixture")), m.metadata["truth"]["hub_capacitance"]
    )
    stack = (
        la.Stack.free_space()
        if m.metadata["soil"] == "free-space"
        else la.load_soil(m.metadata["soil"])
    )
    problem = la.Problem(
        la.load_geometry(m.metadata["geometry"]),
        stack,
        height=m.metadata["height"],
        band=la.Band([8e6, 11e6, 14e6, 20e6, 30e6]),
    )
    sol = la.solve(problem, "planar", accuracy="draft")
    index = np.searchsorted(clean.frequency, sol.frequency - 1.0)
    assert np.abs(clean.s11()[index] - sol.s11(50.0)).max() < 0.04
    assert np.sqrt(np.mean(np.abs(clean.s11()[index] - sol.s11(50.0)) ** 2)) < 0.02


def test_same_solution_same_bytes(tmp_path: Path) -> None:
    sol = solution(points=31)
    first = [path.read_bytes() for path in write_prototype(sol, tmp_path, points=41)]
    second = [path.read_bytes() for path in write_prototype(sol, tmp_path, points=41)]
    assert first == second
    assert len(list(tmp_path.iterdir())) == 4
    tables = read_toml(tmp_path / f"{NAME}.toml")
    assert tables["kind"] == "synthetic"
    assert tables["truth"]["solver"] == "hand-made"


def test_a_second_sweep_goes_through_the_same_fixture(tmp_path: Path) -> None:
    """Another name, no second fixture; the errors are those of the first prototype."""
    sol = solution(points=31)
    (path,) = write_prototype(sol, tmp_path, points=41, name="other", with_fixture=False)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["other.s1p", "other.toml"]
    first, *_ = write_prototype(sol, tmp_path, points=41)
    assert np.array_equal(la.load_measurement(path).s, la.load_measurement(first).s)


def test_no_truth_from_a_solution_that_did_not_converge(tmp_path: Path) -> None:
    with pytest.raises(SolverError, match="did not converge"):
        write_prototype(solution(points=31).with_quality(converged=False), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_errors_the_chain_is_undone_exactly() -> None:
    truth = replace(Truth(), directivity=0.0, match=0.0, tracking=0.0, noise=0.0)
    sol = solution(points=31)
    f = sol.frequency
    recorded = record(sol, f, truth)
    clean = without_capacitance(deembed(recorded, fixture(f, truth)), truth.hub_capacitance)
    assert np.abs(clean.s11() - sol.s11(50.0)).max() < 1e-9


def test_noise_has_the_stated_size() -> None:
    """Two seeds differ by noise sqrt(2) sigma in Re and Im; 602 values give it to 10 %."""
    sol = solution(points=31)
    f = np.linspace(5e6, 35e6, 301)
    quiet = replace(Truth(), noise=0.0)
    difference = record(sol, f, Truth()).s11() - record(sol, f, quiet).s11()
    values = np.concatenate((difference.real, difference.imag))
    assert values.std() == pytest.approx(Truth().noise, rel=0.1)
