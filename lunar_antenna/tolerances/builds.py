"""Yield: of antennas that are off in everything at once, how many meet what is required.

A build draws every variable by itself, uniformly within its tolerance or normally with half of it
as the standard deviation (the tolerance is then k = 2), cut off where the variable's range ends.
It is solved like a candidate of a search, and counts as failed where it cannot be built, or where
the quantity is lost.  Of n builds, k of which meet a requirement, the yield is k/n, with the 95 %
interval of Clopper and Pearson (Biometrika 26, 404, 1934).  Builds are seeded and drawn one after
the other: the first n of a longer run are those of a shorter one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.checks import choice, number
from ..common.files import plain
from ..common.parameter import Parameter
from ..conventions import FloatArray, JsonDict
from ..errors import InputError

DISTRIBUTIONS = ("uniform", "normal")
QUANTILES = (0.05, 0.5, 0.95)
CONFIDENCE = 0.95
FEWEST = 200  # builds, for a 5 % quantile that ten of them lie below


@dataclass(frozen=True, slots=True)
class Deviation(Parameter):
    """One thing that varies: its default +- ``tolerance``, within [low, high]."""

    tolerance: float = 0.0

    @property
    def value(self) -> float:
        """What it should be: the default."""
        assert self.default is not None
        return self.default

    @property
    def points(self) -> tuple[float, ...]:
        """Values to evaluate: both sides, or the one that is allowed."""
        up = self.value + self.tolerance <= self.high
        down = self.value - self.tolerance >= self.low
        if not up and not down:
            raise InputError(
                f"tolerance {self.name} = {self.tolerance:g} leaves [{self.low:g}, {self.high:g}] "
                "on both sides; make it smaller"
            )
        steps = (*((-1.0, -0.5) if down else ()), *((0.5, 1.0) if up else ()))
        return tuple(self.value + step * self.tolerance for step in steps)

    def side(self, sign: float) -> float:
        """The value at the tolerance in that direction, or the end of the range before it."""
        return min(max(self.value + math.copysign(self.tolerance, sign), self.low), self.high)

    def drawn(self, share: FloatArray, distribution: str) -> FloatArray:
        """Values at the ``share`` (n,) in [0, 1) of the distribution's probability."""
        if distribution == "uniform":
            low, high = self.side(-1.0), self.side(1.0)
            return low + (high - low) * share
        from scipy.special import ndtr, ndtri

        sigma = 0.5 * self.tolerance
        low, high = (float(ndtr((end - self.value) / sigma)) for end in (self.low, self.high))
        value = self.value + sigma * ndtri(low + (high - low) * share)
        return np.asarray(np.clip(value, self.low, self.high))


@dataclass(frozen=True, slots=True)
class Requirement:
    """A quantity that has to be at least ``low``, or at most ``high``, SI."""

    quantity: str
    low: float | None = None
    high: float | None = None

    @classmethod
    def parse(cls, text: str, quantities: Sequence[str]) -> Requirement:
        """``"inside>=0.85"`` or ``"band_low<=12e6"``."""
        for sign in (">=", "<="):
            name, found, bound = text.partition(sign)
            if not found:
                continue
            try:
                value = float(bound)
            except ValueError:
                break
            value = number(f"requirement {text!r}", value)
            choice("required quantity", name.strip(), tuple(quantities))
            return cls(name.strip(), **{"low" if sign == ">=" else "high": value})
        raise InputError(
            f"requirement {text!r} is not understood; write QUANTITY>=VALUE or QUANTITY<=VALUE "
            f"in SI units, quantities: {', '.join(quantities)}"
        )

    @property
    def bound(self) -> float:
        return self.low if self.low is not None else float(self.high or 0.0)

    @property
    def label(self) -> str:
        return f"{self.quantity} {'>=' if self.low is not None else '<='} {self.bound:g}"

    def met(self, values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """(n,) of values (n,); nan, a quantity that was lost, is not met."""
        return values >= self.low if self.low is not None else values <= self.bound


@dataclass(frozen=True, slots=True)
class Share:
    """A share of builds with its confidence interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, met: int, count: int) -> Share:
        """``met`` of ``count``."""
        from scipy.stats import beta

        outside = 0.5 * (1.0 - CONFIDENCE)
        low = 0.0 if met == 0 else float(beta.ppf(outside, met, count - met + 1))
        high = 1.0 if met == count else float(beta.ppf(1.0 - outside, met + 1, count - met))
        return cls(met / count, low, high)

    def to_dict(self) -> JsonDict:
        return {"share": self.value, "low": self.low, "high": self.high}


@dataclass(frozen=True, slots=True, eq=False)
class Builds:
    """Drawn antennas and what became of them.

    parameters: by variable, (n,).  values: by quantity, (n,), nan where it was lost.  wanted: how
    many were asked for; fewer are there after Ctrl-C.  reason: why one could not be built.
    """

    parameters: Mapping[str, FloatArray]
    values: Mapping[str, FloatArray]
    requirements: tuple[Requirement, ...]
    distribution: str
    seed: int
    wanted: int
    reason: str | None = None

    @property
    def count(self) -> int:
        return next(iter(self.values.values())).size

    def share(self, requirement: Requirement) -> Share:
        """Of builds that meet it."""
        return Share.of(int(requirement.met(self.values[requirement.quantity]).sum()), self.count)

    @property
    def together(self) -> Share:
        """Of builds that meet all requirements."""
        met = [item.met(self.values[item.quantity]) for item in self.requirements]
        return Share.of(int(np.all(met, axis=0).sum()), self.count)

    def quantiles(self, quantity: str) -> tuple[float, ...]:
        """5, 50 and 95 % of the builds that have the quantity; nan where none has."""
        known = self.values[quantity][np.isfinite(self.values[quantity])]
        if known.size == 0:
            return (math.nan,) * len(QUANTILES)
        return tuple(float(value) for value in np.quantile(known, QUANTILES))

    def lost(self, quantity: str) -> int:
        """Builds without the quantity."""
        return int((~np.isfinite(self.values[quantity])).sum())

    def to_dict(self) -> JsonDict:
        return {
            "builds": self.count,
            "wanted": self.wanted,
            "seed": self.seed,
            "distribution": self.distribution,
            "confidence": CONFIDENCE,
            "requirements": [
                {
                    "requirement": item.label,
                    "quantity": item.quantity,
                    "at_least": item.low,
                    "at_most": item.high,
                    **self.share(item).to_dict(),
                }
                for item in self.requirements
            ],
            "all": self.together.to_dict(),
            "quantiles": {
                name: {
                    **{
                        f"{100 * part:g}": plain(value)
                        for part, value in zip(QUANTILES, self.quantiles(name), strict=True)
                    },
                    "lost": self.lost(name),
                }
                for name in self.values
            },
            "reason": self.reason,
        }


def draw(
    variables: Sequence[Deviation], count: int, seed: int, distribution: str
) -> dict[str, FloatArray]:
    """``count`` values of every variable, independent of each other."""
    choice("distribution", distribution, DISTRIBUTIONS)
    shares = np.random.default_rng(seed).random((count, len(variables)))
    return {item.name: item.drawn(shares[:, k], distribution) for k, item in enumerate(variables)}


def build_all(
    variables: Sequence[Deviation],
    evaluate: Callable[[Mapping[str, float]], tuple[Mapping[str, float], str | None]],
    requirements: Sequence[Requirement],
    *,
    count: int,
    seed: int,
    distribution: str,
) -> Builds:
    """Evaluate ``count`` draws.

    evaluate: (quantities, reason of failure or None) of values by variable.  Raises
    :class:`BuildsInterrupted` with those that are finished.
    """
    drawn = draw(variables, count, seed, distribution)
    rows: list[Mapping[str, float]] = []
    reason: str | None = None
    stopped = False
    try:
        for index in range(count):
            found, why = evaluate({name: float(row[index]) for name, row in drawn.items()})
            rows.append(found)
            reason = reason or why
    except KeyboardInterrupt:
        stopped = True
        if not rows:
            raise
    done = Builds(
        {name: row[: len(rows)] for name, row in drawn.items()},
        {name: np.array([row[name] for row in rows]) for name in rows[0]},
        tuple(requirements),
        distribution,
        seed,
        count,
        reason,
    )
    if stopped:
        raise BuildsInterrupted(done)
    return done


class BuildsInterrupted(KeyboardInterrupt):
    """Ctrl-C among the builds; ``builds`` holds those that are finished."""

    def __init__(self, builds: Builds) -> None:
        super().__init__("interrupted")
        self.builds = builds
