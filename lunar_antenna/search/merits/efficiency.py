"""Merits of one efficiency: its widest band above a threshold, its lowest and mean over a band."""

from __future__ import annotations

from dataclasses import dataclass

from ...circuit.bands import widest_band
from ...common.checks import number
from ...conventions import FloatArray
from ..response import Response, View
from .base import EfficiencyMerit, OverBand, band_mean, lowest, part


@dataclass(frozen=True, slots=True)
class BandRatio(EfficiencyMerit):
    """hi/lo of the widest contiguous band; below 1, max efficiency / threshold: none reached."""

    name = "band_ratio"
    maximise = True
    threshold: float = 0.9

    def __post_init__(self) -> None:
        EfficiencyMerit.__post_init__(self)
        number(f"{self.name} threshold", self.threshold, low=0.0, high=1.0, low_open=True)

    @property
    def label(self) -> str:
        return f"band_ratio({self.efficiency} >= {self.threshold:g})"

    def band(self, view: View) -> tuple[float, float] | None:
        """(lo, hi) Hz of that band, or None."""
        return widest_band(view.frequency, view.curve(self.efficiency), self.threshold)

    def value(self, view: View) -> float:
        band = self.band(view)
        if band is None:
            return min(float(view.curve(self.efficiency).max()) / self.threshold, 1.0 - 1e-12)
        return band[1] / band[0]


@dataclass(frozen=True, slots=True)
class MinEfficiency(OverBand):
    """Lowest value over the band."""

    name = "min_efficiency"
    maximise = True
    upper_limit = 1.0

    def value(self, view: View) -> float:
        return max(0.0, lowest(view.frequency, view.curve(self.efficiency), self.span))

    def each_value(self, view: View) -> FloatArray:
        return part(view.frequency, view.curve(self.efficiency), self.span)[1]


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
            return band_mean(response.frequency, curve, self.span)

        return max(0.0, view.each(mean, higher_is_better=True))


MERITS = (BandRatio(), MinEfficiency(), MeanEfficiency())
