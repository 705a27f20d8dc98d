"""Noise at a preamplifier: the lowest V^2_sky/V^2_rx over a band, between solved frequencies too.

    band_mhz = [5, 35]   receiver = "lusee_like" (or a table)   sky = "novaco_brown" or "cane"

The law is that of :mod:`lunar_antenna.sky.temperature`.  The preamplifier is at the antenna's
terminals: no network may be between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...common.checks import choice
from ...conventions import BAND_HIGH, BAND_LOW, FloatArray
from ...errors import InputError
from ...problem import Problem
from ..port import PortModel
from ..response import Response, View
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


MERITS = (NoiseRatio(),)
