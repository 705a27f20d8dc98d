"""Lowest and mean efficiency over a stated band."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..response import Response, View
from .base import OverBand, lowest, part


@dataclass(frozen=True, slots=True)
class MinEfficiency(OverBand):
    """Lowest value over the band."""

    name = "min_efficiency"
    maximise = True
    upper_limit = 1.0

    def value(self, view: View) -> float:
        return max(0.0, lowest(view.frequency, view.curve(self.efficiency), self.span))


@dataclass(frozen=True, slots=True)
class MeanEfficiency(OverBand):
    """Mean over the band, uniform in frequency, of each scenario; then combined."""

    name = "mean_efficiency"
    maximise = True
    upper_limit = 1.0
    efficiency: str = "realised"

    def value(self, view: View) -> float:
        def mean(response: Response) -> float:
            curve = response.efficiency(self.efficiency, view.port, view.at)
            frequency, inside = part(response.frequency, curve, self.span)
            return float(np.trapezoid(inside, frequency) / (frequency[-1] - frequency[0]))

        return max(0.0, view.each(mean, higher_is_better=True))


MERITS = (MinEfficiency(), MeanEfficiency())
