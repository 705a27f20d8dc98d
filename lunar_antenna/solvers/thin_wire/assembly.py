"""A Solution from the points of a sweep: what is common to all thin-wire engines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...errors import SolverError
from ...problem import Problem
from ...radiation import CurrentElements
from ...solution import CurrentShape, Quality, Solution
from ..protocol import provenance
from .ports import POINTS, element_positions
from .sweep import Point
from .types import WireModel

GAIN_TOLERANCE = 0.02  # of the average gain
FILM_NOTE = (
    "film as a coating of the wires: series inductance, and the loss in the fields of its charge"
)


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """(n, p, p) ohm each; r_ground None without a flux."""

    z: ComplexArray
    r_sky: ComplexArray
    r_ground: ComplexArray | None
    r_metal: ComplexArray
    r_film: ComplexArray

    @property
    def rest(self) -> ComplexArray:
        """(n, p, p) ohm, Hermitian: what goes neither to the sky nor into metal and film."""
        lost = self.r_sky + self.r_metal + self.r_film
        return np.asarray(0.5 * (self.z + np.conj(np.swapaxes(self.z, 1, 2))) - lost)


def matrices_of(points: list[Point], engine: str) -> Matrices:
    """Of all ``points``; :class:`SolverError` where one is not finite."""
    results = [point.result for point in points]
    grounds = [result.r_ground for result in results if result.r_ground is not None]
    found = Matrices(
        np.stack([result.z for result in results]),
        np.stack([result.r_sky for result in results]),
        np.stack(grounds) if grounds else None,
        np.stack([result.r_metal for result in results]),
        np.stack([result.r_film for result in results]),
    )
    for part in (found.z, found.rest):
        if not np.isfinite(part).all():
            raise SolverError(
                f"{engine} returned a non-finite impedance; use another accuracy or solver"
            )
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """How a solution was made."""

    solver: str
    version: str
    accuracy: str
    workers: int
    started: float


def solution_of(
    problem: Problem,
    model: WireModel,
    points: list[Point],
    matrices: Matrices,
    run: Run,
    *,
    z_error: FloatArray,
    efficiency_error: FloatArray,
    converged: bool,
    details: Mapping[str, Any],
    notes: list[str],
) -> Solution:
    """The solution; without a flux the soil has the rest of the power, and no closure is known."""
    ends, said = model.segment_ends, list(notes)
    if problem.layout.film is not None:
        said.append(FILM_NOTE)
    if matrices.r_ground is not None:
        r_ground = matrices.r_ground
    elif problem.stack.is_free_space:
        r_ground = np.zeros_like(matrices.r_sky)
    else:
        r_ground = matrices.rest
    losses = (matrices.r_sky, r_ground, matrices.r_metal, matrices.r_film)
    closure = Solution.closure(matrices.z, *losses)
    if matrices.r_ground is None and not problem.stack.is_free_space:
        closure = np.full_like(closure, np.nan)
        said.append("wires are not in one plane: r_ground was had by subtraction")
    return Solution(
        problem=problem,
        frequency=problem.frequency,
        z=matrices.z,
        r_sky=matrices.r_sky,
        r_ground=r_ground,
        r_metal=matrices.r_metal,
        r_film=matrices.r_film,
        elements=CurrentElements(
            element_positions(model), np.stack([point.result.moments for point in points])
        ),
        quality=Quality(
            converged=converged,
            power_closure=closure,
            z_error=z_error,
            details=dict(details),
            efficiency_error=efficiency_error,
        ),
        provenance=provenance(
            problem,
            solver=run.solver,
            version=run.version,
            accuracy=run.accuracy,
            threads=run.workers,
            wall_seconds=time.perf_counter() - run.started,
            unknowns=model.n_segments,
            notes=tuple(said),
        ),
        shape=CurrentShape(
            weight=np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1),
            per_element=POINTS,
            segments=ends,
        ),
    )


def average_gain(problem: Problem, found: Matrices) -> FloatArray | None:
    """(n, p), or None where the power into the soil is not known by itself."""
    away = found.r_sky
    if not problem.stack.is_free_space:
        if found.r_ground is None:
            return None
        away = away + found.r_ground
    resistance = np.real(np.diagonal(found.z - found.r_metal - found.r_film, axis1=1, axis2=2))
    return np.asarray(np.real(np.diagonal(away, axis1=1, axis2=2)) / resistance)


def gain_off(gain: FloatArray | None) -> FloatArray | float:
    """(n,) largest distance from 1 over the ports: what every gain is off by besides."""
    return 0.0 if gain is None else np.asarray(np.abs(gain - 1.0).max(axis=1))


def gain_is_off(gain: FloatArray | None) -> list[str]:
    """A note where the average gain is off 1 by more than GAIN_TOLERANCE, else none."""
    if gain is None or np.all(np.abs(gain - 1.0) <= GAIN_TOLERANCE):
        return []
    worst = float(gain.flat[int(np.argmax(np.abs(gain - 1.0)))])
    return [
        f"average gain reaches {worst:.3f}, more than {100.0 * GAIN_TOLERANCE:g} % from 1: Z is "
        "off by about it"
    ]
