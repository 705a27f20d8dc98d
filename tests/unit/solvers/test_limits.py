"""docs/limits.md says what decides, and what happens there."""

from __future__ import annotations

import importlib
import re
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import lunar_antenna as la
from lunar_antenna.array import run as array_run
from lunar_antenna.errors import UnsupportedProblemError
from lunar_antenna.exports.arrays import whole_array
from lunar_antenna.search.study.scenarios import Scenarios
from lunar_antenna.solvers.nec import solver as nec
from lunar_antenna.solvers.planar import accuracy, fill
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
    assert len(ROWS) > 60
    for limit, figure, happens, where, test in ROWS:
        module, name = where.strip("`").split(":")
        value = getattr(importlib.import_module(f"lunar_antenna.{module}"), name)
        if figure != "-":
            assert float(figure) == pytest.approx(value), limit
        assert happens, limit
        assert test.strip("`") in known, limit


# Of how finely something is done or drawn, not of whether; each says so where it stands.
DEGREES = {
    *("array:LEAST_GAP", "array:LEAST_NODES", "array:MOST_Z", "circuit:MAX_TERMS"),
    *("array:MOST_RESIDUAL", "emulation:MOST_STACKS", "exports:LEAST", "exports:MOST_RATIO"),
    *(
        "geometry:MOST",
        "inversion:LEAST",
        "inversion:MOST_LEVEL",
        "inversion:WIDEST",
        "live:LOWEST_MHZ",
    ),
    *("inversion:MOST_CORRELATION", "report:MOST_FIELDS", "report:LOWEST", "report:MOST_FACES"),
    *(
        "report:MOST_POINTS",
        "search:LEAST",
        "search:MOST_ADDED",
        "search:WIDEST",
        "solvers.openems:LEAST",
    ),
    *(
        "solvers.again:LEAST",
        "solvers.openems:LOWEST_STEP",
        "solvers.openems:TALLEST",
        "solvers.planar:MOST",
    ),
    *(
        "solvers.planar:LEAST",
        "solvers.planar:MOST_CELLS",
        "solvers.planar:MOST_SAVED",
        "solvers.planar:WIDEST",
    ),
}
# What a number typed may be: named with the value and what is allowed wherever it is refused.
TYPED = {"measurement:MAX_DELAY", "measurement:MAX_GATE", "measurement:MAX_DB"}
TYPED |= {"search:MOST", "measurement:MAX_HEIGHT", "solvers.planar:MAX_PANELS"}


def test_no_constant_that_refuses_is_left_out():
    """Whatever is called the most or the least of something is on the page, or only a degree."""
    page = {row[3].strip("`") for row in ROWS}
    name = re.compile(r"^((?:MOST|LEAST|MAX|LOWEST|THICKEST|WIDEST|TALLEST)[A-Z_]*)\b.* = ", re.M)
    folder = ROOT / "lunar_antenna"
    found = 0
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        room = ".".join(parts[:2]) if parts[0] == "solvers" else parts[0]
        for constant in name.findall(path.read_text(encoding="utf-8")):
            found += 1
            told = f"{'.'.join(parts)}:{constant}" in page
            assert told or f"{room}:{constant}" in DEGREES | TYPED, f"{path}: {constant}"
    assert found > 60


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


@pytest.mark.parametrize(("name", "module"), [("nec", nec), ("wire", assembly)])
def test_average_gain_that_is_off_is_not_converged(name, module, monkeypatch):
    if name == "wire":
        pytest.importorskip("momwire", reason="extra wire is not installed")
    monkeypatch.setattr(module, "GAIN_TOLERANCE", 0.0)
    solution = la.solve(small(), solver=name, accuracy="draft")
    assert not solution.quality.converged
    assert any("average gain" in note for note in solution.provenance.notes)


def test_a_wire_grid_says_that_it_is_no_sheet():
    """Whatever its segments say: the stated error is that of the grid as well."""
    layout = la.load_geometry("bowtie", length=10.0, width=2.0, metal="pec", film="none")
    problem = la.Problem(layout, la.Stack.free_space(), 0.0, la.Band([12e6]))
    quality = la.solve(problem, solver="nec", accuracy="draft").quality
    changes = [quality.details[name][0] for name in ("segment_error", "equivalence_error")]
    weights = nec.GRIDS.by.z.segments, nec.GRIDS.by.z.shift
    off = nec.GRIDS.voltage * abs(quality.details["source_voltage"][0, 0] - 1.0)
    of_sheet = nec.GRIDS.by.z.least + np.dot(weights, changes)
    assert quality.z_error[0] == pytest.approx(nec.ACCURACY["draft"].more_z * of_sheet + off)
    assert changes[1] > 0.03  # of a shift of frequency by 0.03 where Z has a slope


def test_two_segmentations_that_differ_are_noted(monkeypatch):
    monkeypatch.setattr(nec, "REFLECTION_TOLERANCE", 0.0)
    notes = la.solve(small(), solver="nec", accuracy="draft").provenance.notes
    assert any("two segmentations differ by" in note and "MHz" in note for note in notes)


def test_a_mesh_beyond_any_computer_is_refused(monkeypatch):
    monkeypatch.setattr(accuracy, "MAX_TRIANGLES", 50)
    with pytest.raises(la.SolverError, match=r"the mesh has \d+ triangles, allowed 50") as told:
        la.solve(small(), solver="planar", accuracy="normal")
    assert "\n" not in str(told.value)


def test_matrices_beyond_the_memory_are_refused_with_the_number(monkeypatch):
    monkeypatch.setattr(fill, "usable", lambda: 1e4)
    with pytest.raises(
        la.SolverError, match=r"unknowns .* need .* GB, this machine has 1e-05"
    ) as told:
        la.solve(small(), solver="planar", accuracy="draft")
    assert "\n" not in str(told.value)


def test_a_process_may_use_no_more_than_its_limit():
    limit = 4_000_000_000
    code = "from lunar_antenna.common.memory import usable; print(usable())"
    told = subprocess.run(
        [sys.executable, "-c", code],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert 0.0 < float(told.stdout) <= 0.8 * limit


def test_more_elements_than_a_file_may_have(tmp_path):
    text = 'band = "5:35"\nsoil = "simple_eps35"\n[elements.A]\ngeometry = "strip"\n'
    grid = '[layout]\nkind = "grid"\nspacing = 20\nrows = 101\ncolumns = 100\n'
    (tmp_path / "x.toml").write_text(text + grid)
    with pytest.raises(la.LunarAntennaError, match="rows x columns = 10100; allowed: up to 10000"):
        la.load_array(tmp_path / "x.toml")


def test_more_scenarios_than_a_candidate_is_worth():
    with pytest.raises(la.InputError, match=r"65 scenarios .* allowed: up to 64"):
        Scenarios(heights=tuple(0.01 * k for k in range(65)))


def test_more_ports_than_are_read(tmp_path):
    numbers = " ".join(["0"] * 2 * 81)
    (tmp_path / "x.s9p").write_text(f"# MHz S RI R 50\n10 {numbers}\n")
    with pytest.raises(la.InputError, match="9 ports; 1 to 8 are read"):
        la.load_measurement(tmp_path / "x.s9p")


def test_matrices_that_no_format_holds():
    many = SimpleNamespace(frequency=np.zeros(61), n_ports=2000)
    with pytest.raises(la.InputError, match=r"2000 ports at 61 frequencies have \d+\.\d GB"):
        whole_array(many)


def test_stated_errors_decide_what_is_converged(monkeypatch):
    layout = la.load_geometry("strip", length=5.0, width=0.1, gap=0.05)
    array = la.Array(layout, [(0, 0), (0, 8)], "simple_eps35", band=la.Band([15e6]))
    assert la.solve_array(array, accuracy="draft").quality.converged
    for name, none in (("MOST_ERROR", {"error_z": 0.0}), ("MOST_CLOSURE", 0.0)):
        with monkeypatch.context() as changed:
            changed.setattr(array_run, name, none)
            assert not la.solve_array(array, accuracy="draft").quality.converged, name
    monkeypatch.setattr(array_run, "MOST_RESIDUAL", 0.0)
    assert not la.solve_array(array, accuracy="draft").quality.converged


@pytest.mark.parametrize("solver", ["auto", "planar", "wire", "nec", "openems"])
def test_metal_as_thick_as_wide_is_no_sheet(solver):
    """Strips of 20 mm: 5 mm of copper had the reactance of a sheet, 4 % off, and no word of it."""

    def problem(thickness):
        metal = {"conductivity": 5.8e7, "thickness": thickness}
        layout = la.load_geometry("strip", length=8.0, width=0.02, gap=0.05, metal=metal)
        return la.Problem(layout, la.Stack.free_space(), 0.0, la.Band((12e6,)))

    with pytest.raises(UnsupportedProblemError, match=r"5 mm thick and 19\.\d* mm wide.*0\.2 of"):
        la.solve(problem(5e-3), solver=solver)
    if solver in ("auto", "planar"):
        thick, thin = (la.solve(problem(t), accuracy="draft") for t in (4e-4, 2e-5))
        noted = thick.provenance.notes
        assert any("2 % of its width" in note and "0.4 % of Z" in note for note in noted)
        assert not any("of its width" in note for note in thin.provenance.notes)
        more = thick.quality.z_error - thin.quality.z_error
        assert more == pytest.approx(0.004, rel=0.1)
