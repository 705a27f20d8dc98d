"""OpenEmsSolver: the protocol around mesh, scene, runs and evaluation.

``quality.z_error``, ``efficiency_error`` and details' ``gain_error`` come from a second run on a
coarser mesh (:mod:`.companion`, :mod:`.compared`), which costs another 0.3 ("normal", "fine") to
0.7 ("draft") of the first; they are None, with the reason in the notes, where a layout has no
coarser mesh.  Ports that mirror planes keep apart are solved in models of their own
(:mod:`.split`), each with its coarser mesh; the errors are then the larger of them.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...conventions import FloatArray
from ...errors import (
    InputError,
    MissingEngineError,
    NotConvergedError,
    SolverError,
    UnsupportedProblemError,
)
from ...problem import Problem
from ...solution import Solution
from ..protocol import ROUGH_ERROR, Progress, Solver, mesh_is_trusted
from . import CAPABILITIES
from .assembly import Outcome, solution_of
from .fields.compared import doubts_of, gain_error, share_error
from .fields.evaluate import evaluate
from .fields.readers import Fields, read_fields
from .model import companion
from .model.accuracy import ACCURACY, LONGEST, Density
from .model.estimate import estimate, refuse_absurd, together
from .model.materials import refused_loss, unresolved_skin
from .model.plan import Model, make_plan
from .model.scene import Scene, document, prepare
from .model.split import split
from .model.stairs import stair_error
from .run import cache, runner
from .run.status import Log, RunStatus
from .run.workspace import run_directory, sweep

THICKEST_FILM = 2e-3  # m: a thicker film is no thin sheet
SLOWER = 0.7  # time step of the second try, where the fields grew
KEEP = "LUNAR_ANTENNA_OPENEMS_KEEP"
TIMEOUT = "LUNAR_ANTENNA_OPENEMS_TIMEOUT"


class OpenEmsSolver(Solver):
    """Finite differences in the time domain by the openEMS program, over any stack.

    keep: folder that receives the run directories instead of their removal (also by the
    environment variable LUNAR_ANTENNA_OPENEMS_KEEP).  timeout: s per run, by default ten times
    the estimate and at least 600 s (LUNAR_ANTENNA_OPENEMS_TIMEOUT).  use_cache: repeat a problem
    that was solved before from the user's cache folder.
    """

    name = "openems"
    capabilities = CAPABILITIES

    def __init__(
        self,
        *,
        keep: Path | str | None = None,
        timeout: float | None = None,
        use_cache: bool = True,
    ) -> None:
        kept = keep if keep is not None else os.environ.get(KEEP)
        self.keep = Path(kept) if kept else None
        limit = os.environ.get(TIMEOUT)
        self.timeout = timeout if timeout is not None else _seconds(limit)
        self.use_cache = use_cache

    def missing(self) -> str | None:
        """None if openEMS is on the PATH, else one line with the command that installs it."""
        return None if runner.executable() else runner.INSTALL

    def refusal(self, problem: Problem) -> str | None:
        """Reason why a problem cannot be done, or None."""
        reason = _refused_shape(problem)
        if reason is not None:
            return reason
        costs = []
        try:
            for part in split(problem):
                scene = prepare(part.problem, "draft")
                fine = unresolved_skin(part.problem, scene.grid.z)
                if fine is not None:
                    return fine
                costs.append(estimate(scene, ACCURACY["draft"]))
        except (SolverError, InputError) as error:
            return str(error)
        return refuse_absurd(together(costs))

    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """One run per gap of each model; ``workers`` is not used, a run takes one thread.

        Raises :class:`NotConvergedError` where a run stays unfinished, :class:`SolverError` for
        every other failure of the engine, :class:`MissingEngineError` without it.
        """
        del workers
        started = time.perf_counter()
        path = runner.executable()
        if path is None:
            raise MissingEngineError(runner.INSTALL)
        reason = _refused_shape(problem)
        if reason is not None:
            raise UnsupportedProblemError(f"solver openems cannot do this: {reason}")
        engine = runner.engine_version(path)
        key = cache.key(problem, accuracy, engine)
        if self.use_cache and self.keep is None:
            found = cache.fetch(key)
            if found is not None:
                _report(progress, 1.0, "openEMS: taken from the cache")
                return found
        sweep()
        plan = make_plan(problem, accuracy)
        cost, rough = plan.cost, plan.rough_cost
        absurd = refuse_absurd(cost)
        if absurd is not None:
            raise UnsupportedProblemError(f"solver openems cannot do this: {absurd}")
        if plan.split_line:
            _report(progress, 0.01, f"openEMS: {plan.split_line}")
        _report(progress, 0.01, f"openEMS: {cost.line()}")
        total = cost.seconds
        if rough is not None:
            total += rough.seconds
            _report(
                progress,
                0.01,
                f"openEMS: for z_error a coarser mesh first, {rough.size}, "
                f"about {rough.seconds:.0f} s",
            )
        outcomes: list[Outcome] = []
        done = 0.02
        for model in plan.models:
            seconds = [0.0 if c is None else c.seconds for c in (model.rough_cost, model.cost)]
            middle = done + 0.9 * seconds[0] / total
            stop = middle + 0.9 * seconds[1] / total
            name = f"{model.part.ports}, " if len(plan.models) > 1 else ""
            outcomes.append(
                self._outcome(path, model, accuracy, (done, middle, stop), progress, name)
            )
            done = stop
        solution = solution_of(
            problem,
            outcomes,
            line=plan.split_line,
            solver=self.name,
            version=engine,
            accuracy=accuracy,
            wall_seconds=time.perf_counter() - started,
        )
        _check(solution)
        if self.use_cache:
            cache.keep(key, solution)
        _report(progress, 1.0, "openEMS: done")
        return solution

    def _outcome(
        self,
        path: str,
        model: Model,
        accuracy: str,
        span: tuple[float, float, float],
        progress: Progress | None,
        name: str,
    ) -> Outcome:
        """Coarser mesh and mesh of one model; span: progress before, between and after them."""
        density = ACCURACY[accuracy]
        cost, scene = model.cost, model.scene
        limit = self.timeout if self.timeout is not None else max(600.0, 10.0 * cost.seconds)
        f = scene.problem.frequency
        coarse = None
        if model.rough is not None:
            items, _ = self._runs(path, model.rough, density, limit, span[:2], progress, name)
            coarse = evaluate(model.rough, items)
            del items
        fields, statuses = self._runs(path, scene, density, limit, span[1:], progress, name)
        _report(progress, span[2], f"openEMS: {name}currents and power")
        answer = evaluate(scene, fields)
        error, steep = None, companion.steepness(answer.z, f)
        shares, gain = None, None
        if coarse is not None and model.rough is not None:
            rough, steep = companion.parted(f, coarse.z)
            faces = companion.faces_error(scene.problem, answer.z, steep)
            doubts = doubts_of(scene)
            loop = companion.loop_error(scene.problem, accuracy)
            error = companion.mesh_error(
                answer.z, rough, steep, accuracy, faces, doubts.soil, doubts.near, loop
            )
            shares = share_error(scene, accuracy, answer, coarse, doubts)
            gain = gain_error(scene, accuracy, answer, model.rough.problem, coarse, doubts)
        details, stair_z, notes = stair_error(scene.problem, scene.grid, scene.stairs, steep)
        converged, z_error = judged(error, stair_z)
        return Outcome(
            model, answer, tuple(statuses), converged, z_error, shares, gain, details, notes
        )

    def _runs(
        self,
        path: str,
        scene: Scene,
        density: Density,
        limit: float,
        span: tuple[float, float],
        progress: Progress | None,
        name: str,
    ) -> tuple[list[Fields], list[RunStatus]]:
        """One run per gap; their share of the progress lies in ``span``."""
        fields, statuses = [], []
        runs = len(scene.gaps)
        step = (span[1] - span[0]) / runs
        for driven in range(runs):

            def tell(done: float, text: str, driven: int = driven) -> None:
                _report(
                    progress,
                    span[0] + step * (driven + done),
                    f"openEMS: {name}run {driven + 1} of {runs}, {text}",
                )

            item, status = self._run(path, scene, density, driven, limit, tell)
            fields.append(item)
            statuses.append(status)
        return fields, statuses

    def _run(
        self,
        path: str,
        scene: Scene,
        density: Density,
        driven: int,
        limit: float,
        told: Callable[[float, str], None],
    ) -> tuple[Fields, RunStatus]:
        """Fields of the run that drives one gap, repeated with more time until it converges."""
        with run_directory(self.keep) as folder:
            setup = runner.dry_run(path, folder, document(scene, driven, 100), limit)
            if setup.fault is not None:
                raise SolverError(f"openEMS {setup.fault[0]}: {setup.fault[1]}")
            if setup.dt <= 0.0:
                raise SolverError(f"openEMS did not set up the mesh: {setup.tail[:120]}")
            if scene.grid.cells and setup.cells != scene.grid.cells:
                raise SolverError(
                    f"openEMS made {setup.cells} cells of {scene.grid.cells}; mesh lines were lost"
                )
            factor, pace = 1, 1.0
            while True:
                steps = math.ceil(factor * density.duration / (pace * setup.dt))

                def tell(log: Log, steps: int = steps) -> None:
                    told(min(1.0, log.last_step / steps), f"step {log.last_step} of {steps}")

                status = runner.run(
                    path,
                    folder,
                    document(scene, driven, steps, pace),
                    timeout=limit,
                    probe=f"u{driven + 1}",
                    allowed=density.decay,
                    report=tell,
                )
                if status.ok:
                    fields = read_fields(folder, scene.grid, scene.window, scene.problem.frequency)
                    return fields, status
                if status.state == "unstable" and pace == 1.0:
                    pace = SLOWER  # the engine's step does not know of two rims on one cell
                    continue
                if status.state != "not converged":
                    raise SolverError(f"openEMS {status.state}: {status.message}")
                if factor >= LONGEST:
                    raise NotConvergedError(
                        f"openEMS not converged after {steps} steps: {status.message}; "
                        "add loss to the soil or use another solver"
                    )
                factor *= 2


def judged(z_error: FloatArray | None, stair_z: FloatArray) -> tuple[bool, FloatArray | None]:
    """(converged, z_error) of mesh and staircase together.

    z_error: of the mesh, (n,), or None where there is no coarser run to compare with; the error
    of a staircase, stair_z (n,), counts in either case.
    """
    error = stair_z if z_error is None else z_error + stair_z
    return mesh_is_trusted(error, ROUGH_ERROR), None if z_error is None else error


def _refused_shape(problem: Problem) -> str | None:
    for number, gap in enumerate(problem.layout.gaps, 1):
        if min(abs(gap.direction[0]), abs(gap.direction[1])) > 1e-9:
            return (
                f"gap {number} points {math.degrees(gap.angle):g} degrees from x; the mesh needs "
                "gaps along x or y, turn the layout or use solver planar"
            )
    film = problem.layout.film
    if film is not None and film.thickness > THICKEST_FILM:
        return (
            f"film of {film.thickness * 1e3:g} mm, allowed {THICKEST_FILM * 1e3:g} mm because "
            "a film is a thin sheet here; make it the uppermost layer of the stack"
        )
    low, high = problem.frequency.min(), problem.frequency.max()
    if high > 20.0 * low:
        return (
            f"band {low / 1e6:g} to {high / 1e6:g} MHz spans more than a factor of 20, the "
            "width of one pulse; solve it in parts"
        )
    return refused_loss(problem.stack.layers, problem.frequency)


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not value > 0.0:
        raise InputError(f"{TIMEOUT} = {text!r}; give a number of seconds above 0")
    return value


def _check(solution: Solution) -> None:
    """Physical sense of the answer; raises SolverError."""
    resistance: FloatArray = np.real(np.diagonal(solution.z, axis1=1, axis2=2))
    if not np.all(np.isfinite(solution.z)) or np.any(resistance <= 0.0):
        worst = float(np.nanmin(resistance))
        raise NotConvergedError(
            f"openEMS answer has Re Z = {worst:g} ohm; it is not converged, use accuracy='fine'"
        )


def _report(progress: Progress | None, fraction: float, message: str) -> None:
    if progress is not None:
        progress(fraction, message)


__all__ = ["OpenEmsSolver"]
