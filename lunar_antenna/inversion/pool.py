"""Many forward solves: in this process, or spread over worker processes."""

from __future__ import annotations

import os
import selectors
from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np

from ..common.workers import WorkerProcess, python_module
from ..conventions import ComplexArray
from ..errors import SolverError
from .forward import Forward

MODULE = "lunar_antenna.inversion.worker"


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
            worker.process.stop()
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
                selector.register(worker.process.output, selectors.EVENT_READ, worker)
                if waiting:
                    worker.send(*waiting.pop())
            while len(found) < len(points):
                for key, _ in selector.select():
                    for number, z in key.data.receive():
                        found[number] = z
                        if waiting:
                            key.data.send(*waiting.pop())
        return np.array([found[number] for number in range(len(points))])


class _Worker:
    """One process and the model it has been given."""

    def __init__(self) -> None:
        self._forward: Forward | None = None
        self.process = WorkerProcess(python_module(MODULE))

    def use(self, forward: Forward) -> None:
        """Make ``forward`` the model of what is sent from now on."""
        if forward is not self._forward:
            self._forward = forward
            self.process.send(forward.to_dict())

    def send(self, number: int, values: Mapping[str, float]) -> None:
        self.process.send([number, dict(values)])

    def receive(self) -> list[tuple[int, ComplexArray]]:
        """The answers that are there; :class:`SolverError` if one failed or the worker died."""
        messages = self.process.receive()
        if messages is None:
            self.process.wait()
            reason = self.process.failure()
            raise SolverError(f"a worker process of the inversion died: {reason}; see doctor")
        found = []
        for number, *rest in messages:
            if len(rest) == 1:
                raise SolverError(f"inversion: {rest[0]}")
            found.append((number, np.array(rest[0]) + 1j * np.array(rest[1])))
        return found
