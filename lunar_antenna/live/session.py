"""Who asks and is answered: one bench, its emulator, its work in the background.

Messages and answers are JSON.  ``move`` is answered at once on a draft mesh; ``rest`` by a full
solution, unless something moves meanwhile; ``job`` starts work in the background, ``poll`` tells
how far it is.  Whatever is wrong is one line, {"error": ...}.
"""

from __future__ import annotations

import contextlib
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..common.checks import number
from ..conventions import JsonDict
from ..emulation.build import can_emulate
from ..errors import InputError, LunarAntennaError, one_line
from ..report.curves import sweep
from ..solution import Solution
from ..solvers.registry import choose, solve
from .answers import moving, resting
from .emulating import Emulating
from .jobs import JOBS, Job
from .saved import design_toml
from .state import MOVING, Bench, State

_log = logging.getLogger(__name__)


class Moved(Exception):  # noqa: N818 - no error: something else is wanted now
    """The state changed while it was worked on."""


class Session:
    """Answers the messages of one or several windows."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._one = threading.Lock()  # of draft solves, one at a time
        self._resting = threading.Lock()
        self._serial = 0  # of moves so far
        self._emulating: tuple[Any, Emulating] | None = None
        self._jobs: dict[int, Job] = {}
        self._closed = False
        self._solved_ahead: tuple[Any, ...] | None = None

    def ask(self, message: object) -> JsonDict:
        """The answer to a message; never raises."""
        try:
            if not isinstance(message, Mapping):
                raise InputError(f"message is {type(message).__name__}; give a table")
            kind = message.get("type")
            answer = self._kinds().get(kind if isinstance(kind, str) else "")
            if answer is None:
                raise InputError(f"message of type {kind!r}; known: {', '.join(self._kinds())}")
            return answer(message)
        except Moved:
            return {"moved": True}
        except LunarAntennaError as error:
            return {"error": str(error)}
        except Exception as error:  # a window must not die of it
            _log.exception("workbench")
            return {"error": f"{type(error).__name__}: {one_line(error)}"}

    def close(self) -> None:
        """Tell everything that works in the background to end."""
        self._closed = True
        self._serial += 1
        for job in self._jobs.values():
            job.stop()
        if self._emulating is not None:
            self._emulating[1].stop()

    def _kinds(self) -> dict[str, Callable[[Mapping[str, Any]], JsonDict]]:
        return {
            "start": lambda _message: self.bench.document(),
            "move": self._move,
            "rest": self._rest,
            "ground": lambda m: {"ground": self.bench.ground(State.read(m.get("state")))},
            "measurement": _measurement,
            "toml": self._toml,
            "job": self._job,
            "poll": self._poll,
            "stop": self._stop,
        }

    # -- answers ---------------------------------------------------------------------------

    def _move(self, message: Mapping[str, Any]) -> JsonDict:
        self._serial += 1
        state = State.read(message.get("state"))
        mark = number("mark", message.get("mark", 15e6), low=0.0, unit="Hz")
        started = time.perf_counter()
        with self._one:
            solution, source = self._draft(state)
            found = moving(solution, state, mark)
        return {**found, "source": source, "seconds": time.perf_counter() - started}

    def _draft(self, state: State) -> tuple[Solution, str]:
        """On a draft mesh: from the emulator where it knows the state, else solved."""
        known = self._emulating
        made = None if known is None else known[1].found()
        if known is not None and known[0] != _antenna(state):
            if made is None:  # half made, of an antenna that is no more: free the processor
                known[1].stop()
                self._emulating = None
            made = None
        if made is not None:
            values = {name: getattr(self._at(state), name) for name in made.box.names}
            if all(a.range.low <= values[a.name] <= a.range.high for a in made.box.axes):
                return made(**values), f"emulated, error {made.held_out_error:.1g}"
        problem = self.bench.problem(state, MOVING)
        solver, _ = choose(problem)
        if solver.capabilities.slow:
            raise InputError(
                f"only solver {solver.name} can do this, which takes minutes; use lunar-antenna "
                "solve, or change the layout or the soil"
            )
        found = solver.quick(problem, "draft", "far_field").solution
        assert found is not None  # the far field was asked for
        return found, "draft mesh"

    def _at(self, state: State) -> State:
        """``state`` with the numbers that the soil has of its own."""
        first = self.bench.stack(state).layers[0]
        return State(
            state.values, state.soil, first.eps_r, first.loss_tangent, state.height, state.z0
        )

    def _rest(self, message: Mapping[str, Any]) -> JsonDict:
        serial = self._serial
        state = State.read(message.get("state"))
        problem = self.bench.problem(state)

        def still(_fraction: float, _message: str) -> None:
            if self._serial != serial:
                raise Moved

        with self._resting:
            still(0.0, "")
            solution = solve(problem, choose(problem)[0], accuracy="normal", progress=still)
            still(1.0, "")
            found = resting(solution, state)
        self._emulate(state)
        threading.Thread(target=self._ahead, args=(state, serial), daemon=True).start()
        return found

    def _ahead(self, state: State, serial: int) -> None:
        """Solve where the sliders of the layout lead, so that what a solver keeps is there.

        Kernels of a stack are kept by the size that they reach: the first drag of a length would
        wait for each.  Ends as soon as something moves.
        """
        known = (state.ground, state.height)
        if self._solved_ahead == known:
            return
        for layout in self.bench.sizes(state):
            if self._serial != serial or self._closed:
                return
            problem = self.bench.problem(state, MOVING, layout)
            with contextlib.suppress(LunarAntennaError):
                solver, _ = choose(problem)
                if solver.capabilities.slow:
                    return
                solver.quick(problem, "draft", "far_field")
        self._solved_ahead = known

    def _emulate(self, state: State) -> None:
        """Soil and height of this layout by a process of its own, so that they are as quick."""
        problem = self.bench.problem(state, MOVING)
        known = self._emulating
        with self._one:
            if known is not None and known[0] == _antenna(state):
                return
            if known is not None:
                known[1].stop()
            self._emulating = None
            if not self._closed and not problem.stack.is_free_space and can_emulate(problem):
                self._emulating = (_antenna(state), Emulating(problem, self.bench.reach(state)))

    def _toml(self, message: Mapping[str, Any]) -> JsonDict:
        state = State.read(message.get("state"))
        name = self.bench.layout.name
        return {"toml": design_toml(self.bench, state), "name": f"{name}_steered.toml"}

    # -- background ------------------------------------------------------------------------

    def _job(self, message: Mapping[str, Any]) -> JsonDict:
        name = message.get("job")
        if not isinstance(name, str) or name not in JOBS:
            raise InputError(f"job {name!r} is not known; known: {', '.join(JOBS)}")
        if any(job.running and job.name == name for job in self._jobs.values()):
            raise InputError(f"{name} is still running; stop it or wait")
        job = Job(name, self.bench, State.read(message.get("state")))
        number_ = len(self._jobs) + 1
        self._jobs[number_] = job
        job.start()
        return {"number": number_}

    def _poll(self, message: Mapping[str, Any]) -> JsonDict:
        return self._found(message).told()

    def _stop(self, message: Mapping[str, Any]) -> JsonDict:
        job = self._found(message)
        job.stop()
        return job.told()

    def _found(self, message: Mapping[str, Any]) -> Job:
        job = self._jobs.get(message.get("number", 0))
        if job is None:
            raise InputError(f"job {message.get('number')!r} was not started")
        return job


def _antenna(state: State) -> tuple[Any, ...]:
    """What an emulator is of: layout and soil, without what varies."""
    return tuple(sorted(state.values.items())), state.soil


def _measurement(message: Mapping[str, Any]) -> JsonDict:
    """The sweep in a text file that the window has read."""
    from ..measurement.reading.load import load_measurement

    name, text = message.get("name"), message.get("text")
    if not isinstance(name, str) or not isinstance(text, str):
        raise InputError("a measurement needs name and text")
    safe = Path(name.replace("\\", "/")).name or "measured.s1p"
    if safe.startswith("."):
        raise InputError(f"{safe!r} is no name of a measurement; give a .s1p or .csv")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / safe
        path.write_text(text, encoding="utf-8")
        return {"measurement": sweep(load_measurement(path))}
