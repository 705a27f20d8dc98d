"""One run of a study: stages, workers, progress, files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import SolverError
from ..output.folder import write_all, write_progress
from ..output.result import OptimizationResult
from ..study.evaluate import Evaluator
from ..study.plan import StudyPlan
from ..study.samplers import batch_size
from ..study.trials import Trial, best_of
from .executors import make_executor
from .jobs import Executor
from .refine import chosen_of, judged_by, refine, searched
from .study import Study

if TYPE_CHECKING:
    from ...solvers.protocol import Progress

_WRITE_EVERY = 5.0  # s between refreshed files


class OptimizationInterrupted(KeyboardInterrupt):
    """Ctrl-C during a study; ``result`` holds everything finished, its files are written."""

    def __init__(self, result: OptimizationResult) -> None:
        super().__init__("interrupted")
        self.result = result


def run_study(
    study: Study,
    plan: StudyPlan,
    folder: Path | None = None,
    *,
    progress: Progress | None = None,
    workers: int = 1,
    scheduler: str | None = None,
    figures: bool = True,
) -> OptimizationResult:
    """Search, then the later stages; the files in ``folder`` are refreshed on the way.

    Raises :class:`OptimizationInterrupted`, and :class:`SolverError` where nothing could be solved
    or the workers have gone; what is finished is written in either case.
    """
    return _Run(study, plan, folder, progress, workers, scheduler, figures=figures).go()


class _Run:
    """The state of :func:`run_study`."""

    def __init__(
        self,
        study: Study,
        plan: StudyPlan,
        folder: Path | None,
        progress: Progress | None,
        workers: int,
        scheduler: str | None,
        *,
        figures: bool,
    ) -> None:
        self.study, self.plan, self.folder, self.progress = study, plan, folder, progress
        self.workers, self.scheduler, self.figures = workers, scheduler, figures
        self.trials: list[Trial] = study.finished()
        self.before = len(self.trials)
        self.refined: OptimizationResult | None = None
        self.start = time.perf_counter()
        self.searched: float | None = None  # when the search was over
        self.written = self.start

    def executor(self, evaluator: Evaluator) -> Executor:
        """Where candidates are evaluated: processes here or a cluster."""
        return make_executor(evaluator, self.workers, self.scheduler)

    def go(self) -> OptimizationResult:
        judge = self.plan.evaluator
        self.say(0.0, f"sampler {self.study.sampler}, solver {judge.solver}, {judge.accuracy} mesh")
        try:
            self._search()
            self.searched = time.perf_counter()
            result = self._finish(interrupted=False)
            _all_failed(self.trials)
            self.refined = refine(self.plan, result, self.screened, self.executor, self.say)
            result = self._finish(interrupted=False)
            if self.folder is not None:
                self.say(1.0, "figures")
                write_all(result, self.folder, figures=self.figures)
        except KeyboardInterrupt:
            raise OptimizationInterrupted(self._finish(interrupted=True)) from None
        except SolverError:  # the workers have gone, say: what is finished is written all the same
            self._finish(interrupted=True)
            raise
        return result

    def say(self, fraction: float, message: str) -> None:
        """Progress, where somebody listens."""
        if self.progress is not None:
            self.progress(fraction, message)

    @property
    def screened(self) -> int:
        """Trials of the first stage: whole batches."""
        wanted = self.plan.stages.screen_trials
        size = batch_size(len(self.plan.space.variables), self.study.sampler)
        return -(-wanted // size) * size

    def _search(self) -> None:
        """The trials: screened ones first, where that is asked for."""
        stages = ((self.plan.screener, self.screened), (self.plan.searcher, self.plan.trials))
        for evaluator, until in stages:
            if len(self.study.finished()) < min(until, self.plan.trials):
                with self.executor(evaluator) as executor:
                    self.study.run(executor, self._report, until)

    def _report(self, trial: Trial, count: int) -> None:
        self.trials.append(trial)
        self.say(count / self.plan.trials, _best_so_far(self.trials))
        if time.perf_counter() - self.written >= _WRITE_EVERY:
            self._finish(interrupted=False)

    def _finish(self, *, interrupted: bool) -> OptimizationResult:
        """The result so far, written to the folder."""
        self.written = time.perf_counter()
        self.trials = self.study.finished()  # what is stored, not what has been reported
        result = replace(
            self.refined or self._best(),
            seconds=self.written - self.start,
            searching=(self.searched or self.written) - self.start,
            interrupted=interrupted,
        )
        if self.folder is not None:
            write_progress(result, self.folder)
        return result

    def _best(self) -> OptimizationResult:
        """The best of the search, as the stage that found it judged it."""
        winner, front = chosen_of(self.plan, self.trials, self.screened)
        judged = winner is not None and winner.evaluation is not None
        return OptimizationResult(
            trials=tuple(self.trials),
            evaluator=self.plan.evaluator,
            sampler=self.study.sampler,
            evaluated=len(self.trials) - self.before,
            study=self.study.url,
            winner=winner,
            front=front,
            stages=(searched(self.plan, winner, self.screened),) if winner and judged else (),
            judged_front=judged_by(self.plan, front, (), self.screened),
            screened=self.screened,
            margin=self.plan.stages.margin,
        )


def _best_so_far(trials: list[Trial]) -> str:
    best = best_of(trials)
    if best is None or best.evaluation is None:
        return "nothing yet"
    found = best.evaluation
    if not found.feasible:
        return "no design yet that keeps every limit"
    if found.band is None:
        return "no design yet with a band"
    lo, hi = (edge / 1e6 for edge in found.band)
    return f"best {found.score:.3f} ({lo:.2f}-{hi:.2f} MHz at {found.z0:.0f} ohm)"


def _all_failed(trials: list[Trial]) -> None:
    """A study in which nothing could be solved is a failure, with its first reason."""
    reasons = [
        trial.failed or (trial.evaluation.reason if trial.evaluation else None) for trial in trials
    ]
    if reasons and all(reason is not None for reason in reasons):
        raise SolverError(f"none of {len(reasons)} trials could be solved; the first: {reasons[0]}")
