"""Work in the background: a search from where the design stands, a check by another engine."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..circuit.networks import transform
from ..conventions import JsonDict
from ..errors import InputError, LunarAntennaError, MissingEngineError, one_line
from ..problem import Problem
from ..report.curves import pair, rounded
from ..search.api import optimize
from ..solvers.protocol import Solver
from ..solvers.registry import choose, entries, refusal, solve
from .state import Bench, State

TRIALS = 60
NEAR = 0.3  # of each number, to both sides: "from here"
CHECKED = 11  # frequencies of the other engine, among those that are solved while moving


class Stopped(Exception):  # noqa: N818 - asked for
    """The job was told to end."""


class Job:
    """One piece of work in a thread of its own; told() is what a window shows of it."""

    def __init__(self, name: str, bench: Bench, state: State) -> None:
        self.name = name
        self._bench, self._state = bench, state
        self._fraction, self._message = 0.0, "starting"
        self._result: JsonDict | None = None
        self._error: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name=name)

    def start(self) -> None:
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._stop.set()

    def told(self) -> JsonDict:
        done = self._result is not None or self._error is not None
        return {
            "job": self.name,
            "fraction": round(self._fraction, 3),
            "message": self._message,
            "done": done,
            "result": self._result,
            "failed": self._error,
        }

    def _run(self) -> None:
        try:
            self._result = JOBS[self.name](self._bench, self._state, self._progress)
        except Stopped:
            self._error = "stopped"
        except LunarAntennaError as error:
            self._error = "stopped" if self._stop.is_set() else str(error)
        except Exception as error:  # told in the window
            self._error = f"{type(error).__name__}: {one_line(error)}"

    def _progress(self, fraction: float, message: str) -> None:
        if self._stop.is_set():
            raise Stopped
        self._fraction, self._message = fraction, message


Progress = Callable[[float, str], None]


def search_from(bench: Bench, state: State, progress: Progress) -> JsonDict:
    """The widest band near the state, at its own z0: numbers of the layout for the sliders."""
    if state.network:
        raise InputError("a search from here knows no network; take its elements out first")
    ranges = {}
    now = {item["name"]: item for item in bench.parameters()}
    for name, item in now.items():
        value = state.values.get(name, item["value"])
        low, high = value - NEAR * abs(value), value + NEAR * abs(value)
        moved = name in state.values
        usual = name in _usual(bench)
        if (moved or usual) and not item["integer"] and low < high:
            ranges[name] = (max(low, item["low"]), min(high, item["high"]))
    ranges = {name: ends for name, ends in ranges.items() if ends[0] < ends[1]}
    if not ranges:
        raise InputError(f"{bench.layout.name} has no numbers to search; give one of a family")
    problem = bench.problem(state)
    made = optimize(
        problem.layout,
        problem.stack,
        trials=TRIALS,
        height=problem.height,
        z0=state.z0,
        search=ranges,
        progress=progress,
        figures=False,
    )
    best = made.best
    assert best.evaluation is not None
    band = best.evaluation.band
    return {
        "values": {name: value for name, value in best.parameters.items() if name in now},
        "objective": best.evaluation.score,
        "band_mhz": None if band is None else [edge / 1e6 for edge in band],
        "trials": len(made.trials),
    }


def _usual(bench: Bench) -> tuple[str, ...]:
    from ..geometry.families import FAMILIES, family

    name = bench.layout.family
    return tuple(family(name).search) if name in FAMILIES else ()


def other_engine(bench: Bench, state: State, progress: Progress) -> JsonDict:
    """Impedance of the state by the first installed solver that is not the one in use."""
    problem = bench.problem(state, CHECKED)
    solver = _other(problem)
    progress(0.0, f"solver {solver.name}")
    found = solve(problem, solver, accuracy="normal", progress=progress)
    elements = tuple(item for item, _ in state.network)
    values = tuple(value for _, value in state.network)
    z, _ = transform(found.frequency, found.input_impedance(1), elements, values)
    return {
        "name": f"by {solver.name}",
        "frequency": rounded(found.frequency),
        "z": pair(z),
        "converged": found.quality.converged,
    }


def _other(problem: Problem) -> Solver:
    used = choose(problem)[0].name
    reasons = []
    for entry in entries():
        if entry.name == used:
            continue
        try:
            solver = entry.make()
        except MissingEngineError as error:
            reasons.append(str(error))
            continue
        why = refusal(solver, problem) or solver.missing()
        if why is None:
            return solver
        reasons.append(f"{entry.name}: {why}")
    raise InputError(f"no other engine can do this: {'; '.join(reasons)}")


JOBS: dict[str, Callable[[Bench, State, Progress], JsonDict]] = {
    "optimise": search_from,
    "cross-check": other_engine,
}
