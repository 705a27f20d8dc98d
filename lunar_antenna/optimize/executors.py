"""Where candidates are evaluated: worker processes of this machine.

Workers are started as ``python -m lunar_antenna.optimize.worker``, so that no ``__main__`` guard
is needed, with one BLAS and one numba thread each: on small matrices thread pools fight, and the
same arithmetic in every worker is what makes a seed reproducible.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

from ..conventions import JsonDict
from ..errors import SolverError, one_line
from .evaluate import Evaluator
from .objectives import Evaluation

ATTEMPTS = 2  # a trial whose worker dies is run once more, then marked failed
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Job:
    """One candidate by trial number."""

    number: int
    parameters: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job: an evaluation, or the reason why there is none."""

    number: int
    evaluation: Evaluation | None
    seconds: float = 0.0
    failed: str | None = None


def outcome_of(number: int, message: JsonDict) -> Outcome:
    """What a worker answered about trial ``number`` (:func:`.worker.answer`)."""
    if "failed" in message:
        return Outcome(number, None, failed=message["failed"])
    return Outcome(number, Evaluation.from_dict(message["evaluation"]), message["seconds"])


class Executor(Protocol):
    """Evaluates jobs in any order; reports each as soon as it is done."""

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None: ...

    def __enter__(self) -> Executor: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    log: IO[bytes]
    job: Job | None = None
    ready: bool = False
    unread: bytes = b""

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def send(self, message: JsonDict) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except (BrokenPipeError, OSError):
            return  # its end of the pipe is read as a death by the parent's loop

    def receive(self) -> list[JsonDict] | None:
        """All complete messages that are there; None once the process has gone."""
        data = os.read(self.output.fileno(), 1 << 16)
        if not data:
            return None
        *lines, self.unread = (self.unread + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def last_words(self) -> str:
        self.log.seek(0)
        lines = self.log.read().decode(errors="replace").strip().splitlines()
        return one_line(lines[-1]) if lines else f"exit status {self.process.poll()}"

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


@dataclass(slots=True)
class LocalWorkers:
    """``count`` worker processes; a dead one is replaced and its trial run once more."""

    evaluator: Evaluator
    count: int
    command: tuple[str, ...] = (sys.executable, "-m", "lunar_antenna.optimize.worker")
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
            worker.stop()
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
                messages = worker.receive()
                if messages is None:
                    outcomes.append(self._bury(worker, waiting, attempts))
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
                worker.send(
                    {"number": worker.job.number, "parameters": dict(worker.job.parameters)}
                )

    @property
    def pids(self) -> list[int]:
        """Process numbers of the living workers."""
        return [worker.process.pid for worker in self._workers]

    def _start(self) -> None:
        environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
        package_root = str(Path(__file__).resolve().parents[2])
        inherited = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = (
            f"{package_root}{os.pathsep}{inherited}" if inherited else package_root
        )
        log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its worker
        process = subprocess.Popen(
            list(self.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the parent alone
        )
        worker = _Worker(process, log)
        worker.send(self.evaluator.to_dict())
        self._workers.append(worker)
        self._selector.register(worker.output, selectors.EVENT_READ, worker)

    def _read(self, worker: _Worker, message: JsonDict) -> Outcome | None:
        if "ready" in message:
            worker.ready = True
            return None
        worker.job = None
        return outcome_of(message["number"], message)

    def _bury(
        self, worker: _Worker, waiting: deque[Job], attempts: dict[int, int]
    ) -> Outcome | None:
        """Replace a dead worker; its trial goes back to the front of the queue, once."""
        job, started = worker.job, worker.ready
        worker.process.wait()
        words = worker.last_words()
        self._selector.unregister(worker.output)
        self._workers.remove(worker)
        worker.stop()
        killed = (worker.process.returncode or 0) < 0
        if not started and not killed:
            raise SolverError(f"a worker process could not start: {words}; see doctor")
        self._start()
        if job is None:
            return None
        if attempts[job.number] < ATTEMPTS:
            waiting.appendleft(job)
            return None
        return Outcome(job.number, None, failed=f"worker died {ATTEMPTS} times: {words}")


def make_executor(evaluator: Evaluator, workers: int, scheduler: str | None = None) -> Executor:
    """``workers`` processes here, or the cluster of the dask scheduler at ``scheduler``."""
    if scheduler is None:
        return LocalWorkers(evaluator, workers)
    from .dask_executor import DaskCluster

    return DaskCluster(evaluator, scheduler)


@dataclass(slots=True)
class InProcess:
    """Evaluates in the calling process, one after another (for tests and debugging)."""

    evaluate: Callable[[Mapping[str, float]], Evaluation]

    def __enter__(self) -> InProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def run(self, jobs: Sequence[Job], report: Callable[[Outcome], None]) -> None:
        for job in jobs:
            report(Outcome(job.number, self.evaluate(job.parameters)))
