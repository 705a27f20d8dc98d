"""Tolerances: how far band edges and efficiencies move with everything a builder misses by.

Each quantity q of a design is taken at x0 and at x0 +- t/2, x0 +- t, t the stated tolerance of
one variable (:mod:`.variables`), with all others and the termination fixed; slopes and what is
linear are in :mod:`.sensitivity`.  A side that cannot be built counts as out of range.  The
quantities are the two band edges, each followed by itself (:mod:`.merits`), their ratio, the lowest
efficiency between the nominal edges and the lowest of the whole solved band.

Sums of single effects are linear, and real corners exceed them.  So the corners that the slopes
predict to be the worst are built as well, all variables at their tolerances at once, and
``builds`` antennas that are off in everything at random (:mod:`.builds`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.networks import Element
from ..common.checks import choice, every, kind, reporter, whole
from ..errors import InputError
from ..geometry.layout import Layout
from ..media.layer import Layer, Stack
from ..media.soils import load_soil
from ..problem import Band
from ..search.merits.efficiency import BandRatio, MinEfficiency
from ..search.port import PortModel
from ..search.study.evaluate import Evaluator
from ..search.study.goals import Goals
from ..search.study.scenarios import Scenarios
from ..search.study.trials import Evaluation
from .builds import (
    DISTRIBUTIONS,
    FEWEST,
    BuildsInterrupted,
    Deviation,
    Requirement,
    build_all,
)
from .merits import BandEdge, InBandMinimum
from .report import QUANTITIES, Sensitivity, ToleranceReport
from .sensitivity import quantities, sensitivity
from .variables import variables_of

if TYPE_CHECKING:
    from ..solvers.protocol import Progress

TAB = "port_width"


class ToleranceInterrupted(KeyboardInterrupt):
    """Ctrl-C during the analysis; ``report`` holds what is finished."""

    def __init__(self, report: ToleranceReport) -> None:
        super().__init__("interrupted")
        self.report = report


def tolerance(
    geometry: str | os.PathLike[str] | Layout,
    stack: Stack | str | os.PathLike[str] | None = None,
    *,
    height: float = 0.0,
    band: Band | None = None,
    z0: float | None = None,
    network: Sequence[Element] = (),
    threshold: float = 0.9,
    efficiency: str = "mismatch",
    tolerances: Mapping[str, float] | None = None,
    parameters: Mapping[str, Any] | None = None,
    solver: str = "auto",
    accuracy: str = "normal",
    progress: Progress | None = None,
    builds: int = FEWEST,
    requirements: Sequence[str] = (),
    distribution: str = DISTRIBUTIONS[0],
    seed: int = 1,
) -> ToleranceReport:
    """Sensitivity of a design's band and lowest efficiency to each of its variables, and yield.

    geometry: shipped name, path or Layout.  stack: name, path or Stack; None is free space.  band:
    None is 5-35 MHz in 61 points.  z0: ohm, kept while everything else varies; None is the best of
    25-600 ohm for the design itself.  network: elements of fixed value between the antenna and z0.
    threshold, efficiency: of the band (:mod:`.merits`).  tolerances: by variable, in place of
    :data:`TOLERANCES`, 1 mm, 1 degree and 1 %; 0 leaves a variable out; also ``film.*`` and
    ``metal.*``.  parameters: overrides of the geometry.  builds: antennas drawn by
    ``distribution`` ("uniform" or "normal") and ``seed``, 200 or more, or 0 for no yield.
    requirements: "QUANTITY>=VALUE" or "<=", SI, quantities those of the report; without any,
    "inside" not below the threshold.

    Raises :class:`InputError` for an unknown variable, for a design that reaches the threshold
    nowhere, and for one that only openEMS can solve unless that is asked for; SolverError;
    :class:`ToleranceInterrupted` with what is finished.
    """
    reporter(progress)
    builds = whole("builds", builds, low=0)
    if 0 < builds < FEWEST:
        raise InputError(f"builds = {builds}, allowed: 0 for no yield, or {FEWEST} and more")
    choice("distribution", distribution, DISTRIBUTIONS)
    seed = whole("seed", seed, low=0)
    for name, table in (("tolerances", tolerances), ("parameters", parameters)):
        if table is not None:
            kind(name, table, Mapping, "a table of name = value, or None")
    if isinstance(requirements, str):
        requirements = (requirements,)
    requirements = every("requirements", requirements, str, "text such as 'inside>=0.9'")
    if band is not None:
        kind("band", band, Band, "la.Band.mhz(5, 35), or None")
    wanted = [Requirement.parse(text, QUANTITIES) for text in requirements]
    wanted = wanted or [Requirement("inside", low=threshold)]
    say = progress or _silent
    evaluator = _evaluator(
        geometry,
        Stack.free_space() if stack is None else load_soil(stack),
        height,
        band or Band.mhz(5, 35, 61),
        solver,
    )
    port = PortModel(network=tuple(network))
    if z0 is not None:
        port = replace(port, z0_low=z0, z0_high=z0)
    evaluator = _fixed(evaluator, dict(parameters or {}), accuracy, threshold, efficiency, port)
    variables = list(variables_of(evaluator, dict(tolerances or {})))
    say(0.0, "the design itself")
    nominal = evaluator.evaluate({})
    if nominal.reason is not None:
        raise InputError(f"the design cannot be evaluated: {nominal.reason}")
    if nominal.band is None or nominal.z0 is None:
        raise InputError(
            f"the design reaches {efficiency} efficiency {threshold:g} nowhere in the band; "
            "give a lower threshold or another z0"
        )
    evaluator = _followed(evaluator, nominal.band, nominal.z0, threshold, efficiency)
    nominal = evaluator.evaluate({})
    assert nominal.z0 is not None
    report = ToleranceReport(
        geometry=str(evaluator.spec.get("name", evaluator.spec["family"])),
        soil=evaluator.stack.name,
        height=evaluator.height,
        z0=nominal.z0,
        threshold=threshold,
        efficiency=efficiency,
        solver=evaluator.solver,
        accuracy=accuracy,
        nominal=quantities(nominal),
        sensitivities=(),
        evaluations=2,
    )
    done = 0
    total = sum(len(item.points) for item in variables) + 2 * len(QUANTITIES) + builds

    def built(values: Mapping[str, float], label: str) -> Evaluation:
        nonlocal done
        done += 1
        say(min(done / (total + 1), 1.0), label)
        return _built(evaluator, values)

    def drawn(values: Mapping[str, float]) -> tuple[Mapping[str, float], str | None]:
        found = built(values, "builds")
        return quantities(found), found.reason

    try:
        for item in variables:
            single = {x: built({item.name: x}, f"{item.name} = {x:.6g}") for x in item.points}
            row = sensitivity(item, report.nominal, single)
            report = replace(
                report,
                sensitivities=(*report.sensitivities, row),
                evaluations=report.evaluations + len(single),
            )
        corners = {
            key: quantities(built(dict(key), "corners"))
            for key in _corners(variables, report.sensitivities)
        }
        report = replace(
            report,
            corners=_changes(report.nominal, corners.values()),
            corner_evaluations=len(corners),
        )
        if builds and variables:
            found = build_all(
                variables, drawn, wanted, count=builds, seed=seed, distribution=distribution
            )
            report = replace(report, builds=found)
    except BuildsInterrupted as stopped:
        raise ToleranceInterrupted(replace(report, builds=stopped.builds)) from None
    except KeyboardInterrupt:
        raise ToleranceInterrupted(report) from None
    say(1.0, "done")
    return report


def _corners(
    variables: Sequence[Deviation], rows: Sequence[Sensitivity]
) -> Iterator[tuple[tuple[str, float], ...]]:
    """Corners of the tolerances that the slopes predict lowest and highest, each once."""
    seen: set[tuple[tuple[str, float], ...]] = set()
    for name in QUANTITIES:
        for way in (-1.0, 1.0):
            corner = tuple(
                (item.name, item.side(way * _sign(row.effects[name].slope)))
                for item, row in zip(variables, rows, strict=True)
            )
            if corner and corner not in seen:
                seen.add(corner)
                yield corner


def _sign(slope: float) -> float:
    return -1.0 if slope < 0.0 else 1.0


def _changes(
    nominal: Mapping[str, float], corners: Iterable[Mapping[str, float]]
) -> dict[str, tuple[float, float]]:
    """(lowest, highest) change of every quantity over the corners; nan where one lost it."""
    found = list(corners)
    changes = {name: np.array([row[name] - nominal[name] for row in found]) for name in nominal}
    return {name: (float(row.min()), float(row.max())) for name, row in changes.items() if row.size}


def _silent(fraction: float, message: str) -> None:
    """No progress."""
    del fraction, message


def scaled(stack: Stack, eps_r: float = 1.0, loss: float = 1.0) -> Stack:
    """The stack with eps_r - not below 1 - and the losses of every layer times a factor.

    loss multiplies tan delta and conductivity.
    """
    layers = [
        layer
        if layer.is_conductor
        else Layer(
            layer.thickness,
            max(1.0, layer.eps_r * eps_r),
            layer.loss_tangent * loss,
            layer.conductivity * loss,
        )
        for layer in stack.layers
    ]
    return Stack(layers, stack.name, stack.source)


def _evaluator(
    geometry: str | os.PathLike[str] | Layout, stack: Stack, height: float, band: Band, solver: str
) -> Evaluator:
    from ..geometry.spec import read_spec

    spec = {key: value for key, value in read_spec(geometry).items() if key != "search"}
    return Evaluator(
        spec=spec,
        stack=stack,
        height=height,
        band=band,
        solver=solver,
        accuracy="normal",
        goals=Goals.default(),
        port=PortModel(),
    )


def _fixed(
    evaluator: Evaluator,
    parameters: dict[str, Any],
    accuracy: str,
    threshold: float,
    efficiency: str,
    port: PortModel,
) -> Evaluator:
    """The evaluator of the design itself, with the solver chosen."""
    from ..geometry.spec import override
    from ..solvers.protocol import ACCURACIES
    from ..solvers.registry import AUTO, check_name, choose

    choice("accuracy", accuracy, ACCURACIES)
    check_name(evaluator.solver)
    spec = dict(evaluator.spec)
    for name in ("metal", "film"):
        if name in parameters:
            spec[name] = parameters.pop(name)
    spec = override(spec, parameters)
    problem = replace(evaluator, spec=spec).problem({})
    solver = evaluator.solver
    if solver == AUTO:
        engine = choose(problem)[0]
        solver = engine.name
        if engine.capabilities.slow:
            raise InputError(
                f"only {solver} can solve {problem.layout.name}, for some minutes per point; "
                f"give solver {solver} if that is meant, with few tolerances"
            )
    goals = Goals((BandRatio(efficiency, threshold),))
    goals.check(problem, port)
    return replace(
        evaluator,
        spec=spec,
        height=problem.height,
        solver=solver,
        accuracy=accuracy,
        goals=goals,
        port=port,
    )


def _followed(
    evaluator: Evaluator,
    band: tuple[float, float],
    z0: float,
    threshold: float,
    efficiency: str,
) -> Evaluator:
    """The evaluator with the termination fixed and the quantities of the nominal band as goals."""
    solved = (float(evaluator.band.frequency[0]), float(evaluator.band.frequency[-1]))
    goals = Goals(
        (
            BandEdge(efficiency, threshold, band[0], True),
            BandEdge(efficiency, threshold, band[1], False),
            InBandMinimum(efficiency, (band[0] / 1e6, band[1] / 1e6)),
            MinEfficiency(efficiency, (solved[0] / 1e6, solved[1] / 1e6)),
        )
    )
    return replace(evaluator, goals=goals, port=replace(evaluator.port, z0_low=z0, z0_high=z0))


def _built(evaluator: Evaluator, values: Mapping[str, float]) -> Evaluation:
    """The design with those variables, all at once.

    A tab whose width the design leaves to the rule of its family ends at the arm's edge where the
    edge came out narrower: it is cut with it.
    """
    rest = dict(values)
    stack = scaled(evaluator.stack, rest.pop("eps_r", 1.0), rest.pop("loss_tangent", 1.0))
    evaluator = replace(evaluator, stack=stack)
    arm = rest.pop("arm_error", 0.0)
    if arm:
        evaluator = replace(evaluator, robust=Scenarios(arm_errors=(arm,)))
    found = evaluator.evaluate(rest)
    stated = evaluator.spec.get("parameters", {})
    if found.reason is not None and TAB in rest and TAB not in stated:
        del rest[TAB]
        found = evaluator.evaluate(rest)
    return found
