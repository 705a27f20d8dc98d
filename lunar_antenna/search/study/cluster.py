"""The cluster of elements that a candidate is judged in: the table [array] of a study.

    [array]
    kind = "grid"          grid, random, spiral or csv, with the keys of [layout] of an ARRAY.toml
    count = 4              (docs/arrays.md): where the elements lie, and how each is turned
    spacing = 12.0         m
    rotation = 0.0         degrees

Every element is the candidate, on the candidate's soil and at its height; a candidate whose copies
would meet is refused as one that cannot be built.  Places at random keep least_distance and know
nothing of metal, so that they are the same for all candidates.  What is asked of the cluster, the
frequencies and the cone that its beam scans stand with the merit
(:mod:`~lunar_antenna.search.merits.over_scan`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...common.tables import Table
from ...conventions import FloatArray, JsonDict
from ...errors import GeometryError
from ...problem import Band, Problem

if TYPE_CHECKING:
    from ...array_problem import Array
    from ...array_solution import ArraySolution

MOST = 64  # elements: every candidate is solved with all of them
CUT = 1e-3  # of |Z|, what the macro basis may leave out in a search


@dataclass(frozen=True, slots=True, eq=False)
class Cluster:
    """positions (n, 2) m, rotations (n,) rad."""

    positions: FloatArray
    rotations: FloatArray

    @classmethod
    def from_table(cls, table: Table | Mapping[str, Any], folder: Path | None = None) -> Cluster:
        """From [array]; folder: that of the file, for csv.  Raises :class:`InputError`."""
        from shapely.geometry import MultiPolygon, Point

        from ...array.places import places

        table = Table.of(table, "[array]")
        if "kind" not in table:
            table = Table({"kind": "grid", **table.content}, table.file, table.name, table.error)
        # a metal of no size: the places are those of every candidate
        nothing = {"element": MultiPolygon([Point(0.0, 0.0).buffer(1e-6)])}
        found = places(table, folder or Path(), nothing)
        count = len(found.positions)
        if not 2 <= count <= MOST:
            raise table.fault(f"{count} elements; give 2 to {MOST}")
        return cls(found.positions, found.rotations)

    def array(self, problem: Problem, frequency: FloatArray) -> Array:
        """Copies of ``problem`` at the places; GeometryError where their metal meets."""
        from ...array_problem import Array

        return Array(
            problem.layout,
            self.positions,
            problem.stack,
            problem.height,
            Band(frequency),
            self.rotations,
        )

    def solve(self, problem: Problem, frequency: FloatArray, accuracy: str) -> ArraySolution:
        """Z and the patterns of all ports, without losses and without stated errors."""
        from ...array.moves import quick_solution

        return quick_solution(self.array(problem, frequency), accuracy, CUT)

    def check(self, problem: Problem, frequency: FloatArray, accuracy: str) -> None:
        """:class:`InputError` where the design as drawn cannot be solved so.

        That its copies meet is no reason: those of a candidate need not.
        """
        from ...array.plan import check

        try:
            array = self.array(problem, frequency)
        except GeometryError:
            return
        check(array, accuracy, 1)

    def to_dict(self) -> JsonDict:
        return {"positions": self.positions.tolist(), "rotations": self.rotations.tolist()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Cluster:
        return cls(np.array(data["positions"]), np.array(data["rotations"]))
