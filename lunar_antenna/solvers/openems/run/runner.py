"""One run of the engine: own process group, one directory, a status at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from ....conventions import FloatArray
from .status import Log, RunStatus, classify, read_log
from .workspace import ENGINE, note_process

EXECUTABLE = "openEMS"
INSTALL = "openEMS is not installed; run: apt-get install openems"
POLL = 0.1  # s


def executable() -> str | None:
    """Path of the engine, None where it is not installed."""
    return shutil.which(EXECUTABLE)


@cache
def engine_version(path: str) -> str:
    """The version the engine prints about itself."""
    try:
        text = subprocess.run(
            [path], capture_output=True, text=True, timeout=30, check=False, env=_environment()
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    for line in text.splitlines():
        if "version" in line:
            return line.split("version")[-1].strip(" -")
    return "unknown"


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "OMP_NUM_THREADS": "1"}


def dry_run(path: str, folder: Path, text: str, timeout: float = 300.0) -> Log:
    """Set-up only: cells, time step and the faults that show before the first step."""
    (folder / "scene.xml").write_text(text)
    output, _, _ = _execute(
        [path, "scene.xml", "--engine=sse-compressed", "--no-simulation"], folder, timeout, None
    )
    return read_log(output)


def run(
    path: str,
    folder: Path,
    text: str,
    *,
    timeout: float,
    probe: str,
    allowed: float,
    report: Callable[[Log], None] | None,
) -> RunStatus:
    """Writes ``text``, runs the engine in ``folder`` and says how it ended.

    probe: name of the driven port's voltage file.  allowed: largest decay, see classify.
    The process group is ended on a timeout, an interrupt or any error here.
    """
    (folder / "scene.xml").write_text(text)
    started = time.perf_counter()
    output, code, late = _execute(
        [path, "scene.xml", "--engine=sse-compressed"], folder, timeout, report
    )
    return classify(
        read_log(output),
        code,
        timed_out=late,
        seconds=time.perf_counter() - started,
        voltage=read_probe(folder / probe),
        allowed=allowed,
    )


def _execute(
    command: list[str],
    folder: Path,
    timeout: float,
    report: Callable[[Log], None] | None,
) -> tuple[str, int, bool]:
    """(all output, return code, whether it was stopped for its time)."""
    log = folder / "output.txt"
    started = time.perf_counter()
    late = False
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [*_leash(), *command],
            cwd=folder,
            stdout=sink,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
        )
        try:
            note_process(folder / ENGINE, process.pid)
            seen = 0
            while process.poll() is None:
                if time.perf_counter() - started > timeout:
                    late = True
                    _end(process)
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL)
                size = log.stat().st_size
                if report is not None and size != seen:
                    seen = size
                    found = read_log(log.read_text(errors="replace"))
                    report(found)
                    if found.unstable:
                        _end(process)
                        break
        except BaseException:
            _end(process)
            raise
        code = process.wait()
    return log.read_text(errors="replace"), code, late


@cache
def _leash() -> tuple[str, ...]:
    """What makes a command end with the process that waits for it, should that be killed.

    Where there is no such program, the next run ends an engine left alone (:mod:`.workspace`).
    """
    path = shutil.which("setpriv")
    if path is None:
        return ()
    leash = (path, "--pdeathsig", "KILL")
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run([*leash, "true"], check=True, capture_output=True, timeout=30)
        return leash
    return ()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills the whole process group and waits for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_probe(path: Path) -> FloatArray:
    """(n,) values over time of a probe file; empty where it is missing or unreadable."""
    values = []
    try:
        with path.open() as lines:
            for line in lines:
                if line.startswith("%"):
                    continue
                fields = line.split()
                if len(fields) >= 2:
                    values.append(float(fields[1]))
    except (OSError, ValueError):
        return np.zeros(0)
    return np.array(values)
