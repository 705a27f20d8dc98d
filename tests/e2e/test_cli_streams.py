"""Streams that are closed or full, and environments that fit badly: the work goes on.

Each case is a process of its own, started by the shell, as users do.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from conftest import environment

from lunar_antenna.version import __version__

FIGURE = "soil show simple_eps35 --plot p.png"
HELD = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # of Jupyter, module or not


def shell(tmp_path, line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``line`` with the program in place of ``lunar``."""
    program = f"{sys.executable} -m lunar_antenna.cli.main"
    return subprocess.run(
        ["bash", "-c", line.replace("lunar ", f"{program} ")],
        cwd=tmp_path,
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "<&- >&- 2>&-", ">&-"])
def test_a_figure_is_written_whoever_listens(tmp_path, closed):
    done = shell(tmp_path, f"lunar {FIGURE} {closed}")
    assert done.returncode == 0
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    assert ("tan delta" in done.stdout) == (">&- 2" not in closed and not closed.startswith(">&-"))


def test_what_is_written_is_written_though_the_answer_cannot_be_printed(tmp_path):
    done = shell(tmp_path, f"lunar {FIGURE} > /dev/full")
    assert done.returncode == 2
    assert "the answer cannot be printed, stdout: No space left on device" in done.stderr
    assert (tmp_path / "p.png").is_file()


def test_bad_input_keeps_its_exit_code_with_nobody_to_tell(tmp_path):
    for closed in ("2>&-", "2>/dev/full"):
        assert shell(tmp_path, f"lunar soil show nosuch {closed}").returncode == 2


def test_a_solution_is_written_with_stderr_closed(tmp_path):
    work = "lunar solve strip --points 2 --band 10:12 --accuracy draft --out run.h5"
    done = shell(tmp_path, f"{work} 2>&-")
    assert done.returncode == 0
    assert "power closure" in done.stdout
    assert (tmp_path / "run.h5").stat().st_size > 1000


@pytest.mark.parametrize("backend", ["garbage", HELD["MPLBACKEND"], "module://no.such.module"])
def test_a_foreign_backend_of_matplotlib_stops_no_figure(tmp_path, backend):
    done = shell(tmp_path, f"lunar {FIGURE}", MPLBACKEND=backend)
    assert (done.returncode, (tmp_path / "p.png").is_file()) == (0, True), done.stderr


def test_a_foreign_backend_stops_no_figure_of_the_library(tmp_path):
    code = (
        "import lunar_antenna as la; from lunar_antenna.plotting.soil import plot_stack; "
        "plot_stack(la.load_soil('simple_eps35')); import os; print(os.environ.get('MPLBACKEND'))"
    )
    for backend, left in (("garbage", "None"), ("svg", "svg")):
        done = shell(tmp_path, f'{sys.executable} -c "{code}"', MPLBACKEND=backend)
        assert (done.returncode, done.stdout.strip()) == (0, left), done.stderr


STATES = {
    "closed stderr": ("2>&-", {}),
    "all closed": ("<&- >&- 2>&-", {}),
    "full stderr": ("2>/dev/full", {}),
    "bad environment": (
        "",
        {
            **{"HOME": "/proc", "TMPDIR": "/proc", "NUMBA_CACHE_DIR": "/proc/x"},
            **{"MPLBACKEND": "garbage", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        },
    ),
}


@pytest.mark.parametrize("state", STATES)
def test_version_help_and_doctor_work_in_every_state(tmp_path, state):
    tail, variables = STATES[state]
    seen = ">&-" not in tail.split("2>")[0]
    for verb, told in (("--version", __version__), ("--help", "solve"), ("doctor", "healthy")):
        done = shell(tmp_path, f"lunar {verb} {tail}", **variables)
        assert done.returncode == 0, (verb, done.stderr)
        assert (told in done.stdout) == seen, (verb, done.stdout)


def test_version_and_help_in_a_folder_that_is_gone(tmp_path):
    for verb in ("--version", "--help"):
        done = shell(tmp_path, f"mkdir gone && cd gone && rmdir ../gone && lunar {verb}")
        assert done.returncode == 0, done.stderr
