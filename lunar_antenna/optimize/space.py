"""Search space: the ``[search]`` table of a geometry file, parameter = [low, high]."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


@dataclass(frozen=True, slots=True)
class Variable:
    """One free parameter between ``low`` and ``high`` (SI); ``start`` is the shipped value."""

    name: str
    low: float
    high: float
    start: float | None = None

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(
                f"[search] {self.name} = [{self.low:g}, {self.high:g}] is empty; give low < high"
            )

    @property
    def clipped_start(self) -> float:
        """The shipped value, moved inside the range; its middle where there is none."""
        middle = 0.5 * (self.low + self.high)
        return middle if self.start is None else min(max(self.start, self.low), self.high)


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """All free parameters, in the order of the file."""

    variables: tuple[Variable, ...]

    @classmethod
    def from_ranges(
        cls,
        ranges: Mapping[str, tuple[float, float]],
        values: Mapping[str, Any],
        fixed: Iterable[str] = (),
    ) -> SearchSpace:
        """From ``[search]`` ranges and the shipped values (modifiers as tables).

        Names in ``fixed`` (given by the user) are not searched.  Raises :class:`InputError`
        where nothing is left to search.
        """
        left = {name: ends for name, ends in ranges.items() if name not in set(fixed)}
        if not left:
            raise InputError(
                "nothing to search: the geometry has no free parameter in [search]; "
                "add for example [search] length = [5.0, 12.0]"
            )
        return cls(tuple(Variable(n, *ends, _value(values, n)) for n, ends in left.items()))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)

    @property
    def start(self) -> dict[str, float]:
        """The shipped design, inside the ranges."""
        return {variable.name: variable.clipped_start for variable in self.variables}

    def distributions(self) -> dict[str, BaseDistribution]:
        """The same ranges as optuna distributions."""
        from optuna.distributions import FloatDistribution

        return {item.name: FloatDistribution(item.low, item.high) for item in self.variables}

    def to_dict(self) -> dict[str, list[float]]:
        return {item.name: [item.low, item.high] for item in self.variables}


def _value(values: Mapping[str, Any], name: str) -> float | None:
    """The value of ``length`` or ``coupled.length`` in nested tables; None if not a number."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    number = isinstance(found, (int, float)) and not isinstance(found, bool)
    return float(found) if number else None
