"""Where candidates are evaluated: worker processes of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from ...common.workers import WorkerPool, python_module
from ..study.evaluate import Evaluator
from .jobs import Executor, Job, Outcome, outcome_of

COMMAND = python_module("lunar_antenna.search.run.worker")


class LocalWorkers:
    """``count`` worker processes; what happens where one dies: :class:`WorkerPool`."""

    def __init__(
        self, evaluator: Evaluator, count: int, command: tuple[str, ...] = COMMAND
    ) -> None:
        self._pool = WorkerPool(command, count)
        self._pool.use(evaluator.to_dict())

    def __enter__(self) -> LocalWorkers:
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

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None:
        """Evaluate ``jobs``; ``report`` is called once for each, in the order of completion."""

        def told(number: int, answer: Any, failed: str | None) -> None:
            lost = failed is not None
            report(Outcome(number, None, failed=failed) if lost else outcome_of(number, answer))

        self._pool.run({job.number: dict(job.parameters) for job in jobs}, told)


def make_executor(evaluator: Evaluator, workers: int, scheduler: str | None = None) -> Executor:
    """``workers`` processes here, or the cluster of the dask scheduler at ``scheduler``."""
    if scheduler is None:
        return LocalWorkers(evaluator, workers)
    from .dask_executor import DaskCluster

    return DaskCluster(evaluator, scheduler)
