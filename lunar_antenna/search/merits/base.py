"""Merits by name: each is an objective or a constraint of a study, with parameters of its own.

    band_ratio       widest contiguous band hi/lo with efficiency >= threshold      maximised
                     efficiency = "mismatch", threshold = 0.9
    min_efficiency   lowest efficiency over band_mhz                                maximised
                     efficiency = "mismatch", band_mhz = [5, 35]
    mean_efficiency  mean efficiency over band_mhz, uniform in frequency            maximised
                     efficiency = "realised", band_mhz = [5, 35]
    noise_ratio      sky-noise over receiver-noise voltage power ratio, the lowest  maximised
                     over band_mhz; for a high-impedance preamplifier, to which 1 - |Gamma|^2
                     says nothing: see :mod:`.merits_sky`
    dipole_likeness  largest difference from the pattern of a short dipole, dB      minimised
                     over band_mhz: see :mod:`.merits_sky`
    pattern_null     deepest level within 60 degrees of zenith below the maximum    minimised
    pattern_constancy  rms change of the pattern over band_mhz, dB                  minimised
    film_mass, metal_mass (kg), printed_area, film_area, stowed_area (m2)           minimised
                     :mod:`lunar_antenna.geometry.masses`

efficiency is one of mismatch (power that reaches the antenna over available power), sky, ground,
metal, film (shares of the power that the antenna accepts) and realised = mismatch x sky.  Sums
over the frequencies between the solved ones use the rational fit of :mod:`.interpolation`.

``needs`` says how much has to be solved: "impedance", "losses" (all shares), "far_field", or only
the "layout".  All merits are finite and not negative.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar

import numpy as np

from ...circuit.bands import widest_band
from ...common.checks import choice, number
from ...conventions import BAND_HIGH, BAND_LOW, FloatArray, JsonDict
from ...errors import InputError
from ...problem import Problem
from ..study.port import PortModel
from ..study.response import EFFICIENCIES, Response, View

NEEDS = ("layout", "impedance", "losses", "far_field")  # each includes those before it


@dataclass(frozen=True, slots=True)
class Merit(ABC):
    """A named number of a candidate.  Fields of a subclass are its parameters."""

    name: ClassVar[str]
    maximise: ClassVar[bool]
    most: ClassVar[float] = math.inf  # the value that no candidate exceeds

    @property
    @abstractmethod
    def needs(self) -> str:
        """One of :data:`NEEDS`."""

    @property
    def uses_port(self) -> bool:
        """Whether the reference impedance and the network matter."""
        return False

    @property
    def label(self) -> str:
        """The merit with its parameters, for tables."""
        return self.name

    @property
    def span(self) -> tuple[float, float] | None:
        """Frequencies that have to be solved, Hz, or None."""
        return None

    def check(self, problem: Problem, port: PortModel) -> None:
        """:class:`InputError` where the merit cannot be had of this problem or port."""
        del problem, port

    @abstractmethod
    def value(self, view: View) -> float:
        """The number, not negative, in SI (dB where it is a level)."""

    def to_dict(self) -> JsonDict:
        table = asdict(self)
        return {"merit": self.name, **{k: list(v) if isinstance(v, tuple) else v
                                       for k, v in table.items() if v is not None}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EfficiencyMerit(Merit):
    """A merit of one named efficiency."""

    efficiency: str = "mismatch"

    def __post_init__(self) -> None:
        choice(f"{self.name} efficiency", self.efficiency, EFFICIENCIES)

    @property
    def needs(self) -> str:
        return "impedance" if self.efficiency == "mismatch" else "losses"

    @property
    def uses_port(self) -> bool:
        return self.efficiency in ("mismatch", "realised")


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
class OverBand(EfficiencyMerit):
    """A merit of one named efficiency over a stated band, MHz."""

    band_mhz: tuple[float, float] = (BAND_LOW / 1e6, BAND_HIGH / 1e6)

    def __post_init__(self) -> None:
        EfficiencyMerit.__post_init__(self)
        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))

    @property
    def label(self) -> str:
        return f"{self.name}({self.efficiency}, {band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)


@dataclass(frozen=True, slots=True)
class MinEfficiency(OverBand):
    """Lowest value over the band."""

    name = "min_efficiency"
    maximise = True
    most = 1.0

    def value(self, view: View) -> float:
        return max(0.0, lowest(view.frequency, view.curve(self.efficiency), self.span))


@dataclass(frozen=True, slots=True)
class MeanEfficiency(OverBand):
    """Mean over the band, uniform in frequency, of each surrounding; then combined."""

    name = "mean_efficiency"
    maximise = True
    most = 1.0
    efficiency: str = "realised"

    def value(self, view: View) -> float:
        def mean(response: Response) -> float:
            curve = response.efficiency(self.efficiency, view.port, view.at)
            frequency, inside = part(response.frequency, curve, self.span)
            return float(np.trapezoid(inside, frequency) / (frequency[-1] - frequency[0]))

        return max(0.0, view.each(mean, higher_is_better=True))


def registry() -> dict[str, type[Merit]]:
    """All merits by name."""
    from .layout import LAYOUT_MERITS
    from .sky import DipoleLikeness, NoiseRatio, PatternConstancy, PatternNull

    kinds: tuple[type[Merit], ...] = (
        *(BandRatio, MinEfficiency, MeanEfficiency, NoiseRatio),
        *(DipoleLikeness, PatternNull, PatternConstancy),
        *LAYOUT_MERITS,
    )
    return {kind.name: kind for kind in kinds}


def make_merit(table: Mapping[str, Any]) -> Merit:
    """The merit of a table: ``merit`` and its parameters.  Raises :class:`InputError`."""
    known = registry()
    if "merit" not in table:
        raise InputError(f"no merit given; write merit = one of {', '.join(known)}")
    kind = known[choice("merit", table["merit"], tuple(known))]
    allowed = tuple(item.name for item in fields(kind))
    given = {key: value for key, value in table.items() if key != "merit"}
    for key in given:
        if key not in allowed:
            raise InputError(
                f"merit {kind.name} has no parameter {key!r}; it has {', '.join(allowed) or 'none'}"
            )
    return kind(**given)


def part(
    frequency: FloatArray, curve: FloatArray, span: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Grid and curve within ``span`` (Hz), both ends included by linear interpolation."""
    low, high = span
    inner = (frequency > low) & (frequency < high)
    grid = np.concatenate(([low], frequency[inner], [high]))
    return grid, np.interp(grid, frequency, curve)


def lowest(frequency: FloatArray, curve: FloatArray, span: tuple[float, float]) -> float:
    """The lowest value within ``span`` (Hz), its ends included by linear interpolation."""
    first, last = np.searchsorted(frequency, span)
    ends = np.interp(span, frequency, curve)
    return float(min(curve[first:last].min(initial=np.inf), ends.min()))


def checked_band(name: str, value: object) -> tuple[float, float]:
    """[low, high] MHz as a tuple; :class:`InputError` where it is no band."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        raise InputError(f"{name} band_mhz = {value!r} is not a band; write [low, high] in MHz")
    low, high = (number(f"{name} band_mhz", item, low=0.01, high=1e4, unit="MHz") for item in value)
    if low >= high:
        raise InputError(f"{name} band_mhz = [{low:g}, {high:g}] is empty; give low < high")
    return low, high


def in_hertz(band_mhz: tuple[float, float]) -> tuple[float, float]:
    return band_mhz[0] * 1e6, band_mhz[1] * 1e6


def band_text(band_mhz: tuple[float, float]) -> str:
    return f"{band_mhz[0]:g}-{band_mhz[1]:g} MHz"
