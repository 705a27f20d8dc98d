"""One pool of worker processes that talk in JSON lines: one message a line, in and out.

Started as ``python -m``, so that no ``__main__`` guard is needed, with one BLAS and one numba
thread each: on small matrices thread pools fight, and the same arithmetic in every worker is
what makes a result reproducible.  A worker ends when its input ends, so that none outlives a
killed parent; Ctrl-C reaches the parent alone, which decides when to stop.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ..conventions import JsonDict
from ..errors import LunarAntennaError, SolverError, one_line

ATTEMPTS = 2  # a job whose worker dies of itself is begun once more, then given up
PATIENCE = 10  # times that somebody may kill the worker of one job
# Signals that come from outside; a fault of the work shows as SIGSEGV, SIGABRT and the like.
KILLS = frozenset(
    number
    for name in ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGXCPU")
    if (number := getattr(signal, name, None)) is not None
)

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


@dataclass(slots=True)
class _Worker:
    process: WorkerProcess
    ready: bool = False
    job: int | None = None
    begun: bool = False


class WorkerPool:
    """``count`` worker processes of one ``command``, which runs :func:`serve`.

    One policy for all: a dead worker is replaced, and its job goes back to the front of the queue.
    An attempt counts from when the work began, not from when it was handed over.  A worker that
    ends by itself or crashes while it works spoils an attempt, and a job is given up after
    :data:`ATTEMPTS`.  One that somebody kills (:data:`KILLS`: a user, the system short of memory)
    spoils none: the job is done again, up to :data:`PATIENCE` times, where the pool raises rather
    than call the job a failure.
    """

    def __init__(self, command: Sequence[str], count: int) -> None:
        self.command, self.count = tuple(command), count
        self._model: object = None
        self._workers: list[_Worker] = []
        self._selector = selectors.DefaultSelector()
        self._deaths = 0  # in a row, of workers that were killed before they were ready

    def __enter__(self) -> WorkerPool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End every worker."""
        self._end_all()
        self._selector.close()

    def _end_all(self) -> None:
        for worker in self._workers:
            self._selector.unregister(worker.process.output)
            worker.process.stop()
        self._workers.clear()

    @property
    def pids(self) -> list[int]:
        """Process numbers of the living workers."""
        return [worker.process.pid for worker in self._workers]

    def use(self, model: object) -> None:
        """What jobs are done with from now on, as JSON can hold it."""
        self._model = model
        for worker in self._workers:
            worker.process.send({"model": model})

    def run(
        self, jobs: Mapping[int, object], report: Callable[[int, Any, str | None], None]
    ) -> None:
        """Do ``jobs`` (number to what JSON can hold), in the order of the mapping.

        report: called as each is done, with its number, and the answer or the reason why there is
        none.  Raises :class:`SolverError` where workers cannot start or do not live.
        """
        try:
            self._run(jobs, report)
        except BaseException:
            self._end_all()  # what they still answer belongs to nobody
            raise

    def _run(
        self, jobs: Mapping[int, object], report: Callable[[int, Any, str | None], None]
    ) -> None:
        waiting = deque(jobs)
        attempts = dict.fromkeys(jobs, 0)
        kills = dict.fromkeys(jobs, 0)
        left = len(jobs)
        while len(self._workers) < min(self.count, left):
            self._start()
        while left:
            self._assign(waiting, jobs)
            done: list[tuple[int, Any, str | None]] = []
            for key, _ in self._selector.select():
                worker = key.data
                messages = worker.process.receive()
                if messages is None:
                    done += self._replace(worker, waiting, attempts, kills)
                else:
                    done += [item for one in messages for item in self._read(worker, one)]
            self._assign(waiting, jobs)  # nobody waits while answers are stored
            left -= len(done)
            for item in done:
                report(*item)

    def _start(self) -> None:
        worker = _Worker(WorkerProcess(self.command))
        worker.process.send({"model": self._model})
        self._workers.append(worker)
        self._selector.register(worker.process.output, selectors.EVENT_READ, worker)

    def _assign(self, waiting: deque[int], jobs: Mapping[int, object]) -> None:
        """Give every idle worker the next job."""
        for worker in self._workers:
            if worker.job is None and waiting:
                worker.job, worker.begun = waiting.popleft(), False
                worker.process.send({"number": worker.job, "job": jobs[worker.job]})

    def _read(self, worker: _Worker, message: JsonDict) -> list[tuple[int, Any, str | None]]:
        if "ready" in message:
            worker.ready, self._deaths = True, 0
        elif "begun" in message:
            worker.begun = True
        else:
            worker.job = None
            return [(message["number"], message.get("answer"), message.get("error"))]
        return []

    def _replace(
        self,
        worker: _Worker,
        waiting: deque[int],
        attempts: dict[int, int],
        kills: dict[int, int],
    ) -> list[tuple[int, Any, str | None]]:
        """A new worker for a dead one; the job is done again, or given up."""
        killed = -worker.process.wait() in KILLS
        reason = worker.process.failure()
        self._selector.unregister(worker.process.output)
        self._workers.remove(worker)
        worker.process.stop()
        self._deaths += not worker.ready
        if not worker.ready and (not killed or self._deaths > PATIENCE):
            raise SolverError(f"a worker process could not start: {reason}; see doctor")
        self._start()
        job = worker.job
        if job is None:
            return []
        if worker.begun:
            attempts[job] += not killed
            kills[job] += killed
        if kills[job] > PATIENCE:
            raise SolverError(
                f"workers were killed {kills[job]} times at the same work ({reason}); where memory "
                "is short, take fewer workers or a coarser accuracy"
            )
        if attempts[job] >= ATTEMPTS:
            return [(job, None, f"worker died {attempts[job]} times: {reason}")]
        waiting.appendleft(job)
        return []


def serve(prepare: Callable[[Any], Callable[[Any], Any]]) -> int:
    """In the worker: do what a :class:`WorkerPool` asks for until the input ends; exit code 0.

    prepare: from a model, the function from a job to its answer, all as JSON can hold it.  An
    exception is the answer's ``error``.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints goes to stderr from now on

    def say(message: JsonDict) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    work: Callable[[Any], Any] | None = None
    for line in sys.stdin:
        message = json.loads(line)
        if "model" in message:
            work = prepare(message["model"])
            say({"ready": os.getpid()})
            continue
        number = message["number"]
        say({"begun": number})
        assert work is not None
        try:
            say({"number": number, "answer": work(message["job"])})
        except LunarAntennaError as error:
            say({"number": number, "error": one_line(error)})
        except Exception as error:
            say({"number": number, "error": one_line(f"{type(error).__name__}: {error}")})
    return 0


def python_module(name: str) -> tuple[str, ...]:
    """The command of a worker module."""
    return (sys.executable, "-m", name)
