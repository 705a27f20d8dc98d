"""What a solver is, and what it says of itself.

A solver is one folder or one file here, with a constant SOLVER, or an entry point
``lunar_antenna.solvers`` of a package outside, that is a :class:`SolverEntry`:

    SOLVER = SolverEntry(
        "mine", Capabilities(description="thin wires", order=25.0, metal="wire"), MySolver
    )

where MySolver is a subclass of :class:`Solver`.  Where its module takes long to import, the entry
says where it is, "package.module:MySolver", and the module is imported when first needed.
:class:`lunar_antenna.solvers.conformance.SolverConformance` tests what every solver must do.
"""

from __future__ import annotations

import datetime
import importlib
import platform
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..common.checks import choice, number
from ..conventions import ComplexArray, FloatArray
from ..errors import MissingEngineError, UnsupportedProblemError, one_line
from ..problem import Problem
from ..radiation import CurrentElements
from ..solution import Provenance, Solution
from ..version import __version__
from .thickness import thick_metal

Progress = Callable[[float, str], None]
Move = Callable[[FloatArray], FloatArray]  # (n, 2) m to (n, 2) m
ACCURACIES = ("draft", "normal", "fine")
NEEDS = ("impedance", "losses", "far_field")  # each includes those before it
METALS = ("sheet", "wire")
SOILS = ("none", "half-space", "any")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a solver can do; :meth:`Solver.refusal` gives the reason for everything else.

    order: place among the solvers that "auto" tries, fastest first (planar 10, nec 20, openems 90).
    metal: how it is modelled, "sheet" or "wire" (thin wires along the layout's ribbons).
    soil: "none", "half-space" or "any" stack.  relief: metal out of the plane.  delta_gap: gaps
    fed by a delta gap.  one_mesh: :meth:`Solver.one_mesh` is there.  optional: an installation
    without its engine is healthy.  slow: minutes a problem, so that no work of many problems
    chooses it unasked.  dense_sweep: Z alone (``quick`` for "impedance") at five times as many
    frequencies costs about as much again, so that what is in doubt between them is solved.
    """

    description: str
    order: float
    metal: str
    soil: str = "any"
    relief: bool = False
    delta_gap: bool = False
    one_mesh: bool = False
    optional: bool = True
    slow: bool = False
    dense_sweep: bool = False

    def __post_init__(self) -> None:
        number("solver order", self.order)
        choice("solver metal", self.metal, METALS)
        choice("solver soil", self.soil, SOILS)


@dataclass(frozen=True, slots=True, eq=False)
class Quick:
    """What a search reads: z (n_freq, p, p) ohm; the solution, None where only z was asked for."""

    z: ComplexArray
    solution: Solution | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Power:
    """z and shares ("sky", "ground", "metal", "film") (n_freq, p, p) ohm; the currents' moments."""

    z: ComplexArray
    shares: dict[str, ComplexArray]
    elements: CurrentElements


class OneMesh(ABC):
    """One discretisation that serves many problems, so that Z is a smooth function of them.

    order: Z converges with the spacings to this power.
    """

    order: ClassVar[float]

    @abstractmethod
    def impedance(self, problem: Problem, move: Move | None = None) -> ComplexArray:
        """(n_freq, p, p) ohm of ``problem``, whose layout is the mesh's.

        move: carries the mesh onto a layout that is a small change of it.
        """

    def power(self, problem: Problem) -> Power:
        """Z, losses and far-field sources of ``problem`` on the mesh, by the solver itself."""
        del problem
        raise UnsupportedProblemError("this solver keeps its mesh for impedances alone")


class Solver(ABC):
    """One method of solution.  Stateless; a run's state lives in the call."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    def missing(self) -> str | None:
        """None if the engine is installed, else one line with the command that installs it."""
        return None

    def slowed(self) -> str | None:
        """None, or one line: what makes this solver slow on this machine, and the way out."""
        return None

    @abstractmethod
    def refusal(self, problem: Problem) -> str | None:
        """None if the problem can be done, else one line with the reason and the way out.

        What the capabilities rule out is refused without asking.
        """

    @abstractmethod
    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """Solve; raises :class:`SolverError` where the answer does not pass its own checks."""

    def quick(self, problem: Problem, accuracy: str, needs: str) -> Quick:
        """As much as ``needs`` (one of NEEDS), as fast as can be: what a search calls.

        The numbers of :meth:`solve` on the same mesh, far within the mesh's own error;
        quality.z_error may be None.
        """
        del needs
        solution = self.solve(problem, accuracy, None, 1)
        return Quick(solution.z, solution)

    def one_mesh(self, problem: Problem, accuracy: str, coarsening: float = 1.0) -> OneMesh:
        """The mesh of ``problem``, for all problems that are near it and need none finer.

        coarsening: of all spacings that ``accuracy`` asks for.
        """
        del problem, accuracy, coarsening
        raise UnsupportedProblemError(
            f"solver {self.name} meshes every problem anew; use one whose capabilities say one_mesh"
        )


@dataclass(frozen=True, slots=True)
class SolverEntry:
    """A solver by name, known before its module is imported.

    solver: the class, or "package.module:Class".
    """

    name: str
    capabilities: Capabilities
    solver: type[Solver] | str

    def make(self) -> Solver:
        """The solver with its default options; :class:`MissingEngineError` without its module."""
        if not isinstance(self.solver, str):
            return self.solver()
        module, _, name = self.solver.partition(":")
        try:
            made = getattr(importlib.import_module(module), name)()
        except (ImportError, AttributeError) as error:
            raise MissingEngineError(
                f"solver {self.name} cannot be loaded, {type(error).__name__}: {one_line(error)}; "
                "install what it needs or use another solver"
            ) from error
        assert isinstance(made, Solver)
        return made


MOST_ERROR = 0.1  # of z_error, at every frequency: beyond it the mesh does not describe the layout
# The same at a single frequency for engines whose estimate adds the worst of several models (the
# equivalent wires, the stairs of openEMS): an eighth of the incident wave in Gamma.
ROUGH_ERROR = 0.3


def mesh_is_trusted(z_error: FloatArray, single: float = MOST_ERROR) -> bool:
    """True where the discretisation error is small enough to speak of an answer, everywhere.

    Every frequency counts: a median would pass a sweep whose resonance is wrong.  single: most
    that one frequency may have while the median is below MOST_ERROR.
    """
    return bool(np.median(z_error) < MOST_ERROR and np.all(z_error < single))


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
        notes=(*notes, *thick_metal(problem.layout)),
    )
