"""Reflection and shares over soils and heights, tabled for a page: an emulator without matrices.

The page interpolates between Chebyshev points of the box in the scale that the emulator samples
(:class:`..common.parameter.Parameter`), frequency by frequency: the reflection in 100 ohm, which is
bounded and smooth where Z has poles, and the four shares.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..circuit.waves import reflection
from ..common.chebyshev import matrix, points
from ..conventions import FloatArray, JsonDict
from ..emulation.build import can_emulate, emulate
from ..emulation.emulator import Emulator
from ..errors import LunarAntennaError
from ..problem import Band, Problem
from ..solution import Solution
from .curves import rounded, spaced

REFERENCE = 100.0  # ohm
POINTS = {1: 9, 2: 7, 3: 5}  # Chebyshev points an axis, by how many axes
TRIED = 6  # places between the points where the table is held against the emulator
MOST_POINTS = 31  # frequencies
_WORDS = {"eps_r": "permittivity", "loss_tangent": "loss tangent", "height": "height",
          "conductivity": "conductivity", "thickness": "thickness"}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """values (n_1, ..., n_d, n_freq, 6): Re, Im of the reflection, shares sky to film.

    between: largest error of the reflection that interpolation adds; error: of all.
    """

    emulator: Emulator
    places: tuple[FloatArray, ...]
    values: FloatArray
    between: float

    @property
    def error(self) -> float:
        return self.emulator.held_out_error + self.between

    def at(self, place: FloatArray) -> FloatArray:
        """(n_freq, 6) at ``place`` (d,), as the page interpolates."""
        found = self.values
        for nodes, u in zip(self.places, place, strict=True):
            found = np.tensordot(matrix(nodes, np.array([u]), ends=True)[0], found, axes=1)
        return found

    def document(self) -> JsonDict:
        """For the page's script."""
        box = self.emulator.box
        axes = []
        for axis, nodes in zip(box.axes, self.places, strict=True):
            value = _now(box.problem, axis)
            ends = np.ones(nodes.size)
            ends[[0, -1]] = 0.5
            axes.append(
                {
                    "name": axis.name,
                    "label": _label(box.problem, axis),
                    "unit": axis.range.unit,
                    "low": axis.range.low,
                    "high": axis.range.high,
                    "offset": axis.range.offset,
                    "value": min(max(value, axis.range.low), axis.range.high),
                    "places": nodes.tolist(),
                    "ends": ends.tolist(),
                }
            )
        stored = self.values.astype("<f4")
        return {
            "frequency": rounded(self.emulator.frequency),
            "reference": REFERENCE,
            "axes": axes,
            "table": base64.b64encode(stored.tobytes()).decode(),
            "error": self.error,
            "note": (
                "Height and soil: from an emulator of the solver. Its largest error of the "
                f"reflection (100 Ω) against solves that it had not seen is {self.error:.1g}. "
                "Pattern and current stay those of what was solved."
            ),
        }


def default_ranges(problem: Problem) -> dict[str, tuple[float, float]]:
    """What may vary on a page: height, and the uppermost layer's permittivity and loss."""
    first = problem.stack.layers[0] if problem.stack.layers else None
    found = {"height": (0.0, max(0.1, 2.0 * problem.height))}
    if first is None or first.is_conductor:
        return found
    found["eps_r"] = (max(1.0, 0.75 * first.eps_r), 1.25 * first.eps_r)
    if first.loss_tangent > 0.0:
        found["loss_tangent"] = (first.loss_tangent / 3.0, 3.0 * first.loss_tangent)
    return found


def can_table(solution: Solution) -> bool:
    """True for one port on a soil whose solver emulates."""
    problem = solution.problem
    if problem.stack.is_free_space or solution.n_ports > 1:
        return False
    try:
        return solution.provenance.solver == "planar" and can_emulate(problem)
    except LunarAntennaError:
        return False


def table(
    solution: Solution,
    over: Mapping[str, tuple[float, float]] | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Table:
    """The table of ``solution``'s antenna over ``over``, on the mesh of its own accuracy."""
    problem = solution.problem
    chosen = spaced(problem.frequency.size, MOST_POINTS)
    band = Band(problem.frequency[chosen])
    thinner = Problem(problem.layout, problem.stack, problem.height, band)
    made = emulate(
        thinner,
        over or default_ranges(problem),
        accuracy=solution.provenance.accuracy,
        progress=progress,
    )
    return tabled(made)


def tabled(emulator: Emulator) -> Table:
    """The table of an emulator, and what interpolation adds to its error."""
    count = POINTS.get(len(emulator.box.axes), 4)
    nodes = points(0.0, 1.0, count, ends=True)
    places = (nodes,) * len(emulator.box.axes)
    values = np.array([_row(emulator, np.array(u)) for u in itertools.product(*places)])
    shape = tuple(len(p) for p in places)
    made = Table(emulator, places, values.reshape(*shape, *values.shape[1:]), 0.0)
    tried = np.random.default_rng(1).random((TRIED, len(places)))
    worst = 0.0
    for place in tried:
        apart = made.at(place)[:, :2] - _row(emulator, place)[:, :2]
        worst = max(worst, float(np.hypot(*apart.T).max()))
    return replace(made, between=worst)


def _row(emulator: Emulator, place: FloatArray) -> FloatArray:
    """(n_freq, 6) at ``place`` of the box."""
    found = emulator(**emulator.box.values(place))
    gamma = reflection(found.z[:, 0, 0], REFERENCE)
    shares = found.efficiency(REFERENCE)
    parts: list[Any] = [
        gamma.real,
        gamma.imag,
        shares.sky,
        shares.ground,
        shares.metal,
        shares.film,
    ]
    return np.column_stack(parts)


def _now(problem: Problem, axis: Any) -> float:
    if axis.kind == "height":
        return problem.height
    return float(getattr(problem.stack.layers[axis.layer], axis.kind))


def _label(problem: Problem, axis: Any) -> str:
    word = _WORDS[axis.kind]
    if axis.kind == "height":
        return "height above the soil"
    if len(problem.stack.layers) == 1:
        return f"{word} of the soil"
    layer = problem.stack.layers[axis.layer]
    thick = (
        "half-space below" if not np.isfinite(layer.thickness) else f"{layer.thickness:.3g} m thick"
    )
    return f"{word} of layer {axis.layer + 1} ({thick})"
