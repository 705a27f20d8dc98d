"""The later stages of a study: polish, check of the best few, fine mesh, another engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...problem import Problem
from ..output.notes import notes_of
from ..output.result import OptimizationResult
from ..polish.descent import Spare
from ..polish.stage import polish
from ..study.evaluate import Evaluator
from ..study.front import compromise, front_of, spread
from ..study.stages import CONFIRM, POLISH, SCREEN, SEARCH, StageResult
from ..study.trials import Evaluation, Trial, best_of
from .jobs import Executor, Job, Outcome

if TYPE_CHECKING:
    from ...solution import Solution
    from ..study.plan import StudyPlan

_ALIKE = 0.01  # of every range: designs nearer to each other are checked once
_QUALITY_SHARES = ("sky", "ground", "metal", "film")

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
        stages.append(_stage_result(POLISH, plan.searcher, winner))
    if plan.stages.check:
        checked = _check(plan, best, make_executor, say)
        stages += [_stage_result("check", plan.checker, trial) for trial in checked]
        again, front = chosen_of(plan, checked)
        changed = again is not None and again.number != winner.number
        winner = again or winner
    if plan.stages.fine:
        say(1.0, "fine mesh")
        winner, fine = _fine(plan, winner)
        stages.append(fine)
    if plan.stages.confirm != "none":
        say(1.0, f"confirmation by {plan.stages.confirm}")
        stages.append(_confirm(plan, winner))
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

    def told(step: int, best: Spare, _: object) -> None:
        say(1.0, f"polish {step} of {plan.stages.polish}, short by {best.short:.4f}")

    say(1.0, "polish")
    parameters, evaluation = polish(
        evaluator.responses,
        evaluator.goals,
        evaluator.port,
        evaluator.combine,
        plan.space.variables,
        trial.parameters,
        plan.stages.polish,
        told,
        evaluator.problem,
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
    return trial, _stage_result("fine", evaluator, trial, _quality(solutions, trial))


def _confirm(plan: StudyPlan, winner: Trial) -> StageResult:
    """The winner in its own scenario by another engine, at the reference impedance found."""
    from ...solvers.registry import solve

    own = plan.evaluator
    z0 = winner.evaluation.z0 if winner.evaluation else None
    assert z0 is not None
    accuracy = "fine" if plan.stages.fine else "normal"
    port = replace(own.port, z0_low=z0, z0_high=z0)
    other = replace(own, solver=plan.stages.confirm, accuracy="normal", port=port, robust=None)
    problem: Problem = own.problem(winner.parameters)
    reference = solve(problem, own.solver, accuracy=accuracy)
    solution = solve(problem, other.solver, accuracy=other.accuracy)
    trial = replace(winner, evaluation=other.judge([solution], winner.parameters))
    difference = np.abs(solution.s11(z0) - reference.s11(z0))
    quality = _quality([solution], trial)
    quality |= {"gamma_difference_max": float(difference.max())}
    quality |= {"gamma_difference_mean": float(difference.mean())}
    return _stage_result(CONFIRM, other, trial, quality)


def _quality(solutions: Sequence[Solution], trial: Trial) -> dict[str, float]:
    """Worst checks over the scenarios; mean shares of power in the band of the design."""
    found: dict[str, float] = {
        "power_closure": max(float(item.quality.power_closure.max()) for item in solutions),
        "converged": all(item.quality.converged for item in solutions),
    }
    errors = [item.quality.z_error for item in solutions if item.quality.z_error is not None]
    if errors:
        found["z_error"] = max(float(np.max(error)) for error in errors)
    band = trial.evaluation.band if trial.evaluation else None
    first = solutions[0]
    low, high = band or (first.frequency[0], first.frequency[-1])
    inside = (first.frequency >= low) & (first.frequency <= high)
    if inside.any():
        shares = first.efficiency()
        found |= {name: float(getattr(shares, name)[inside].mean()) for name in _QUALITY_SHARES}
    return found


def searched(plan: StudyPlan, trial: Trial, screened: int) -> StageResult:
    """How screen or search judged a trial of theirs."""
    first = trial.number < screened
    return _stage_result(
        SCREEN if first else SEARCH, plan.screener if first else plan.searcher, trial
    )


def _stage_result(
    stage: str, evaluator: Evaluator, trial: Trial, quality: dict[str, float] | None = None
) -> StageResult:
    assert trial.evaluation is not None
    return StageResult(
        stage,
        trial.number,
        evaluator.solver,
        evaluator.accuracy,
        evaluator.band.frequency.size,
        trial.evaluation,
        quality or {},
    )
