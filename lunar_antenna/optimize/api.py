"""``la.optimize``: search a parametric layout for the widest band."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..checks import choice, number
from ..conventions import JsonDict
from ..errors import InputError, MissingEngineError, SolverError, UnsupportedProblemError
from ..media.layer import Stack
from ..media.sheets import Film, Metal
from ..problem import Band, Problem
from .evaluate import HEIGHT, Evaluator
from .executors import LocalWorkers
from .objectives import BandObjective
from .result import DATABASE, OptimizationResult
from .samplers import SAMPLERS
from .space import SearchSpace
from .study import Settings, Study, Trial, best_of

if TYPE_CHECKING:
    from ..solvers.base import Progress

_WRITE_EVERY = 5.0  # s between refreshed files


class OptimizationInterrupted(KeyboardInterrupt):
    """Ctrl-C during a study; ``result`` holds everything finished, its files are written."""

    def __init__(self, result: OptimizationResult) -> None:
        super().__init__("interrupted")
        self.result = result


def optimize(
    geometry: str | os.PathLike[str],
    stack: Stack | None = None,
    *,
    trials: int = 200,
    seed: int = 1,
    workers: int = 1,
    storage: str | None = None,
    out: str | os.PathLike[str] | None = None,
    z0: float | tuple[float, float] | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    solver: str = "auto",
    band: Band | None = None,
    height: float = 0.0,
    accuracy: str = "draft",
    threshold: float = 0.9,
    floor: float = 0.1,
    sampler: str = "auto",
    parameters: Mapping[str, Any] | None = None,
) -> OptimizationResult:
    """Widest contiguous band hi/lo with mismatch efficiency >= ``threshold``.

    Subject to mismatch efficiency >= ``floor`` over 5-35 MHz; feasible designs always beat
    infeasible ones (:mod:`.objectives`).  Band edges come from a rational interpolation of the
    impedance between solved frequencies (:mod:`.interpolation`).

    geometry: shipped name or path of a geometry with ``[search]``.  stack: None is free space.
    trials: finished trials wanted in all, earlier ones of a resumed study included.
    seed: the same seed gives the same designs whatever ``workers``.  z0: ohm; None is free (the
    best for each design, 25-600 ohm or the range of ``[search] z0``), or (low, high).
    storage: SQLAlchemy URL; default is ``study.db`` in ``out``, or memory without ``out``.
    out: folder for best.toml, study.db and history.csv.  parameters: fixed overrides, metal and
    film included.  height: m, unless ``[search]`` holds it.

    Raises :class:`InputError`, :class:`MissingEngineError`, :class:`SolverError` (no candidate
    could be solved) and :class:`OptimizationInterrupted`.
    """
    trials, workers = _whole("trials", trials, 1_000_000), _whole("workers", workers, 1024)
    seed = _whole("seed", seed, 2**32 - 1, low=0)
    choice("sampler", sampler, SAMPLERS)
    evaluator, space = _prepare(
        geometry,
        stack,
        height,
        band,
        solver,
        accuracy,
        threshold,
        floor,
        z0,
        dict(parameters or {}),
    )
    fingerprint: JsonDict = {
        **evaluator.to_dict(),
        "search": space.to_dict(),
        "sampler": sampler,
        "seed": seed,
    }
    folder = None if out is None else Path(out)
    url = storage
    with _OutputFolder(folder) as made:
        if url is None and folder is not None:
            url = f"sqlite:///{(folder / DATABASE).resolve()}"
        settings = Settings(space, trials, seed, sampler, fingerprint)
        study = Study(settings, url, resume=resume)
        made.keep()
    return _Run(study, evaluator, folder, progress).go(workers)


class _OutputFolder:
    """Makes the folder; takes it away again where the study cannot even be opened."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.kept = False
        self.made = False

    def keep(self) -> None:
        self.kept = True

    def __enter__(self) -> _OutputFolder:
        folder = self.folder
        if folder is None:
            return self
        if folder.exists() and not folder.is_dir():
            raise InputError(f"--out {folder} is a file; give a folder, existing or new")
        try:
            self.made = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"--out {folder} cannot be made: {error.strerror}; choose another folder"
            ) from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f"--out {folder} is not writable; choose another folder")
        return self

    def __exit__(self, *_: object) -> None:
        if self.made and not self.kept and self.folder is not None:
            (self.folder / DATABASE).unlink(missing_ok=True)
            self.folder.rmdir()


class _Run:
    """One run of a study: workers, progress, files."""

    def __init__(
        self, study: Study, evaluator: Evaluator, folder: Path | None, progress: Progress | None
    ) -> None:
        self.study, self.evaluator, self.folder, self.progress = study, evaluator, folder, progress
        self.trials: list[Trial] = study.finished()
        self.before = len(self.trials)
        self.start = time.perf_counter()
        self.written = self.start

    def go(self, workers: int) -> OptimizationResult:
        if self.progress is not None:
            self.progress(0.0, f"sampler {self.study.sampler}, solver {self.evaluator.solver}")
        try:
            with LocalWorkers(self.evaluator, workers) as executor:
                self.study.run(executor, self._report)
        except KeyboardInterrupt:
            raise OptimizationInterrupted(self._finish(interrupted=True)) from None
        result = self._finish(interrupted=False)
        _all_failed(result)
        return result

    def _report(self, trial: Trial, count: int) -> None:
        self.trials.append(trial)
        if self.progress is not None:
            self.progress(count / self.study.settings.trials, _best_so_far(self.trials))
        if time.perf_counter() - self.written >= _WRITE_EVERY:
            self._finish(interrupted=False)

    def _finish(self, *, interrupted: bool) -> OptimizationResult:
        self.written = time.perf_counter()
        self.trials = self.study.finished()  # what is stored, not what has been reported
        result = OptimizationResult(
            trials=tuple(self.trials),
            evaluator=self.evaluator,
            sampler=self.study.sampler,
            seconds=self.written - self.start,
            evaluated=len(self.trials) - self.before,
            study=self.study.url,
            interrupted=interrupted,
        )
        if self.folder is not None:
            result.write(self.folder)
        return result


def _prepare(
    geometry: str | os.PathLike[str],
    stack: Stack | None,
    height: float,
    band: Band | None,
    solver: str,
    accuracy: str,
    threshold: float,
    floor: float,
    z0: float | tuple[float, float] | None,
    fixed: dict[str, Any],
) -> tuple[Evaluator, SearchSpace]:
    """Everything that can be wrong is found here, before a file is made or a worker started."""
    from ..geometry.load import build
    from ..geometry.spec import load_search, override, read_spec
    from ..solvers.base import ACCURACIES

    choice("accuracy", accuracy, ACCURACIES)
    spec = read_spec(geometry)
    for name in ("metal", "film"):
        if name in fixed:
            value = fixed.pop(name)
            spec[name] = value.to_dict() if isinstance(value, (Metal, Film)) else value
    spec = json.loads(json.dumps(override(spec, fixed), default=str))
    ranges = load_search(geometry)
    low, high = ranges.pop("z0", (25.0, 600.0))
    if isinstance(z0, tuple):
        (low, high), z0 = z0, None
    layout = build(spec)
    space = SearchSpace.from_ranges(ranges, {**layout.parameters, HEIGHT: height}, fixed)
    objective = BandObjective(threshold, floor, z0, low, high)
    problem = Problem(layout, stack or Stack.free_space(), height, band or Band.mhz(5, 35, 61))
    objective.check_band(problem.frequency)
    evaluator = Evaluator(
        spec=spec,
        stack=problem.stack,
        height=problem.height,
        band=problem.band,
        solver=_engine(problem, solver),
        accuracy=accuracy,
        objective=objective,
    )
    return evaluator, space


def _engine(problem: Problem, solver: str) -> str:
    """One solver for the whole study: refused or missing ones are found before it starts."""
    from ..solvers.base import choose, get_solver, solver_names

    choice("solver", solver, ("auto", *solver_names()))
    if solver == "auto":
        return choose(problem)[0].name
    engine = get_solver(solver)
    if (reason := engine.refusal(problem)) is not None:
        raise UnsupportedProblemError(f"solver {solver} cannot do this: {reason}")
    if (absent := engine.missing()) is not None:
        raise MissingEngineError(absent)
    return solver


def _whole(name: str, value: object, high: int, low: int = 1) -> int:
    result = number(name, value, low=low, high=high)
    if result != int(result):
        raise InputError(f"{name} = {value!r} is not a whole number; give {low} or more")
    return int(result)


def _best_so_far(trials: list[Trial]) -> str:
    best = best_of(trials)
    if best is None or best.evaluation is None:
        return "nothing yet"
    found = best.evaluation
    if not found.feasible or found.band is None:
        return "best: not yet feasible" if not found.feasible else "best: threshold not reached"
    lo, hi = (edge / 1e6 for edge in found.band)
    return f"best {found.score:.3f} ({lo:.2f}-{hi:.2f} MHz at {found.z0:.0f} ohm)"


def _all_failed(result: OptimizationResult) -> None:
    """A study in which nothing could be solved is a failure, with its first reason."""
    reasons = [
        trial.failed or (trial.evaluation.reason if trial.evaluation else None)
        for trial in result.trials
    ]
    if reasons and all(reason is not None for reason in reasons):
        raise SolverError(f"none of {len(reasons)} trials could be solved; the first: {reasons[0]}")
