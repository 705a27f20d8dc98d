"""Options of ``solve`` that only openEMS has: --dry-run, --plot and --keep."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

DRY = ("solve", "strip", "--soil", "free-space", "--solver", "openems", "--points", "3",
       "--accuracy", "draft", "--dry-run")  # fmt: skip
KEEP = (*DRY[:-1], "--keep")
ENGINE = shutil.which("openEMS")


@pytest.fixture
def no_processes(monkeypatch):
    """Any attempt to start a program fails the test."""

    def refuse(*arguments, **_options):
        raise AssertionError(f"started {arguments}")

    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.mark.usefixtures("no_processes")
def test_dry_run_says_mesh_and_cost_and_runs_nothing(command, tmp_path):
    result = command(*DRY)
    assert result.code == 0, result.err
    assert "dry run of strip over free" in result.out
    assert "cells, 1/4 of the model by symmetry" in result.out
    assert "1 run of" in result.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("no_processes")
def test_dry_run_is_one_document(command):
    result = command(*DRY, "--json")
    assert result.code == 0, result.err
    assert result.out.count("\n") == 1
    answer = json.loads(result.out)
    mesh, cost = answer["mesh"], answer["estimate"]
    assert answer["solver"] == "openems"
    assert answer["dry_run"] is True
    assert answer["refusal"] is None
    nx, ny, nz = mesh["shape"]
    assert mesh["cells"] == nx * ny * nz > 1000
    assert 0.0 < mesh["smallest"] < mesh["largest"] < 15.0  # m; the wavelength is 8.6 m at 35 MHz
    assert cost["runs"] == 1
    assert all(value > 0 for value in cost.values())


def test_finer_words_cost_more(command):
    def cells(word):
        answer = json.loads(command(*DRY, "--accuracy", word, "--json").out)
        return answer["mesh"]["cells"], answer["estimate"]["seconds"]

    assert cells("draft") < cells("normal") < cells("fine")


def test_dry_run_needs_no_engine(command, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = command(*DRY, "--json")
    assert result.code == 0
    assert json.loads(result.out)["installed"] is False
    assert "apt-get install openems" in result.err


@pytest.mark.usefixtures("no_processes")
def test_dry_run_draws_its_mesh(command, tmp_path):
    result = command(*DRY, "--plot", "mesh.png", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["plot"] == "mesh.png"
    assert (tmp_path / "mesh.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--dry-run",), "--dry-run given with --solver auto; only openems has it"),
        (("--solver", "planar", "--dry-run"), "--dry-run given with --solver planar"),
        (("--solver", "nec", "--dry-run"), "--dry-run given with --solver nec"),
        (("--keep",), "--keep given with --solver auto; only openems has it"),
        (("--solver", "planar", "--keep"), "--keep given with --solver planar"),
        (("--solver", "nec", "--keep", "--json"), "--keep given with --solver nec"),
        (("--plot", "mesh.png"), "--plot mesh.png draws the mesh of a dry run"),
        (("--solver", "openems", "--dry-run", "--keep"), "leave one of them out"),
        (("--solver", "openems", "--dry-run", "--out", "run.h5"), "solves nothing"),
        (("--solver", "openems", "--dry-run", "--plot", "mesh.doc"), "mesh.doc"),
        (("--solver", "openems", "--dry-run", "--plot", "none/mesh.png"), "none"),
        (("--solver", "openems", "--dry-run", "--accuracy", "perfect"), "perfect"),
        (("--solver", "openems", "--dry-run", "--band", "1:35"), "factor of 20"),
        (("--solver", "openems", "--keep", "--band", "1:35"), "factor of 20"),
        (("--solver", "openems", "--dry-run=yes"), "--dry-run"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(command, tmp_path, arguments, told):
    result = command("solve", "strip", *arguments)
    assert result.code == 2, result.err
    assert result.out == ""
    assert told in result.complaint
    assert list(tmp_path.iterdir()) == []


def test_malformed_timeout_of_the_environment(command, monkeypatch):
    monkeypatch.setenv("LUNAR_ANTENNA_OPENEMS_TIMEOUT", "soon")
    result = command(*DRY)
    assert result.code == 2
    assert "LUNAR_ANTENNA_OPENEMS_TIMEOUT = 'soon'" in result.complaint


def test_keep_without_the_engine_is_exit_4(command, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = command(*KEEP)
    assert result.code == 4
    assert "apt-get install openems" in result.complaint
    assert list(tmp_path.iterdir()) == []


def test_keep_where_a_file_is_in_the_way(command, monkeypatch, tmp_path):
    _false_engine(monkeypatch, tmp_path)
    (tmp_path / "openems_runs").write_text("mine")
    result = command(*KEEP)
    assert result.code == 2
    assert "openems_runs" in result.complaint
    assert (tmp_path / "openems_runs").read_text() == "mine"


@pytest.mark.parametrize("named", [False, True], ids=["default folder", "folder of environment"])
def test_directory_of_a_failed_run_is_kept_and_named(command, monkeypatch, tmp_path, named):
    """An engine that does nothing: exit 3, and its directory is there to be looked at."""
    _false_engine(monkeypatch, tmp_path)
    folder = tmp_path / ("mine" if named else "openems_runs")
    if named:
        monkeypatch.setenv("LUNAR_ANTENNA_OPENEMS_KEEP", str(folder))
    result = command(*KEEP, "--json")
    assert result.code == 3
    assert result.out == ""
    assert "openEMS" in result.complaint
    (kept,) = folder.iterdir()
    assert f"kept: {kept}\n" in result.err
    assert (kept / "scene.xml").stat().st_size > 1000


@pytest.mark.skipif(ENGINE is None, reason="openEMS is not installed (apt-get install openems)")
def test_kept_run_of_the_engine(command, monkeypatch, tmp_path):
    """A real run and its coarser companion: the usual document, both directories on stderr."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LUNAR_ANTENNA_OPENEMS_KEEP", raising=False)
    result = command(*KEEP, "--set", "width=0.4", "--band", "10:20", "--json")
    assert result.code == 0, result.err
    assert json.loads(result.out)["solver"] == "openems"
    runs = list((tmp_path / "openems_runs").iterdir())
    assert len(runs) == 2
    for kept in runs:
        assert f"kept: {kept}\n" in result.err
        assert (kept / "scene.xml").is_file()


def _false_engine(monkeypatch, folder) -> None:
    """An openEMS on the PATH that ends at once without an answer."""
    programs = folder.parent / f"{folder.name}_programs"
    programs.mkdir()
    engine = programs / "openEMS"
    engine.write_text("#!/bin/sh\nexit 0\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.delenv("LUNAR_ANTENNA_OPENEMS_KEEP", raising=False)
