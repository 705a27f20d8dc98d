"""Every verb prints exactly one JSON document on stdout, and nothing else there."""

from __future__ import annotations

import json
import math

import pytest

from lunar_antenna.common.files import json_text

SHORT = ("--solver", "nec", "--accuracy", "draft", "--points", "9")
MEASURED = """! a flat -10 dB reflection
# MHz S RI R 100
5 0.3 0.1
12 0.1 -0.2
20 0.2 0.1
35 0.5 0.3
"""


@pytest.fixture
def run_file(command, tmp_path):
    """A small solution of a strip."""
    assert command("solve", "strip", *SHORT, "--out", "run.h5").code == 0
    return tmp_path / "run.h5"


def document(result):
    assert result.code == 0, result.err
    assert result.out.count("\n") == 1
    return json.loads(result.out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_solve(command):
    answer = document(command("solve", "strip", *SHORT, "--json"))
    assert set(answer) >= {
        "solver", "frequency", "z", "s11", "z0", "efficiency", "quality", "wall_seconds"
    }  # fmt: skip
    assert "unknowns" in answer or "cells" in answer
    assert answer["solver"] == "nec"
    assert answer["z0"] == 100.0
    assert len(answer["frequency"]) == len(answer["z"]) == len(answer["s11"]) == 9
    assert answer["frequency"][0] == 5e6
    assert all(len(pair) == 2 for pair in answer["z"])
    shares = answer["efficiency"]
    assert set(shares) >= {"mismatch", "sky", "ground", "metal", "film", "realised"}
    assert all(len(values) == 9 for values in shares.values())
    errors = {"z_error", "efficiency_error", "gain_error"}
    assert set(answer["quality"]) == {"power_closure", "converged", *errors}
    assert all(len(answer["quality"][name]) == len(answer["frequency"]) for name in errors)


def test_solution_that_did_not_converge_is_kept_and_exits_3(command, tmp_path, monkeypatch):
    from dataclasses import replace

    import lunar_antenna as la
    from lunar_antenna.solvers import registry as base

    solved = base.solve

    def doubtful(*arguments, **options):
        solution = solved(*arguments, **options)
        return replace(
            solution,
            quality=replace(solution.quality, converged=False),
            provenance=replace(solution.provenance, notes=("a grid of 3 cells",)),
        )

    monkeypatch.setattr(base, "solve", doubtful)
    result = command("solve", "strip", *SHORT, "--out", "run.h5", "--json")
    assert result.code == 3
    assert "nec did not converge" in result.complaint
    assert "note: a grid of 3 cells\n" in result.err
    answer = json.loads(result.out)
    assert answer["notes"] == ["a grid of 3 cells"]
    assert answer["quality"]["converged"] is False
    assert la.load(tmp_path / "run.h5").quality.converged is False


def test_height_in_free_space_is_said_to_mean_nothing(command):
    told = "--height 1 has no effect"
    assert told in command("solve", "strip", *SHORT, "--height", "1").err
    assert told not in command("solve", "strip", *SHORT).err


def test_default_soil_is_free_space_and_said_on_stderr(command):
    result = command("solve", "strip", *SHORT, "--json")
    assert "free-space" in result.err
    assert "free-space" not in command("solve", "strip", *SHORT, "--soil", "free-space").err


def test_set_reaches_parameters_modifiers_and_materials(command, tmp_path):
    import lunar_antenna as la

    done = command(
        "solve", "coupled_bowtie", "--set", "length=9", "--set", "coupled.length=4.5",
        "--set", "metal=aluminium_5um", "--set", "film=none",
        "--accuracy", "normal", "--points", "3", "--out", "run.h5",
    )  # fmt: skip
    assert done.code == 0, done.err
    layout = la.load(tmp_path / "run.h5").problem.layout
    assert layout.parameters["length"] == 9.0
    assert layout.parameters["coupled"]["length"] == 4.5
    assert layout.metal.name == "aluminium_5um"
    assert layout.film is None


@pytest.mark.parametrize(("verb", "key"), [("soil", "soils"), ("geometry", "geometries")])
def test_lists(command, verb, key):
    names = [row["name"] for row in document(command(verb, "list", "--json"))[key]]
    assert len(names) == len(set(names)) >= 5
    for name in names:
        assert document(command(verb, "show", name, "--json"))["name"]


def test_figures_of_soil_and_geometry(command, tmp_path):
    document(command("soil", "show", "sourcebook_highland", "--plot", "soil.png", "--json"))
    document(command("geometry", "show", "bowtie", "--plot", "bowtie.svg", "--json"))
    assert (tmp_path / "soil.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "bowtie.svg").read_text()


@pytest.mark.parametrize("kind", ["dxf", "svg"])
def test_geometry_export(command, tmp_path, kind):
    out = f"bowtie.{kind}"
    answer = document(
        command("geometry", "export", "bowtie", "--format", kind, "--out", out, "--json")
    )
    assert answer["unit"] == "m"
    assert (tmp_path / out).stat().st_size > 100


def test_compare(command, run_file, tmp_path):
    (tmp_path / "m.s1p").write_text(MEASURED)
    answer = document(command("compare", run_file, "m.s1p", "--out", "overlay.png", "--json"))
    assert set(answer) >= {"z0", "rms_db", "max_db", "rms_gamma", "resonance_shift", "fsv"}
    assert answer["z0"] == 100.0  # the measurement's own
    assert answer["frequency_range"] == [5e6, 35e6]
    assert (tmp_path / "overlay.png").stat().st_size > 1000
    assert document(command("compare", run_file, "m.s1p", "--z0", "50", "--json"))["z0"] == 50.0


def test_compare_takes_a_shipped_fixture_off(command, run_file):
    """Cable and balun of the shipped prototype: without them the comparison is another one."""
    raw = document(command("compare", run_file, "prototype_synthetic", "--json"))
    fixture = "prototype_synthetic_fixture"
    clean = document(
        command("compare", run_file, "prototype_synthetic", "--deembed", fixture, "--json")
    )
    assert clean["rms_gamma"] != pytest.approx(raw["rms_gamma"], rel=0.1)


def test_warmup(command):
    answer = document(command("warmup", "--json"))
    assert answer["solver"] == "planar"
    assert answer["seconds"] > 0.0


def test_export_is_read_back(command, run_file, tmp_path):
    import numpy as np

    import lunar_antenna as la

    options = ("--format", "touchstone", "--z0", "75", "--json")
    document(command("export", run_file, "--out", "run.s1p", *options))
    back = la.load_measurement(tmp_path / "run.s1p")
    assert back.z0 == 75.0
    np.testing.assert_allclose(back.s11(), la.load(run_file).s11(75.0), rtol=1e-12)


def test_a_folder_is_exported_whole_or_not_at_all(command, run_file, tmp_path):
    options = ("--set", "tolerance=0.001", "--set", "step=30", "--json")
    told = document(command("export", run_file, "--format", "oskar", "--out", "beam", *options))
    names = sorted(path.name for path in (tmp_path / "beam").iterdir())
    assert told["format"] == "oskar"
    assert len(names) == 5 * told["points"] + 1
    assert "conventions.txt" in names
    before = sorted(tmp_path.iterdir())
    again = command("export", run_file, "--format", "oskar", "--out", "beam", *options)
    assert again.code == 2
    assert "not an empty folder" in again.err
    refused = command("export", run_file, "--format", "oskar", "--out", "new", "--set", "step=7")
    assert refused.code == 2
    assert len(refused.err.strip().splitlines()) == 1
    assert sorted(tmp_path.iterdir()) == before


def test_report(command, run_file, tmp_path):
    document(command("report", run_file, "--out", "report.html", "--json"))
    page = (tmp_path / "report.html").read_text()
    assert "<html" in page
    (tmp_path / "m.s1p").write_text(MEASURED)
    document(command("report", run_file, "m.s1p", "--out", "both.html", "--json"))


def test_doctor(command):
    answer = document(command("doctor", "--json"))
    assert answer["healthy"] is True
    assert any(engine["name"] == "solver nec" for engine in answer["engines"])


def test_optimize(command, tmp_path):
    (tmp_path / "empty").mkdir()
    result = command(
        "optimize", "strip", "--set", "width=0.2", "--solver", "nec", "--points", "9",
        "--trials", "7",
        "--out", "empty", "--json",
    )  # fmt: skip
    answer = document(result)
    assert set(answer) >= {"trials", "best", "seconds", "evaluations_per_second", "study"}
    assert answer["trials"] == 7
    assert set(answer["best"]) >= {
        "parameters", "objective", "band_mhz", "band_ratio", "min_efficiency_5_35", "z0"
    }  # fmt: skip
    assert answer["evaluations_per_second"] > 0.0
    assert {path.name for path in (tmp_path / "empty").iterdir()} >= {
        "best.toml", "study.db", "history.csv"
    }  # fmt: skip
    assert len((tmp_path / "empty/history.csv").read_text().splitlines()) == 8
    solved = document(command("solve", "empty/best.toml", *SHORT, "--json"))
    assert solved["solver"] == "nec"


def test_library_output_never_reaches_stdout(process):
    """PyNEC and others may print from C; the document stays alone on stdout."""
    answer = document(process("solve", "strip", *SHORT, "--json"))
    assert answer["solver"] == "nec"


def test_numbers_json_cannot_hold_become_null():
    import numpy as np

    value = {"a": [math.nan, math.inf, 1.0], "b": np.array([1 + 2j, np.nan]), "c": np.float64(2)}
    assert json.loads(json_text(value)) == {
        "a": [None, None, 1.0],
        "b": [[1.0, 2.0], [None, 0.0]],
        "c": 2,
    }
