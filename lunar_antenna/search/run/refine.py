"""The later stages of a study: polish, check of the best few, fine mesh, another engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..output.notes import notes_of
from ..output.result import OptimizationResult
from ..polish.stage import polish
from ..study.evaluate import Evaluator
from ..study.front import compromise, front_of, spread
from ..study.stages import CONFIRM, POLISH, SCREEN, SEARCH, StageResult
from ..study.trials import Evaluation, Trial, best_of
from .jobs import Executor, Job, Outcome
from .judging import confirm, quality, stage_result

if TYPE_CHECKING:
    from ..study.plan import StudyPlan

_ALIKE = 0.01  # of every range: designs nearer to each other are checked once

MakeExecutor = Callable[[Evaluator], Executor]
Say = Callable[[float, str], None]


def chosen_of(
    plan: StudyPlan, trials: Sequence[Trial], screened: int = 0
) -> tuple[Trial | None, tuple[Trial, ...]]:
    """(design, front) of ``trials``: the best one, or the compromise of a front.

    Screened trials (below ``screened``) count only while there is no other: a coarser mesh judges
    otherwise, and a design on the edge of a constraint may live by that.
    """
    trials = _comparable(trials, screened)
    if not plan.evaluator.goals.several:
        return best_of(list(trials)), ()
    front = front_of(trials, plan.maximise)
    chosen = compromise(front, plan.maximise) if front else best_of(list(trials))
    return chosen, tuple(front)


def _comparable(trials: Sequence[Trial], screened: int) -> Sequence[Trial]:
    """The trials of the search proper; all of them while only the screen has been run."""
    searched = [trial for trial in trials if trial.number >= screened]
    return searched if any(trial.evaluation is not None for trial in searched) else trials


def refine(
    plan: StudyPlan,
    found: OptimizationResult,
    screened: int,
    make_executor: MakeExecutor,
    say: Say,
) -> OptimizationResult:
    """``found`` after all stages that follow the search, its design judged by the last of them.

    A trial below ``screened`` was found by the screen.
    """
    winner, front = found.winner, found.front
    if winner is None or winner.evaluation is None or winner.evaluation.reason is not None:
        return found
    trials = _comparable(found.trials, screened)
    best = _best_few(plan, trials, front) if plan.stages.check else [winner]
    stages = [searched(plan, trial, screened) for trial in best]
    changed = None
    if plan.stages.polish:
        winner = _polish(plan, winner, say)
        best = [winner if trial.number == winner.number else trial for trial in best]
        stages.append(stage_result(POLISH, plan.searcher, winner))
    if plan.stages.check:
        checked = _check(plan, best, make_executor, say)
        stages += [stage_result("check", plan.checker, trial) for trial in checked]
        again, front = chosen_of(plan, checked)
        changed = again is not None and again.number != winner.number
        winner = again or winner
    if plan.stages.fine:
        say(1.0, "fine mesh")
        winner, fine = _fine(plan, winner)
        stages.append(fine)
    if plan.stages.confirm != "none":
        engine, fine_too = plan.stages.confirm, plan.stages.fine
        stages.append(confirm(plan.evaluator, engine, winner, fine=fine_too, say=say))
    front = tuple(winner if trial.number == winner.number else trial for trial in front)
    return replace(
        found,
        winner=winner,
        front=front,
        stages=tuple(stages),
        judged_front=judged_by(plan, front, stages, screened),
        notes=notes_of(plan, winner, tuple(stages), changed=changed),
    )


def judged_by(
    plan: StudyPlan, front: Sequence[Trial], stages: Sequence[StageResult], screened: int
) -> tuple[StageResult, ...]:
    """What each design of ``front`` has its numbers from: the last stage, or else the search."""
    last = {item.trial: item for item in stages if item.stage != CONFIRM}
    return tuple(last.get(trial.number) or searched(plan, trial, screened) for trial in front)


def _best_few(plan: StudyPlan, trials: Sequence[Trial], front: Sequence[Trial]) -> list[Trial]:
    """Designs to be checked: the best that differ, or such as stand for the whole front."""
    count = plan.stages.check
    if front:
        return spread(front, plan.maximise, count)
    order = sorted(trials, key=lambda trial: (-trial.score, trial.number))
    kept: list[Trial] = []
    for trial in order:
        if len(kept) == count or trial.evaluation is None or trial.evaluation.reason is not None:
            break
        if all(plan.space.distance(trial.parameters, k.parameters) > _ALIKE for k in kept):
            kept.append(trial)
    return kept


def _polish(plan: StudyPlan, trial: Trial, say: Say) -> Trial:
    """The same with better parameters, judged like the trials of the search."""
    evaluator = plan.searcher
    say(0.0, "polish")
    parameters, evaluation = polish(
        evaluator.responses,
        evaluator.goals,
        evaluator.port,
        evaluator.combine,
        plan.space.variables,
        trial.parameters,
        plan.stages.polish,
        draw=evaluator.problem,
        heard=say,
    )
    if evaluation is None:
        return trial
    return replace(trial, parameters=parameters, evaluation=evaluation)


def _check(
    plan: StudyPlan, best: Sequence[Trial], make_executor: MakeExecutor, say: Say
) -> list[Trial]:
    """The same designs judged again on the mesh of the check."""
    outcomes: dict[int, Outcome] = {}

    def report(outcome: Outcome) -> None:
        outcomes[outcome.number] = outcome
        say(1.0, f"check of {len(outcomes)} of {len(best)} designs")

    jobs = [Job(trial.number, trial.parameters) for trial in best]
    with make_executor(plan.checker) as executor:
        executor.run(jobs, report)
    checked = []
    for trial in best:
        outcome = outcomes[trial.number]
        evaluation = outcome.evaluation or Evaluation.invalid(outcome.failed or "not solved")
        checked.append(replace(trial, evaluation=evaluation))
    return checked


def _fine(plan: StudyPlan, winner: Trial) -> tuple[Trial, StageResult]:
    """The winner by full solutions on a fine mesh."""
    from ...solvers.registry import solve

    evaluator = replace(plan.evaluator, accuracy="fine")
    solutions = [
        solve(problem, evaluator.solver, accuracy="fine")
        for problem in evaluator.problems(winner.parameters)
    ]
    trial = replace(winner, evaluation=evaluator.judge(solutions, winner.parameters))
    return trial, stage_result("fine", evaluator, trial, quality(solutions, trial))


def searched(plan: StudyPlan, trial: Trial, screened: int) -> StageResult:
    """How screen or search judged a trial of theirs."""
    first = trial.number < screened
    return stage_result(
        SCREEN if first else SEARCH, plan.screener if first else plan.searcher, trial
    )
