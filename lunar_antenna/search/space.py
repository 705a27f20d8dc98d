"""Search space: the ``[search]`` table of a geometry or a study, parameter = [low, high]."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..common.checks import span
from ..common.parameter import Parameter
from ..errors import InputError

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def free_parameter(name: str, value: object) -> Parameter:
    """A variable from [low, high], or from [low, high, "log"] on a log scale."""
    label = f"[search] {name}"
    log = isinstance(value, (list, tuple)) and list(value[2:]) == ["log"]
    low, high = span(label, list(value)[:2] if log else value)  # type: ignore[call-overload]
    if log and low <= 0.0:
        raise InputError(f"{label} starts at {low:g}; a log scale needs more than 0")
    return Parameter(name, "", None, low, high, offset=0.0 if log else None)


def free_parameters(ranges: Mapping[str, Any]) -> dict[str, Parameter]:
    """Variables from name = [low, high], modifiers with a dot or as tables."""
    if not isinstance(ranges, Mapping):
        raise InputError(
            f"search is {type(ranges).__name__}; give ranges by name, for example "
            '{"length": (6.0, 10.0)}'
        )
    flat: dict[str, Any] = {}
    for name, item in ranges.items():
        nested = item.items() if isinstance(item, Mapping) else ()
        flat |= {f"{name}.{key}": value for key, value in nested} or {name: item}
    return {name: free_parameter(name, item) for name, item in flat.items()}


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """All free parameters, in the order of the file; their default is the shipped value."""

    variables: tuple[Parameter, ...]

    @classmethod
    def from_ranges(
        cls,
        ranges: Mapping[str, Parameter],
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
            tuple(replace(item, default=_value(values, name)) for name, item in left.items())
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(variable.name for variable in self.variables)

    @property
    def start(self) -> dict[str, float]:
        """The shipped design, inside the ranges."""
        return {variable.name: variable.start for variable in self.variables}

    def distance(self, one: Mapping[str, float], other: Mapping[str, float]) -> float:
        """Largest difference of two designs over all variables, in parts of the range."""
        steps = (v.place(one[v.name]) - v.place(other[v.name]) for v in self.variables)
        return max(abs(float(step)) for step in steps)

    def distributions(self) -> dict[str, BaseDistribution]:
        """The same ranges as optuna distributions."""
        from optuna.distributions import FloatDistribution, IntDistribution

        return {
            item.name: IntDistribution(int(item.low), int(item.high), log=item.offset is not None)
            if item.integer
            else FloatDistribution(item.low, item.high, log=item.offset is not None)
            for item in self.variables
        }

    def to_dict(self) -> dict[str, list[float | str]]:
        return {
            item.name: [item.low, item.high, *(["log"] if item.offset is not None else [])]
            for item in self.variables
        }


def _value(values: Mapping[str, Any], name: str) -> float | None:
    """The value of ``length`` or ``coupled.length`` in nested tables; None if not a number."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    known = isinstance(found, (int, float)) and not isinstance(found, bool)
    return float(found) if known else None
