"""From the answers of all models to one Solution of the whole problem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...conventions import FloatArray
from ...problem import Problem
from ...radiation import CurrentElements
from ...solution import CurrentShape, Quality, Solution
from ..protocol import provenance
from .fields.evaluate import Answer
from .model.materials import fit_error
from .model.plan import Model
from .model.scene import Scene
from .model.split import Use
from .run.status import RunStatus

MATRICES = ("z", "r_sky", "r_ground", "r_metal", "r_film")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of one model.

    converged, z_error (n_freq,) or None: of mesh and staircase together.  efficiency_error,
    gain_error: (n_freq,) or None.  details, notes: of its staircase.
    """

    model: Model
    answer: Answer
    statuses: tuple[RunStatus, ...]
    converged: bool
    z_error: FloatArray | None
    efficiency_error: FloatArray | None
    gain_error: FloatArray | None
    details: Mapping[str, Any]
    notes: tuple[str, ...]


def merged(n_ports: int, outcomes: list[Outcome]) -> Answer:
    """One answer for all ports: no entries between ports of different uses of the models.

    Moments and densities of a model are zero for the ports that it does not answer for.
    """
    first = outcomes[0]
    if len(outcomes) == 1 and first.model.part.uses == (Use(tuple(range(n_ports))),):
        return first.answer
    pairs = [(outcome.answer, use) for outcome in outcomes for use in outcome.model.part.uses]
    n_freq = first.answer.z.shape[0]
    matrices = {name: np.zeros((n_freq, n_ports, n_ports), dtype=complex) for name in MATRICES}
    for answer, use in pairs:
        ports = np.array(use.ports)
        for name, matrix in matrices.items():
            matrix[:, ports[:, None], ports] = getattr(answer, name)

    shapes = [answer.shape for answer, _ in pairs]
    uses = [use for _, use in pairs]
    return Answer(
        **matrices,
        elements=CurrentElements(
            _placed(uses, [answer.elements.position for answer, _ in pairs]),
            _spread(n_ports, uses, [answer.elements.electric for answer, _ in pairs]),
        ),
        shape=CurrentShape(
            weight=np.concatenate([shape.weight for shape in shapes]),
            position=_placed(uses, [shape.position for shape in shapes]),
            density=_spread(n_ports, uses, [shape.density for shape in shapes]),
        ),
        reciprocity=max(outcome.answer.reciprocity for outcome in outcomes),
        sky_from_faces=max(outcome.answer.sky_from_faces for outcome in outcomes),
    )


def _placed(uses: list[Use], positions: list[Any]) -> FloatArray:
    """(n, 3) m, use after use."""
    return np.concatenate([use.back(item) for use, item in zip(uses, positions, strict=True)])


def _spread(n_ports: int, uses: list[Use], values: list[Any]) -> npt.NDArray[Any]:
    """(n_freq, n_port, n, 3) from the (n_freq, n_port of the use, n_i, 3) of every use.

    In one array from the start: with a film it is the largest by far.
    """
    stops = np.cumsum([item.shape[2] for item in values])
    result = np.zeros((values[0].shape[0], n_ports, stops[-1], 3), dtype=values[0].dtype)
    for use, item, stop in zip(uses, values, stops, strict=True):
        turned = use.back(item)
        for row, port in enumerate(use.ports):
            result[:, port, stop - item.shape[2] : stop] = turned[:, row]
    return result


def solution_of(
    problem: Problem,
    outcomes: list[Outcome],
    *,
    line: str,
    solver: str,
    version: str,
    accuracy: str,
    wall_seconds: float,
) -> Solution:
    """The Solution of ``problem`` from all its models.  line: what symmetry keeps apart, or ""."""
    answer = merged(len(problem.layout.ports), outcomes)
    scenes = [outcome.model.scene for outcome in outcomes]
    statuses = [status for outcome in outcomes for status in outcome.statuses]
    gain = _worst([outcome.gain_error for outcome in outcomes])
    cells = sum(scene.grid.cells for scene in scenes)
    notes = [f"{line}, no coupling between them"] if line else []
    for outcome in outcomes:
        notes.extend((*_notes(outcome.model.scene, outcome.model.without), *outcome.notes))
    return Solution(
        problem=problem,
        frequency=problem.frequency,
        **{name: getattr(answer, name) for name in MATRICES},
        elements=answer.elements,
        quality=Quality(
            converged=all(outcome.converged for outcome in outcomes),
            power_closure=Solution.closure(*(getattr(answer, name) for name in MATRICES)),
            z_error=_worst([outcome.z_error for outcome in outcomes]),
            efficiency_error=_worst([outcome.efficiency_error for outcome in outcomes]),
            details={
                "models": len(outcomes),
                "cells": cells,
                "steps": max(status.log.last_step for status in statuses),
                "decay": max(status.decay for status in statuses),
                "mesh_ratio": max(scene.grid.ratio for scene in scenes),
                "model_share": max(1.0 / scene.grid.symmetry.copies for scene in scenes),
                "reciprocity": answer.reciprocity,
                "sky_from_faces": answer.sky_from_faces,
                **({} if gain is None else {"gain_error": gain}),
                **_fit_details(problem),
                **_largest([outcome.details for outcome in outcomes]),
            },
        ),
        provenance=provenance(
            problem,
            solver=solver,
            version=version,
            accuracy=accuracy,
            threads=1,
            wall_seconds=wall_seconds,
            unknowns=cells,
            notes=tuple(dict.fromkeys(notes)),
        ),
        shape=answer.shape,
    )


def _worst(errors: list[FloatArray | None]) -> FloatArray | None:
    """(n_freq,) the largest of all models, None where one does not know its own."""
    known = [error for error in errors if error is not None]
    return np.maximum.reduce(known) if len(known) == len(errors) else None


def _largest(details: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The largest value of every name over all models, frequency by frequency."""
    names = dict.fromkeys(name for item in details for name in item)
    found = {n: np.maximum.reduce([item[n] for item in details if n in item]) for n in names}
    return {name: value if np.ndim(value) else value.item() for name, value in found.items()}


def _fit_details(problem: Problem) -> dict[str, float]:
    """Largest error of the Debye fits over all lossy layers."""
    errors = [
        fit_error(layer, problem.frequency)
        for layer in problem.stack.layers
        if not layer.is_conductor and layer.loss_tangent > 0.0
    ]
    return {
        "debye_eps_error": max((real for real, _ in errors), default=0.0),
        "debye_tan_delta_error": max((loss for _, loss in errors), default=0.0),
    }


def _notes(scene: Scene, without: str) -> tuple[str, ...]:
    problem = scene.problem
    notes = [
        f"no errors: the coarser mesh is refused ({without})"
        if without
        else "errors from a run on a coarser mesh, first order, and a shift of resonances besides"
    ]
    if not problem.stack.is_free_space:
        notes.append("r_ground by difference: flux out of a box plus soil loss inside less r_sky")
    if problem.layout.metal is not None:
        notes.append(
            "metal loss in the mesh, of mid-band; to first order what it differs by elsewhere"
            if scene.resistance is not None
            else "metal loss to first order from the currents of a perfect conductor"
        )
    if problem.layout.film is not None:
        notes.append(
            "film as an effective sheet, its loss to first order; at the metal's rims, where most "
            "of it is, from the fields of a thin edge, good to 20 %"
        )
    on_surface = any(scene.grid.z[k] == 0.0 for k, _ in scene.films)
    if problem.stack.layers and problem.height > 0.0 and on_surface:
        notes.append("air gap below the metal as part of an effective sheet")
    if any(slab.medium.poles for slab in scene.slabs):
        fit = _fit_details(problem)
        notes.append(
            f"constant loss tangent by Debye poles: eps' off by up to "
            f"{100 * fit['debye_eps_error']:.2f} %, tan delta by {fit['debye_tan_delta_error']:.1e}"
        )
    return tuple(notes)
