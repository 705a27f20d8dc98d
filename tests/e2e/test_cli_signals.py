"""What asks the program to stop: heard at any time, kept work, one word, exit code 130."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from conftest import environment

STOPPING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def python(tmp_path, code: str, **how) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, **how,
    )  # fmt: skip


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_after_the_file_is_written_comes_too_late(process, tmp_path, number):
    running = process.start("soil", "show", "simple_eps35", "--plot", "p.png")
    assert running.stderr.readline() == "written: p.png\n"
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, "")
    assert "tan delta" in out
    assert [item.name for item in tmp_path.iterdir()] == ["p.png"]


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_while_solving_ends_in_a_word(process, tmp_path, number):
    running = process.start("solve", "bowtie", "--points", "2001", "--out", "run.h5")
    assert "soil: free-space" in running.stderr.readline()
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.splitlines()[-1] == "lunar-antenna: interrupted"
    assert list(tmp_path.iterdir()) == []


def test_a_closed_terminal_is_outlived_under_nohup(tmp_path):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    code = (
        "import time; from lunar_antenna.cli.signals import interruptible\n"
        "with interruptible():\n    print('here', flush=True); time.sleep(1.0); print('done')"
    )
    running = python(tmp_path, code, preexec_fn=ignore)
    assert running.stdout.readline() == "here\n"
    running.send_signal(signal.SIGHUP)
    assert running.communicate(timeout=30)[0] == "done\n"


LONG = {
    "compiled code": (
        "from lunar_antenna.solvers.planar.jit import compiled\n"
        "@compiled\n"
        "def run(n):\n"
        "    s = 0.0\n"
        "    for i in range(n):\n"
        "        s += 1.0 / (1.0 + s * s + i)\n"
        "    return s\n"
        "run(1)\n",
        "run(10**11)",
    ),
    "LAPACK": (
        "import numpy as np\n"
        "from lunar_antenna.common.lapack import solve_symmetric\n"
        "a = np.ones((5000, 5000), complex); a += np.diag(np.arange(5000.0))\n"
        "solve_symmetric(np.eye(2, dtype=complex), np.ones((2, 1)))\n",
        "solve_symmetric(a, np.ones((5000, 1)))",
    ),
}


@pytest.mark.parametrize("where", LONG)
def test_a_signal_is_heard_inside(tmp_path, where):
    """Within seconds, though Python itself would hear it only at the end of the loop."""
    before, work = LONG[where]
    code = (
        f"{before}\nfrom lunar_antenna.cli.signals import interruptible\n"
        f"with interruptible():\n    print('here', flush=True)\n    {work}"
    )
    running = python(tmp_path, code)
    assert running.stdout.readline() == "here\n"
    time.sleep(0.5)
    started = time.monotonic()
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "lunar-antenna: interrupted\n")
    assert time.monotonic() - started < 20.0


def test_a_signal_that_is_heard_is_not_taken_for_deafness(tmp_path):
    """Cleaning up after Ctrl-C may take longer than the guard waits."""
    code = (
        "import time; from lunar_antenna.cli.signals import interruptible\n"
        "with interruptible():\n"
        "    try:\n        print('here', flush=True); time.sleep(60)\n"
        "    except KeyboardInterrupt:\n"
        "        for _ in range(45):\n            time.sleep(0.1)\n"
        "        print('kept')"
    )
    running = python(tmp_path, code)
    assert running.stdout.readline() == "here\n"
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60)[0] == "kept\n"
    assert running.returncode == 0


def test_ctrl_c_while_the_program_is_imported(tmp_path):
    code = (
        "import os, signal, sys; from lunar_antenna.cli import program\n"
        "class Stop:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'typer': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Stop()); sys.exit(program.main())"
    )
    running = python(tmp_path, code)
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (130, "lunar-antenna: interrupted\n")
