"""What a tolerance analysis follows: the two edges of a band, and the efficiency between them.

An optimised design often touches its threshold inside the band as well, where the least error
splits the band in two: the widest band then jumps, and says nothing about errors.  So each edge
is followed by itself, as the crossing of the threshold in the same direction that is nearest to
the nominal edge, and what happens between the edges is a number of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..conventions import FloatArray
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
        found = crossings(view.frequency, view.curve(self.efficiency), self.threshold, self.rising)
        if found.size == 0:
            return math.nan
        return float(found[np.argmin(np.abs(np.log(found / self.near)))])


@dataclass(frozen=True, slots=True)
class InBandMinimum(MinEfficiency):
    """Lowest efficiency between the nominal edges."""

    name = "inside"


def crossings(
    frequency: FloatArray, curve: FloatArray, threshold: float, rising: bool
) -> FloatArray:
    """(k,) Hz, interpolated linearly, where ``curve`` passes the threshold in one direction."""
    if not rising:
        return crossings(frequency[::-1], curve[::-1], threshold, rising=True)
    above = curve >= threshold
    k = np.flatnonzero(~above[:-1] & above[1:])
    part = (threshold - curve[k]) / (curve[k + 1] - curve[k])
    found = frequency[k] + part * (frequency[k + 1] - frequency[k])
    return np.asarray(np.concatenate((frequency[:1], found)) if above[0] else found)
