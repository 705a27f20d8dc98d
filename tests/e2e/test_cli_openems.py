"""Options of ``solve`` that only openEMS has: --dry-run, --plot and --keep."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

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
    (model,) = answer["models"]
    assert model == {"ports": "port 1", "cells": mesh["cells"], "copies": mesh["copies"]}


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


# what the engine prints first; the mesh lines are counted in the document, as the engine does
SETUP = """
[ $# -eq 0 ] && exit 0
lines() { echo $(( $(grep -o "<$1Lines>[^<]*" scene.xml | tr -cd , | wc -c) + 1 )); }
echo "FDTD simulation size: $(lines X)x$(lines Y)x$(lines Z) --> FDTD cells"
echo "FDTD timestep is: 1e-10 s; Nyquist rate: 50 timesteps @1e8 Hz"
case "$*" in *--no-simulation*) exit 1;; esac
"""


@pytest.fixture
def failing(command, monkeypatch, tmp_path):
    """``failing(body)``: the outcome of a solve with that engine, and what it left behind."""

    def solve(body, *options):
        scratch = tmp_path.parent / f"{tmp_path.name}_scratch"
        scratch.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(scratch))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path.parent / f"{tmp_path.name}_cache"))
        _false_engine(monkeypatch, tmp_path, SETUP + body)
        outcome = command(*DRY[:-1], *options)
        return outcome, [p for root in scratch.iterdir() for p in root.iterdir()]

    return solve


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("kill -9 $$", "killed by signal 9"),
        ("for i in $(seq 200); do echo $i nan; done > u1", "unstable"),
        ("echo 'Warning: Unused primitive (type: Box) in property: metal'", "unused primitive"),
        ("echo 'Warning, debye relaxation time is to small, skipping...'", "skipped pole"),
        ("kill -XFSZ $$", "disk full"),
        ("for i in $(seq 200); do echo $i 0.5; done > u1", "not converged"),
    ],
)
def test_failed_runs_are_exit_3_in_one_line_and_leave_nothing(failing, tmp_path, body, words):
    outcome, left = failing(body, "--json")
    assert outcome.code == 3, outcome.err
    assert outcome.out == ""
    assert words in outcome.complaint
    assert left == []
    assert list(tmp_path.iterdir()) == []


def test_timeout_is_exit_3(failing, monkeypatch):
    monkeypatch.setenv("LUNAR_ANTENNA_OPENEMS_TIMEOUT", "1")
    outcome, left = failing("exec sleep 60")
    assert outcome.code == 3
    assert "timeout" in outcome.complaint
    assert left == []


def test_missing_engine_is_exit_4(command, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = command(*DRY[:-1])
    assert result.code == 4
    assert "apt-get install openems" in result.complaint
    assert list(tmp_path.iterdir()) == []


def test_a_killed_command_is_swept_by_the_next(process, command, monkeypatch, tmp_path):
    """kill -9 of the command while its engine runs; the next solve ends engine and directory."""
    scratch = tmp_path.parent / f"{tmp_path.name}_scratch"
    scratch.mkdir()
    pid_file = scratch / "pid"
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setenv("XDG_CACHE_HOME", str(scratch / "cache"))
    _false_engine(monkeypatch, tmp_path, SETUP + f"echo $$ > {pid_file}; exec sleep 60")
    running = process.start(*DRY[:-1])
    for _ in range(600):
        if pid_file.exists() and pid_file.read_text().strip():
            break
        time.sleep(0.05)
    time.sleep(0.3)  # its number is on file by now
    running.kill()
    running.communicate()
    (root,) = scratch.glob("lunar-antenna-openems-*")
    assert len(list(root.iterdir())) == 1
    engine = int(pid_file.read_text())
    os.kill(engine, 0)
    programs = tmp_path.parent / f"{tmp_path.name}_programs"
    (programs / "openEMS").write_text("#!/bin/sh\nexit 0\n")
    assert command(*DRY[:-1]).code == 3
    assert list(root.iterdir()) == []
    for _ in range(100):
        if not Path(f"/proc/{engine}").exists() or _is_zombie(engine):
            break
        time.sleep(0.05)
    else:
        os.kill(engine, signal.SIGKILL)
        pytest.fail("the engine outlived the sweep")


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def _false_engine(monkeypatch, folder, body="exit 0") -> None:
    """An openEMS on the PATH that ends without an answer."""
    programs = folder.parent / f"{folder.name}_programs"
    programs.mkdir()
    engine = programs / "openEMS"
    engine.write_text(f"#!/bin/sh\n{body}\n")
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.delenv("LUNAR_ANTENNA_OPENEMS_KEEP", raising=False)
