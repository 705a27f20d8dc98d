"""Solvers by name, and how one is chosen and called."""

from __future__ import annotations

from ..common.checks import choice, reporter, shown, whole
from ..common.registry import Registry
from ..errors import InputError, LunarAntennaError, MissingEngineError, UnsupportedProblemError
from ..problem import Problem
from ..solution import Solution
from .limits import unresolved_sky
from .protocol import ACCURACIES, NEEDS, Capabilities, Progress, Quick, Solver, SolverEntry
from .thickness import solid_metal, with_thickness

SOLVERS: Registry[SolverEntry] = Registry(
    "lunar_antenna.solvers",
    thing="solver",
    things="solvers",
    attribute="SOLVER",
    kind=SolverEntry,
    beside=(
        *("protocol", "registry", "limits", "conformance", "again"),
        *("film_wave", "gains", "thickness", "thin_wire"),
    ),
)
AUTO = "auto"


def entries() -> tuple[SolverEntry, ...]:
    """Solvers in the order in which "auto" tries them: fastest first."""
    found = SOLVERS.all().values()
    return tuple(sorted(found, key=lambda item: (item.capabilities.order, item.name)))


def solver_names() -> tuple[str, ...]:
    """Their names, in the same order."""
    return tuple(item.name for item in entries())


def capabilities_of(name: str) -> Capabilities:
    """What the solver of that name can do; no engine is imported."""
    return SOLVERS.get(name).capabilities


def get_solver(name: str) -> Solver:
    """The solver of that name; engines are imported only here."""
    return SOLVERS.get(name).make()


def refusal(solver: Solver, problem: Problem) -> str | None:
    """Why ``solver`` cannot do ``problem``, or None: by its capabilities and its own rules."""
    able, stack = solver.capabilities, problem.stack
    delta = [gap for gap in problem.layout.gaps if gap.feed == "delta"]
    if delta and not able.delta_gap:
        others = [item.name for item in entries() if item.capabilities.delta_gap]
        return (
            f"the gap at ({delta[0].x:g}, {delta[0].y:g}) m is fed by a delta gap, which only "
            f"solver {', '.join(others)} has; use layout.with_feed('uniform')"
        )
    fine = unresolved_sky(problem) or solid_metal(problem)
    if fine is not None:
        return fine
    if problem.layout.relief is not None and not able.relief:
        return f"metal is not in one plane ({problem.layout.relief}); {_use_of_relief(problem)}"
    own = solver.refusal(problem)
    if own is not None:
        return own
    if able.soil == "none" and not stack.is_free_space:
        return "it has no soil; use free space, or another solver"
    if able.soil == "half-space" and len(stack.layers) > 1:
        return f"the soil has {len(stack.layers)} layers, it does one; use another solver"
    return None


def _use_of_relief(problem: Problem) -> str:
    """Which solvers have a relief on such a soil."""
    layers = len(problem.stack.layers)
    soils = ("none", "half-space", "any")[min(layers, 2) :]
    names = [
        item.name
        for item in entries()
        if item.capabilities.relief and item.capabilities.soil in soils
    ]
    return f"use solver {' or '.join(names)}"


def choose(problem: Problem, *, one_mesh: bool = False) -> tuple[Solver, str]:
    """The fastest installed solver that can do ``problem``, and why it was chosen.

    one_mesh: of those that keep one mesh over many problems.

    Raises :class:`MissingEngineError` where one could that is not installed, else
    :class:`UnsupportedProblemError`.
    """
    fine = unresolved_sky(problem) or solid_metal(problem)
    if fine is not None:
        raise UnsupportedProblemError(f"no solver can do this problem: {fine}")
    reasons: list[str] = []
    absent: list[str] = []
    for entry in entries():
        if one_mesh and not entry.capabilities.one_mesh:
            continue
        try:
            solver = entry.make()
        except MissingEngineError as error:
            reasons.append(f"not {entry.name}: {error}")
            continue
        refused, missing = refusal(solver, problem), solver.missing()
        if refused is None and missing is None:
            why = f"{entry.name}: {entry.capabilities.description}"
            return solver, why + (f" ({'; '.join(reasons)})" if reasons else "")
        if refused is None and missing is not None:
            absent.append(missing)
        reasons.append(f"not {entry.name}: {refused or missing}")
    if absent:
        raise MissingEngineError(absent[0])
    which = "solver that keeps one mesh over many problems" if one_mesh else "solver"
    raise UnsupportedProblemError(f"no {which} can do this problem: {'; '.join(reasons)}")


def solve(
    problem: Problem,
    solver: str | Solver = AUTO,
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
    engine = _engine(problem, solver, accuracy, progress)
    workers = whole("workers", workers)
    try:
        return with_thickness(engine.solve(problem, accuracy, progress, workers))
    except MemoryError as error:
        raise _too_large(engine, accuracy) from error


def quick(
    problem: Problem,
    solver: str | Solver = AUTO,
    *,
    accuracy: str = "draft",
    needs: str = "far_field",
) -> Quick:
    """As much of the solution as ``needs`` (one of NEEDS) asks for, as fast as the solver can.

    Raises as :func:`solve` does.
    """
    choice("needs", needs, NEEDS)
    engine = _engine(problem, solver, accuracy, None)
    try:
        return engine.quick(problem, accuracy, needs)
    except MemoryError as error:
        raise _too_large(engine, accuracy) from error


def _engine(
    problem: Problem, solver: str | Solver, accuracy: str, progress: Progress | None
) -> Solver:
    """The solver asked for, which is there and can do the problem."""
    if not isinstance(problem, Problem):
        raise InputError(
            f"problem is {type(problem).__name__}; give la.Problem(layout, stack, height, band)"
        )
    choice("accuracy", accuracy, ACCURACIES)
    reporter(progress)
    if isinstance(solver, Solver):
        engine = solver
    elif isinstance(solver, str) and solver == AUTO:
        engine, why = choose(problem)
        if progress is not None:
            progress(0.0, f"solver {why}")
        return engine
    elif isinstance(solver, str):
        check_name(solver)
        engine = get_solver(solver)
    else:
        raise InputError(f"solver = {shown(solver)} is neither a name nor a Solver; give one")
    reason = refusal(engine, problem)
    if reason is not None:
        raise UnsupportedProblemError(f"solver {engine.name} cannot do this: {reason}")
    absent = engine.missing()
    if absent is not None:
        raise MissingEngineError(absent)
    return engine


def check_name(name: object, what: str = "solver") -> str:
    """``name`` if it is "auto" or a solver's; :class:`InputError` lists those there are."""
    if name in SOLVERS and name not in solver_names():
        SOLVERS.get(name)  # of a package outside, and broken: says so
    return choice(what, name, (AUTO, *solver_names()))


def _too_large(engine: Solver, accuracy: str) -> LunarAntennaError:
    less = "" if accuracy == ACCURACIES[0] else f"accuracy='{ACCURACIES[0]}', "
    return LunarAntennaError(
        f"solver {engine.name} ran out of memory at accuracy '{accuracy}'; use {less}fewer points, "
        "a smaller or simpler layout, or another solver"
    )
