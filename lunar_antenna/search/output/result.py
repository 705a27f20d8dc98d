"""What an optimisation found, and the files it leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...common.files import write_text
from ...conventions import JsonDict
from ...errors import InputError
from ...geometry.layout import Layout
from ...media.layer import Stack
from ..run.evaluate import HEIGHT, Evaluator
from ..run.study import UNPROPOSED, Trial
from ..study.goals import Goals
from ..study.objectives import Evaluation
from ..study.stages import CONFIRM, Belief
from .record import HISTORY

BEST, DATABASE = "best.toml", "study.db"


@dataclass(frozen=True, slots=True, eq=False)
class OptimizationResult:
    """All finished trials and the best of them.

    seconds: wall time of this run.  evaluated: trials finished in this run (fewer than
    ``trials`` after a resume).  study: path or URL of the storage, or None (in memory).
    """

    trials: tuple[Trial, ...]
    evaluator: Evaluator = field(repr=False)
    sampler: str
    seconds: float
    evaluated: int
    study: str | None
    interrupted: bool = False
    searching: float = 0.0  # s of ``seconds`` that the search took, without the later stages
    winner: Trial | None = None
    front: tuple[Trial, ...] = ()
    stages: tuple[Belief, ...] = ()
    judged_front: tuple[Belief, ...] = ()  # the stage that each of ``front`` has its numbers from
    notes: tuple[str, ...] = ()
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
    def judged(self) -> Belief | None:
        """The last stage that judged the best trial; a confirmation only comments on it."""
        number = None if self.winner is None else self.winner.number
        own = [item for item in self.stages if item.trial == number and item.stage != CONFIRM]
        return own[-1] if own else None

    @property
    def goals(self) -> Goals:
        """What the best trial was judged by; screen and search have stricter goals."""
        own, goals = self.judged, self.evaluator.goals
        early = own is not None and own.stage in ("screen", "search")
        return goals.tightened(self.margin) if early else goals

    @property
    def surroundings(self) -> tuple[str, ...]:
        """Names of what every candidate of a robust study was solved in; empty for others."""
        if self.evaluator.robust is None or self.winner is None:
            return ()
        problem = self.evaluator.problem(self.winner.parameters)
        return tuple(label for label, _ in self.evaluator.robust.problems(problem))

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

    def to_dict(self) -> JsonDict:
        """The JSON document of ``lunar-antenna optimize --json``."""
        abandoned = sum(trial.failed == UNPROPOSED for trial in self.trials)
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
                **_stage(self),
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

    def write(self, folder: Path) -> None:
        """``best.toml`` (once there is a best) and ``history.csv``, each replaced atomically."""
        from .folder import history

        write_text(folder / HISTORY, history(self))
        found = self.winner
        if found is not None and found.evaluation is not None and found.evaluation.reason is None:
            write_text(folder / BEST, best_toml(self))


def _on_front(trial: Trial) -> JsonDict:
    assert trial.evaluation is not None
    return {
        "trial": trial.number,
        "parameters": trial.parameters,
        "objectives": list(trial.evaluation.objectives),
        "merits": dict(trial.evaluation.merits),
        "z0": trial.evaluation.z0,
    }


def _stage(result: OptimizationResult) -> JsonDict:
    """Which stage judged the best trial, and how finely it solved it."""
    own = result.judged
    if own is None:
        return {}
    return {"stage": own.stage, "accuracy": own.accuracy, "points": own.points}


def shipped(stack: Stack) -> bool:
    """Whether ``--soil`` with the name of the stack gives these very layers."""
    from ...media.soils import load_soil, soil_names

    return stack.name in soil_names() and load_soil(stack.name).layers == stack.layers


def best_toml(result: OptimizationResult) -> str:
    """The best design as a geometry file that ``solve`` reads, with how it was found.

    A soil that is not shipped is written as its layers: no name leads to it.
    """
    import tomli_w

    from ...media.soil_files import layer_rows

    evaluator, trial = result.evaluator, result.best
    spec = evaluator.candidate(trial.parameters)
    found = trial.evaluation
    assert found is not None
    table: JsonDict = {
        "trial": trial.number,
        "objective": found.objectives[0] if found.objectives else found.score,
        "feasible": found.feasible,
        "soil": evaluator.stack.name,
        "height": trial.parameters.get(HEIGHT, evaluator.height),
        "solver": evaluator.solver,
        **_stage(result),
        "efficiency": result.goals.band_merit.efficiency,
        "threshold": result.goals.band_merit.threshold,
        "merits": dict(found.merits),
        **evaluator.termination(found, trial.parameters),
    }
    if found.z0 is not None:
        table["z0"] = found.z0
    if found.band is not None:
        table["band_mhz"] = [edge / 1e6 for edge in found.band]
    if found.lowest is not None:
        table["min_efficiency_5_35"] = found.lowest
    if result.surroundings:
        table["surroundings"] = list(result.surroundings)
    if evaluator.stack.layers and not shipped(evaluator.stack):
        table["layer"] = layer_rows(evaluator.stack)
    name = spec.pop("name", spec["family"])
    source = dict(spec.get("source", {}))
    wanted = ", ".join(item.label for item in result.goals.objectives)
    source["text"] = f"{name}, optimised: {wanted}"
    source["optimised"] = table
    spec["source"] = source
    return tomli_w.dumps(_without_none(spec))


def _without_none(table: JsonDict) -> JsonDict:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in table.items()
        if value is not None
    }
