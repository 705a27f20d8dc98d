"""Merits of the antenna as a radio telescope: noise at a preamplifier, constancy of the pattern.

noise_ratio       band_mhz = [5, 35], receiver = "lusee_like" (or a table), sky =
                  "novaco_brown" or "cane": the lowest V^2_sky/V^2_rx over the band
                  (:mod:`lunar_antenna.sky.temperature`), between solved frequencies too.  The
                  preamplifier is at the antenna's terminals: no network may be between
dipole_likeness   band_mhz = [5, 30], samples = 6: the largest difference (dB) from the pattern
                  of a short dipole within 60 degrees of zenith
                  (:mod:`lunar_antenna.pattern`), at so many solved frequencies of the band
pattern_null      band_mhz = [5, 30], samples = 6: how far (dB) the level falls below the maximum
                  within 60 degrees of zenith; at_most = 10 is "no null" there
pattern_constancy band_mhz = [5, 30], samples = 6: rms change of the pattern over the band, dB
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...common.checks import choice, number
from ...conventions import BAND_HIGH, BAND_LOW, FloatArray
from ...errors import InputError
from ...problem import Problem
from ...solution import Solution
from ..study.port import PortModel
from ..study.response import Response, View
from .base import Merit, band_text, checked_band, in_hertz, part


@dataclass(frozen=True, slots=True)
class NoiseRatio(Merit):
    """Lowest sky-noise over receiver-noise voltage power ratio over a band."""

    name = "noise_ratio"
    maximise = True
    band_mhz: tuple[float, float] = (BAND_LOW / 1e6, BAND_HIGH / 1e6)
    receiver: str | Mapping[str, Any] = "lusee_like"
    sky: str = "novaco_brown"

    def __post_init__(self) -> None:
        from ...sky.brightness import SKIES, sky_temperature
        from ...sky.receiver import receiver_from

        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        receiver_from(self.receiver)
        choice("sky", self.sky, tuple(SKIES))
        sky_temperature(np.array(self.span), self.sky)

    @property
    def needs(self) -> str:
        return "losses"

    @property
    def label(self) -> str:
        name = self.receiver if isinstance(self.receiver, str) else self.receiver.get("name", "own")
        return f"noise_ratio({name}, {self.sky}, {band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)

    def check(self, problem: Problem, port: PortModel) -> None:
        del problem
        if port.network:
            raise InputError(
                "noise_ratio is for a preamplifier at the terminals; take [[port.network]] away"
            )

    def value(self, view: View) -> float:
        return view.each(
            lambda item: float(part(item.frequency, self.ratio(item), self.span)[1].min()),
            higher_is_better=True,
        )

    def ratio(self, response: Response) -> FloatArray:
        """V^2_sky/V^2_rx on the fine grid, (m,)."""
        from ...sky.brightness import BOLTZMANN, sky_temperature
        from ...sky.receiver import receiver_from

        device = receiver_from(self.receiver)
        frequency, z = response.frequency, response.dense.z
        load = device.impedance(frequency)
        sky = 4.0 * BOLTZMANN * sky_temperature(frequency, self.sky)
        sky = sky * response.share("sky") * z.real * np.abs(load / (z + load)) ** 2
        return np.asarray(np.maximum(sky, 0.0) / device.noise(frequency, z))


@dataclass(frozen=True, slots=True)
class PatternMerit(Merit):
    """A measure of the pattern at ``samples`` of the solved frequencies of a band."""

    band_mhz: tuple[float, float] = (BAND_LOW / 1e6, 30.0)
    samples: int = 6

    def __post_init__(self) -> None:
        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        number(f"{self.name} samples", self.samples, low=1, high=1000)

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
        low, high = self.span
        found = solved[(solved >= low * (1 - 1e-9)) & (solved <= high * (1 + 1e-9))]
        if found.size == 0:
            raise InputError(
                f"{self.label}: none of the {solved.size} solved frequencies is in this band; "
                "give more points (of the screen, where it has fewer) or a wider band_mhz"
            )
        return found

    def value(self, view: View) -> float:
        def at_samples(response: Response) -> float:
            solution = response.solved()
            inside = self.inside(solution.frequency)
            chosen = np.unique(np.linspace(0, inside.size - 1, int(self.samples)).round())
            return self.of(solution, inside[chosen.astype(int)])

        return view.each(at_samples, higher_is_better=self.maximise)

    @abstractmethod
    def of(self, solution: Solution, frequency: FloatArray) -> float:
        """The measure of ``solution`` at the solved ``frequency`` (k,) Hz."""


@dataclass(frozen=True, slots=True)
class DipoleLikeness(PatternMerit):
    """Largest difference from the short dipole's pattern over a band, dB."""

    name = "dipole_likeness"
    maximise = False

    def of(self, solution: Solution, frequency: FloatArray) -> float:
        from ...pattern import dipole_likeness

        return float(dipole_likeness(solution, frequency).max())


@dataclass(frozen=True, slots=True)
class PatternNull(PatternMerit):
    """Depth of the deepest null within 60 degrees of zenith over a band, dB."""

    name = "pattern_null"
    maximise = False

    def of(self, solution: Solution, frequency: FloatArray) -> float:
        from ...pattern import deepest_level

        return -float(deepest_level(solution, frequency).min())


@dataclass(frozen=True, slots=True)
class PatternConstancy(PatternMerit):
    """rms change of the zenith-normalised pattern over a band, dB."""

    name = "pattern_constancy"
    maximise = False

    def of(self, solution: Solution, frequency: FloatArray) -> float:
        from ...pattern import pattern_constancy

        return pattern_constancy(solution, frequency)
