"""Many forward solves: in this process, or spread over worker processes.

Workers are started as ``python -m``, so that no ``__main__`` guard is needed, with one BLAS and
one numba thread each: on small matrices thread pools fight.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np

from ..conventions import ComplexArray
from ..errors import SolverError, one_line
from .forward import Forward

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
MODULE = "lunar_antenna.measurement.invert_worker"


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool:
    """Solves lists of parameter values; a context manager that ends its workers.

    solves: how many solver runs it has made.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.solves = 0
        self._running: list[_Worker] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._running:
            worker.stop()
        self._running.clear()

    def solve_all(self, forward: Forward, points: Sequence[Mapping[str, float]]) -> ComplexArray:
        """(n, n_freq) ohm, impedances of all ``points`` by ``forward``, in their order."""
        self.solves += len(points)
        if self.workers <= 1 or len(points) == 1:
            return np.array([forward.impedance(values) for values in points])
        while len(self._running) < self.workers:
            self._running.append(_Worker())
        for worker in self._running:
            worker.use(forward)
        return self._spread(points)

    def _spread(self, points: Sequence[Mapping[str, float]]) -> ComplexArray:
        waiting = list(enumerate(points))[::-1]
        found: dict[int, ComplexArray] = {}
        with selectors.DefaultSelector() as selector:
            for worker in self._running:
                selector.register(worker.output, selectors.EVENT_READ, worker)
                if waiting:
                    worker.send(*waiting.pop())
            while len(found) < len(points):
                for key, _ in selector.select():
                    number, z = key.data.receive()
                    found[number] = z
                    if waiting:
                        key.data.send(*waiting.pop())
        return np.array([found[number] for number in range(len(points))])


class _Worker:
    """One process with its pipes; its stderr is kept for the reason of a failure."""

    def __init__(self) -> None:
        self._forward: Forward | None = None
        environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
        root = str(Path(__file__).resolve().parents[2])
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{root}{os.pathsep}{inherited}" if inherited else root
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        self.process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the parent alone
        )

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def use(self, forward: Forward) -> None:
        """Make ``forward`` the model of what is sent from now on."""
        if forward is not self._forward:
            self._forward = forward
            self._write(forward.to_dict())

    def send(self, number: int, values: Mapping[str, float]) -> None:
        self._write([number, dict(values)])

    def receive(self) -> tuple[int, ComplexArray]:
        """The next answer (one request is open at a time); :class:`SolverError` if it failed."""
        line = self.output.readline()
        if not line:
            self.log.seek(0)
            said = self.log.read().decode(errors="replace").strip().splitlines()
            why = one_line(said[-1]) if said else f"exit status {self.process.wait()}"
            raise SolverError(f"a worker process of the inversion died: {why}; see doctor")
        number, *rest = json.loads(line)
        if len(rest) == 1:
            raise SolverError(f"inversion: {rest[0]}")
        return number, np.array(rest[0]) + 1j * np.array(rest[1])

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        self.log.close()

    def _write(self, message: object) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            return  # its end is noticed, with the reason, when its answer is read
