"""What a reader has to know beside the numbers: edges of ranges, active constraints, doubts."""

from __future__ import annotations

from ...solvers.protocol import MOST_ERROR
from ..port import Z0
from ..study.plan import StudyPlan
from ..study.stages import StageResult
from ..study.trials import Trial

_EDGE = 0.01  # of a range: a value nearer to an end than this sits on it
_ACTIVE = 0.01  # of its bound: a constraint nearer to it than this is active
_SHIFT = 0.02  # of the score: a later stage that differs by more is mentioned
_HELD_OUT = 0.02  # |dGamma|


def notes_of(
    plan: StudyPlan, winner: Trial, stages: tuple[StageResult, ...], *, changed: bool | None
) -> tuple[str, ...]:
    """One line each.  changed: whether the check chose another design; None without a check."""
    if winner.evaluation is None or winner.evaluation.reason is not None:
        return ()
    return (
        *_ranges(plan, winner),
        *_band(plan, winner),
        *_constraints(plan, winner),
        *_stages(winner, stages, changed),
        *_doubts(winner, stages),
    )


def _ranges(plan: StudyPlan, winner: Trial) -> list[str]:
    found = []
    matters = plan.evaluator.goals.uses_port
    for item in plan.space.variables:
        if item.name == Z0 and not matters:
            continue
        value = winner.parameters[item.name]
        place = float(item.place(value))
        if place < _EDGE or place > 1.0 - _EDGE:
            found.append(
                f"{item.name} = {value:.4g} is at the {'lower' if place < _EDGE else 'upper'} end "
                f"of its search range [{item.low:g}, {item.high:g}]"
            )
    port = plan.evaluator.port
    z0 = winner.evaluation.z0 if winner.evaluation else None
    if matters and port.free and z0 is not None and Z0 not in plan.space.names:
        place = (z0 - port.z0_low) / (port.z0_high - port.z0_low)
        if place < _EDGE or place > 1.0 - _EDGE:
            found.append(
                f"z0 = {z0:.4g} ohm is at the {'lower' if place < _EDGE else 'upper'} end of its "
                f"range [{port.z0_low:g}, {port.z0_high:g}]"
            )
    return found


def _band(plan: StudyPlan, winner: Trial) -> list[str]:
    band = winner.evaluation.band if winner.evaluation else None
    if band is None:
        return []
    solved = plan.evaluator.band.frequency
    ends = ((band[0], solved[0], "lower"), (band[1], solved[-1], "upper"))
    return [
        f"the band's {name} edge is the end of the solved band, {end / 1e6:g} MHz: it may go on"
        for edge, end, name in ends
        if abs(edge - end) <= 1e-9 * end
    ]


def _constraints(plan: StudyPlan, winner: Trial) -> list[str]:
    found = []
    assert winner.evaluation is not None
    for item, violation in zip(
        plan.evaluator.goals.constraints, winner.evaluation.violations, strict=True
    ):
        value = winner.evaluation.merits[item.merit.label]
        if violation > 0.0:
            found.append(f"constraint {item.label} is violated: {value:.4g}")
        elif violation > -_ACTIVE:
            found.append(f"constraint {item.label} is active: {value:.4g}")
    return found


def _stages(winner: Trial, stages: tuple[StageResult, ...], changed: bool | None) -> list[str]:
    found = []
    if changed:
        found.append(f"the check changed the order: trial {winner.number} is the best after it")
    own = [item for item in stages if item.trial == winner.number]
    first, last = own[0].evaluation.score, own[-1].evaluation.score
    if abs(last - first) > _SHIFT * abs(first):
        found.append(
            f"stage {own[-1].stage} gives the score {last:.4g}, stage {own[0].stage} {first:.4g}"
        )
    return found


def _doubts(winner: Trial, stages: tuple[StageResult, ...]) -> list[str]:
    found = []
    held_out = winner.evaluation.held_out if winner.evaluation else None
    if held_out is not None and held_out > _HELD_OUT:
        found.append(
            f"interpolation between frequencies is uncertain by up to {held_out:.2g} in Gamma or "
            "in a share of power; give more points"
        )
    for item in stages:
        error = item.quality.get("z_error", 0.0)
        if error > MOST_ERROR:
            found.append(f"stage {item.stage}: z_error {error:.2g}, its mesh is not to be trusted")
        if not item.quality.get("converged", True):
            found.append(f"stage {item.stage}: solver {item.solver} did not converge")
    return found
