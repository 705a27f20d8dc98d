"""What a wire model consists of, and how fine it is."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...conventions import FloatArray

SHORTEST_IN_RADII = 4.0  # segment length over radius of a wire
GRID_NEAR_IN_RADII = 3.0  # the same in a grid near a feed
GRID_FAR_IN_RADII = 6.0
NEAR_FEED = 0.25  # of the extent

Place = tuple[int, int, int]  # in steps of 1e-7 of the model's size


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
    def places(self) -> list[tuple[Place, Place]]:
        """Where each wire starts and ends, alike for ends that meet."""
        scale = 1e-7 * max(float(np.abs((*wire.start, *wire.end)).max()) for wire in self.wires)

        def place(point: tuple[float, float, float]) -> Place:
            x, y, z = np.rint(np.asarray(point) / scale).astype(int).tolist()
            return x, y, z

        return [(place(wire.start), place(wire.end)) for wire in self.wires]

    def recut(self, pieces: Sequence[Sequence[Wire]]) -> WireModel:
        """The same with ``pieces`` in the place of each wire, of as many segments together."""
        first = [0, *itertools.accumulate(len(parts) for parts in pieces)]

        def moved(wire: int, segment: int) -> tuple[int, int]:
            for number, part in enumerate(pieces[wire], first[wire]):
                if segment < part.segments:
                    return number, segment
                segment -= part.segments
            raise ValueError(f"pieces of wire {wire} have {segment} segments too few")

        feeds = tuple(
            replace(
                feed, sources=tuple((*moved(wire, k), share) for wire, k, share in feed.sources)
            )
            for feed in self.feeds
        )
        return replace(self, wires=tuple(itertools.chain.from_iterable(pieces)), feeds=feeds)

    @property
    def segment_ends(self) -> FloatArray:
        """(n_segments, 2, 3) m."""
        parts = []
        for wire in self.wires:
            t = np.linspace(0.0, 1.0, wire.segments + 1)[:, None]
            points = np.asarray(wire.start) * (1.0 - t) + np.asarray(wire.end) * t
            parts.append(np.stack((points[:-1], points[1:]), axis=1))
        return np.concatenate(parts)


def meetings(model: WireModel) -> list[list[tuple[int, bool]]]:
    """(wire, whether it ends there) of every place where only strips end, of no grid."""
    found: dict[Place, list[tuple[int, bool]]] = defaultdict(list)
    for number, (start, end) in enumerate(model.places):
        found[start].append((number, False))
        found[end].append((number, True))
    return [
        met
        for met in found.values()
        if all(model.wires[k].kind == "strip" and not model.wires[k].grid for k, _ in met)
    ]


def joined_wires(model: WireModel) -> list[list[int]]:
    """Numbers (from 0) of the wires of each piece that hangs together by common ends."""
    groups: list[tuple[set[Place], list[int]]] = []
    for number, ends in enumerate(map(set, model.places)):
        met = [group for group in groups if group[0] & ends]
        groups = [group for group in groups if not group[0] & ends]
        merged = sorted([number, *(n for _, numbers in met for n in numbers)])
        groups.append((ends.union(*(points for points, _ in met)), merged))
    return [numbers for _, numbers in groups]
