"""Fixtures shared by all tests, and how the suite is spread over processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.register_assert_rewrite("lunar_antenna.solvers.conformance")

ROOT = Path(__file__).resolve().parents[1]
LONG_FIRST = ("laws", "conformance", "oracles", "e2e", "unit")  # so that processes end together


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the planar kernels once, before several processes would do it side by side."""
    config = session.config
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        code = "from lunar_antenna.solvers.planar.warmup import warmup; warmup()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Folders of long tests first; within a folder the order of the files stays."""
    tests = ROOT / "tests"
    place = {name: number for number, name in enumerate(LONG_FIRST)}
    items.sort(key=lambda item: place.get(item.path.relative_to(tests).parts[0], len(place)))


def shared_folder() -> Path:
    """Other people's measurements, beside the repository: LUNAR_ANTENNA_SHARED or ../shared."""
    return Path(os.environ.get("LUNAR_ANTENNA_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """``shared("measured/x.s1p")``: its path; skips the test where the data are absent."""

    def find(name: str) -> Path:
        path = shared_folder() / name
        if not path.exists():
            pytest.skip(f"measurement {name} not found; set LUNAR_ANTENNA_SHARED to its folder")
        return path

    return find


@pytest.fixture
def without_coarser_mesh(tmp_path, monkeypatch) -> None:
    """openEMS without the second run for z_error, up to half of the time, and with its own cache.

    For tests of what one mesh says.
    """
    from lunar_antenna.solvers.openems.model import plan

    monkeypatch.setattr(plan, "coarse_scene", lambda *_: (None, "left out by a test"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
