"""What a search of cells asks of the mismatch, and how far a curve is from it.

A study's goals as levels over frequency: constraints min_efficiency(mismatch) are floors; the
objective band_ratio(mismatch) is a level over [low, high] whose low end moves down each time it is
met; min_efficiency(mismatch) a level that rises.  The cost of a curve e(f) at the best z0 is

    (mean over f of max(0, level - e)^6)^(1/6),

which is 0 where all is met.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...conventions import ComplexArray, FloatArray
from ...errors import InputError
from ..merits.efficiency import BandRatio, MinEfficiency
from ..port import PortModel
from ..study.goals import Goals

POWER = 6
Z0_STEPS = 36
BAND_STEP = 0.99  # of the low end, each time the band is met
LEVEL_STEP = 0.005  # of the level
MET = 1e-9
MARGIN = 0.004  # that the search asks beyond the study: cells are not the traced outline


@dataclass(frozen=True, slots=True, eq=False)
class Asks:
    """frequency (n,) Hz; floor (n,) everywhere; ``level`` from ``low`` to ``high`` Hz; z0 (k,) ohm.

    ratio: whether ``low`` moves, else ``level`` does.
    """

    frequency: FloatArray
    floor: FloatArray
    level: float
    low: float
    high: float
    ratio: bool
    z0: FloatArray

    @property
    def levels(self) -> FloatArray:
        inside = (self.frequency >= self.low - 1.0) & (self.frequency <= self.high + 1.0)
        return np.where(inside, np.maximum(self.level, self.floor), self.floor)

    def cost(self, z: ComplexArray) -> FloatArray:
        """(n_set,) of impedances (n, n_set), at the best z0 of each.

        The low end lies between two frequencies; there z is taken linear.
        """
        k = int(np.clip(np.searchsorted(self.frequency, self.low) - 1, 0, self.frequency.size - 2))
        part = (self.low - self.frequency[k]) / (self.frequency[k + 1] - self.frequency[k])
        z = np.concatenate((z, (z[k] + part * (z[k + 1] - z[k]))[None]))
        levels = np.append(self.levels, self.level)
        accepted = 4.0 * self.z0 * z.real[..., None] / np.abs(z[..., None] + self.z0) ** 2
        short = np.maximum(0.0, levels[:, None, None] - accepted)
        return np.asarray((short**POWER).mean(axis=0).min(axis=1) ** (1.0 / POWER))

    def harder(self) -> Asks:
        """The next step, once this one is met."""
        if self.ratio:
            return replace(self, low=self.low * BAND_STEP)
        return replace(self, level=self.level + LEVEL_STEP)

    @classmethod
    def of(cls, goals: Goals, port: PortModel, frequency: FloatArray, low: float) -> Asks:
        """From a study; ``low`` (Hz) is where a band begins to be asked from.

        Raises :class:`InputError` for goals that cells cannot be searched for.
        """
        if len(goals.objectives) != 1 or port.network:
            raise InputError(
                "a free-form study takes one objective and no network; leave the others out"
            )
        floor = np.zeros(frequency.size)
        for item in goals.constraints:
            merit = item.merit
            if not isinstance(merit, MinEfficiency) or item.low is None:
                raise InputError(f"{_refused(merit.label)} as a constraint")
            _mismatch(merit)
            inside = _inside(frequency, merit.span)
            floor[inside] = np.maximum(floor[inside], item.low * (1.0 + MARGIN))
        (objective,) = goals.objectives
        z0 = np.geomspace(port.z0_low, port.z0_high, Z0_STEPS if port.free else 1)
        if isinstance(objective, BandRatio):
            _mismatch(objective)
            level = min(objective.threshold * (1.0 + MARGIN), 1.0)
            return cls(frequency, floor, level, low, float(frequency[-1]), True, z0)
        if isinstance(objective, MinEfficiency):
            _mismatch(objective)
            return cls(frequency, floor, 0.05, *objective.span, False, z0)
        raise InputError(f"{_refused(objective.label)} as the objective")


def _inside(frequency: FloatArray, span: tuple[float, float]) -> FloatArray:
    return np.asarray((frequency >= span[0] - 1.0) & (frequency <= span[1] + 1.0))


def _refused(label: str) -> str:
    return (
        f"a free-form study does not know {label}; allowed: band_ratio and min_efficiency of "
        "mismatch"
    )


def _mismatch(merit: BandRatio | MinEfficiency) -> None:
    if merit.efficiency != "mismatch":
        raise InputError(_refused(merit.label))
