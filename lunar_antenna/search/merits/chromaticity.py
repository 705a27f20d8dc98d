"""Chromaticity of the beam in mK, what a fit leaves of T_A - T_0: the less the better.

    band_mhz = [10, 30]   terms = 5   basis = "log_polynomial" or "edges"   sky = "cane_slab" or
    "power_law" (a uniform sky has none)   samples = 24   times = 6

The law is that of :mod:`lunar_antenna.sky.chromaticity`, at so many solved frequencies of the band
and local times at the LuSEE-Night site; the number is of the mean over them.  A fit of N terms to
samples that are not several times as many flatters.  A candidate costs the fields of its samples,
0.2 s of one core, several times what its band costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...common.checks import choice, whole
from ...conventions import FloatArray, IntArray
from ...errors import InputError
from ...problem import Problem
from ..port import PortModel
from ..response import Response, View
from .base import Merit, band_text, checked_band, in_band, in_hertz

COARSE = 3.0  # degrees, of the grid of the sky: half as wide as the narrowest galaxy's plane


@dataclass(frozen=True, slots=True)
class ChromaticityMerit(Merit):
    """rms residual over a band, mK."""

    name = "chromaticity"
    maximise = False
    band_mhz: tuple[float, float] = (10.0, 30.0)
    terms: int = 5
    basis: str = "log_polynomial"
    sky: str = "cane_slab"
    samples: int = 24
    times: int = 6

    def __post_init__(self) -> None:
        from ...sky.foreground import BASES
        from ...sky.galaxy import GALAXIES

        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        whole(f"{self.name} terms", self.terms, low=1, high=20)
        choice(f"{self.name} basis", self.basis, BASES)
        choice(f"{self.name} sky", self.sky, tuple(GALAXIES))
        whole(f"{self.name} samples", self.samples, low=self.terms + 1, high=1000)
        whole(f"{self.name} times", self.times, low=1, high=100)

    @property
    def needs(self) -> str:
        return "far_field"

    @property
    def label(self) -> str:
        return f"chromaticity(N = {self.terms}, {self.sky}, {band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)

    def check(self, problem: Problem, port: PortModel) -> None:
        del port
        self.inside(problem.frequency)

    def inside(self, solved: FloatArray) -> IntArray:
        """Which of the ``solved`` frequencies (Hz) are looked at: more than terms."""
        found = in_band(solved, self.span)
        if found.size <= self.terms:
            raise InputError(
                f"{self.label}: {found.size} of the {solved.size} solved frequencies are in this "
                f"band, and a fit of {self.terms} terms wants more; give more points (of the "
                "screen, where it has fewer) or a wider band_mhz"
            )
        chosen = np.unique(np.linspace(0, found.size - 1, int(self.samples)).round())
        return np.asarray(found[chosen.astype(int)])

    def value(self, view: View) -> float:
        from ...sky.beam import Beam
        from ...sky.chromaticity import chromaticity
        from ...sky.moon import Observation

        turn = Observation.turn(count=int(self.times))

        def residual(response: Response) -> float:
            solution = response.solved()
            beam = Beam.of(solution, at=self.inside(solution.frequency), resolution=COARSE)
            return chromaticity(
                beam, self.sky, int(self.terms), basis=self.basis, observation=turn
            ).rms_mk

        return view.each(residual, higher_is_better=False)


MERITS = (ChromaticityMerit(),)
