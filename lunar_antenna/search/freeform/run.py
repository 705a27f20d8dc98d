"""Rounds of a free-form study: cells searched, traced, solved; what differs is put right.

A round climbs on the cells, takes the exact union of its cells as an outline, solves that with a
mesh of its own ("normal"), and judges it by the study's goals.  Cells overestimate the inductance
of narrow parts, and a search finds that out: the difference of both impedances is added to the
model of the next round, and its sky share is scaled by the ratio of both (space mapping: Bandler
et al. 2004, IEEE Trans. Microw. Theory Tech. 52, 337).
The best round is the design.  Its corners are moved by linear programs where the study asks for it
(:mod:`.outline`, :mod:`..polish`), and it is solved once more on the fine mesh.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import Polygon
from shapely.ops import unary_union

from ...common.blas import one_blas_thread
from ...common.files import write_json
from ...common.tables import read_json
from ...conventions import JsonDict
from ...errors import GeometryError, InputError, one_line
from ...problem import Band, Problem
from ..between import respond
from ..output.result import OptimizationResult
from ..polish.descent import Spare
from ..polish.stage import polish
from ..response import Combine, Response, worst_case
from ..run.judging import confirm
from ..study.evaluate import Evaluator
from ..study.stages import NONE, POLISH, StageResult
from ..study.trials import Evaluation, Trial, best_of
from .asks import Asks
from .cells import Mask, allowed, repaired, wide_enough
from .climb import climb
from .model import Model, Seen
from .outline import Outline
from .rounds import Polished, Round
from .settings import SOLVER, FreeformSettings

STATE = "freeform.json"
SAMPLER = "cells"
Say = Callable[[float, str], None]


class FreeformStudy:
    """State of one study: its models, one a scenario, and the rounds that are done."""

    def __init__(self, settings: FreeformSettings, folder: Path | None, say: Say) -> None:
        self.settings, self.folder, self.say = settings, folder, say
        ends = settings.band.frequency[[0, -1]]
        self.band = Band(np.linspace(ends[0], ends[1], settings.points))
        self.asks = Asks.of(
            settings.goals, settings.port, (float(ends[0]), float(ends[1])), settings.low
        )
        self.rounds: list[Round] = []
        self.polished: Polished | None = None
        self.begun = time.perf_counter()

    @one_blas_thread
    def run(self, *, resume: bool) -> OptimizationResult:
        """All rounds; KeyboardInterrupt leaves those that are done."""
        settings = self.settings
        if resume:
            self._load()
        plate = settings.spec(settings.cells.polygons(settings.cells.plate()))
        nominal = self._evaluator(plate, "normal").problem({})
        settings.goals.check(nominal, settings.port)
        problems = self._scenarios(replace(nominal, band=self.band))
        try:
            if settings.rounds == 0 and not self.rounds:
                self.rounds.append(self._drawn())
                self._save()
            if len(self.rounds) < settings.rounds:
                self.say(0.0, "free form: matrices of the cells")
                sky, pattern = "sky" in self.asks.needs, "pattern" in self.asks.needs
                models = [
                    Model(problem, settings.cells, sky=sky, pattern=pattern) for problem in problems
                ]
                while len(self.rounds) < settings.rounds:
                    self.rounds.append(self._round(models))
                    self.polished = None
                    self._save()
            self._polish()
            return self.result(interrupted=False)
        except KeyboardInterrupt:
            return self.result(interrupted=True)

    def _drawn(self) -> Round:
        """The metal of ``start`` in place of a round of cells."""
        settings = self.settings
        begun = time.perf_counter()
        mask = settings.cells.covering(unary_union(settings.drawn))
        outline = self._outline(mask)
        try:
            outline.polygons(outline.start)
        except GeometryError as error:
            raise InputError(
                f"[freeform] start cannot be polished within its footprint and widths: {error}"
            ) from None
        spec = settings.spec(settings.drawn)
        responses = self._responses(spec, "normal")
        values = self.asks.tuned([self._seen(item) for item in responses]).parameters
        none = np.zeros((len(responses), self.band.frequency.size))
        return Round(
            mask,
            spec,
            self._evaluated(responses, values),
            values,
            none.astype(complex),
            none + 1.0,
            0.0,
            time.perf_counter() - begun,
        )

    def _scenarios(self, problem: Problem) -> list[Problem]:
        robust = self.settings.robust
        return [problem] if robust is None else [item.problem for item in robust.of(problem)]

    def _round(self, models: list[Model]) -> Round:
        settings, number = self.settings, len(self.rounds)
        rng = np.random.default_rng((settings.seed, number))
        if self.rounds:
            last = self.rounds[-1]
            for model, shift, scale in zip(models, last.shift, last.scale, strict=True):
                model.shift, model.scale = shift, scale
        started = time.perf_counter()

        def told(move: int, asks: Asks, cost: float) -> None:
            part = (number + move / settings.moves) / settings.rounds
            what = asks.objective.text()
            self.say(part, f"round {number + 1}, asked {what}, short by {cost:.4f}")

        start = self._start(models)
        found = climb(settings.cells, models, start, self._asked(), settings.moves, rng, told)
        for model in models:
            model.go(found.mask)
        believed = [model.here() for model in models]
        spec = settings.spec(settings.cells.polygons(found.mask))
        responses = self._responses(spec, "normal")
        true = [self._seen(item) for item in responses]
        asks = found.asks.tuned(true)
        evaluation = self._evaluated(responses, asks.parameters)
        z0 = evaluation.z0 or float(asks.z0[0])
        off = max(
            float(np.abs(asks.accepted(a, z0) - asks.accepted(b, z0)).max())
            for a, b in zip(believed, true, strict=True)
        )
        shift = [
            model.shift + (b.z - a.z)[:, 0]
            for model, a, b in zip(models, believed, true, strict=True)
        ]
        scale = [
            model.scale
            if a.share is None or b.share is None
            else model.scale * (b.share / a.share)[:, 0]
            for model, a, b in zip(models, believed, true, strict=True)
        ]
        seconds = time.perf_counter() - started
        return Round(
            found.mask,
            spec,
            evaluation,
            asks.parameters,
            np.array(shift),
            np.array(scale),
            off,
            seconds,
        )

    def _polish(self) -> None:
        """The corners of the best round moved, every step of it kept."""
        best, before = self._best(), self.polished
        left = self.settings.polish - (before.steps if before else 0)
        if best is None or left <= 0:
            return
        settings, number = self.settings, self.rounds.index(best)
        outline = self._outline(best.mask)
        done = before.steps if before else 0
        start = before.parameters if before else {**best.parameters, **outline.start}
        ports = settings.port.variables(with_z0=False).values()

        def solve(values: Mapping[str, float]) -> tuple[Response, ...]:
            return self._responses(settings.spec(outline.polygons(values)), settings.polish_mesh)

        def told(step: int, _: Spare, parameters: Mapping[str, float]) -> None:
            self.polished = Polished(number, done + step, dict(parameters))
            self._save()

        self.say(0.0, "polish" if done == 0 else f"polish, {done} of {settings.polish} done before")
        parameters, _ = polish(
            solve, settings.goals, settings.port, self._combine, [*outline.variables, *ports],
            start, left, told, outline.polygons, self.say,
        )  # fmt: skip
        self.polished = Polished(number, settings.polish, parameters)
        self._save()

    def _outline(self, mask: Mask) -> Outline:
        cells, regions = self.settings.cells, self.settings.regions
        polygons = self._polygons(mask)
        return Outline.of(cells, polygons, regions.within, regions.keep_in, regions.keep_out)

    def _polygons(self, mask: Mask) -> list[Polygon]:
        """A round's metal."""
        settings = self.settings
        return settings.cells.polygons(mask) if settings.rounds else settings.drawn

    def _seen(self, response: Response) -> Seen:
        """A traced outline at the frequencies of the search."""
        at, f = self.band.frequency, response.frequency
        z = np.interp(at, f, response.dense.z.real) + 1j * np.interp(at, f, response.dense.z.imag)
        share = None
        if "sky" in self.asks.needs:
            share = np.interp(at, f, response.share("sky"))[:, None]
        # the pattern of the outline is judged, not mapped
        return Seen(at, z[:, None], share, solved=at[:0])

    def _asked(self) -> Asks:
        """A little beyond the best of the rounds so far."""
        asks, best = self.asks, self._best()
        if best is None:
            return asks
        names = best.parameters
        values = tuple(
            names.get(f"network.{k}", value) for k, value in enumerate(asks.values, start=1)
        )
        asks = replace(asks, values=values)
        found = best.evaluation
        if not found.feasible:
            return asks
        if not asks.objective.ratio:
            return replace(asks, objective=replace(asks.objective, level=found.objectives[0]))
        if found.band is None:
            return asks
        return replace(asks, objective=replace(asks.objective, low=found.band[0]))

    def _start(self, models: list[Model]) -> Mask:
        """The best round's mask; the best of several tapers for the first."""
        settings, cells = self.settings, self.settings.cells
        best = self._best()
        if best is not None:
            return best.mask
        half, tip = settings.sides[1] / 2.0, settings.sides[0] / 2.0
        if isinstance(settings.start, list):
            shapes = [cells.taper(settings.start)]
        elif settings.start is not None:
            shapes = [cells.covering(settings.start)]
        else:
            tapers = [
                [(settings.gap / 2.0, w * half), (x * tip, w * half), (1.2 * x * tip, half)]
                for x in (0.05, 0.1, 0.3)
                for w in (0.1, 0.3)
            ]
            shapes = [cells.taper(points) for points in tapers]
        masks = [cells.plate(), *(repaired(cells, shape) for shape in shapes)]
        masks = [repaired(cells, masks[0]), *masks]
        masks = [mask for mask in masks if allowed(cells, mask) and wide_enough(cells, mask)]
        if not masks:
            raise InputError(
                "[freeform] keep_in, keep_out and the least widths leave no pattern of one piece "
                "to start from; make them smaller or give start"
            )
        costs = []
        for mask in masks:
            for model in models:
                model.go(mask)
            seen = [model.here() for model in models]
            costs.append(float(self.asks.tuned(seen).cost(seen)[0]))
        return masks[int(np.argmin(costs))]

    def _responses(self, spec: JsonDict, accuracy: str) -> tuple[Response, ...]:
        """The traced outline in every scenario, as much of it as the goals need."""
        problems = self._scenarios(self._evaluator(spec, accuracy).problem({}))
        needs = self.settings.goals.needs
        return tuple(respond(problem, SOLVER, accuracy, needs) for problem in problems)

    def _evaluated(
        self, responses: tuple[Response, ...], parameters: dict[str, float]
    ) -> Evaluation:
        """By the study's goals."""
        settings = self.settings
        return settings.goals.evaluate(responses, settings.port, parameters, self._combine)

    @property
    def _combine(self) -> Combine:
        robust = self.settings.robust
        return worst_case if robust is None else robust.combine

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
            robust=settings.robust,
        )

    def _best(self) -> Round | None:
        trial = best_of(self._trials())
        return None if trial is None else self.rounds[trial.number]

    def _trials(self) -> list[Trial]:
        return [
            Trial(n, item.parameters, item.evaluation, item.seconds)
            for n, item in enumerate(self.rounds)
        ]

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
            spec, parameters = best.spec, best.parameters
            if self.polished is not None:
                spec, parameters = self._design(best, self.polished)
                better = self._evaluated(self._responses(spec, "normal"), parameters)
                stages.append(replace(own, stage=POLISH, evaluation=better))
                winner = replace(winner, parameters=parameters, evaluation=better)
            if settings.fine and not interrupted:
                self.say(1.0, "fine mesh")
                fine = self._evaluated(self._responses(spec, "fine"), parameters)
                stages.append(replace(own, stage="fine", accuracy="fine", evaluation=fine))
                winner = replace(winner, evaluation=fine)
            if settings.confirm != NONE and not interrupted:
                evaluator = self._evaluator(spec, "normal")
                told = confirm(
                    evaluator, settings.confirm, winner, fine=settings.fine, say=self.say
                )
                stages.append(told)
        else:
            spec = settings.spec(settings.cells.polygons(settings.cells.plate()))
        return OptimizationResult(
            trials=tuple(trials),
            evaluator=self._evaluator(spec, "normal"),
            sampler=SAMPLER,
            evaluated=len(trials),
            study=None if self.folder is None else str(self.folder / STATE),
            seconds=time.perf_counter() - self.begun,
            searching=sum(item.seconds for item in self.rounds),
            interrupted=interrupted,
            winner=winner,
            stages=tuple(stages),
        )

    def _design(self, best: Round, polished: Polished) -> tuple[JsonDict, dict[str, float]]:
        """(spec, values of the network) of the polished outline."""
        spec = self.settings.spec(self._outline(best.mask).polygons(polished.parameters))
        return spec, {name: polished.parameters[name] for name in best.parameters}

    def _save(self) -> None:
        if self.folder is not None:
            document = {
                "seed": self.settings.seed,
                "study": self._fingerprint(),
                "rounds": [item.to_dict() for item in self.rounds],
                "polished": self.polished and self.polished.to_dict(),
            }
            write_json(self.folder / STATE, document)

    def _fingerprint(self) -> str:
        """What a resumed study must share: all but how many rounds and programs, and the
        later stages."""
        content: dict[str, Any] = json.loads(json.dumps(self.settings.content))
        for key in ("rounds", "polish", "polish_mesh", "fine", "confirm"):
            content.get("freeform", {}).pop(key, None)
        if self.settings.rounds == 0:
            content["freeform"]["rounds"] = 0
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
            polished = data.get("polished")
            self.polished = None if polished is None else Polished(**polished)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"{self.folder / STATE} is damaged: {one_line(error)}") from None

    def _restored(self, data: JsonDict) -> Round:
        mask = np.array(data["mask"], dtype=bool)
        real, imag = (np.array(part) for part in data["shift"])
        spec = self.settings.spec(self._polygons(mask))
        return Round(
            mask,
            spec,
            Evaluation.from_dict(data["evaluation"]),
            data["parameters"],
            real + 1j * imag,
            np.array(data["scale"]),
            data["off"],
            data["seconds"],
        )
