"""What a gap between flat strips has beside the wire that feeds it.

*Faces.*  A gap g shorter than 4 radii is fed over a length l of 4, and its faces hold more charge
than that: between the ends of two strips of width w, in planar solutions of strips of 0.05 and
0.2 m in free space and 0.2 and 0.4 m above eps_r 6, the same at all frequencies to 1 %,

    C(g) - C(l) = eps0 w [ 2/pi ln(l/g) + 0.317 (l - g)/w ],   0.1 w < g < l < 2 w ,

to 0.5 % of C, is in parallel to the source.  The source itself holds what faces of strips as far
apart do not (:class:`Source`, from the strips of ends.py, l = 1 to 2.5 w), which is taken off:
momwire's 0.137, 0.105, 0.069 and 0.042 eps0 w at l = 1, 1.25, 1.67 and 2.5 w, NEC's 0.34 to 0.37.
The segments of a wider gap are in series, each with its source: NEC's 0.17, 0.11 and 0.06 eps0 w
of two, three and five.  Without all this a strip of 12.6 m x 0.174 m with a gap of 0.06 m had its
antiresonance at 20.50 MHz in place of 20.08 (17 % of Z there); NEC was 18 % off on 12 m x 0.2 m.

*Tab.*  A port of width p = q w, narrower than the strips, has open slots on both sides of its tab.
Against the port of full width, in planar solutions of strips of 0.1 m in free space and 0.3 m above
eps_r 6, q = 0.15 to 0.85, g = 0.5 to 3 w,

    L = mu0 [ g/(2 pi) ln(1/q) + 0.060 w (1 - q)^1.8 ]                     in series with the port,
    C = -eps0 w [ 0.069 (1 - q)^0.6 + 0.078 (g/w)^0.8 (1 - q) ]            in parallel to the faces,

L to 5 %, C to 13 %; the two leave 0.2 % of Z at any frequency where 1 to 11 % were (w = 0.1 m).

*Uneven strips.*  The source has the mean width of the metal beside it, the faces their own: 0.57
eps0 of the difference is taken off (0.33 to 0.83 were seen on strips that change by half within
0.3 m, gaps of 0.05 to 0.3 m), 0.3 of it is in doubt.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.geometry import LineString, Point

from ...conventions import EPS0, MU0, ComplexArray, FloatArray
from ...geometry.layout import Gap, Layout
from .feed import faces_of
from .types import WireModel

FACES = 0.317  # see C(g) above
SLOTS, ALONG = (0.069, 0.6), (0.078, 0.8)  # C of the tab: factor and power
TURN_IN = (0.060, 1.8)  # L of the tab: factor and power
TAB_C, TAB_L = 0.13, 0.05  # what the law of the tab is off by
UNEVEN, UNEVEN_DOUBT = 0.57, 0.3


@dataclass(frozen=True, slots=True)
class Source:
    """What an engine's source holds more than the faces of strips as far apart as it is long.

    charge: of eps0 w, of a segment one width long.  power: how it falls with the length over w.
    """

    charge: float
    power: float


@dataclass(frozen=True, slots=True, eq=False)
class AtGaps:
    """(n_gap,) each: capacitance in parallel to the source, F; inductance in series, H; what both
    are in doubt of, F and H."""

    capacitance: FloatArray
    inductance: FloatArray
    capacitance_doubt: FloatArray
    inductance_doubt: FloatArray

    def doubted(self) -> AtGaps:
        """These with what they are in doubt of."""
        return AtGaps(
            self.capacitance + self.capacitance_doubt,
            self.inductance + self.inductance_doubt,
            self.capacitance_doubt,
            self.inductance_doubt,
        )

    def faces(self, z: ComplexArray, frequency: float) -> ComplexArray:
        """Impedance of the gaps between their faces, (n_gap, n_gap) ohm, from ``z`` of wires."""
        beside = 2j * np.pi * frequency * np.diag(self.capacitance)
        return np.asarray(np.linalg.inv(np.linalg.inv(z) + beside), dtype=complex)

    def tabs(self, frequency: float) -> ComplexArray:
        """Impedance of the tabs, (n_gap, n_gap) ohm."""
        return np.asarray(2j * np.pi * frequency * np.diag(self.inductance))


def at_gaps(layout: Layout, model: WireModel, source: Source) -> AtGaps:
    """Of every gap that one wire bridges; of the others nothing is known."""
    parts = np.zeros((4, len(model.feeds)))
    for number, feed in enumerate(model.feeds):
        wires = [model.wires[wire] for wire in {wire for wire, _, _ in feed.sources}]
        if len(wires) > 1:
            continue
        gap, fed = layout.gaps[feed.gap], wires[0].length
        width, face = 4.0 * wires[0].radius, face_width(layout, gap)
        rise = 2.0 / np.pi * np.log(fed / gap.length) + FACES * (fed - gap.length) / width
        each = source.charge * (width / wires[0].segment_length) ** source.power
        rise -= each / len(feed.sources)
        inductance, capacitance = tab(gap.length, face, gap.width)
        parts[:, number] = (
            EPS0 * (width * rise - UNEVEN * (width - face)) + capacitance,
            inductance,
            EPS0 * UNEVEN_DOUBT * abs(width - face) + TAB_C * abs(capacitance),
            TAB_L * inductance,
        )
    return AtGaps(*parts)


def tab(gap: float, face: float, port: float) -> tuple[float, float]:
    """(L, C), H and F, of a tab as wide as the ``port`` between faces as wide as ``face``, m.

    Zero where it is as wide as they are.
    """
    open_ = max(0.0, 1.0 - port / face)
    turn = TURN_IN[0] * face * open_ ** TURN_IN[1]
    inductance = MU0 * (gap / (2.0 * np.pi) * np.log(1.0 / (1.0 - open_)) + turn)
    share = SLOTS[0] * open_ ** SLOTS[1] + ALONG[0] * (gap / face) ** ALONG[1] * open_
    return float(inductance), float(-EPS0 * face * share)


def face_width(layout: Layout, gap: Gap) -> float:
    """Width of the strips where they end at ``gap``, m, the mean of both faces."""
    lines = [LineString(ribbon.path) for ribbon in layout.ribbons]
    found = []
    for face in faces_of(gap):
        nearest = int(np.argmin([line.distance(Point(face)) for line in lines]))
        found.append(float(layout.ribbons[nearest].width_at(face[None])[0]))
    return float(np.mean(found))
