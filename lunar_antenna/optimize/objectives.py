"""The objective: the widest contiguous band at a matching threshold, above a floor elsewhere.

Feasibility comes first (Deb, Comput. Methods Appl. Mech. Eng. 186, 311, 2000): one score orders
all candidates, so that any sampler can use it,

    hi / lo  >= 1                    feasible: mismatch efficiency >= floor over the floor band
    max efficiency / threshold < 1   feasible, but the threshold is reached nowhere
    min efficiency / floor - 1       in [-1, 0): infeasible, the nearer to the floor the better
    -2                               could not be built or solved

Every feasible candidate therefore beats every infeasible one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from ..checks import number
from ..conventions import BAND_HIGH, BAND_LOW, ComplexArray, FloatArray, JsonDict
from ..errors import InputError
from .interpolation import MIN_POINTS, DenseImpedance

INVALID = -2.0


@dataclass(frozen=True, slots=True)
class BandObjective:
    """Widest band hi/lo with mismatch efficiency >= threshold, subject to >= floor.

    z0: ohm, fixed, or None for the best one in z0_range, which is found for each candidate by
    scanning (it costs no solution).  floor_low, floor_high: Hz, where the floor must hold.
    """

    threshold: float = 0.9
    floor: float = 0.1
    z0: float | None = None
    z0_low: float = 25.0
    z0_high: float = 600.0
    floor_low: float = BAND_LOW
    floor_high: float = BAND_HIGH

    def __post_init__(self) -> None:
        number("threshold", self.threshold, low=0.0, high=1.0, low_open=True)
        number("floor", self.floor, low=0.0, high=self.threshold)
        if self.z0 is not None:
            number("z0", self.z0, low=0.0, high=1e5, low_open=True, unit="ohm")
        number("z0 range start", self.z0_low, low=0.0, low_open=True, unit="ohm")
        number("z0 range end", self.z0_high, low=self.z0_low, high=1e5, unit="ohm")

    def check_band(self, frequency: FloatArray) -> None:
        """The solved band must cover the band of the floor, with points enough to interpolate."""
        if frequency.size < MIN_POINTS:
            raise InputError(
                f"{frequency.size} frequencies are too few for band edges; "
                f"give {MIN_POINTS} points or more"
            )
        low, high = float(frequency[0]), float(frequency[-1])
        if low > self.floor_low * (1 + 1e-9) or high < self.floor_high * (1 - 1e-9):
            raise InputError(
                f"band {low / 1e6:g}:{high / 1e6:g} MHz does not cover the constraint's "
                f"{self.floor_low / 1e6:g}:{self.floor_high / 1e6:g} MHz; widen it"
            )

    def evaluate(self, dense: DenseImpedance) -> Evaluation:
        """Score of one candidate."""
        if self.z0 is not None:
            return self._at(dense, self.z0)
        grid = np.geomspace(self.z0_low, self.z0_high, 41)
        best = self._best(dense, grid)
        step = (self.z0_high / self.z0_low) ** (1 / 40)
        centre = float(best.z0 or self.z0_low)
        low, high = max(self.z0_low, centre / step), min(self.z0_high, centre * step)
        finer = self._best(dense, np.geomspace(low, high, 41))
        return finer if finer.score > best.score else best

    def _best(self, dense: DenseImpedance, grid: FloatArray) -> Evaluation:
        results = [self._at(dense, float(z0)) for z0 in grid]
        return max(results, key=lambda item: item.score)

    def _at(self, dense: DenseImpedance, z0: float) -> Evaluation:
        efficiency = mismatch(dense.z, z0)
        inside = (dense.frequency >= self.floor_low * (1 - 1e-9)) & (
            dense.frequency <= self.floor_high * (1 + 1e-9)
        )
        lowest = float(efficiency[inside].min())
        band = widest_band(dense.frequency, efficiency, self.threshold)
        if lowest < self.floor:
            score = lowest / self.floor - 1.0
        elif band is None:
            score = min(float(efficiency.max()) / self.threshold, 1.0 - 1e-12)
        else:
            score = band[1] / band[0]
        return Evaluation(score, z0, band, lowest, dense.held_out)

    def to_dict(self) -> JsonDict:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one candidate achieved.

    score: see the module.  z0: ohm.  band: (lo, hi) Hz or None.  lowest: minimum mismatch
    efficiency over the floor band.  held_out: interpolation error estimate.  reason: why the
    candidate could not be evaluated, or None.
    """

    score: float
    z0: float | None = None
    band: tuple[float, float] | None = None
    lowest: float | None = None
    held_out: float | None = None
    reason: str | None = None

    @classmethod
    def invalid(cls, reason: str) -> Evaluation:
        """A candidate that could not be built or solved."""
        return cls(INVALID, reason=reason)

    @property
    def feasible(self) -> bool:
        return self.score >= 0.0

    @property
    def band_ratio(self) -> float | None:
        return None if self.band is None else self.band[1] / self.band[0]

    def to_dict(self) -> JsonDict:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: JsonDict) -> Evaluation:
        band = data.get("band")
        return cls(**{**data, "band": None if band is None else (band[0], band[1])})


def mismatch(z: ComplexArray, z0: float) -> FloatArray:
    """Mismatch efficiency 1 - |(Z - z0)/(Z + z0)|^2 = 4 z0 Re Z / |Z + z0|^2, shape of z."""
    return np.asarray(4.0 * z0 * z.real / np.abs(z + z0) ** 2)


def widest_band(
    frequency: FloatArray, efficiency: FloatArray, threshold: float
) -> tuple[float, float] | None:
    """(lo, hi) Hz of the contiguous band >= threshold with the largest hi/lo, or None.

    Edges are interpolated linearly between the points of the dense grid.
    """
    above = efficiency >= threshold
    if not above.any():
        return None
    change = np.flatnonzero(np.diff(above.astype(np.int8)))
    crossing = frequency[change] + (threshold - efficiency[change]) * (
        frequency[change + 1] - frequency[change]
    ) / (efficiency[change + 1] - efficiency[change])
    edges = list(crossing)
    if above[0]:
        edges.insert(0, frequency[0])
    if above[-1]:
        edges.append(frequency[-1])
    pairs = [(float(lo), float(hi)) for lo, hi in zip(edges[::2], edges[1::2], strict=True)]
    return max(pairs, key=lambda pair: pair[1] / pair[0])
