"""Plan: everything a study needs, checked before a file is made or a worker started."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...common.checks import choice, kind, whole
from ...common.parameter import Parameter
from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import InputError, MissingEngineError, UnsupportedProblemError
from ...geometry.layout import Layout
from ...media.layer import Stack
from ...media.sheets import Film, Metal
from ...problem import Band, Problem
from ..port import PortModel
from ..space import SearchSpace
from .cluster import Cluster
from .evaluate import HEIGHT, Evaluator
from .goals import Goals
from .samplers import SAMPLERS, choose_sampler
from .scenarios import Scenarios
from .stages import Stages

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True, eq=False)
class StudySettings:
    """What a study file says, or the defaults of a geometry with ``[search]``.

    search: ranges in place of the geometry's own, or None.  goals: None is the widest band.
    port: None is a free reference impedance in the range of [search] z0, or 25-600 ohm.
    stack, height: of a robust study they choose which scenario is the nominal one.
    file: where the study was read from, for messages.
    """

    geometry: str | os.PathLike[str] | Layout
    parameters: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Parameter] | None = None
    stack: Stack = field(default_factory=Stack.free_space)
    height: float = 0.0
    band: Band = field(default_factory=lambda: Band.mhz(5, 35, 61))
    solver: str = "auto"
    accuracy: str = "draft"
    port: PortModel | None = None
    goals: Goals | None = None
    robust: Scenarios | None = None
    cluster: Cluster | None = None
    stages: Stages = field(default_factory=Stages)
    sampler: str = "auto"
    trials: int = 200
    seed: int = 1
    file: str = ""

    def __post_init__(self) -> None:
        """One line for whatever is of another type than it must be."""
        for name, wanted, give in (
            ("geometry", (str, os.PathLike, Layout), "a name, a path or a Layout"),
            ("parameters", Mapping, "a table of name = value"),
            ("stack", Stack, "la.load_soil(...), la.Stack or a name"),
            ("band", Band, "la.Band"),
            ("stages", Stages, "stages, or leave it out"),
            ("solver", str, "the name of a solver"),
            ("file", str, "the path as text"),
        ):
            kind(name, getattr(self, name), wanted, give)
        optional: tuple[tuple[str, type], ...] = (
            ("search", Mapping), ("port", PortModel), ("goals", Goals), ("robust", Scenarios),
            ("cluster", Cluster),
        )  # fmt: skip
        for name, one in optional:
            if getattr(self, name) is not None:
                kind(name, getattr(self, name), one, f"a {one.__name__}, or None")

    def changed(self, **given: Any) -> StudySettings:
        """The same with everything in ``given`` that is not None; parameters are merged."""
        parameters = {**self.parameters, **(given.pop("parameters", None) or {})}
        known = {key: value for key, value in given.items() if value is not None}
        return replace(self, parameters=parameters, **known)

    def plan(self) -> StudyPlan:
        """Build the start design, choose the solver.  Raises :class:`InputError`."""
        with Table({}, self.file).naming():
            return self._plan()

    def _plan(self) -> StudyPlan:
        from ...geometry.load import build
        from ...solvers.protocol import ACCURACIES

        choice("accuracy", self.accuracy, ACCURACIES)
        choice("sampler", self.sampler, SAMPLERS)
        trials = whole("trials", self.trials)
        seed = whole("seed", self.seed, low=0, high=LARGEST_SEED)
        spec = self._spec()
        goals = self.goals or Goals.default()
        if self.stages.polish and goals.several:
            raise InputError(
                f"[stages] polish = {self.stages.polish} is of one objective, the study has "
                f"{len(goals.objectives)}; leave polish out"
            )
        ranges = self._ranges(spec)
        port = self._port(ranges)
        ranges |= port.variables(with_z0=goals.several and goals.uses_port)
        layout = build(spec)
        space = SearchSpace.from_ranges(
            ranges, {**layout.parameters, HEIGHT: self.height}, tuple(self.parameters)
        )
        drawn = Problem(layout, self.stack, self.height, self.band)
        cases = self._cases(drawn, ranges)
        problem = _nominal(drawn, cases)
        for case in cases:
            goals.check(case, port)
        evaluator = Evaluator(
            spec=spec,
            stack=problem.stack,
            height=problem.height,
            band=problem.band,
            solver=_engine(cases, self.solver),
            accuracy=self.accuracy,
            goals=goals,
            port=port,
            robust=self.robust,
            cluster=self.cluster,
        )
        if self.stages.confirm != "none":
            if self.stages.confirm == evaluator.solver:
                raise InputError(f"confirm = {self.stages.confirm!r} is the solver of the search")
            _engine((problem,), self.stages.confirm)
        choose_sampler(self.sampler, len(space.variables), trials, len(goals.objectives))
        plan = StudyPlan(evaluator, space, self.stages, self.sampler, trials, seed)
        first = plan.screener if self.stages.screen_trials else plan.searcher
        for case in cases:
            first.check(case)
        return plan

    def check_names(self) -> None:
        """Raise where a parameter or a variable is none of the geometry's."""
        self._ranges(self._spec())

    def _spec(self) -> JsonDict:
        """The geometry's content with the fixed parameters and materials merged in."""
        from ...geometry.spec import override, read_spec

        spec, fixed = read_spec(self.geometry), dict(self.parameters)
        for name in ("metal", "film"):
            if name in fixed:
                value = fixed.pop(name)
                spec[name] = value.to_dict() if isinstance(value, (Metal, Film)) else value
        merged: JsonDict = json.loads(json.dumps(override(spec, fixed), default=str))
        return merged

    def _ranges(self, spec: JsonDict) -> dict[str, Parameter]:
        """Ranges of the study or of the geometry, checked against the geometry's parameters."""
        from ...geometry.spec import check_spec, load_search

        if self.search is None:
            ranges = load_search(self.geometry)
            found = {name: Parameter(name, "", None, *ends) for name, ends in ranges.items()}
        else:
            found = dict(self.search)
            ends = {name: [item.low, item.high] for name, item in found.items()}
            spec["search"] = ends  # a geometry of this study is searched like this
            check_spec(spec)
        return {n: replace(item, integer=_whole_numbered(spec, n)) for n, item in found.items()}

    def _cases(self, drawn: Problem, ranges: Mapping[str, Parameter]) -> tuple[Problem, ...]:
        """What every candidate is solved in: its own scenario, or those of [robust]."""
        if self.robust is None:
            return (drawn,)
        if self.robust.heights and HEIGHT in ranges:
            raise InputError(
                "height is searched, but [robust] heights take its place; remove one of them"
            )
        return tuple(item.problem for item in self.robust.of(drawn))

    def _port(self, ranges: dict[str, Parameter]) -> PortModel:
        """The port, taking z0 out of the ranges of a geometry."""
        own = ranges.pop("z0", None)
        if self.port is not None:
            return self.port
        return PortModel() if own is None else PortModel(own.low, own.high)


@dataclass(frozen=True, slots=True, eq=False)
class StudyPlan:
    """A study that can start.  sampler: as asked for; "auto" is decided once, by the study."""

    evaluator: Evaluator
    space: SearchSpace
    stages: Stages
    sampler: str
    trials: int
    seed: int

    @property
    def maximise(self) -> tuple[bool, ...]:
        """Of every objective, whether more is better."""
        return tuple(item.maximise for item in self.evaluator.goals.objectives)

    @property
    def searcher(self) -> Evaluator:
        """The search: the study's goals, tightened by the margin of its stages."""
        return replace(self.evaluator, goals=self.evaluator.goals.tightened(self.stages.margin))

    @property
    def screener(self) -> Evaluator:
        """The first stage: fewer frequencies, draft mesh."""
        solved = self.evaluator.band.frequency
        band = Band(np.linspace(solved[0], solved[-1], self.stages.screen_points))
        return replace(self.searcher, band=band, accuracy="draft")

    @property
    def checker(self) -> Evaluator:
        """The check: normal mesh, or the search's own where that is finer."""
        own = self.evaluator.accuracy
        return replace(self.evaluator, accuracy="fine" if own == "fine" else "normal")

    @property
    def fingerprint(self) -> JsonDict:
        """What must be the same for a study to go on: everything but the later stages."""
        return {
            **self.searcher.to_dict(),
            "search": self.space.to_dict(),
            "sampler": self.sampler,
            "seed": self.seed,
            "screen": [self.stages.screen_trials, self.stages.screen_points]
            if self.stages.screen_trials
            else None,
        }


def _whole_numbered(spec: JsonDict, name: str) -> bool:
    """Whether the variable takes whole numbers alone."""
    from ...geometry.families import family
    from ...geometry.modifiers import modifier
    from ...geometry.spec import MATERIALS, PROBLEM_VARIABLES, address

    if name in PROBLEM_VARIABLES:
        return False
    table, own = address(spec, name)
    if table in MATERIALS:
        return False
    owner = family(spec["family"]) if table == "parameters" else modifier(table)
    return any(item.integer for item in owner.parameters if item.name == own)


def _nominal(drawn: Problem, cases: Sequence[Problem]) -> Problem:
    """The design as drawn, where the study says if that is among ``cases``, else in the first."""
    layers, height = drawn.stack.layers, drawn.height
    case = min(cases, key=lambda item: (item.stack.layers != layers, item.height != height))
    stack = drawn.stack if case.stack.layers == layers else case.stack  # the study's own name
    return replace(drawn, stack=stack, height=case.height)


def _engine(cases: Sequence[Problem], solver: str) -> str:
    """One solver for the whole study: refused or missing ones are found before it starts."""
    from ...solvers.registry import AUTO, check_name, choose, get_solver, refusal

    check_name(solver)
    if solver == AUTO:
        found = [choose(case)[0].name for case in cases]
        able = [name for name in dict.fromkeys(found) if _refused(name, cases) is None]
        if able:
            return able[0]
        raise UnsupportedProblemError(
            "no solver can do all scenarios of [robust], which need "
            f"{' and '.join(sorted({*found}))}; leave some out"
        )
    engine = get_solver(solver)
    for case in cases:
        if (reason := refusal(engine, case)) is not None:
            raise UnsupportedProblemError(f"solver {solver} cannot do this: {reason}")
    if (absent := engine.missing()) is not None:
        raise MissingEngineError(absent)
    return solver


def _refused(name: str, cases: Sequence[Problem]) -> str | None:
    """Why the solver cannot do all of ``cases``."""
    from ...solvers.registry import get_solver, refusal

    engine = get_solver(name)
    return next((reason for case in cases if (reason := refusal(engine, case)) is not None), None)
