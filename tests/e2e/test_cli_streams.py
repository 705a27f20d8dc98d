"""Streams that are closed or full, and environments that fit badly: the work goes on.

Each case is a process of its own, started by the shell, as users do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from conftest import environment

from lunar_antenna.version import __version__

BASH = shutil.which("bash") or "/bin/bash"
FIGURE = "soil show simple_eps35 --plot p.png"
HELD = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}  # of Jupyter, module or not


def shell(tmp_path, line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """``line`` with the program in place of ``lunar``."""
    program = f"{sys.executable} -m lunar_antenna.cli.main"
    return subprocess.run(
        [BASH, "-c", line.replace("lunar ", f"{program} ")],
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


# Without the rights of root, which may write where nobody may.
PLAIN = "" if os.geteuid() else "setpriv --bounding-set=-all --inh-caps=-all "
NOWHERE = {
    "HOME": "/proc",
    "TMPDIR": "/proc",
    "NUMBA_CACHE_DIR": "/proc/x",
    "XDG_CACHE_HOME": "/proc",
    "MPLBACKEND": "module://no.such.module",
}
# what is done before, how the program is called, what follows it, variables (None: taken away)
STATES: dict[str, tuple[str, str, str, dict[str, str | None]]] = {
    "closed stdin": ("", "", "<&-", {}),
    "closed stdout": ("", "", ">&-", {}),
    "closed stderr": ("", "", "2>&-", {}),
    "all closed": ("", "", "<&- >&- 2>&-", {}),
    "full stderr": ("", "", "2>/dev/full", {}),
    "folder that is gone": ("mkdir gone; cd gone; rmdir ../gone", "", "", {}),
    "folder not UTF-8": ("mkdir $'d\\xe9'; cd $'d\\xe9'", "", "", {"PYTHONIOENCODING": "ascii"}),
    "read-only folder": ("mkdir r; chmod 555 r; cd r", PLAIN, "", {}),
    "all read-only": ("mkdir r; chmod 555 r; cd r; export HOME=$PWD", PLAIN, "", {
        "TMPDIR": "/proc", "NUMBA_CACHE_DIR": None, "XDG_CACHE_HOME": None}),
    "no place to write": ("", "", "", NOWHERE),
    "no HOME": ("", "", "", {"HOME": None}),
    "POSIX, ASCII": ("", "", "", {
        "LC_ALL": "POSIX", "LANG": None, "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii:strict"}),
    "locale that is not": ("", "", "", {"LC_ALL": "xx_YY.nix"}),
    "backend of Jupyter": ("", "", "", HELD),
    "PyNEC that does not load": (
        "mkdir m; echo 'raise ValueError(1)' > m/PyNEC.py; export PYTHONPATH=$PWD/m:$PYTHONPATH",
        "", "", {}),
    "no openEMS": ("", "", "", {"PATH": "/nowhere"}),
    "openEMS that fails": (
        "mkdir b; printf '#!/bin/sh\\nexit 7\\n' > b/openEMS; chmod +x b/openEMS; "
        "export PATH=$PWD/b:$PATH", "", "", {}),
    "few files open": ("ulimit -n 40", "", "", {}),
    "no file may grow": ("ulimit -f 0", "", "", {}),
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_version_help_and_doctor_work_in_every_state(tmp_path, state):
    before, above, tail, variables = STATES[state]
    if above and shutil.which("setpriv") is None:
        pytest.skip("root, and no setpriv to lay its rights down")
    seen = ">&-" not in tail.split("2>")[0]
    taken = [f"-u {name}" for name, value in variables.items() if value is None]
    given = {name: value for name, value in variables.items() if value is not None}
    for number, (verb, told) in enumerate(
        (("--version", __version__), ("--help", "solve"), ("doctor", "healthy"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        program = f"{above}{sys.executable} -m lunar_antenna.cli.main {verb} {tail}"
        words = " ".join(("/usr/bin/env" if taken else "", *taken, program))
        done = shell(folder, f"{before or ':'}; {words}", **given)
        assert done.returncode == 0, (verb, done.stderr)
        assert "Traceback" not in done.stderr, (verb, done.stderr)
        assert (told in done.stdout) == seen, (verb, done.stdout)
        (folder / "r").chmod(0o755) if (folder / "r").exists() else None


def test_doctor_names_an_engine_that_does_not_load_and_the_rest_stays(tmp_path):
    (tmp_path / "PyNEC.py").write_text("raise ValueError('wrong\\nwheel')")
    held = os.environ.get("PYTHONPATH", "")
    done = shell(tmp_path, "lunar doctor", PYTHONPATH=f"{tmp_path}:{held}")
    assert done.returncode == 0, done.stderr
    line = next(item for item in done.stdout.splitlines() if "solver nec" in item)
    assert "PyNEC cannot be loaded, ValueError: wrong wheel; reinstall it" in line
    work = "lunar solve strip --soil free-space --solver nec --points 2 --accuracy draft"
    done = shell(tmp_path, work, PYTHONPATH=f"{tmp_path}:{held}")
    assert done.returncode == 4
    assert "PyNEC cannot be loaded" in done.stderr


def test_a_folder_that_is_gone_is_named_as_the_reason(tmp_path):
    gone = "mkdir gone && cd gone && rmdir ../gone"
    done = shell(tmp_path, f"{gone} && lunar soil show simple_eps35 --plot p.png")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
