"""What a solver is: its capabilities, its entry point, and how one is chosen."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ..common.checks import choice
from ..conventions import FloatArray
from ..errors import LunarAntennaError, MissingEngineError, UnsupportedProblemError
from ..problem import Problem
from ..solution import Provenance, Solution
from ..version import __version__

Progress = Callable[[float, str], None]
ACCURACIES = ("draft", "normal", "fine")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a solver can do; ``refusal`` gives the reason for everything else."""

    soil: bool
    delta_gap: bool
    description: str


class Solver(Protocol):
    """One method of solution.  Stateless; a run's state lives in the call."""

    name: str
    capabilities: Capabilities

    def missing(self) -> str | None:
        """None if the engine is installed, else one line with the command that installs it."""
        ...

    def refusal(self, problem: Problem) -> str | None:
        """None if the problem can be done, else one line with the reason and the way out."""
        ...

    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """Solve; raises :class:`SolverError` where the answer does not pass its own checks."""
        ...


MOST_ERROR = 0.1  # median of z_error over the band: beyond it the mesh does not describe the layout


def mesh_is_trusted(z_error: FloatArray) -> bool:
    """True where the discretisation error is small enough over the band to speak of an answer."""
    return bool(np.median(z_error) < MOST_ERROR)


def solver_names() -> tuple[str, ...]:
    """Registered solvers, fastest first: the order in which "auto" tries them."""
    return ("planar", "nec", "openems")


def refusal(solver: Solver, problem: Problem) -> str | None:
    """Why ``solver`` cannot do ``problem``, or None: what all solvers share, then its own."""
    delta = [gap for gap in problem.layout.gaps if gap.feed == "delta"]
    if delta and not solver.capabilities.delta_gap:
        return (
            f"the gap at ({delta[0].x:g}, {delta[0].y:g}) m is fed by a delta gap, which only "
            "solver planar has; use layout.with_feed('uniform')"
        )
    return solver.refusal(problem)


def get_solver(name: str) -> Solver:
    """The solver of that name; engines are imported only here."""
    choice("solver", name, solver_names())
    if name == "planar":
        from .planar import PlanarSolver

        return PlanarSolver()
    if name == "nec":
        from .nec import NecSolver

        return NecSolver()
    from .openems import OpenEmsSolver

    return OpenEmsSolver()


def choose(problem: Problem) -> tuple[Solver, str]:
    """The fastest installed solver that can do ``problem``, and why it was chosen.

    Raises :class:`MissingEngineError` where one could that is not installed, else
    :class:`UnsupportedProblemError`.
    """
    reasons: list[str] = []
    absent: list[str] = []
    for name in solver_names():
        solver = get_solver(name)
        refused, missing = refusal(solver, problem), solver.missing()
        if refused is None and missing is None:
            why = f"{name}: {solver.capabilities.description}"
            return solver, why + (f" ({'; '.join(reasons)})" if reasons else "")
        if refused is None and missing is not None:
            absent.append(missing)
        reasons.append(f"not {name}: {refused or missing}")
    if absent:
        raise MissingEngineError(absent[0])
    raise UnsupportedProblemError("no solver can do this problem: " + "; ".join(reasons))


def solve(
    problem: Problem,
    solver: str | Solver = "auto",
    *,
    accuracy: str = "normal",
    progress: Progress | None = None,
    workers: int = 1,
) -> Solution:
    """Solve ``problem``.

    solver: "auto", one of :func:`solver_names`, or a solver with options of its own.
    accuracy: "draft", "normal", "fine"; the numbers behind the words are in the guide.
    progress: called with (fraction, message).
    workers: processes for solvers that sweep frequencies one by one.

    Raises :class:`UnsupportedProblemError` (refused, with the reason),
    :class:`MissingEngineError` (engine absent, with the command), :class:`SolverError`.
    """
    choice("accuracy", accuracy, ACCURACIES)
    if isinstance(solver, str):
        choice("solver", solver, ("auto", *solver_names()))
    if solver == "auto":
        engine, why = choose(problem)
        if progress is not None:
            progress(0.0, f"solver {why}")
    else:
        engine = get_solver(solver) if isinstance(solver, str) else solver
        reason = refusal(engine, problem)
        if reason is not None:
            raise UnsupportedProblemError(f"solver {engine.name} cannot do this: {reason}")
        absent = engine.missing()
        if absent is not None:
            raise MissingEngineError(absent)
    try:
        return engine.solve(problem, accuracy, progress, workers)
    except MemoryError as error:
        raise LunarAntennaError(
            f"solver {engine.name} ran out of memory; use accuracy='draft' or a simpler layout"
        ) from error


def provenance(
    problem: Problem,
    *,
    solver: str,
    version: str,
    accuracy: str,
    threads: int,
    wall_seconds: float,
    unknowns: int,
    notes: tuple[str, ...] = (),
) -> Provenance:
    """Provenance filled with what is common to all solvers."""
    return Provenance(
        solver=solver,
        solver_version=version,
        package_version=__version__,
        problem_digest=problem.digest,
        accuracy=accuracy,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        platform=f"{platform.system()} {platform.machine()} Python {platform.python_version()}",
        threads=threads,
        wall_seconds=wall_seconds,
        unknowns=unknowns,
        notes=notes,
    )
