"""The command line, called in this process or as a real one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one error line; fails where there is none or more than one."""
        lines = [line for line in self.err.splitlines() if line.startswith("lunar-antenna: ")]
        assert len(lines) == 1, self.err
        assert self.err.splitlines()[-1] == lines[0]
        return lines[0]


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """``command("soil", "list")`` in a fresh working directory, in this process."""
    monkeypatch.chdir(tmp_path)
    from lunar_antenna.cli.main import run

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


def environment() -> dict[str, str]:
    """One thread per process, and no debugging switches of the developer."""
    kept = {k: v for k, v in os.environ.items() if k != "LUNAR_ANTENNA_DEBUG"}
    return {**kept, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture
def process(tmp_path):
    """The same as a process of its own; ``start`` gives the running one."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "lunar_antenna.cli.main", *map(str, arguments)],
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def call(*arguments: object) -> Outcome:
        running = start(*arguments)
        out, err = running.communicate(timeout=120)
        return Outcome(running.returncode, out, err)

    call.start = start
    return call
