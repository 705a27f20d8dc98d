"""Frequencies one after another, in this process or in several."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...errors import SolverError, one_line
from .engine import run
from .loading import Loading
from .ports import PortResult, port_impedance, port_result
from .wires.model import WireModel

SERIAL_SECONDS = 3.0  # jobs expected to be shorter run in this process
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """All that a worker needs.  model, loads: the answer; check, check_loads: the coarser one.

    series: (n_gap, p).  frequency: (n_freq,) Hz.
    """

    model: WireModel
    loads: Loading
    check: WireModel
    check_loads: Loading
    series: FloatArray
    frequency: FloatArray

    @property
    def seconds(self) -> float:
        """Expected time on one thread (measured: 0.15 s per frequency at 600 segments)."""
        size = (self.model.n_segments / 600.0) ** 2.4 + (self.check.n_segments / 600.0) ** 2.4
        return float(self.frequency.size * (0.02 + 0.15 * size))


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One frequency: the answer, and the impedance (p, p) of the coarser model."""

    index: int
    result: PortResult
    z_check: ComplexArray


def solve_one(task: Task, index: int) -> Point:
    """The answer at ``task.frequency[index]``."""
    frequency = float(task.frequency[index])
    currents = run(task.model, frequency, task.loads.metal[index] + task.loads.film[index])
    result = port_result(
        task.model,
        currents,
        task.series,
        frequency,
        task.loads.metal[index],
        task.loads.film[index],
    )
    check = run(task.check, frequency, task.check_loads.metal[index] + task.check_loads.film[index])
    return Point(index, result, port_impedance(task.check, check, task.series))


def sweep(
    task: Task,
    workers: int,
    report: Callable[[int], None],
    *,
    serial_seconds: float = SERIAL_SECONDS,
) -> list[Point]:
    """All frequencies in order; ``report`` is called with the number done.

    Short jobs run here whatever ``workers`` says.  Raises :class:`SolverError` where a
    frequency fails or a worker dies.
    """
    count = min(workers, task.frequency.size)
    source = (
        (solve_one(task, index) for index in range(task.frequency.size))
        if count < 2 or task.seconds < serial_seconds
        else _parallel(task, count)
    )
    points: list[Point] = []
    for point in source:
        points.append(point)
        report(len(points))
    return sorted(points, key=lambda point: point.index)


def _parallel(task: Task, count: int) -> Iterator[Point]:
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    command = [sys.executable, "-m", "lunar_antenna.solvers.nec.worker"]
    answers: queue.Queue[Point | SolverError | None] = queue.Queue()
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(count):
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
            )
            processes.append(process)
            indices = list(range(number, task.frequency.size, count))
            threading.Thread(
                target=_converse, args=(process, task, indices, answers), daemon=True
            ).start()
        alive = count
        while alive:
            answer = answers.get()
            if answer is None:
                alive -= 1
            elif isinstance(answer, SolverError):
                raise answer
            else:
                yield answer
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


def _converse(
    process: subprocess.Popen[bytes],
    task: Task,
    indices: list[int],
    answers: queue.Queue[Point | SolverError | None],
) -> None:
    """Send the task, pass the answers on; a worker that stops early becomes a SolverError."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        pickle.dump((task, indices), process.stdin)
        process.stdin.close()
        for _ in indices:
            answers.put(pickle.load(process.stdout))
        answers.put(None)
    except (EOFError, OSError, pickle.UnpicklingError, ValueError):
        try:
            said = one_line(process.stderr.read().decode(errors="replace"))[-300:]
        except (OSError, ValueError):
            said = ""
        code = process.wait()
        answers.put(
            SolverError(
                f"a NEC worker process ended early with code {code}"
                + (f" ({said})" if said else "")
                + "; run with workers=1"
            )
        )


def spread(points: list[Point]) -> FloatArray:
    """(n,) relative difference |Z_check - Z|/|Z| between the two segmentations."""
    z = np.stack([point.result.z for point in points])
    check = np.stack([point.z_check for point in points])
    scale = np.abs(np.diagonal(z, axis1=1, axis2=2)).max(axis=1)
    return np.asarray(np.abs(check - z).max(axis=(1, 2)) / scale)
