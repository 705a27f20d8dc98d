"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
