"""Frequencies one after another, in this process or in several."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...common.workers import WorkerPool, python_module
from ...conventions import ComplexArray, FloatArray
from ...errors import SolverError
from ...media.stratification import Stratification
from .crowding import Crowding
from .currents import Currents
from .gaps import AtGaps
from .loading import Loading
from .perturbed import Changes
from .ports import Flux, PortResult, port_result
from .types import WireModel

SERIAL_SECONDS = 3.0  # jobs expected to be shorter run in this process


# (model, Hz, ohm/m of each wire or None) to the currents of every gap driven in turn
Engine = Callable[[WireModel, float, ComplexArray | None], Currents]


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """All that a worker needs.  model, loads: the answer; check, check_loads: the coarser one.

    name: of the engine, for messages.  engine, flux: functions of a module, or partials of them.
    series: (n_gap, p).  frequency: (n_freq,) Hz.  seconds: expected time on one thread.
    shift: relative, of the frequency at which the coarser model is solved once more, for what wires
    are not of strips (equivalence.py), or 0.
    gaps, check_gaps: what gaps have beside the wires of both models (gaps.py), doubted at the
    shifted frequency; changes, check_changes: what strips are that wires are not (perturbed.py).
    voltages, check_voltages: (n_gap,) V that sources of 1 V act like in both models; 1 without.
    crowding, check_crowding: metal losses beyond the loads (crowding.py).
    """

    name: str
    engine: Engine
    model: WireModel
    loads: Loading
    check: WireModel
    check_loads: Loading
    series: FloatArray
    frequency: FloatArray
    stratification: Stratification
    seconds: float
    flux: Flux | None = None
    shift: float = 0.0
    gaps: AtGaps | None = None
    check_gaps: AtGaps | None = None
    changes: Changes | None = None
    check_changes: Changes | None = None
    voltages: FloatArray | None = None
    check_voltages: FloatArray | None = None
    crowding: Crowding | None = None
    check_crowding: Crowding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One frequency: the answer, the coarser model's without a flux, and that one's shifted."""

    index: int
    result: PortResult
    check: PortResult
    moved: PortResult


def solve_one(task: Task, index: int) -> Point:
    """The answer at ``task.frequency[index]``."""
    frequency = float(task.frequency[index])
    gaps = task.check_gaps
    answer = _result(task, task.model, task.loads, task.gaps, index, frequency, task.flux)
    check = _result(task, task.check, task.check_loads, gaps, index, frequency)
    moved = check
    if task.shift:
        at, doubted = frequency * (1.0 + task.shift), gaps and gaps.doubted()
        moved = _result(task, task.check, task.check_loads, doubted, index, at)
    return Point(index, answer, check, moved)


def _result(
    task: Task,
    model: WireModel,
    loads: Loading,
    gaps: AtGaps | None,
    index: int,
    frequency: float,
    flux: Flux | None = None,
) -> PortResult:
    """Of ``model`` at ``frequency`` (Hz) with the loads of ``task.frequency[index]``."""
    metal, film = loads.metal[index], loads.film[index]
    return port_result(
        model,
        task.engine(model, frequency, metal + film),
        task.series,
        frequency,
        metal,
        film,
        task.stratification,
        flux,
        None if loads.film_charge is None else loads.film_charge[index],
        loads.in_z,
        gaps,
        task.changes if model is task.model else task.check_changes,
        task.voltages if model is task.model else task.check_voltages,
        task.crowding if model is task.model else task.check_crowding,
    )


def sweep(
    task: Task,
    workers: int,
    report: Callable[[int], None],
    *,
    serial_seconds: float = SERIAL_SECONDS,
) -> list[Point]:
    """All frequencies in order; ``report`` is called with the number done.

    Short jobs run here whatever ``workers`` says.  Raises :class:`SolverError` where a
    frequency fails.
    """
    count = min(workers, task.frequency.size)
    points: list[Point] = []

    def keep(point: Point) -> None:
        points.append(point)
        report(len(points))

    if count < 2 or task.seconds < serial_seconds:
        for index in range(task.frequency.size):
            keep(solve_one(task, index))
    else:
        _parallel(task, count, keep)
    return sorted(points, key=lambda point: point.index)


def _parallel(task: Task, count: int, keep: Callable[[Point], None]) -> None:
    """Every frequency by one of ``count`` workers; ``keep`` is called as each is done."""

    def told(index: int, answer: Any, failed: str | None) -> None:
        if failed is not None:
            raise SolverError(f"{failed} ({task.name}, {task.frequency[index] / 1e6:g} MHz)")
        keep(unpack(answer))

    with WorkerPool(python_module("lunar_antenna.solvers.thin_wire.worker"), count) as pool:
        pool.use(pack(task))
        pool.run({index: index for index in range(task.frequency.size)}, told)


def pack(value: object) -> str:
    """``value`` as text for a worker of this very package."""
    return base64.b64encode(pickle.dumps(value)).decode()


def unpack(text: str) -> Any:
    """The value of :func:`pack`."""
    return pickle.loads(base64.b64decode(text))
