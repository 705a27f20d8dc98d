"""Parameter: one named number of a family or a modifier, with its unit, range and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..common.checks import number
from ..conventions import JsonDict
from ..errors import GeometryError


@dataclass(frozen=True, slots=True)
class Parameter:
    """A documented number.

    default: None where the value follows from others; ``rule`` then says how.
    low, high: documented range, both ends allowed.  integer: whole numbers only.
    """

    name: str
    unit: str
    default: float | None
    low: float
    high: float
    meaning: str
    rule: str = ""
    integer: bool = False

    def check(self, value: object, where: str = "") -> float:
        """``value`` as a number in range, an int where whole numbers are asked for.

        Raises :class:`GeometryError` in one line.
        """
        label = f"{where}{self.name}"
        result = number(
            label, value, low=self.low, high=self.high, unit=self.unit, error=GeometryError
        )
        if self.integer and result != int(result):
            raise GeometryError(
                f"{label} = {result:g} is not a whole number; "
                f"give one from {self.low:g} to {self.high:g}"
            )
        return int(result) if self.integer else result

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
    owner: str, parameters: tuple[Parameter, ...], given: Mapping[str, object], where: str = ""
) -> dict[str, float]:
    """Checked values: the given ones and the fixed defaults; derived ones are left out.

    Raises :class:`GeometryError` for a name that ``owner`` does not have.
    """
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise GeometryError(
                f"{owner} has no parameter {name!r}; it has {', '.join(known) or 'none'}"
            )
    values: dict[str, float] = {}
    for name, parameter in known.items():
        if name in given:
            values[name] = parameter.check(given[name], where)
        elif parameter.default is not None:
            values[name] = parameter.default
    return values
