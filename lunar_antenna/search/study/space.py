"""Search space: the ``[search]`` table of a geometry or a study, parameter = [low, high]."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...common.checks import number
from ...errors import InputError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True, slots=True)
class Range:
    """low to high, on a log scale where ``log``, whole numbers alone where ``integer``."""

    low: float
    high: float
    log: bool = False
    integer: bool = False

    @classmethod
    def from_table(cls, name: str, value: object) -> Range:
        """From [low, high] or [low, high, "log"]."""
        items = list(value) if isinstance(value, (list, tuple)) else []
        log = items[2:] == ["log"]
        items = items[:2] if log else items
        if len(items) != 2:
            raise InputError(
                f'[search] {name} = {value!r} is not a range; write [low, high] or [.., .., "log"]'
            )
        low, high = (number(f"[search] {name}", item) for item in items)
        return cls(low, high, log)


@dataclass(frozen=True, slots=True)
class Variable:
    """One free parameter between ``low`` and ``high`` (SI); ``start`` is the shipped value."""

    name: str
    low: float
    high: float
    start: float | None = None
    log: bool = False
    integer: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(
                f"[search] {self.name} = [{self.low:g}, {self.high:g}] is empty; give low < high"
            )
        if self.log and self.low <= 0.0:
            raise InputError(
                f"[search] {self.name} starts at {self.low:g}; a log scale needs more than 0"
            )

    @property
    def clipped_start(self) -> float:
        """The shipped value, moved inside the range; its middle where there is none."""
        middle = (self.low * self.high) ** 0.5 if self.log else 0.5 * (self.low + self.high)
        value = middle if self.start is None else min(max(self.start, self.low), self.high)
        return round(value) if self.integer else value

    def place(self, value: float) -> float:
        """Where ``value`` lies in the range: 0 at the low end, 1 at the high end."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """All free parameters, in the order of the file."""

    variables: tuple[Variable, ...]

    @classmethod
    def from_ranges(
        cls,
        ranges: Mapping[str, Range],
        values: Mapping[str, Any],
        fixed: Collection[str] = (),
    ) -> SearchSpace:
        """From ranges and the shipped values (modifiers as tables).

        Names in ``fixed`` (given by the user) are not searched.  Raises :class:`InputError`
        where nothing is left to search.
        """
        left = {name: item for name, item in ranges.items() if name not in fixed}
        if not left:
            raise InputError(
                "nothing to search: the geometry has no free parameter in [search]; "
                "add for example [search] length = [5.0, 12.0]"
            )
        return cls(
            tuple(
                Variable(n, item.low, item.high, _value(values, n), item.log, item.integer)
                for n, item in left.items()
            )
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)

    @property
    def start(self) -> dict[str, float]:
        """The shipped design, inside the ranges."""
        return {variable.name: variable.clipped_start for variable in self.variables}

    def distance(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """Largest difference of two designs over all variables, in parts of the range."""
        return max(abs(v.place(one[v.name]) - v.place(other[v.name])) for v in self.variables)

    def distributions(self) -> dict[str, BaseDistribution]:
        """The same ranges as optuna distributions."""
        from optuna.distributions import FloatDistribution, IntDistribution

        return {
            item.name: IntDistribution(int(item.low), int(item.high), log=item.log)
            if item.integer
            else FloatDistribution(item.low, item.high, log=item.log)
            for item in self.variables
        }

    def to_dict(self) -> dict[str, list[float | str]]:
        return {
            item.name: [item.low, item.high, *(["log"] if item.log else [])]
            for item in self.variables
        }


def _value(values: Mapping[str, Any], name: str) -> float | None:
    """The value of ``length`` or ``coupled.length`` in nested tables; None if not a number."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    known = isinstance(found, (int, float)) and not isinstance(found, bool)
    return float(found) if known else None
