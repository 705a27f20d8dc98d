"""Merits of the pattern (:mod:`lunar_antenna.pattern`) at some solved frequencies of a band, dB.

dipole_likeness    the largest difference from the pattern of a short dipole within 60 degrees of
                   zenith
pattern_null       how far the level falls below the maximum within 60 degrees of zenith;
                   at_most = 10 is "no null" there
pattern_constancy  rms change of the zenith-normalised pattern over the band

Each takes band_mhz = [5, 30] and samples = 6, at so many solved frequencies of the band.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ... import pattern
from ...common.checks import number
from ...conventions import BAND_LOW, FloatArray
from ...errors import InputError
from ...problem import Problem
from ...solution import Solution
from ..port import PortModel
from ..response import Response, View
from .base import Merit, band_text, checked_band, in_band, in_hertz

# (k,) each, of which the worst counts
MEASURES: dict[str, Callable[[Solution, FloatArray], FloatArray]] = {
    "dipole_likeness": lambda solution, f: pattern.dipole_likeness(solution, f),
    "pattern_null": lambda solution, f: -pattern.deepest_level(solution, f),
    "pattern_constancy": lambda solution, f: np.array([pattern.pattern_constancy(solution, f)]),
}


@dataclass(frozen=True, slots=True)
class PatternMerit(Merit):
    """One of :data:`MEASURES`, at ``samples`` of the solved frequencies of a band."""

    maximise = False
    measure: str
    band_mhz: tuple[float, float] = (BAND_LOW / 1e6, 30.0)
    samples: int = 6

    def __post_init__(self) -> None:
        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        number(f"{self.name} samples", self.samples, low=1, high=1000)

    @property
    def name(self) -> str:
        return self.measure

    @property
    def parameters(self) -> tuple[str, ...]:
        return ("band_mhz", "samples")

    @property
    def needs(self) -> str:
        return "far_field"

    @property
    def label(self) -> str:
        return f"{self.name}({band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)

    def check(self, problem: Problem, port: PortModel) -> None:
        del port
        self.inside(problem.frequency)

    def inside(self, solved: FloatArray) -> FloatArray:
        """Those of the ``solved`` frequencies (Hz) that lie in the band: one or more."""
        found = solved[in_band(solved, self.span)]
        if found.size == 0:
            raise InputError(
                f"{self.label}: none of the {solved.size} solved frequencies is in this band; "
                "give more points (of the screen, where it has fewer) or a wider band_mhz"
            )
        return found

    def value(self, view: View) -> float:
        def worst(response: Response) -> float:
            return float(self._levels(response).max())

        return view.each(worst, higher_is_better=self.maximise)

    def each_value(self, view: View) -> FloatArray:
        levels = np.stack([self._levels(item) for item in view.responses])
        return view.combine(levels, higher_is_better=self.maximise)

    def _levels(self, response: Response) -> FloatArray:
        solution = response.solved()
        inside = self.inside(solution.frequency)
        chosen = np.unique(np.linspace(0, inside.size - 1, int(self.samples)).round())
        return MEASURES[self.measure](solution, inside[chosen.astype(int)])


MERITS = tuple(PatternMerit(name) for name in MEASURES)
