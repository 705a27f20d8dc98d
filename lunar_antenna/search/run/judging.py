"""How a stage judged one design, and the confirmation of a design by another engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..study.evaluate import Evaluator
from ..study.stages import CONFIRM, StageResult
from ..study.trials import Trial

if TYPE_CHECKING:
    from ...solution import Solution

_SHARES = ("sky", "ground", "metal", "film")


def confirm(
    own: Evaluator,
    engine: str,
    winner: Trial,
    *,
    fine: bool,
    say: Callable[[float, str], None] = lambda *_: None,
) -> StageResult:
    """The winner in its own scenario by another engine, at the reference impedance found.

    fine: whether the search's own engine solved it on the fine mesh, which it is compared with.
    say: how much of the other engine's work is done (0 to 1), and in words.
    """
    from ...solvers.registry import solve

    z0 = winner.evaluation.z0 if winner.evaluation else None
    assert z0 is not None
    accuracy = "fine" if fine else "normal"
    port = replace(own.port, z0_low=z0, z0_high=z0)
    other = replace(own, solver=engine, accuracy="normal", port=port, robust=None)
    problem = own.problem(winner.parameters)
    say(0.0, f"confirmation by {engine}")
    reference = solve(problem, own.solver, accuracy=accuracy)
    solution = solve(problem, other.solver, accuracy=other.accuracy, progress=say)
    trial = replace(winner, evaluation=other.judge([solution], winner.parameters))
    difference = np.abs(solution.s11(z0) - reference.s11(z0))
    found = quality([solution], trial)
    found |= {"gamma_difference_max": float(difference.max())}
    found |= {"gamma_difference_mean": float(difference.mean())}
    return stage_result(CONFIRM, other, trial, found)


def quality(solutions: Sequence[Solution], trial: Trial) -> dict[str, float]:
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
        found |= {name: float(getattr(shares, name)[inside].mean()) for name in _SHARES}
    return found


def stage_result(
    stage: str, evaluator: Evaluator, trial: Trial, checks: dict[str, float] | None = None
) -> StageResult:
    assert trial.evaluation is not None
    return StageResult(
        stage,
        trial.number,
        evaluator.solver,
        evaluator.accuracy,
        evaluator.band.frequency.size,
        trial.evaluation,
        checks or {},
    )
