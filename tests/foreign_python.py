"""Programs that read our files, each in an environment of its own, and what they found there.

Their pins exclude ours (pyuvdata wants numba < 0.63), so they are run by a Python that the
environment variable names, or that ``make foreign`` made:

    LUNAR_ANTENNA_UVBEAM_PYTHON      or .foreign/uvbeam       pyuvdata
    LUNAR_ANTENNA_EVERYBEAM_PYTHON   or .foreign/everybeam    everybeam, healpy, astropy
    LUNAR_ANTENNA_CROISSANT_PYTHON   or .foreign/croissant    croissant-sim, spiceypy
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def foreign(name: str, script: str, **environment: str):
    """What ``script`` prints last, as JSON; the test is skipped where there is no such Python."""
    variable = f"LUNAR_ANTENNA_{name.upper()}_PYTHON"
    python = os.environ.get(variable) or str(ROOT / ".foreign" / name / "bin" / "python")
    if not Path(python).exists():
        pytest.skip(f"{variable} names no Python and make foreign made none for {name}")
    done = subprocess.run(
        [python, "-c", script],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PYTHONPATH": "", **environment},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])
