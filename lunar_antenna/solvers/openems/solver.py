"""OpenEmsSolver: the protocol around mesh, scene, runs and evaluation.

``quality.z_error`` comes from a second run on a coarser mesh (:mod:`.companion`), which costs
another 0.3 ("normal", "fine") to 0.7 ("draft") of the first; it is None, with the reason in the
notes, where a layout has no coarser mesh.
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
from ...solution import Quality, Solution
from ..base import Capabilities, Progress, mesh_is_trusted, provenance
from . import cache, companion, runner
from .accuracy import ACCURACY, LONGEST, Density
from .estimate import estimate, refuse_absurd
from .evaluate import Answer, circuit, evaluate
from .materials import fit_error
from .readers import Fields, read_fields
from .scene import Scene, document, prepare
from .stairs import stair_error
from .status import Log, RunStatus
from .workspace import run_directory, sweep

THICKEST_FILM = 2e-3  # m: a thicker film is no thin sheet
KEEP = "LUNAR_ANTENNA_OPENEMS_KEEP"
TIMEOUT = "LUNAR_ANTENNA_OPENEMS_TIMEOUT"


class OpenEmsSolver:
    """Finite differences in the time domain by the openEMS program, over any stack.

    keep: folder that receives the run directories instead of their removal (also by the
    environment variable LUNAR_ANTENNA_OPENEMS_KEEP).  timeout: s per run, by default ten times
    the estimate and at least 600 s (LUNAR_ANTENNA_OPENEMS_TIMEOUT).  use_cache: repeat a problem
    that was solved before from the user's cache folder.
    """

    name = "openems"
    capabilities = Capabilities(
        soil=True,
        delta_gap=False,
        description="finite differences in the time domain by openEMS, slow and independent",
    )

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
        try:
            scene = prepare(problem, "draft")
        except (SolverError, InputError) as error:
            return str(error)
        return refuse_absurd(estimate(scene, ACCURACY["draft"]))

    def solve(
        self, problem: Problem, accuracy: str, progress: Progress | None, workers: int
    ) -> Solution:
        """One run per gap; ``workers`` is not used, a run takes one thread.

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
        name = cache.key(problem, accuracy, engine)
        if self.use_cache and self.keep is None:
            found = cache.fetch(name)
            if found is not None:
                _report(progress, 1.0, "openEMS: taken from the cache")
                return found
        sweep()
        density = ACCURACY[accuracy]
        scene = prepare(problem, accuracy)
        cost = estimate(scene, density)
        absurd = refuse_absurd(cost)
        if absurd is not None:
            raise UnsupportedProblemError(f"solver openems cannot do this: {absurd}")
        _report(progress, 0.01, f"openEMS: {cost.line()}")
        rough, reason_rough = companion.coarse_scene(problem, accuracy)
        share = 0.0
        if rough is not None:
            second = estimate(rough, density)
            share = second.seconds / (second.seconds + cost.seconds)
            _report(
                progress,
                0.01,
                f"openEMS: for z_error a coarser mesh first, {second.cells} cells, "
                f"about {second.seconds:.0f} s",
            )
        limit = self.timeout if self.timeout is not None else max(600.0, 10.0 * cost.seconds)
        middle = 0.02 + 0.9 * share
        coarse = None
        if rough is not None:
            items, _ = self._runs(path, rough, density, limit, (0.02, middle), progress)
            coarse = circuit(rough, items).reciprocal
        fields, statuses = self._runs(path, scene, density, limit, (middle, 0.92), progress)
        _report(progress, 0.93, "openEMS: currents and power")
        answer = evaluate(scene, fields)
        error = None if coarse is None else companion.mesh_error(answer.z, coarse, accuracy)
        solution = self._solution(
            scene, answer, statuses, accuracy, engine, started, error, reason_rough
        )
        _check(solution)
        if self.use_cache:
            cache.keep(name, solution)
        _report(progress, 1.0, "openEMS: done")
        return solution

    def _runs(
        self,
        path: str,
        scene: Scene,
        density: Density,
        limit: float,
        span: tuple[float, float],
        progress: Progress | None,
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
                    f"openEMS: run {driven + 1} of {runs}, {text}",
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
            factor = 1
            while True:
                steps = math.ceil(factor * density.duration / setup.dt)

                def tell(log: Log, steps: int = steps) -> None:
                    told(min(1.0, log.last_step / steps), f"step {log.last_step} of {steps}")

                status = runner.run(
                    path,
                    folder,
                    document(scene, driven, steps),
                    timeout=limit,
                    probe=f"u{driven + 1}",
                    allowed=density.decay,
                    report=tell,
                )
                if status.ok:
                    fields = read_fields(folder, scene.grid, scene.window, scene.problem.frequency)
                    return fields, status
                if status.state != "not converged":
                    raise SolverError(f"openEMS {status.state}: {status.message}")
                if factor >= LONGEST:
                    raise NotConvergedError(
                        f"openEMS not converged after {steps} steps: {status.message}; "
                        "add loss to the soil or use another solver"
                    )
                factor *= 2

    def _solution(
        self,
        scene: Scene,
        answer: Answer,
        statuses: list[RunStatus],
        accuracy: str,
        engine: str,
        started: float,
        z_error: FloatArray | None,
        without: str,
    ) -> Solution:
        problem = scene.problem
        stairs, stair_z, stair_notes = stair_error(problem, scene.grid, scene.stairs, answer.z)
        converged, z_error = judged(z_error, stair_z)
        closure = Solution.closure(
            answer.z, answer.r_sky, answer.r_ground, answer.r_metal, answer.r_film
        )
        return Solution(
            problem=problem,
            frequency=problem.frequency,
            z=answer.z,
            r_sky=answer.r_sky,
            r_ground=answer.r_ground,
            r_metal=answer.r_metal,
            r_film=answer.r_film,
            elements=answer.elements,
            quality=Quality(
                converged=converged,
                power_closure=closure,
                z_error=z_error,
                details={
                    "cells": scene.grid.cells,
                    "steps": max(status.log.last_step for status in statuses),
                    "decay": max(status.decay for status in statuses),
                    "mesh_ratio": scene.grid.ratio,
                    "model_share": 1.0 / scene.grid.symmetry.copies,
                    "reciprocity": answer.reciprocity,
                    "sky_from_faces": answer.sky_from_faces,
                    **_fit_details(problem),
                    **stairs,
                },
            ),
            provenance=provenance(
                problem,
                solver=self.name,
                version=engine,
                accuracy=accuracy,
                threads=1,
                wall_seconds=time.perf_counter() - started,
                unknowns=scene.grid.cells,
                notes=(*_notes(scene, without), *stair_notes),
            ),
            shape=answer.shape,
        )


def judged(z_error: FloatArray | None, stair_z: FloatArray) -> tuple[bool, FloatArray | None]:
    """(converged, z_error) of mesh and staircase together.

    z_error: of the mesh, (n,), or None where there is no coarser run to compare with; the error
    of a staircase, stair_z (n,), counts in either case.
    """
    error = stair_z if z_error is None else z_error + stair_z
    return mesh_is_trusted(error), None if z_error is None else error


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
    return None


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


def _fit_details(problem: Problem) -> dict[str, float]:
    """Largest error of the Debye fits over all lossy layers."""
    errors = [
        fit_error(layer, problem.frequency)
        for layer in problem.stack.layers
        if not layer.is_conductor and layer.loss_tangent > 0.0
    ]
    return {
        "debye_eps_error": max((real for real, _ in errors), default=0.0),
        "debye_tan_delta_error": max((loss for _, loss in errors), default=0.0),
    }


def _notes(scene: Scene, without: str) -> tuple[str, ...]:
    problem = scene.problem
    notes = [
        f"no z_error: the coarser mesh is refused ({without})"
        if without
        else "z_error from a run on a coarser mesh, first order, and 1.5 % for rims and port"
    ]
    if not problem.stack.is_free_space:
        notes.append("r_ground by difference: flux out of a box plus soil loss inside less r_sky")
    if problem.layout.metal is not None:
        notes.append(
            "metal loss in the mesh, at its mid-band resistance, crowding at rims left out"
            if scene.resistive > 0.0
            else "metal loss to first order from the currents of a perfect conductor"
        )
    if problem.layout.film is not None:
        notes.append(
            "film as an effective sheet, its loss to first order; at the metal's rims, where most "
            "of it is, from the fields of a thin edge, good to 20 %"
        )
    on_surface = any(scene.grid.z[k] == 0.0 for k, _ in scene.films)
    if problem.stack.layers and problem.height > 0.0 and on_surface:
        notes.append("air gap below the metal as part of an effective sheet")
    if any(slab.medium.poles for slab in scene.slabs):
        fit = _fit_details(problem)
        notes.append(
            f"constant loss tangent by Debye poles: eps' off by up to "
            f"{100 * fit['debye_eps_error']:.2f} %, tan delta by {fit['debye_tan_delta_error']:.1e}"
        )
    return tuple(notes)


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
