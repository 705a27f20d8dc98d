"""What an inversion can leave free: names, units, prior ranges and how each one is scaled."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..common.checks import span
from ..common.parameter import Parameter
from ..conventions import FloatArray
from ..errors import InputError


@dataclass(frozen=True, slots=True)
class Prior(Parameter):
    """Uniform prior of one quantity: any value within [low, high] is equally likely.

    least, most: what may be asked for.  The emulator's coordinate is linear on the parameter's
    scale.  solved: False where the quantity acts on the solved impedance exactly and needs no
    solver run.
    """

    least: float = -math.inf
    most: float = math.inf
    solved: bool = True

    @property
    def width(self) -> float:
        return self.high - self.low

    @property
    def sigma(self) -> float:
        """Standard deviation of the uniform prior."""
        return self.width / math.sqrt(12.0)

    def coordinate(self, value: Any) -> FloatArray:
        """``value`` as the emulator's coordinate in [-1, 1]."""
        return np.asarray(2.0 * self.place(value) - 1.0)

    def value(self, coordinate: Any) -> FloatArray:
        """The inverse of :meth:`coordinate`, kept within [low, high]."""
        return self.at(0.5 * (np.asarray(coordinate, dtype=float) + 1.0))

    def narrowed(self, low: float, high: float) -> Prior:
        """The part of the range within [low, high]; never empty for low < high inside it."""
        return replace(self, low=max(self.low, low), high=min(self.high, high))


def _prior(
    name: str,
    unit: str,
    meaning: str,
    prior: tuple[float, float],
    allowed: tuple[float, float],
    offset: float | None = None,
    solved: bool = True,
) -> Prior:
    low, high = prior
    least, most = allowed
    return Prior(
        name, unit, None, low, high, meaning, offset=offset, least=least, most=most, solved=solved
    )


# Default ranges are assumed: dry regolith and dry sand, films within arm's reach of the ground.
# Offsets follow where the impedance bends: a few centimetres of height, 1e-4 S/m.
PARAMETERS = {
    item.name: item
    for item in (
        _prior("eps_r", "", "relative permittivity", (1.5, 8.0), (1.0, 100.0), 0.0),
        _prior("loss_tangent", "", "tan delta", (1e-4, 0.1), (0.0, 10.0)),
        _prior("conductivity", "S/m", "conductivity", (1e-6, 0.02), (0.0, 10.0), 1e-4),
        _prior("height", "m", "height of the film", (0.0, 1.0), (0.0, 100.0), 0.03),
        _prior("arm_error", "", "one arm longer by this fraction", (0.0, 0.05), (0.0, 0.5)),
        _prior(
            "hub_capacitance",
            "F",
            "capacitance across the port",
            (0.0, 5e-11),
            (0.0, 1e-8),
            solved=False,
        ),
        _prior("delay", "s", "one-way delay in front", (-2e-9, 2e-9), (-1e-6, 1e-6), solved=False),
    )
}


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
) -> tuple[Prior, ...]:
    """The prior of every free parameter: its default range, or the one in ``priors``."""
    given = dict(priors or {})
    for name in given:
        if name not in free:
            raise InputError(
                f"prior of {name}, which is not free; free: {', '.join(free)}: add it or drop it"
            )
    return tuple(_given(PARAMETERS[name], given.get(name)) for name in free)


def _given(prior: Prior, given: tuple[float, float] | None) -> Prior:
    if given is None:
        return prior
    try:
        ends = tuple(given)
    except TypeError:
        ends = ()
    label = f"prior of {prior.name}"
    low, high = span(label, ends, low=prior.least, high=prior.most, unit=prior.unit)
    if prior.offset == 0.0 and low <= 0.0:
        raise InputError(f"{label} starts at {low:g}; give a low end above 0")
    return replace(prior, low=low, high=high)


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
