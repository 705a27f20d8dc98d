"""An array solved at all its frequencies, here or in worker processes."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..array_problem import Array
from ..array_solution import ArraySolution
from ..common.checks import choice, flag, number, path_of, reporter, whole
from ..common.files import make_folder
from ..common.workers import WorkerPool, python_module
from ..conventions import FloatArray, JsonDict, wavenumber
from ..errors import InputError, SolverError
from ..solution import Solution
from ..solution_parts import Quality
from ..solvers.protocol import ACCURACIES, Progress, mesh_is_trusted, provenance
from ..solvers.registry import get_solver
from ..version import __version__
from .element import wave_nodes
from .frequency import CUT, WAVES, Found, Model
from .parts import keep_part, read_part, write_part
from .plan import check

COMMAND = python_module("lunar_antenna.array.worker")
MOST_CLOSURE = 0.005  # of Re Z
MOST_RESIDUAL = 1e-4  # of the right-hand sides
MOST_ERROR = {"error_z": 2e-3, "error_pattern": 1e-2, "error_loss": 2e-3}


def solve_array(
    array: Array,
    *,
    accuracy: str = "normal",
    tolerance: float = CUT,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress | None = None,
    folder: str | os.PathLike[str] | None = None,
    resume: bool = False,
) -> ArraySolution:
    """Solve ``array`` at every frequency of its band by the planar solver's own integrals.

    accuracy: of the meshes.  tolerance: of |Z|, what the macro basis may leave out
    (:mod:`.macro`); what that costs is stated in ``quality.details``.  workers:
    processes, each of which solves whole frequencies; scheduler: address of a dask scheduler, whose
    workers do so in their place.  folder: where each frequency is kept as soon
    as it is solved; with ``resume`` those that are there already are not solved again.

    Raises :class:`InputError` before anything begins where the machine cannot hold it.
    """
    reporter(progress)
    choice("accuracy", accuracy, ACCURACIES)
    tolerance = number("tolerance", tolerance, low=1e-7, high=0.1)
    workers = whole("workers", workers, high=1000)
    if not isinstance(array, Array):
        raise InputError(f"array is {type(array).__name__}; give la.Array(...) or la.load_array()")
    if scheduler is not None and workers != 1:
        raise InputError(f"workers = {workers} beside a scheduler; give one of them")
    workers, resume = whole("workers", workers, high=1024), flag("resume", resume)
    for name, text in (("scheduler", scheduler), ("folder", folder)):
        if text is not None:
            path_of(name, text)
    expected = check(array, accuracy, min(workers, array.frequency.size))
    started = time.perf_counter()
    report = progress or _silent
    report(0.0, f"{array.n_elements} elements, {expected}")
    with _Kept(folder, resume) as place:
        found = _all(array, accuracy, tolerance, workers, scheduler, place, report)
        return _solution(array, accuracy, found, expected.unknowns, workers, started)


def _silent(fraction: float, message: str) -> None:
    del fraction, message


class _Kept:
    """The folder of the parts: the caller's, or one that goes with the run."""

    def __init__(self, folder: str | os.PathLike[str] | None, resume: bool) -> None:
        self.own = folder is None
        self.path = Path(tempfile.mkdtemp(prefix="array-")) if folder is None else Path(folder)
        if not self.own:
            make_folder(self.path, "folder")
        elif resume:
            shutil.rmtree(self.path, ignore_errors=True)
            raise InputError("resume without a folder; give the folder of the run that stopped")
        self.resume = resume

    def __enter__(self) -> _Kept:
        return self

    def __exit__(self, *_: object) -> None:
        if self.own:
            shutil.rmtree(self.path, ignore_errors=True)


def run_digest(array: Array, accuracy: str, tolerance: float) -> str:
    """What a part must have been solved as to be taken over."""
    text = f"{array.digest} {accuracy} {tolerance!r} {__version__}"
    return hashlib.sha256(text.encode()).hexdigest()


def _all(
    array: Array,
    accuracy: str,
    tolerance: float,
    workers: int,
    scheduler: str | None,
    kept: _Kept,
    report: Progress,
) -> list[Found]:
    digest = run_digest(array, accuracy, tolerance)
    count = array.frequency.size
    found: dict[int, Found] = {}
    if kept.resume:
        for index in range(count):
            part = read_part(kept.path, index, digest)
            if part is not None:
                found[index] = part
    todo = [index for index in range(count) if index not in found]
    model = {"array": array.to_dict(), "accuracy": accuracy, "tolerance": tolerance}

    def take(index: int, failed: str | None) -> None:
        part = None if failed else read_part(kept.path, index, digest)
        if part is None:
            raise SolverError(f"array: frequency {index + 1} failed: {failed or 'no result'}")
        found[index] = part
        told()

    def told() -> None:
        report(0.05 + 0.9 * len(found) / count, f"array: {len(found)} of {count} frequencies")

    if scheduler is not None:
        _on_cluster(scheduler, model, todo, kept.path, digest, take)
    elif workers == 1 or len(todo) < 2:
        here = Model(array, accuracy, tolerance) if todo else None
        for index in todo:
            assert here is not None
            found[index] = here.solve(index)
            if not kept.own:
                write_part(kept.path, index, digest, found[index])
            told()
    else:
        with WorkerPool(COMMAND, min(workers, len(todo))) as pool:
            pool.use({**model, "folder": str(kept.path), "digest": digest})
            jobs = {index: index for index in todo}
            pool.run(jobs, lambda index, _, failed: take(index, failed))
    return [found[index] for index in range(count)]


def _on_cluster(
    scheduler: str,
    model: JsonDict,
    todo: list[int],
    folder: Path,
    digest: str,
    take: Callable[[int, str | None], None],
) -> None:
    """Parts come back as bytes, since machines of a cluster need not share a folder."""
    from ..common.cluster import Cluster
    from .cluster import solve_part

    text = json.dumps(model)

    def report(index: int, answer: JsonDict | None, failed: str | None) -> None:
        if answer is not None and "part" in answer:
            keep_part(folder, index, digest, answer["part"])
        take(index, failed if answer is None else answer.get("error"))

    with Cluster(scheduler, jobs="frequencies") as cluster:
        cluster.run(solve_part, {index: (text, index) for index in todo}, report)


def mesh_error(array: Array, accuracy: str) -> FloatArray:
    """(n_freq,) largest |dZ|/|Z| that the meshes cost the elements alone, as planar states it."""
    errors = []
    for key in array.layouts:
        solved = get_solver("planar").solve(array.problem(key), accuracy, None, 1)
        assert solved.quality.z_error is not None
        errors.append(solved.quality.z_error)
    return np.asarray(np.max(errors, axis=0))


def _solution(
    array: Array,
    accuracy: str,
    found: list[Found],
    unknowns: int,
    workers: int,
    started: float,
) -> ArraySolution:
    parts: list[dict[str, Any]] = [
        {
            **item.matrices,
            "amplitude": item.amplitude.astype(np.complex64),
            **{f"moments/{key}": value for key, value in item.moments.items()},
        }
        for item in found
    ]
    closure = np.array(
        [
            float(
                Solution.closure(
                    part["z"][None],
                    *(part[name][None] for name in ("r_sky", "r_ground", "r_metal", "r_film")),
                )[0]
            )
            for part in parts
        ]
    )
    error = mesh_error(array, accuracy)
    details: dict[str, FloatArray] = {
        name: np.array([item.errors[name] for item in found]) for name in found[0].errors
    }
    details["seconds"] = np.array([item.seconds for item in found])
    converged = bool(
        closure.max() < MOST_CLOSURE
        and details["residual"].max() < MOST_RESIDUAL
        and all(np.all(details[name] < most) for name, most in MOST_ERROR.items())
        and mesh_is_trusted(error)
    )
    k_max = float(wavenumber(array.frequency).max())
    nodes = {key: wave_nodes(array.problem(key), k_max, WAVES) for key in array.layouts}
    first = array.problem(next(iter(array.layouts)))
    origin = provenance(
        first,
        solver="array",
        version=__version__,
        accuracy=accuracy,
        threads=workers,
        wall_seconds=time.perf_counter() - started,
        unknowns=unknowns,
        notes=array.notes,
    )
    return ArraySolution(
        array,
        parts,
        nodes,
        Quality(converged, closure, error, details),
        replace(origin, problem_digest=array.digest),
    )
