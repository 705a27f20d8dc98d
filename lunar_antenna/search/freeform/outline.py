"""Corners of a traced outline as variables: what cells were too coarse to place.

All images of a corner in both axes move together.  A corner on an axis stays on it and those at the
gap stay at its end, so that the feed is what it was; none leaves the rectangle of the footprint.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely.affinity
from shapely.geometry import Polygon
from shapely.ops import unary_union

from ...common.parameter import Parameter
from ...conventions import FloatArray, IntArray
from ...errors import GeometryError
from .cells import Cells, widths_hold

REACH = 0.05  # of the footprint's longer side, to either side of where a corner was
SAME = 1e-7  # m, two coordinates that are one
LEAST = (0.5, 0.25, 0.125)  # of a cell's shorter side: nothing is narrower, the first that is so at
# the start, where the study says nothing
LOST = 1e-6  # of the footprint's area: what may lie beyond it by rounding


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Rings of a plate, each corner an image of one of ``corners`` (k, 2), m, both not negative.

    rings: per polygon and ring (corner (n,), signs (n, 2)).  variables: each coordinate that moves;
    places: its corner and axis.  least: m, width of metal and slots.
    """

    cells: Cells
    corners: FloatArray
    rings: tuple[tuple[tuple[IntArray, FloatArray], ...], ...]
    variables: tuple[Parameter, ...]
    places: tuple[tuple[int, int], ...]
    least: float
    within: Polygon | None = None
    keep_in: tuple[Polygon, ...] = ()
    keep_out: tuple[Polygon, ...] = ()

    @classmethod
    def of(
        cls,
        cells: Cells,
        polygons: Sequence[Polygon],
        within: Polygon | None = None,
        keep_in: Sequence[Polygon] = (),
        keep_out: Sequence[Polygon] = (),
    ) -> Outline:
        """From polygons that are their own mirror images together."""
        rings = [
            [np.asarray(ring.coords)[:-1, :2] for ring in (polygon.exterior, *polygon.interiors)]
            for polygon in polygons
        ]
        every = np.concatenate([np.abs(ring) for own in rings for ring in own])
        _, where, index = np.unique(
            np.round(every / SAME).astype(np.int64), axis=0, return_index=True, return_inverse=True
        )
        corners, index = every[where], index.reshape(-1)
        found, first = [], 0
        for own in rings:
            made = []
            for ring in own:
                made.append((index[first : first + len(ring)], np.where(ring < 0.0, -1.0, 1.0)))
                first += len(ring)
            found.append(tuple(made))
        variables, places = _variables(cells, corners)
        return cls(
            cells, corners, tuple(found), variables, places, _least(cells, polygons), within,
            tuple(_images(keep_in)), tuple(_images(keep_out)),
        )  # fmt: skip

    @property
    def start(self) -> dict[str, float]:
        """Where the corners are, m."""
        return {
            item.name: float(self.corners[place])
            for item, place in zip(self.variables, self.places, strict=True)
        }

    def polygons(self, values: Mapping[str, float]) -> list[Polygon]:
        """The plate with its corners at ``values``, m.

        Raises :class:`GeometryError` for what is no outline, is narrower than allowed, or leaves
        the regions of the study.
        """
        corners = self.corners.copy()
        for item, place in zip(self.variables, self.places, strict=True):
            corners[place] = values[item.name]
        made = []
        for exterior, *holes in self.rings:
            shell, *inner = (corners[index] * signs for index, signs in (exterior, *holes))
            made.append(Polygon(shell, inner))
        self._check(made)
        return made

    def _check(self, polygons: list[Polygon]) -> None:
        cells = self.cells
        if not all(item.is_valid for item in polygons):
            raise GeometryError("a ring of the outline touches or crosses itself or another")
        metal = unary_union([*polygons, cells.tab])
        apart = sum(item.area for item in polygons) + cells.tab.area
        if not isinstance(metal, Polygon) or abs(metal.area - apart) > LOST * metal.area:
            raise GeometryError("parts of the outline overlap or come apart")
        least = max(self.least, cells.least_metal), max(self.least, cells.least_slot)
        if not widths_hold(cells, polygons, *least):
            raise GeometryError("metal or a slot of the outline is narrower than allowed")
        most = LOST * metal.area
        beyond = self.within is not None and metal.difference(self.within).area > most
        lost = any(item.difference(metal).area > most for item in self.keep_in)
        if beyond or lost or any(item.intersection(metal).area > most for item in self.keep_out):
            raise GeometryError("the outline leaves the footprint or its regions")


def _least(cells: Cells, polygons: Sequence[Polygon]) -> float:
    side = float(min(np.diff(cells.x[1:]).max(), np.diff(cells.y[1:]).max()))
    for part in LEAST:
        if widths_hold(cells, polygons, part * side, part * side):
            return part * side
    return 0.0


def _variables(
    cells: Cells, corners: FloatArray
) -> tuple[tuple[Parameter, ...], tuple[tuple[int, int], ...]]:
    ends = float(cells.x[-1]), float(cells.y[-1])
    reach = 2.0 * REACH * max(ends)
    gap, tab = float(cells.x[1]), float(cells.y[1])
    variables, places = [], []
    for k, corner in enumerate(corners):
        at_gap = abs(corner[0] - gap) <= SAME
        for axis, name in enumerate("xy"):
            value = float(corner[axis])
            if value <= SAME or (axis == 0 and at_gap):
                continue
            least = tab if axis == 1 and at_gap else SAME
            low, high = max(least, value - reach), min(ends[axis], value + reach)
            if low < high:
                variables.append(Parameter(f"{name}{k + 1}", "m", None, low, high))
                places.append((k, axis))
    return tuple(variables), tuple(places)


def _images(regions: Sequence[Polygon]) -> list[Polygon]:
    """With all mirror images."""
    signs = [(sx, sy) for sx in (1.0, -1.0) for sy in (1.0, -1.0)]
    return [
        shapely.affinity.scale(region, *sign, origin=(0.0, 0.0))
        for region in regions
        for sign in signs
    ]
