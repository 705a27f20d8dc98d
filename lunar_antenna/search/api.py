"""``la.optimize``: search a parametric layout, coarse to fine."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..common.checks import flag, kind, path_of, reporter, whole
from ..common.files import make_folder
from ..common.lock import only_one
from ..errors import InputError
from ..geometry.layout import Layout
from ..media.layer import Stack
from ..media.soils import load_soil
from ..problem import Band
from .freeform.api import optimize_freeform, refuse_options
from .freeform.settings import freeform_file
from .output.folder import DATABASE
from .output.result import OptimizationResult
from .port import PortModel
from .run.claim import lock_beside
from .run.executors import make_executor
from .run.run import OptimizationInterrupted, run_study
from .run.study import Study
from .space import free_parameters
from .study.file import load_study
from .study.goals import Goals
from .study.plan import StudySettings
from .study.scenarios import Scenarios
from .study.stages import Stages

if TYPE_CHECKING:
    from ..solvers.protocol import Progress

_log = logging.getLogger(__name__)
__all__ = ["OptimizationInterrupted", "optimize"]


def optimize(
    study: str | os.PathLike[str] | StudySettings | Layout,
    stack: Stack | str | os.PathLike[str] | None = None,
    *,
    search: Mapping[str, Any] | None = None,
    trials: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    storage: str | None = None,
    out: str | os.PathLike[str] | None = None,
    z0: float | tuple[float, float] | None = None,
    resume: bool = False,
    progress: Progress | None = None,
    solver: str | None = None,
    band: Band | None = None,
    height: float | None = None,
    accuracy: str | None = None,
    threshold: float | None = None,
    floor: float | None = None,
    sampler: str | None = None,
    goals: Goals | None = None,
    robust: Scenarios | None = None,
    screen: int | None = None,
    polish: int | None = None,
    check: int | None = None,
    fine: bool | None = None,
    confirm: str | None = None,
    parameters: Mapping[str, Any] | None = None,
    figures: bool = True,
) -> OptimizationResult:
    """Search what a study file asks for, or the widest band of a geometry with ``[search]``.

    study: shipped name or path of a study (:mod:`.study.file`; of free form
    :mod:`.freeform.settings`) or of a geometry, or the settings that such a file would hold, as one
    object; or a Layout of a family.  A geometry's study is:
    widest contiguous band hi/lo with mismatch efficiency >= 0.9, subject to mismatch efficiency
    >= 0.1 over 5-35 MHz, in free space, 200 trials on a draft mesh, seed 1.  Feasible designs
    always beat infeasible ones (:mod:`.study.trials`).  Band edges come from a rational
    interpolation of the impedance between solved frequencies
    (:mod:`lunar_antenna.circuit.resampling`).

    All else overrides the study; None keeps what it says.  stack: a Stack, or the name or path of a
    soil; stack, height (m): not beside the soils and heights of a robust study.  search: free
    variables in place of the study's, {"length": (6.0, 10.0)}; a third entry "log" for a log
    scale.  trials: finished trials wanted in all, earlier ones of a resumed
    study included; only an interrupted run goes on identically, while more trials than it was
    started with are another search.  seed: the same seed gives the same designs whatever
    ``workers`` and ``scheduler`` (address of a dask scheduler).  z0: ohm, or a range (low, high) in
    which the best is found; not beside load and turns.  threshold, floor: of the first objective
    band_ratio and the first constraint min_efficiency.  goals, robust: in place of the study's.
    screen, polish, check, fine, confirm: see :mod:`.study.stages`.
    parameters: fixed overrides, metal and film included.
    storage: SQLAlchemy URL; default is ``study.db`` in ``out``, or memory without ``out``.
    out: folder for best.toml, study.db and all that :mod:`.output` lists; figures: whether the
    figures, the full solution and the page are among them.

    Raises :class:`InputError`, :class:`MissingEngineError`, :class:`SolverError` (no candidate
    could be solved) and :class:`OptimizationInterrupted`.
    """
    reporter(progress)
    workers = whole("workers", workers, high=1024)
    resume, figures = flag("resume", resume), flag("figures", figures)
    folder = None if out is None else path_of("out", out)
    optional: tuple[tuple[str, object, type, str], ...] = (
        ("scheduler", scheduler, str, "an address such as tcp://host:8786"),
        ("storage", storage, str, "the URL of a database"),
        ("goals", goals, Goals, "Goals"),
        ("robust", robust, Scenarios, "Scenarios"),
        ("parameters", parameters, Mapping, "a table of name = value"),
    )
    for name, given_one, wanted, give in optional:
        if given_one is not None:
            kind(name, given_one, wanted, f"{give}, or None")
    free = freeform_file(study)
    if free is not None:
        given = {
            "soil": stack, "scheduler": scheduler, "storage": storage, "z0": z0, "solver": solver,
            "band": band, "height": height, "accuracy": accuracy, "threshold": threshold,
            "floor": floor, "sampler": sampler, "goals": goals, "search": search, "robust": robust,
            "screen": screen, "check": check, "parameters": parameters or None,
        }  # fmt: skip
        refuse_options(given)
        return optimize_freeform(
            free, out=folder, seed=seed, rounds=trials, fine=fine, polish=polish,
            confirm=confirm, resume=resume, progress=progress, figures=figures,
        )  # fmt: skip
    settings = _settings(study)
    if stack is not None:
        stack = load_soil(stack)
    later: dict[str, Any] = {
        "screen_trials": screen,
        "polish": polish,
        "check": check,
        "fine": fine,
        "confirm": confirm,
    }
    stages = replace(settings.stages, **{k: v for k, v in later.items() if v is not None})
    _places(robust or settings.robust, stack, height)
    settings = settings.changed(
        stack=stack,
        trials=trials,
        seed=seed,
        solver=solver,
        band=band,
        height=height,
        accuracy=accuracy,
        sampler=sampler,
        robust=robust,
        stages=stages,
        goals=_goals(goals or settings.goals, threshold, floor),
        port=_port(settings, z0),
        parameters=parameters,
        search=None if search is None else free_parameters(search),
    )
    plan = settings.plan()
    if scheduler is not None:
        with make_executor(plan.evaluator, workers, scheduler):
            pass  # a cluster that cannot be used is refused before a file is made
    url = storage
    with _OutputFolder(folder) as made, contextlib.ExitStack() as held:
        told = None
        if url is None and folder is not None:
            url = database_url(folder)
            told = f"sqlite:///{folder / DATABASE}"  # as it was typed
        for lock in _locks(folder, url):
            held.enter_context(only_one(lock, f"the study {lock.with_suffix('')}"))
        opened = Study(
            plan.space,
            trials=plan.trials,
            seed=plan.seed,
            sampler=plan.sampler,
            fingerprint=plan.fingerprint,
            maximise=plan.maximise,
            storage=url,
            resume=resume,
            told=told,
        )
        held.enter_context(opened.claimed())
        made.keep()
        while_it_runs = held.pop_all()
    if resume and not opened.resumed:
        _log.warning("%s held no study to go on with: a new one begins", opened.url or "memory")
    with while_it_runs:
        return run_study(
            opened,
            plan,
            folder,
            progress=progress,
            workers=workers,
            scheduler=scheduler,
            figures=figures,
        )


def _settings(study: object) -> StudySettings:
    """The settings of whatever says what is searched."""
    if isinstance(study, StudySettings):
        return study
    if isinstance(study, Layout):
        return StudySettings(study, stages=Stages(check=0, fine=False))
    if not isinstance(study, (str, os.PathLike)):
        raise InputError(
            f"study is {type(study).__name__}; give a Layout, the name or path of a geometry or a "
            "study, or StudySettings"
        )
    return load_study(study)


def _locks(folder: Path | None, url: str | None) -> list[Path]:
    """Where locks stand: of the database, and of the folder where that is elsewhere."""
    beside = None if url is None else lock_beside(url)
    found = [] if beside is None else [beside]
    if folder is not None and (beside is None or not _same(beside.parent, folder)):
        found.append(folder / f"{DATABASE}.lock")
    return found


def _same(first: Path, second: Path) -> bool:
    return first.exists() and first.samefile(second)


def _places(robust: Scenarios | None, stack: Stack | None, height: float | None) -> None:
    """Refuse a soil or a height that no candidate would be solved in."""
    for name, given, taken in (
        ("soil", stack, robust and robust.soils),
        ("height", height, robust and robust.heights),
    ):
        if given is not None and taken:
            raise InputError(
                f"{name} is given, but the study searches the {name}s of its [robust]; "
                f"leave {name} out, or change [robust] {name}s"
            )


def _goals(goals: Goals | None, threshold: float | None, floor: float | None) -> Goals | None:
    """Goals with another threshold and floor; a geometry's own are made of them."""
    if goals is None:
        given = {"threshold": threshold, "floor": floor}
        return Goals.default(**{k: v for k, v in given.items() if v is not None})
    if threshold is not None:
        goals = goals.with_threshold(threshold)
    return goals if floor is None else goals.with_floor(floor)


def _port(settings: StudySettings, z0: float | tuple[float, float] | None) -> PortModel | None:
    """The study's port at another reference impedance; its network stays."""
    if z0 is None:
        return settings.port
    low, high = z0 if isinstance(z0, tuple) else (z0, z0)
    if settings.port is not None and settings.port.load is not None:
        raise InputError(
            "z0 is given, but [port] of the study has load and turns; leave z0 out or change it"
        )
    network = settings.port.network if settings.port is not None else ()
    return PortModel(low, high, None, network)


def database_url(folder: Path) -> str:
    """URL of the study's database in ``folder``, whatever characters the path holds."""
    import sqlalchemy as sa

    path = str((folder / DATABASE).resolve())
    with contextlib.suppress(UnicodeEncodeError):  # of a name that is not UTF-8
        url = sa.URL.create("sqlite", database=path).render_as_string(hide_password=False)
        if sa.make_url(url).database == path and "{" not in url:
            return url
    raise InputError(
        f"--out {folder} holds characters that its database cannot be opened by; choose another "
        "name"
    )


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
        self.made = make_folder(folder)
        return self

    def __exit__(self, *_: object) -> None:
        if self.made and not self.kept and self.folder is not None:
            for end in ("", "-wal", "-shm", "-journal"):
                (self.folder / f"{DATABASE}{end}").unlink(missing_ok=True)
            self.folder.rmdir()
