"""Where candidates are evaluated: worker processes of this machine."""

from __future__ import annotations

import selectors
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from ...common.workers import WorkerProcess, python_module
from ...conventions import JsonDict
from ...errors import SolverError
from ..study.evaluate import Evaluator
from .jobs import Executor, Job, Outcome, outcome_of

ATTEMPTS = 2  # a trial whose worker dies is run once more, then marked failed


@dataclass(slots=True)
class _Worker:
    process: WorkerProcess
    job: Job | None = None
    ready: bool = False


@dataclass(slots=True)
class LocalWorkers:
    """``count`` worker processes; a dead one is replaced and its trial run once more."""

    evaluator: Evaluator
    count: int
    command: tuple[str, ...] = python_module("lunar_antenna.search.run.worker")
    _workers: list[_Worker] = field(default_factory=list)
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    def __enter__(self) -> LocalWorkers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.process.stop()
        self._workers.clear()
        self._selector.close()

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None:
        """Evaluate ``jobs``; ``report`` is called once for each, in the order of completion."""
        waiting = deque(jobs)
        attempts = {job.number: 0 for job in jobs}
        open_jobs = len(jobs)
        while len(self._workers) < min(self.count, open_jobs):
            self._start()
        while open_jobs:
            self._assign(waiting, attempts)
            outcomes: list[Outcome | None] = []
            for key, _ in self._selector.select():
                worker = key.data
                messages = worker.process.receive()
                if messages is None:
                    outcomes.append(self._replace(worker, waiting, attempts))
                else:
                    outcomes += [self._read(worker, message) for message in messages]
            self._assign(waiting, attempts)  # nobody waits while results are stored
            for outcome in outcomes:
                if outcome is not None:
                    open_jobs -= 1
                    report(outcome)

    def _assign(self, waiting: deque[Job], attempts: dict[int, int]) -> None:
        """Give every idle worker the next job."""
        for worker in self._workers:
            if worker.job is None and waiting:
                worker.job = waiting.popleft()
                attempts[worker.job.number] += 1
                worker.process.send(
                    {"number": worker.job.number, "parameters": dict(worker.job.parameters)}
                )

    @property
    def pids(self) -> list[int]:
        """Process numbers of the living workers."""
        return [worker.process.pid for worker in self._workers]

    def _start(self) -> None:
        worker = _Worker(WorkerProcess(self.command))
        worker.process.send(self.evaluator.to_dict())
        self._workers.append(worker)
        self._selector.register(worker.process.output, selectors.EVENT_READ, worker)

    def _read(self, worker: _Worker, message: JsonDict) -> Outcome | None:
        if "ready" in message:
            worker.ready = True
            return None
        worker.job = None
        return outcome_of(message["number"], message)

    def _replace(
        self, worker: _Worker, waiting: deque[Job], attempts: dict[int, int]
    ) -> Outcome | None:
        """Replace a dead worker; its trial goes back to the front of the queue, once."""
        job, started = worker.job, worker.ready
        killed = worker.process.wait() < 0
        reason = worker.process.failure()
        self._selector.unregister(worker.process.output)
        self._workers.remove(worker)
        worker.process.stop()
        if not started and not killed:
            raise SolverError(f"a worker process could not start: {reason}; see doctor")
        self._start()
        if job is None:
            return None
        if attempts[job.number] < ATTEMPTS:
            waiting.appendleft(job)
            return None
        return Outcome(job.number, None, failed=f"worker died {ATTEMPTS} times: {reason}")


def make_executor(evaluator: Evaluator, workers: int, scheduler: str | None = None) -> Executor:
    """``workers`` processes here, or the cluster of the dask scheduler at ``scheduler``."""
    if scheduler is None:
        return LocalWorkers(evaluator, workers)
    from .dask_executor import DaskCluster

    return DaskCluster(evaluator, scheduler)
