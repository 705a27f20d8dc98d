"""Skies: brightness temperature by direction, two uniform laws, two galaxies, one's own map.

    novaco_brown, cane   the same in all directions: :mod:`.brightness`
    cane_slab            Cane's law at the poles, seen through a slab: depth c(b) times as deep

                         B = 2.48e-20 f^-0.52 (1 - e^-(tau c))/tau + 1.06e-20 f^-0.80 e^-(tau c),
                         tau = 5 f^-2.1, c(b) = 1/sqrt(sin^2 b + s^2) sqrt(1 + s^2)

    power_law            T_ref (f/f_ref)^-beta (1 + a e^-(b/w)^2/2)/mean over the sphere

f in MHz, b the galactic latitude.  In cane_slab emission and absorption are those of Cane, Mon.
Not. R. Astron. Soc. 189, 465 (1979), at the poles (c = 1); that they fill a flat slab in which the
line of sight along the plane is 10 times the one to the pole (s = 0.1) is assumed.  Below 2 MHz the
slab is opaque and its plane no brighter than its poles.  In power_law beta = 2.5 is the mean slope
of Cane's law from 5 to 30 MHz (computed), T_ref = 1.41e5 K that of Novaco and Brown's at 15 MHz
(computed); a = 5 and w = 10 degrees are assumed: a plane several times brighter than the poles.
Neither has a brighter side towards the galactic centre, nor sources: a map has
(:mod:`lunar_antenna.sky.healpix`).  Nothing of the 2.725 K of the microwave background is added.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np

from ..common.checks import did_you_mean, number, shown
from ..conventions import SPEED_OF_LIGHT, FloatArray
from ..errors import InputError
from .brightness import BOLTZMANN, SKIES, checked, sky_temperature

MAP_ENDINGS = (".fits", ".fit", ".gz")


class Sky(Protocol):
    """Brightness temperature at galactic directions."""

    @property
    def name(self) -> str: ...

    @property
    def uniform(self) -> bool:
        """Whether it is the same in all directions."""
        ...

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        """(n, ...) K at ``frequency`` (n,) Hz in galactic unit vectors ``direction`` (..., 3)."""
        ...


@dataclass(frozen=True, slots=True)
class UniformSky:
    """One of the two laws of :mod:`.brightness`, in all directions."""

    name: str = "novaco_brown"
    uniform = True

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        law = sky_temperature(frequency, self.name)
        return np.multiply.outer(law, np.ones(direction.shape[:-1]))


@dataclass(frozen=True, slots=True, eq=False)
class GivenSky:
    """A temperature in K, one or (n,), in all directions."""

    kelvin: FloatArray
    name = "given"
    uniform = True

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        try:
            law = np.broadcast_to(self.kelvin, frequency.shape)
        except ValueError:
            raise InputError(
                f"sky of {self.kelvin.shape} temperatures for {frequency.size} frequencies; "
                "give one, or one per frequency"
            ) from None
        return np.multiply.outer(law, np.ones(direction.shape[:-1]))


@dataclass(frozen=True, slots=True)
class SlabGalaxy:
    """Cane's law at the poles through a flat slab; see the module.

    thinness: s, half thickness over extent: the path in the plane is sqrt(1 + s^2)/s times that to
    the pole.
    """

    thinness: float = 0.1
    name = "cane_slab"
    uniform = False

    def __post_init__(self) -> None:
        number("thinness", self.thinness, low=0.01, high=10.0)

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        f = checked(frequency) / 1e6
        f = f.reshape(f.shape + (1,) * (direction.ndim - 1))
        s = self.thinness
        depth = math.sqrt(1.0 + s**2) / np.sqrt(direction[..., 2] ** 2 + s**2)
        tau = 5.0 * f**-2.1
        brightness = 2.48e-20 * f**-0.52 * -np.expm1(-tau * depth) / tau
        brightness = brightness + 1.06e-20 * f**-0.80 * np.exp(-tau * depth)
        return np.asarray(brightness * (SPEED_OF_LIGHT / (1e6 * f)) ** 2 / (2.0 * BOLTZMANN))


@dataclass(frozen=True, slots=True)
class PowerLawGalaxy:
    """One spectral index everywhere, brighter along the plane; see the module.

    temperature_ref: K, mean over the sphere at ``frequency_ref`` (Hz).  contrast: a.  width: w,
    degrees.
    """

    index: float = 2.5
    temperature_ref: float = 1.41e5
    frequency_ref: float = 15e6
    contrast: float = 5.0
    width: float = 10.0
    name = "power_law"
    uniform = False

    def __post_init__(self) -> None:
        number("sky index", self.index, low=0.0, high=5.0)
        number("sky temperature_ref", self.temperature_ref, low=0.0, high=1e9, unit="K")
        number("sky frequency_ref", self.frequency_ref, low=1e5, high=1e10, unit="Hz")
        number("sky contrast", self.contrast, low=0.0, high=1e4)
        number("sky width", self.width, low=1.0, high=90.0, unit="degrees")

    def temperature(self, frequency: FloatArray, direction: FloatArray) -> FloatArray:
        mean = 1.0 + self.contrast * _mean_of_plane(self.width)
        latitude = np.arcsin(np.clip(direction[..., 2], -1.0, 1.0))
        shape = (1.0 + self.contrast * _plane(latitude, self.width)) / mean
        law = self.temperature_ref * (checked(frequency) / self.frequency_ref) ** -self.index
        return np.multiply.outer(law, shape)


def _plane(latitude: FloatArray, width: float) -> FloatArray:
    return np.asarray(np.exp(-0.5 * (latitude / np.deg2rad(width)) ** 2))


@lru_cache(maxsize=16)
def _mean_of_plane(width: float) -> float:
    nodes, weights = np.polynomial.legendre.leggauss(400)
    return float(0.5 * weights @ _plane(np.arcsin(nodes), width))


GALAXIES: dict[str, Sky] = {"cane_slab": SlabGalaxy(), "power_law": PowerLawGalaxy()}
NAMES = (*SKIES, *GALAXIES)


def sky_from(value: object) -> Sky:
    """A Sky from a name, a temperature (K, one or (n,)), the path of a HEALPix map, or a Sky.

    A map by its path alone must say its frequency in its header (:mod:`.healpix`).
    """
    if isinstance(value, (str, os.PathLike)):
        text = os.fspath(value)
        if text in SKIES:
            return UniformSky(text)
        if text in GALAXIES:
            return GALAXIES[text]
        if Path(text).suffix.lower() in MAP_ENDINGS:
            from .healpix import load_sky

            return load_sky(text)
        raise InputError(
            f"sky = {shown(text)} is not known; {did_you_mean(text, NAMES)}allowed: "
            f"{', '.join(NAMES)}, a temperature in K, or a HEALPix map ({', '.join(MAP_ENDINGS)})"
        )
    if hasattr(value, "temperature") and hasattr(value, "uniform"):
        return value  # type: ignore[return-value]
    try:
        kelvin = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        kelvin = np.array(np.nan)
    if isinstance(value, bool) or kelvin.ndim > 1 or kelvin.size == 0:
        kelvin = np.array(np.nan)
    if not np.all(np.isfinite(kelvin)) or np.any(kelvin < 0.0):
        raise InputError(
            f"sky = {shown(value)} is neither a name of {', '.join(NAMES)}, nor a map, nor "
            "temperatures in K (one, or one per frequency, not below 0)"
        )
    return GivenSky(kelvin)
