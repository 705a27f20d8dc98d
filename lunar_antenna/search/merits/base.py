"""What a merit is, and what merits over a stated band share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import ClassVar, Self

import numpy as np

from ...common import checks
from ...common.checks import choice
from ...conventions import BAND_HIGH, BAND_LOW, FloatArray, IntArray, JsonDict
from ...errors import InputError
from ...problem import Problem
from ..port import PortModel
from ..response import EFFICIENCIES, Response, View

STATISTICS = ("mean", "lowest")
NEEDS = ("layout", "impedance", "losses", "far_field")  # each includes those before it


@dataclass(frozen=True, slots=True)
class Merit(ABC):
    """A named number of a candidate.  Fields of a subclass are its parameters, with defaults.

    maximise: whether more of it is better.  upper_limit: the value that no candidate exceeds.
    threshold_limit: what a field ``threshold`` has to stay below when a margin raises it.
    """

    maximise: ClassVar[bool]
    upper_limit: ClassVar[float] = math.inf
    threshold_limit: ClassVar[float] = math.inf

    @property
    @abstractmethod
    def name(self) -> str:
        """As studies write it; a subclass says ``name = "..."``."""

    @property
    @abstractmethod
    def needs(self) -> str:
        """One of :data:`NEEDS`: how much has to be solved."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that a study may set."""
        return tuple(item.name for item in fields(self))

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

    @property
    def array_frequency(self) -> FloatArray | None:
        """Hz at which a cluster of elements has to be solved; None: the merit is of one element."""
        return None

    def check(self, problem: Problem, port: PortModel) -> None:
        """:class:`InputError` where the merit cannot be had of this problem or port."""
        del problem, port

    @abstractmethod
    def value(self, view: View) -> float:
        """The number, finite and not negative, in SI (dB where it is a level)."""

    def each_value(self, view: View) -> FloatArray:
        """(k,) numbers of which :meth:`value` is the worst; a merit of no such kind gives one."""
        return np.array([self.value(view)])

    def tightened(self, margin: float) -> Self:
        """The merit with its own threshold stricter by the part ``margin`` of it.

        A field ``threshold``, which a quantity has to exceed, is raised; a merit whose threshold
        is meant otherwise overrides this.  Raises :class:`InputError` at threshold_limit.
        """
        threshold = getattr(self, "threshold", None)
        if threshold is None:
            return self
        raised = stricter(self.label, threshold, margin, self.threshold_limit)
        return replace(self, **{"threshold": raised})

    def to_dict(self) -> JsonDict:
        """The table that :func:`lunar_antenna.search.merits.make_merit` reads."""
        values = {key: getattr(self, key) for key in self.parameters}
        plain = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        return {"merit": self.name, **{k: v for k, v in plain.items() if v is not None}}


@dataclass(frozen=True, slots=True)
class EfficiencyMerit(Merit):
    """A merit of one named efficiency."""

    threshold_limit: ClassVar[float] = 1.0
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
class ShareOverBand(Merit):
    """One efficiency by a name of its own, its mean or its lowest value over a stated band, MHz."""

    maximise = True
    upper_limit = 1.0
    threshold_limit: ClassVar[float] = 1.0
    efficiency: ClassVar[str]
    band_mhz: tuple[float, float] = (BAND_LOW / 1e6, BAND_HIGH / 1e6)
    statistic: str = "mean"

    def __post_init__(self) -> None:
        object.__setattr__(self, "band_mhz", checked_band(self.name, self.band_mhz))
        choice(f"{self.name} statistic", self.statistic, STATISTICS)

    @property
    def needs(self) -> str:
        return "losses"

    @property
    def uses_port(self) -> bool:
        return self.efficiency == "realised"

    @property
    def label(self) -> str:
        return f"{self.name}({self.statistic}, {band_text(self.band_mhz)})"

    @property
    def span(self) -> tuple[float, float]:
        return in_hertz(self.band_mhz)

    def each_value(self, view: View) -> FloatArray:
        if self.statistic == "lowest":
            return part(view.frequency, view.curve(self.efficiency), self.span)[1]
        return Merit.each_value(self, view)

    def value(self, view: View) -> float:
        if self.statistic == "lowest":
            return max(0.0, lowest(view.frequency, view.curve(self.efficiency), self.span))

        def mean(response: Response) -> float:
            curve = response.efficiency(self.efficiency, view.port, view.at)
            return band_mean(response.frequency, curve, self.span)

        return max(0.0, view.each(mean, higher_is_better=True))


def stricter(label: str, bound: float, margin: float, limit: float) -> float:
    """``bound`` of ``label`` raised by the part ``margin`` of it; refused at ``limit``."""
    raised = bound * (1.0 + margin)
    if raised >= limit:
        raise InputError(
            f"margin = {margin:g} raises {label} from {bound:g} to {raised:.4g}, "
            f"allowed: below {limit:g}; give a smaller margin"
        )
    return raised


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


def band_mean(frequency: FloatArray, curve: FloatArray, span: tuple[float, float]) -> float:
    """The mean within ``span`` (Hz), uniform in frequency."""
    grid, inside = part(frequency, curve, span)
    return float(np.trapezoid(inside, grid) / (grid[-1] - grid[0]))


def checked_band(name: str, value: object) -> tuple[float, float]:
    """[low, high] MHz as a tuple; :class:`InputError` where it is no band."""
    return checks.span(f"{name} band_mhz", value, low=0.01, high=1e4, unit="MHz")


def in_hertz(band_mhz: tuple[float, float]) -> tuple[float, float]:
    return band_mhz[0] * 1e6, band_mhz[1] * 1e6


def in_band(frequency: FloatArray, span: tuple[float, float]) -> IntArray:
    """Numbers of the frequencies (Hz) in a span (Hz), its ends included but for rounding."""
    low, high = span
    return np.flatnonzero((frequency >= low * (1 - 1e-9)) & (frequency <= high * (1 + 1e-9)))


def band_text(band_mhz: tuple[float, float]) -> str:
    return f"{band_mhz[0]:g}-{band_mhz[1]:g} MHz"
