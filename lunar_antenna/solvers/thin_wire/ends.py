"""Open ends of strips: how much longer or shorter than the strip the wire of an engine must be.

The end of a strip holds its charge along edges, that of a wire of a quarter of its width as the
engine has it.  By sources and ends together (equivalence.py) every strip tried came to within 0.1 %
of Z of planar solutions on the fine mesh, 0.2 % at anti-resonance: 16 strips of 6 to 12 m x 0.02 to
0.2 m in free space, 6 to 35 MHz, where the wire was 1 to 2 % off at resonance and NEC 3 to 6 %.
The length needed at each end, of the width, by the length x of the last segment over the width:

    momwire   x  0.99   1.2    1.41   2.1    2.5    3.3    5.0    5.6
                -0.050 -0.038 -0.027 -0.008  0.010  0.027  0.056  0.069
    NEC       x  0.99   1.2    1.41   2.1    2.5    3.3    5.0    6.5
                -0.109 -0.104 -0.097 -0.083 -0.066 -0.047 -0.012  0.024
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from .types import Wire, WireModel

FARTHEST = 10.0  # x up to which the law is taken


@dataclass(frozen=True, slots=True)
class Ends:
    """length = w (width + segment x + logarithm ln x) is added at an open end of a strip."""

    width: float
    segment: float = 0.0
    logarithm: float = 0.0

    def added(self, wire: Wire) -> float:
        """m, at each open end of ``wire``."""
        width = 4.0 * wire.radius
        x = min(wire.segment_length / width, FARTHEST)
        return float(width * (self.width + self.segment * x + self.logarithm * np.log(x)))


def ended(model: WireModel, ends: Ends) -> WireModel:
    """``model`` with the open ends of its strips moved by ``ends``; grids stay."""
    places = model.places
    count = Counter(itertools.chain.from_iterable(places))
    pieces: list[list[Wire]] = []
    for wire, own in zip(model.wires, places, strict=True):
        start, end, total = np.asarray(wire.start), np.asarray(wire.end), wire.segments
        open_start, open_end = False, False
        if wire.kind == "strip" and not wire.grid:
            open_start, open_end = (count[place] == 1 for place in own)
        step = (end - start) / wire.length * ends.added(wire)
        # the last segment alone is longer, on a curved relief as on a plane
        cuts = {0, total} | ({1} if open_start else set()) | ({total - 1} if open_end else set())
        pieces.append([])
        for low, high in itertools.pairwise(sorted(cuts)):
            head = start + (end - start) * (low / total) - step * (open_start and low == 0)
            tail = start + (end - start) * (high / total) + step * (open_end and high == total)
            part = replace(wire, start=_point(head), end=_point(tail), segments=high - low)
            pieces[-1].append(part)
    return model.recut(pieces)


def _point(at: np.ndarray) -> tuple[float, float, float]:
    return float(at[0]), float(at[1]), float(at[2])
