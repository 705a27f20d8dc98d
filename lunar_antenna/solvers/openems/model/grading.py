"""Lines of one mesh axis: fixed positions, filled so that cells grow smoothly.

The wanted cell size at p is the smallest of seed sizes plus a slope times the distance to the
seed, so that neighbouring cells differ by about the growth factor.  Between two fixed lines the
lines stand at equal steps of the integral of 1/size.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ....conventions import FloatArray
from ....errors import SolverError
from .accuracy import EVEN, GROWTH, GROWTH_LIMIT, PML_CELLS


@dataclass(slots=True)
class Axis:
    """What one axis must hold.

    low, high: m, ends without absorbing layers.  fixed: m, lines that must be there.
    seeds: (position, size) in m.  caps: (from, to, largest size) in m.  exact: number of cells
    that an interval between two neighbouring fixed lines must have, by its middle.
    """

    low: float
    high: float
    largest: float
    fixed: list[float] = field(default_factory=list)
    seeds: list[tuple[float, float]] = field(default_factory=list)
    caps: list[tuple[float, float, float]] = field(default_factory=list)
    exact: dict[float, int] = field(default_factory=dict)
    odd_middle: bool = False
    even_middle: bool = False

    def clear(self) -> None:
        """Forgets all but the ends and the largest cell."""
        for held in (self.fixed, self.seeds, self.caps, self.exact):
            held.clear()

    def size(self, p: FloatArray) -> FloatArray:
        """Wanted cell size at ``p`` (n,) m."""
        slope = math.log(GROWTH) * 0.85
        result = np.full(p.shape, self.largest)
        for position, size in self.seeds:
            result = np.minimum(
                result, size + slope * np.maximum(np.abs(p - position) - EVEN * size, 0.0)
            )
        for start, stop, size in self.caps:
            outside = np.maximum(np.maximum(start - p, p - stop), 0.0)
            result = np.minimum(result, size + slope * outside)
        return result

    def lines(self) -> FloatArray:
        """All lines from ``low`` to ``high``, m, increasing."""
        fixed = merge([self.low, *self.fixed, self.high])
        result = [fixed[0]]
        for a, b in itertools.pairwise(fixed):
            result.extend(self._fill(a, b)[1:])
        return np.array(result)

    def _fill(self, a: float, b: float) -> list[float]:
        p = np.linspace(a, b, 401)
        middle = 0.5 * (p[1:] + p[:-1])
        integral = np.concatenate(([0.0], np.cumsum(np.diff(p) / self.size(middle))))
        count = max(1, math.ceil(integral[-1] - 0.2))
        for position, cells in self.exact.items():
            if a < position < b and b - a < 2.0 * cells * self.size(np.array([a])).item():
                count = cells
        if a < 0.0 < b:
            if self.odd_middle and count % 2 == 0:
                count += 1
            if self.even_middle and count % 2 == 1:
                count += 1
        ends = self.size(np.array([a, b]))
        if count <= 7 and ends.max() < 1.1 * ends.min():
            lines = np.linspace(a, b, count + 1)  # across a strip: equal cells
        else:
            lines = np.interp(np.linspace(0.0, integral[-1], count + 1), integral, p)
        lines[0], lines[-1] = a, b
        if abs(a + b) < 1e-12:  # symmetric to the last digit
            lines = 0.5 * (lines - lines[::-1])
        return [float(v) for v in lines]


def merge(values: Sequence[float], tolerance: float = 1e-7) -> list[float]:
    """Sorted values without repeats (within ``tolerance`` m)."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > tolerance:
            result.append(float(value))
    return result


def with_pml(lines: FloatArray, low: bool, high: bool) -> FloatArray:
    """``lines`` continued by the cells of the absorbing layers, as large as the last cell."""
    steps = np.arange(1, PML_CELLS + 1)
    parts = [lines]
    if low:
        parts.insert(0, lines[0] - (lines[1] - lines[0]) * steps[::-1])
    if high:
        parts.append(lines[-1] + (lines[-1] - lines[-2]) * steps)
    return np.concatenate(parts)


def check_lines(name: str, lines: FloatArray, required: Mapping[str, float]) -> float:
    """The largest ratio of neighbouring cells; raises SolverError for a mesh that would fail.

    required: positions in m that must lie on a line, by what they are.
    """
    cells = np.diff(lines)
    if not np.all(np.isfinite(lines)) or np.any(cells <= 0.0):
        raise SolverError(f"openEMS mesh: {name} lines do not increase; report this layout")
    ratio = np.maximum(cells[1:] / cells[:-1], cells[:-1] / cells[1:])
    worst = float(ratio.max(initial=1.0))
    if worst > GROWTH_LIMIT:
        where = float(lines[1 + int(ratio.argmax())])
        raise SolverError(
            f"openEMS mesh: neighbouring {name} cells at {where:g} m differ by {worst:.2f}, "
            f"allowed {GROWTH_LIMIT:g}; move edges that nearly coincide, or use another accuracy"
        )
    for what, position in required.items():
        if np.abs(lines - position).min() > 1e-9 * max(1.0, abs(position)):
            raise SolverError(
                f"openEMS mesh: {what} at {name} = {position:g} m is on no mesh line; "
                "edges lie too close together there, simplify the layout"
            )
    return worst
