"""What an inversion can leave free: names, units, prior ranges and how each one is scaled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.checks import number
from ..conventions import FloatArray
from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Parameter:
    """One quantity that a sweep may tell.

    low, high: default prior range.  least, most: what may be asked for.  offset: the emulator's
    coordinate is log(value + offset); None leaves it linear.  solved: False where the quantity
    acts on the solved impedance exactly and needs no solver run.
    """

    name: str
    unit: str
    text: str
    low: float
    high: float
    least: float
    most: float
    offset: float | None = None
    solved: bool = True


# Default ranges are assumed: dry regolith and dry sand, films within arm's reach of the ground.
# Offsets follow where the impedance bends: a few centimetres of height, 1e-4 S/m.
PARAMETERS = {
    item.name: item
    for item in (
        Parameter("eps_r", "", "relative permittivity", 1.5, 8.0, 1.0, 100.0, 0.0),
        Parameter("loss_tangent", "", "tan delta", 1e-4, 0.1, 0.0, 10.0),
        Parameter("conductivity", "S/m", "conductivity", 1e-6, 0.02, 0.0, 10.0, 1e-4),
        Parameter("height", "m", "height of the film", 0.0, 1.0, 0.0, 100.0, 0.03),
        Parameter("arm_error", "", "one arm longer by this fraction", 0.0, 0.05, 0.0, 0.5),
        Parameter(
            "hub_capacitance",
            "F",
            "capacitance across the port",
            0.0,
            5e-11,
            0.0,
            1e-8,
            solved=False,
        ),
        Parameter("delay", "s", "one-way delay in front", -2e-9, 2e-9, -1e-6, 1e-6, solved=False),
    )
}


@dataclass(frozen=True, slots=True)
class Range:
    """Uniform prior of one parameter: any value within [low, high] is equally likely."""

    parameter: Parameter
    low: float
    high: float

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def sigma(self) -> float:
        """Standard deviation of the uniform prior."""
        return self.width / math.sqrt(12.0)

    def coordinate(self, value: Any) -> FloatArray:
        """``value`` as the emulator's coordinate in [-1, 1]."""
        a, b = self._bend(self.low), self._bend(self.high)
        return np.asarray(2.0 * (self._bend(value) - a) / (b - a) - 1.0)

    def value(self, coordinate: Any) -> FloatArray:
        """The inverse of :meth:`coordinate`, kept within [low, high]."""
        a, b = self._bend(self.low), self._bend(self.high)
        bent = a + 0.5 * (np.asarray(coordinate, dtype=float) + 1.0) * (b - a)
        offset = self.parameter.offset
        result = bent if offset is None else np.exp(bent) - offset
        return np.asarray(np.clip(result, self.low, self.high))

    def narrowed(self, low: float, high: float) -> Range:
        """The part of the range within [low, high]; never empty for low < high inside it."""
        return Range(self.parameter, max(self.low, low), min(self.high, high))

    def _bend(self, value: Any) -> FloatArray:
        offset = self.parameter.offset
        value = np.asarray(value, dtype=float)
        return np.asarray(value if offset is None else np.log(value + offset))


def parse_free(text: str | Sequence[str]) -> tuple[str, ...]:
    """``"eps_r,height"`` or a sequence of names as a tuple of known, distinct names."""
    names = tuple(
        item.strip() for item in (text.split(",") if isinstance(text, str) else text) if item
    )
    known = ", ".join(PARAMETERS)
    if not names or not all(names):
        raise InputError(f"free = {text!r} names no parameter; allowed: {known}")
    for name in names:
        if name not in PARAMETERS:
            raise InputError(f"free parameter {name!r} is not known; allowed: {known}")
        if names.count(name) > 1:
            raise InputError(f"free parameter {name} is given twice; give it once")
    return names


def ranges(
    free: Sequence[str], priors: Mapping[str, tuple[float, float]] | None = None
) -> tuple[Range, ...]:
    """The prior of every free parameter: its default range, or the one in ``priors``."""
    given = dict(priors or {})
    for name in given:
        if name not in free:
            raise InputError(
                f"prior of {name}, which is not free; free: {', '.join(free)}: add it or drop it"
            )
    return tuple(_range(PARAMETERS[name], given.get(name)) for name in free)


def _range(parameter: Parameter, given: tuple[float, float] | None) -> Range:
    if given is None:
        return Range(parameter, parameter.low, parameter.high)
    try:
        low, high = given
    except (TypeError, ValueError):
        raise InputError(
            f"prior of {parameter.name} = {given!r} is no pair; give (low, high)"
        ) from None
    low, high = (
        number(
            f"prior of {parameter.name}",
            end,
            low=parameter.least,
            high=parameter.most,
            unit=parameter.unit,
        )
        for end in (low, high)
    )
    if high <= low:
        raise InputError(
            f"prior of {parameter.name} = {low:g}:{high:g} is empty; give low below high"
        )
    if parameter.offset == 0.0 and low <= 0.0:
        raise InputError(f"prior of {parameter.name} starts at {low:g}; give a low end above 0")
    return Range(parameter, low, high)


def parse_prior(text: str) -> tuple[str, tuple[float, float]]:
    """``"height=0:0.5"`` as ("height", (0.0, 0.5))."""
    name, equals, rest = text.partition("=")
    low, colon, high = rest.partition(":")
    try:
        if not (equals and colon):
            raise ValueError
        return name.strip(), (float(low), float(high))
    except ValueError:
        raise InputError(
            f"--prior {text!r} is not NAME=LOW:HIGH; write for example --prior height=0:0.5"
        ) from None
