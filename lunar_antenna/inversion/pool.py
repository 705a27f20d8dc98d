"""Many forward solves: in this process, or spread over worker processes."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np

from ..common.workers import WorkerPool, python_module
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
        self._pool = WorkerPool(python_module(MODULE), workers)
        self._forward: Forward | None = None

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.stop()

    @property
    def pids(self) -> list[int]:
        """Process numbers of the living workers."""
        return self._pool.pids

    def solve_all(self, forward: Forward, points: Sequence[Mapping[str, float]]) -> ComplexArray:
        """(n, n_freq) ohm, impedances of all ``points`` by ``forward``, in their order.

        What an emulator gives is no solver run.

        Raises :class:`SolverError` where one cannot be solved.
        """
        if forward.emulator is not None:
            return np.array([forward.impedance(values) for values in points])
        self.solves += len(points)
        if self.workers <= 1 or len(points) == 1:
            return np.array([forward.impedance(values) for values in points])
        if forward is not self._forward:
            self._forward = forward
            self._pool.use(forward.to_dict())
        found: dict[int, ComplexArray] = {}

        def keep(number: int, answer: Any, failed: str | None) -> None:
            if failed is not None:
                raise SolverError(f"inversion: {failed}")
            found[number] = np.array(answer[0]) + 1j * np.array(answer[1])

        self._pool.run({n: dict(values) for n, values in enumerate(points)}, keep)
        return np.array([found[number] for number in range(len(points))])
