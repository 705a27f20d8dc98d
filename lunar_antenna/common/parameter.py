"""Parameter: a bounded number with a unit, wherever one is typed, searched, fitted or toleranced.

A family and a modifier list their parameters; a study narrows some of them to a range on a scale;
an inversion gives some a prior; a tolerance lets each deviate from its value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conventions import FloatArray, JsonDict
from ..errors import InputError
from .checks import did_you_mean, number, whole


@dataclass(frozen=True, slots=True)
class Parameter:
    """A documented number.

    default: None where the value follows from others; ``rule`` then says how.
    low, high: range, both ends allowed.  integer: whole numbers only.
    offset: what is uniform over the range is log(value + offset), so that 0 is a log scale; None
    is a linear one.
    across: a width of metal, or half of one.
    """

    name: str
    unit: str
    default: float | None
    low: float = -math.inf
    high: float = math.inf
    meaning: str = ""
    rule: str = ""
    integer: bool = False
    offset: float | None = None
    across: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(
                f"{self.name} = [{self.low:g}, {self.high:g}] is empty; give low < high"
            )
        if self.offset is not None and self.low + self.offset <= 0.0:
            raise InputError(
                f"{self.name} starts at {self.low:g}; a log scale needs more than "
                f"{0.0 - self.offset:g}"
            )

    def check(self, value: object, where: str = "", error: type[InputError] = InputError) -> float:
        """``value`` as a number in range, an int where whole numbers are asked for.

        Raises ``error`` in one line, with ``where`` before the name.
        """
        label = f"{where}{self.name}"
        result = number(label, value, low=self.low, high=self.high, unit=self.unit, error=error)
        if not self.integer:
            return result
        low, high = math.ceil(self.low), math.floor(self.high)
        return whole(label, result, low=low, high=high, error=error)

    @property
    def start(self) -> float:
        """The default moved inside the range; its middle, on its scale, where there is none."""
        if self.default is None:
            value = float(self.at(0.5))
        else:
            value = min(max(self.default, self.low), self.high)
        return round(value) if self.integer else value

    def place(self, value: Any) -> FloatArray:
        """Where ``value`` (any shape) lies on the scale: 0 at the low end, 1 at the high end."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        return np.asarray((self._scaled(value) - low) / (high - low))

    def at(self, place: Any) -> FloatArray:
        """The inverse of :meth:`place`, kept within [low, high]."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        scaled = low + np.asarray(place, dtype=float) * (high - low)
        result = scaled if self.offset is None else np.exp(scaled) - self.offset
        return np.asarray(np.clip(result, self.low, self.high))

    def _scaled(self, value: Any) -> FloatArray:
        value = np.asarray(value, dtype=float)
        return np.asarray(value if self.offset is None else np.log(value + self.offset))

    def to_dict(self) -> JsonDict:
        """For listings: name, unit, default (or the rule behind it), bounds, meaning."""
        return {
            "name": self.name,
            "unit": self.unit,
            "default": self.default,
            "rule": self.rule,
            "low": self.low,
            "high": self.high,
            "integer": self.integer,
            "meaning": self.meaning,
        }


def resolve(
    owner: str,
    parameters: Sequence[Parameter],
    given: Mapping[str, object],
    where: str = "",
    error: type[InputError] = InputError,
) -> dict[str, float]:
    """Checked values: the given ones and the fixed defaults; derived ones are left out.

    Raises ``error`` for a name that ``owner`` does not have.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise error(
                f"{owner} has no parameter {name!r}; {did_you_mean(name, known)}"
                f"allowed: {', '.join(known) or 'none'}"
            )
    values: dict[str, float] = {}
    for name, parameter in known.items():
        if name in given:
            values[name] = parameter.check(given[name], where, error)
        elif parameter.default is not None:
            values[name] = parameter.default
    return values
