"""Worker processes that talk in JSON lines: one message a line, in and out.

Started as ``python -m``, so that no ``__main__`` guard is needed, with one BLAS and one numba
thread each: on small matrices thread pools fight, and the same arithmetic in every worker is
what makes a result reproducible.  A worker ends when its input ends, so that none outlives a
killed parent; Ctrl-C reaches the parent alone, which decides when to stop.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, TextIO

from ..errors import one_line

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class WorkerProcess:
    """The parent's end of one worker; its stderr is kept for the reason of a failure."""

    __slots__ = ("_log", "_process", "_unread")

    def __init__(self, command: Sequence[str]) -> None:
        environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
        root = str(Path(__file__).resolve().parents[2])
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{inherited}" if inherited else root
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        self._unread = b""
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=environment,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> IO[bytes]:
        """What to wait for: readable when there is an answer, or an end."""
        assert self._process.stdout is not None
        return self._process.stdout

    def send(self, message: object) -> None:
        """A worker that has gone is noticed where its answer is read."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, OSError):
            return

    def receive(self) -> list[Any] | None:
        """All complete messages that are there; None once the process has gone."""
        data = os.read(self.output.fileno(), 1 << 16)
        if not data:
            return None
        *lines, self._unread = (self._unread + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def wait(self) -> int:
        """Exit status; negative: the signal that killed it."""
        return self._process.wait()

    def failure(self) -> str:
        """The last line it wrote to stderr, or its exit status."""
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return one_line(lines[-1]) if lines else f"exit status {self._process.poll()}"

    def stop(self) -> None:
        """Kill it and close everything."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        self._log.close()


def worker_output() -> TextIO:
    """In the worker: the pipe to the parent; whatever else prints goes to stderr from now on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    private = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return private


def answer_with(stream: TextIO, message: object) -> None:
    """In the worker: one message to the parent."""
    stream.write(json.dumps(message) + "\n")
    stream.flush()


def python_module(name: str) -> tuple[str, ...]:
    """The command of a worker module."""
    return (sys.executable, "-m", name)
