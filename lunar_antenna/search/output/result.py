"""What an optimisation found."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...common.facts import Facts, Rows
from ...conventions import JsonDict
from ...errors import InputError
from ...geometry.layout import Layout
from ..study.evaluate import Evaluator
from ..study.goals import Goals
from ..study.stages import CONFIRM, EARLY, StageResult
from ..study.trials import ABANDONED, Evaluation, Trial


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OptimizationResult(Facts):
    """All finished trials and the best of them.

    seconds: wall time of this run.  evaluated: trials finished in this run (fewer than
    ``trials`` after a resume).  study: path or URL of the storage, or None (in memory).
    """

    trials: tuple[Trial, ...]
    evaluator: Evaluator = field(repr=False)
    sampler: str
    evaluated: int
    study: str | None
    seconds: float = 0.0
    searching: float = 0.0  # s of ``seconds`` that the search took, without the later stages
    interrupted: bool = False
    winner: Trial | None = None
    front: tuple[Trial, ...] = ()
    stages: tuple[StageResult, ...] = ()
    judged_front: tuple[StageResult, ...] = ()  # that each of ``front`` has its numbers from
    notes: tuple[str, ...] = ()
    screened: int = 0  # the first so many trials were judged by the screen
    margin: float = 0.0  # by which screen and search tightened the goals

    @property
    def best(self) -> Trial:
        """The design chosen, as the last stage judged it: the highest score of the check, or of
        the search where nothing was checked; of several objectives the front's compromise.

        Raises :class:`InputError` where no trial is finished.
        """
        if self.winner is None:
            raise InputError("no trial is finished, so there is no best one; run more trials")
        return self.winner

    @property
    def judged(self) -> StageResult | None:
        """The last stage that judged the best trial; a confirmation only comments on it."""
        number = None if self.winner is None else self.winner.number
        own = [item for item in self.stages if item.trial == number and item.stage != CONFIRM]
        return own[-1] if own else None

    @property
    def goals(self) -> Goals:
        """What the best trial was judged by; stages before the check have stricter goals."""
        own, goals = self.judged, self.evaluator.goals
        early = own is not None and own.stage in EARLY
        return goals.tightened(self.margin) if early else goals

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios that every candidate was solved in; of a robust study alone."""
        if self.evaluator.robust is None or self.winner is None:
            return ()
        problem = self.evaluator.problem(self.winner.parameters)
        return tuple(item.label for item in self.evaluator.robust.of(problem))

    @property
    def evaluation(self) -> Evaluation:
        """What the best trial achieved."""
        evaluation = self.best.evaluation
        assert evaluation is not None
        return evaluation

    @property
    def layout(self) -> Layout:
        """Layout of the best trial."""
        return self.evaluator.problem(self.best.parameters).layout

    @property
    def z0(self) -> float | None:
        """Reference impedance at which the best trial has its band, ohm."""
        return self.evaluation.z0

    @property
    def evaluations_per_second(self) -> float:
        """Of the search, in this run."""
        return self.evaluated / self.searching if self.searching > 0.0 else 0.0

    def facts(self) -> Rows:
        count = f"{len(self.trials)} by {self.sampler}, {self.seconds:.3g} s"
        if self.winner is None or self.winner.evaluation is None:
            return [("trials", count), ("best", "none is finished")]
        found = self.winner.evaluation
        band = found.band
        rows = [(name, f"{value:.5g}") for name, value in self.winner.parameters.items()]
        rows += [(name, f"{value:.5g}") for name, value in found.merits.items()]
        if band is not None:
            rows.append(("band", f"{band[0] / 1e6:.3f} to {band[1] / 1e6:.3f} MHz"))
        if found.z0 is not None:
            rows.append(("z0", f"{found.z0:.4g} ohm"))
        if not found.feasible:
            rows.append(("", "NOT feasible"))
        return [("trials", count), *rows]

    def to_dict(self) -> JsonDict:
        """The JSON document of ``lunar-antenna optimize --json``."""
        abandoned = sum(trial.failed == ABANDONED for trial in self.trials)
        failed = sum(trial.evaluation is None for trial in self.trials) - abandoned
        best: JsonDict | None = None
        if self.winner is not None and self.winner.evaluation is not None:
            found = self.winner.evaluation
            band = found.band
            best = {
                "trial": self.best.number,
                "parameters": self.best.parameters,
                "objective": found.objectives[0] if found.objectives else found.score,
                "objectives": list(found.objectives),
                "merits": dict(found.merits),
                "score": found.score,
                "feasible": found.feasible,
                "band_mhz": None if band is None else [band[0] / 1e6, band[1] / 1e6],
                "band_ratio": found.band_ratio,
                "min_efficiency_5_35": found.lowest,
                "z0": found.z0,
                **self.evaluator.termination(found, self.winner.parameters),
                "interpolation_error": found.held_out,
                "reason": found.reason,
                **stage_of(self),
            }
        return {
            "trials": len(self.trials),
            "failed": failed,
            "abandoned": abandoned,
            "best": best,
            "sampler": self.sampler,
            "solver": self.evaluator.solver,
            "accuracy": self.evaluator.accuracy,  # of the search; the best has its own
            "seconds": self.seconds,
            "evaluations_per_second": self.evaluations_per_second,
            "study": self.study,
            "interrupted": self.interrupted,
            "front": [_on_front(trial) for trial in self.front],
            "stages": [item.to_dict() for item in self.stages],
            "notes": list(self.notes),
        }


def _on_front(trial: Trial) -> JsonDict:
    assert trial.evaluation is not None
    return {
        "trial": trial.number,
        "parameters": trial.parameters,
        "objectives": list(trial.evaluation.objectives),
        "merits": dict(trial.evaluation.merits),
        "z0": trial.evaluation.z0,
    }


def stage_of(result: OptimizationResult) -> JsonDict:
    """Which stage judged the best trial, and how finely it solved it."""
    own = result.judged
    if own is None:
        return {}
    return {"stage": own.stage, "accuracy": own.accuracy, "points": own.points}
