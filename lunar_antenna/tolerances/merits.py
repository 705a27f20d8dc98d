"""What a tolerance analysis follows: the two edges of a band, and the efficiency between them.

An optimised design often touches its threshold inside the band as well, where the least error
splits the band in two: the widest band then jumps, and says nothing about errors.  So each edge
is followed by itself, as the crossing of the threshold in the same direction that is nearest to
the nominal edge, and what happens between the edges is a number of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..circuit.bands import bands
from ..search.merits.base import EfficiencyMerit
from ..search.merits.efficiency import MinEfficiency
from ..search.response import View


@dataclass(frozen=True, slots=True)
class BandEdge(EfficiencyMerit):
    """Frequency (Hz) where the efficiency crosses ``threshold``, nearest to ``near`` (Hz).

    rising: upwards with frequency, a lower edge.  The end of the solved band counts where the
    efficiency is above the threshold there.  nan where nothing crosses.
    """

    name = "edge"
    maximise = True
    threshold: float = 0.9
    near: float = 0.0
    rising: bool = True

    @property
    def label(self) -> str:
        return f"{'lower' if self.rising else 'upper'} edge"

    def value(self, view: View) -> float:
        found = bands(view.frequency, view.curve(self.efficiency), self.threshold)
        edges = [low if self.rising else high for low, high in found]
        return min(edges, key=lambda edge: abs(math.log(edge / self.near)), default=math.nan)


@dataclass(frozen=True, slots=True)
class InBandMinimum(MinEfficiency):
    """Lowest efficiency between the nominal edges."""

    name = "inside"
