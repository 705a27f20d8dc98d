"""Rounds of a free-form study: cells searched, traced, solved; what differs is put right.

A round climbs on the cells, takes the exact union of its cells as an outline, solves that with a
mesh of its own ("normal"), and judges it by the study's goals.  Cells overestimate the inductance
of narrow parts, and a search finds that out: the difference of both impedances is added to the
model of the next round (space mapping: Bandler et al. 2004, IEEE Trans. Microw. Theory Tech. 52,
337).  The best round is the design; it is solved once more on the fine mesh.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...common.blas import one_blas_thread
from ...common.files import write_json
from ...common.tables import read_json
from ...conventions import ComplexArray, JsonDict
from ...errors import InputError, one_line
from ...geometry.load import build
from ...problem import Band, Problem
from ...solvers.planar.matrices import cell_system
from ...solvers.registry import quick
from ..output.result import OptimizationResult
from ..study.evaluate import Evaluator
from ..study.stages import StageResult
from ..study.trials import Evaluation, Trial, best_of
from .asks import Asks
from .cells import Mask, allowed, repaired
from .climb import climb
from .settings import FreeformSettings
from .tableau import Tableau

STATE = "freeform.json"
SAMPLER = "cells"
SOLVER = "planar"
Say = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One traced design: its mask, spec, evaluation (normal), and model minus truth, ohm."""

    mask: Mask
    spec: JsonDict
    evaluation: Evaluation
    shift: ComplexArray
    seconds: float

    def to_dict(self) -> JsonDict:
        return {
            "mask": self.mask.astype(int).tolist(),
            "evaluation": self.evaluation.to_dict(),
            "shift": [self.shift.real.tolist(), self.shift.imag.tolist()],
            "seconds": self.seconds,
        }


class FreeformStudy:
    """State of one study: its model and the rounds that are done."""

    def __init__(self, settings: FreeformSettings, folder: Path | None, say: Say) -> None:
        self.settings, self.folder, self.say = settings, folder, say
        ends = settings.band.frequency[[0, -1]]
        self.band = Band(np.linspace(ends[0], ends[1], settings.points))
        self.asks = Asks.of(settings.goals, settings.port, self.band.frequency, settings.low)
        self.rounds: list[Round] = []
        self.begun = time.perf_counter()

    @one_blas_thread
    def run(self, *, resume: bool) -> OptimizationResult:
        """All rounds; KeyboardInterrupt leaves those that are done."""
        settings = self.settings
        if resume:
            self._load()
        plate = settings.spec(settings.cells.polygons(settings.cells.plate()))
        problem = self._problem(plate, self.band)
        interrupted = False
        try:
            if len(self.rounds) < settings.rounds:
                self.say(0.0, "free form: matrices of the cells")
                tableau = _tableau(problem, settings)
                while len(self.rounds) < settings.rounds:
                    self.rounds.append(self._round(tableau))
                    self._save()
        except KeyboardInterrupt:
            interrupted = True
        return self.result(interrupted=interrupted)

    def _round(self, tableau: Tableau) -> Round:
        settings, number = self.settings, len(self.rounds)
        rng = np.random.default_rng((settings.seed, number))
        shift = self.rounds[-1].shift if self.rounds else np.zeros(self.band.frequency.size)
        started = time.perf_counter()

        def told(move: int, asks: Asks, cost: float) -> None:
            part = (number + move / settings.moves) / settings.rounds
            what = f"{asks.low / 1e6:.2f} MHz" if asks.ratio else f"level {asks.level:.3f}"
            self.say(part, f"round {number + 1}, asked {what}, short by {cost:.4f}")

        start = self._start(tableau, np.asarray(shift, dtype=complex))
        asks = self._asked()
        found = climb(
            settings.cells, tableau, start, asks, settings.moves, rng, np.asarray(shift), told
        )
        spec = settings.spec(settings.cells.polygons(found.mask))
        evaluation, z = self._judge(spec, "normal")
        tableau.go(found.mask)
        truth = np.interp(self.band.frequency, settings.band.frequency, z.real) + 1j * np.interp(
            self.band.frequency, settings.band.frequency, z.imag
        )
        seconds = time.perf_counter() - started
        return Round(found.mask, spec, evaluation, truth - 1.0 / tableau.y, seconds)

    def _asked(self) -> Asks:
        """A little beyond the best band of the rounds so far."""
        asks = self.asks
        bands = [item.evaluation.band for item in self.rounds if item.evaluation.feasible]
        lows = [band[0] for band in bands if band is not None]
        return replace(asks, low=min(lows)) if asks.ratio and lows else asks

    def _start(self, tableau: Tableau, shift: ComplexArray) -> Mask:
        """The best round's mask; the best of several tapers for the first."""
        settings, cells = self.settings, self.settings.cells
        best = self._best()
        if best is not None:
            return best.mask
        half, tip = settings.sides[1] / 2.0, settings.sides[0] / 2.0
        if settings.start is not None:
            tapers = [settings.start]
        else:
            tapers = [
                [(settings.gap / 2.0, w * half), (x * tip, w * half), (1.2 * x * tip, half)]
                for x in (0.05, 0.1, 0.3)
                for w in (0.1, 0.3)
            ]
        masks = [cells.plate(), *(repaired(cells, cells.taper(points)) for points in tapers)]
        masks = [mask for mask in masks if allowed(cells, mask)]
        if not masks:
            raise InputError(
                "[freeform] keep_in and keep_out leave no pattern of one piece to start from; "
                "make them smaller or give start"
            )
        costs = []
        for mask in masks:
            tableau.go(mask)
            costs.append(float(self.asks.cost((1.0 / tableau.y + shift)[:, None])[0]))
        return masks[int(np.argmin(costs))]

    def _problem(self, spec: JsonDict, band: Band) -> Problem:
        return Problem(build(spec), self.settings.stack, self.settings.height, band)

    def _judge(self, spec: JsonDict, accuracy: str) -> tuple[Evaluation, ComplexArray]:
        """The traced outline by the study's goals, and its impedance at the study's frequencies."""
        evaluator = self._evaluator(spec, accuracy)
        problem = evaluator.problem({})
        z = quick(problem, SOLVER, accuracy=accuracy, needs="impedance").z[:, 0, 0]
        return evaluator.evaluate({}), z

    def _evaluator(self, spec: JsonDict, accuracy: str) -> Evaluator:
        settings = self.settings
        return Evaluator(
            spec=spec,
            stack=settings.stack,
            height=settings.height,
            band=settings.band,
            solver=SOLVER,
            accuracy=accuracy,
            goals=settings.goals,
            port=settings.port,
        )

    def _best(self) -> Round | None:
        trial = best_of(self._trials())
        return None if trial is None else self.rounds[trial.number]

    def _trials(self) -> list[Trial]:
        return [Trial(n, {}, item.evaluation, item.seconds) for n, item in enumerate(self.rounds)]

    def result(self, *, interrupted: bool) -> OptimizationResult:
        """The best round, judged on the fine mesh where the study asks for it."""
        trials, best = self._trials(), self._best()
        settings = self.settings
        stages: list[StageResult] = []
        winner = best_of(trials)
        if best is not None and winner is not None:
            points = settings.band.frequency.size
            own = StageResult("search", winner.number, SOLVER, "normal", points, best.evaluation)
            stages.append(own)
            if settings.fine and not interrupted:
                self.say(1.0, "fine mesh")
                fine, _ = self._judge(best.spec, "fine")
                stages.append(replace(own, stage="fine", accuracy="fine", evaluation=fine))
                winner = replace(winner, evaluation=fine)
        plate = settings.spec(settings.cells.polygons(settings.cells.plate()))
        return OptimizationResult(
            trials=tuple(trials),
            evaluator=self._evaluator(best.spec if best else plate, "normal"),
            sampler=SAMPLER,
            evaluated=len(trials),
            study=None if self.folder is None else str(self.folder / STATE),
            seconds=time.perf_counter() - self.begun,
            searching=sum(item.seconds for item in self.rounds),
            interrupted=interrupted,
            winner=winner,
            stages=tuple(stages),
        )

    def _save(self) -> None:
        if self.folder is not None:
            document = {
                "seed": self.settings.seed,
                "study": self._fingerprint(),
                "rounds": [item.to_dict() for item in self.rounds],
            }
            write_json(self.folder / STATE, document)

    def _fingerprint(self) -> str:
        """What a resumed study must share: all but how many rounds."""
        content: dict[str, Any] = json.loads(json.dumps(self.settings.content))
        content.get("freeform", {}).pop("rounds", None)
        return json.dumps([content, self.settings.seed, self.settings.moves], sort_keys=True)

    def _load(self) -> None:
        if self.folder is None or not (self.folder / STATE).is_file():
            return
        data = read_json(self.folder / STATE)
        if data.get("study") != self._fingerprint():
            raise InputError(
                f"{self.folder / STATE} is of another study or seed; give another --out"
            )
        try:
            self.rounds = [self._restored(item) for item in data["rounds"]]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{self.folder / STATE} is damaged: {one_line(error)}") from None

    def _restored(self, data: JsonDict) -> Round:
        mask = np.array(data["mask"], dtype=bool)
        real, imag = (np.array(part) for part in data["shift"])
        spec = self.settings.spec(self.settings.cells.polygons(mask))
        evaluation = Evaluation.from_dict(data["evaluation"])
        return Round(mask, spec, evaluation, real + 1j * imag, data["seconds"])


def _tableau(problem: Problem, settings: FreeformSettings) -> Tableau:
    """Matrices of all cells, filled once, at every frequency of the search."""
    made = cell_system(problem, settings.cells.x, settings.cells.y)
    ((parity, excitation),) = made.classes
    values, factor = made.values(parity), made.sheet_factors()["z"]
    n = parity.count
    flat = values.reshape(n * n, -1)
    z = np.empty((len(factor), n, n), dtype=complex)
    for k, row in enumerate(factor):
        z[k].real = (flat @ row.real).reshape(n, n)
        z[k].imag = (flat @ row.imag).reshape(n, n)
    return Tableau(z, excitation[:, 0], made.cells(parity))
