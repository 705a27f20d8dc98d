"""What a wire model consists of, and how fine it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ...conventions import FloatArray

SHORTEST_IN_RADII = 4.0  # segment length over radius of a wire
GRID_NEAR_IN_RADII = 3.0  # the same in a grid near a feed
GRID_FAR_IN_RADII = 6.0
NEAR_FEED = 0.25  # of the extent


@dataclass(frozen=True, slots=True)
class Resolution:
    """segment: m, longest segment of a narrow strip.  cell: m, side of a grid's cells.

    far_in_radii: segment length over radius in a grid away from the feeds.
    even: largest ratio of widths of a strip that one wire stands for; inf: all of it has one
    radius.
    """

    segment: float
    cell: float
    far_in_radii: float = GRID_FAR_IN_RADII
    even: float = math.inf

    def coarser(self, factor: float) -> Resolution:
        return replace(self, segment=self.segment * factor, cell=self.cell * factor)


@dataclass(frozen=True, slots=True)
class Wire:
    """A straight wire from ``start`` to ``end`` (x, y, z in m), cut in equal segments.

    width: m of sheet whose current it carries; kind: see :class:`~.wire_graph.Edge`.
    """

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    radius: float
    segments: int
    conductor: int
    width: float
    kind: str
    grid: bool = False  # part of a wire grid

    @property
    def length(self) -> float:
        return float(np.linalg.norm(np.subtract(self.end, self.start)))

    @property
    def segment_length(self) -> float:
        return self.length / self.segments


@dataclass(frozen=True, slots=True)
class Feed:
    """One gap: sources (wire number from 0, segment of it from 0, share of the gap voltage).

    Along each wire that bridges the gap the shares add up to 1; the gap's current is the sum
    of share times current over all sources.
    """

    gap: int
    sources: tuple[tuple[int, int, float], ...]


@dataclass(frozen=True, slots=True)
class WireModel:
    """Wires, one feed for every gap in the order of ``layout.gaps``, and what was decided.

    opened: acute fans that were replaced by a trunk with bars (fan.py).
    """

    wires: tuple[Wire, ...]
    feeds: tuple[Feed, ...]
    notes: tuple[str, ...]
    opened: int = 0

    @property
    def n_segments(self) -> int:
        return sum(wire.segments for wire in self.wires)

    @property
    def first_segment(self) -> list[int]:
        """Number (from 0) of each wire's first segment in the model's order."""
        return [0, *np.cumsum([wire.segments for wire in self.wires]).tolist()][:-1]

    @property
    def segment_ends(self) -> FloatArray:
        """(n_segments, 2, 3) m."""
        parts = []
        for wire in self.wires:
            t = np.linspace(0.0, 1.0, wire.segments + 1)[:, None]
            points = np.asarray(wire.start) * (1.0 - t) + np.asarray(wire.end) * t
            parts.append(np.stack((points[:-1], points[1:]), axis=1))
        return np.concatenate(parts)


def joined_wires(model: WireModel) -> list[list[int]]:
    """Numbers (from 0) of the wires of each piece that hangs together by common ends."""
    scale = max(float(np.abs((*wire.start, *wire.end)).max()) for wire in model.wires)
    groups: list[tuple[set[tuple[int, ...]], list[int]]] = []
    for number, wire in enumerate(model.wires):
        ends = {
            tuple(np.rint(np.asarray(point) / (1e-7 * scale)).astype(int).tolist())
            for point in (wire.start, wire.end)
        }
        met = [group for group in groups if group[0] & ends]
        groups = [group for group in groups if not group[0] & ends]
        merged = sorted([number, *(n for _, numbers in met for n in numbers)])
        groups.append((ends.union(*(points for points, _ in met)), merged))
    return [numbers for _, numbers in groups]
