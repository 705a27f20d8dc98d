"""No module needs a POSIX system to be imported, and the package installs where PyNEC cannot."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ABSENT_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog")
ABSENT_SIGNALS = ("SIGHUP", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGALRM", "SIGPIPE")
ABSENT_OS = (
    "killpg", "getpgid", "getpgrp", "setpgid", "setsid", "fork", "getuid", "geteuid", "uname",
    "sched_getaffinity", "mkfifo", "WNOHANG", "WIFEXITED", "wait3", "wait4", "nice", "statvfs",
)  # fmt: skip


def test_every_module_is_imported_without_what_windows_lacks():
    """In a process that has lost what only POSIX systems have, after others' imports."""
    code = f"""
import importlib, os, pkgutil, signal, sys
import asyncio, h5py, matplotlib.figure, multiprocessing, numba, numpy, optuna, psutil, scipy.linalg
import scipy.interpolate, scipy.optimize, scipy.special, shapely, skrf, subprocess, typer
import matplotlib.backends.backend_agg, rich.progress, sqlalchemy, concurrent.futures.process
try:
    import dask.distributed, ezdxf, emcee, PyNEC
except Exception:
    pass
for name in {ABSENT_MODULES!r}:
    sys.modules[name] = None
for name in {ABSENT_SIGNALS!r}:
    if hasattr(signal, name):
        delattr(signal, name)
for name in {ABSENT_OS!r}:
    if hasattr(os, name):
        delattr(os, name)
import lunar_antenna
for item in pkgutil.walk_packages(lunar_antenna.__path__, "lunar_antenna."):
    if not item.name.endswith(".__main__"):
        importlib.import_module(item.name)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("system", "machine", "wanted"),
    [
        ("Linux", "x86_64", True),
        ("Darwin", "arm64", True),
        ("Darwin", "x86_64", False),
        ("Linux", "aarch64", False),
        ("Windows", "AMD64", False),
        ("Windows", "ARM64", False),
    ],
)
def test_pynec_is_asked_for_only_where_it_has_a_wheel(system, machine, wanted):
    from packaging.requirements import Requirement

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [Requirement(text) for text in project["dependencies"]]
    marker = next(item.marker for item in found if item.name == "PyNEC")
    here = {"platform_system": system, "platform_machine": machine}
    assert marker is not None
    assert marker.evaluate(here) is wanted


def test_doctor_says_why_nec_is_absent(command, monkeypatch):
    import importlib.util
    import platform

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "PyNEC" else real(name, *a)
    )
    result = command("doctor")
    assert result.code == 0  # an engine of choice
    line = next(text for text in result.out.splitlines() if text.startswith("solver nec"))
    assert "pip install PyNEC" in line
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    line = next(t for t in command("doctor").out.splitlines() if t.startswith("solver nec"))
    assert "no wheel for Windows" in line
