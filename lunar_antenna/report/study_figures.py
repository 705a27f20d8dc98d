"""Figures of a finished study: its search and the design that won."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.networks import Element, transform
from ..conventions import ComplexArray, FloatArray
from ..plotting.efficiency import plot_efficiency
from ..plotting.layout import plot_layout
from ..plotting.optimize import plot_front, plot_history, plot_parallel
from ..plotting.pattern import plot_pattern_cuts
from ..plotting.s11 import plot_s11

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..problem import Problem
    from ..search.output.record import StudyRecord
    from ..solution import Solution


def study_figures(record: StudyRecord) -> dict[str, Figure]:
    """Figures of the search by file name."""
    found = {"history.png": plot_history(record)}
    if record.feasible.any():
        if record.names:  # a free form has none
            found["parallel.png"] = plot_parallel(record)
        if len(record.labels) > 1:
            found["pareto.png"] = plot_front(record)
    return found


def design_figures(record: StudyRecord, solution: Solution) -> dict[str, Figure]:
    """Figures of the chosen design by file name, at its own reference impedance."""
    z0 = reference(record)
    return {
        "best_layout.png": plot_layout(solution.problem.layout),
        "best_s11.png": plot_s11(at_load(record, solution), z0),
        "best_efficiency.png": plot_efficiency(solution, z0),
        "best_pattern.png": plot_pattern_cuts(solution),
    }


def reference(record: StudyRecord) -> float:
    """Reference impedance of the chosen design, ohm."""
    return float(record.document["best"]["z0"] or 100.0)


def at_load(record: StudyRecord, solution: Solution) -> Any:
    """What the load sees: the solution, or with a matching network the reflection behind it."""
    rows = record.document["best"].get("network")
    return solution if not rows else _Matched(solution, rows)


class _Matched:
    """Frequency and reflection of a design behind its network, as a figure asks for them."""

    def __init__(self, solution: Solution, rows: list[dict[str, Any]]) -> None:
        self.problem: Problem = solution.problem
        self.frequency: FloatArray = solution.frequency
        self._solution = solution
        self._elements = tuple(
            Element.from_table({"element": row["element"], "value": row["value"], "q": row["q"]})
            for row in rows
        )
        self._values = tuple(float(row["value"]) for row in rows)

    def s11(self, z0: complex, port: int = 1) -> ComplexArray:
        z, _ = transform(
            self.frequency, self._solution.input_impedance(port), self._elements, self._values
        )
        return np.asarray((z - np.conj(z0)) / (z + z0))
