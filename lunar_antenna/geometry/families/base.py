"""Family: a named way to draw an antenna from documented parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...common.parameter import Parameter, resolve
from ...conventions import JsonDict
from ...errors import GeometryError
from ..shape import Shape, check_gap

Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Family:
    """name, parameters and the function that draws.

    derive: fills in the parameters whose default follows from others.
    description: drawing and meaning, shown to the user.
    shipped: values that the geometry of the family's name has beside the fixed defaults, so that
    they stay when others are overridden.  search: [low, high] of what a search of it varies, SI.
    """

    name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    derive: Callable[[Values], Values]
    draw: Callable[[Values], Shape]
    shipped: Mapping[str, float] = field(default_factory=dict)
    search: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def check(self, given: Mapping[str, object]) -> None:
        """:class:`GeometryError` for an unknown name or a value out of its range."""
        resolve(f"family {self.name}", self.parameters, given, "[parameters] ", GeometryError)

    def resolve(self, given: Mapping[str, object]) -> Values:
        """All values in SI, checked against the documented ranges.

        Raises :class:`~lunar_antenna.errors.GeometryError` for an unknown name, a value out of
        range, or a gap that leaves no metal.
        """
        values = resolve(f"family {self.name}", self.parameters, given, error=GeometryError)
        values.setdefault("gap", values["length"] / 100.0)
        check_gap(values["length"], values["gap"])
        derived = self.derive(values)
        return {
            parameter.name: values.get(parameter.name, derived.get(parameter.name, 0.0))
            for parameter in self.parameters
            if parameter.name in values or parameter.name in derived
        }

    def build(self, given: Mapping[str, object]) -> tuple[Shape, Values]:
        """The drawn shape and the values behind it."""
        values = self.resolve(given)
        return self.draw(values), values

    def geometry(self) -> JsonDict:
        """Content of the geometry file of the family's name: bare metal at the default size."""
        fixed = {item.name: item.default for item in self.parameters if item.default is not None}
        return {
            "family": self.name,
            "parameters": {**fixed, **self.shipped},
            "search": {name: list(ends) for name, ends in self.search.items()},
            "source": {
                "text": f"{self.summary}; the family's default size, perfect conductor, no film",
                "parameters": "assumed: half a wavelength near 14 MHz, proportions of the family",
            },
        }

    def to_dict(self) -> JsonDict:
        return {
            "name": self.name,
            "summary": self.summary,
            "description": self.description,
            "parameters": [parameter.to_dict() for parameter in self.parameters],
        }


def length(default: float = 10.0, meaning: str = "tip to tip") -> Parameter:
    return Parameter("length", "m", default, 0.01, 1000.0, meaning)


def gap() -> Parameter:
    return Parameter("gap", "m", None, 1e-5, 100.0, "distance between the arms", "length/100")


def port_width(rule: str) -> Parameter:
    meaning = "width of the feed tab that bridges the gap"
    return Parameter("port_width", "m", None, 1e-5, 100.0, meaning, rule, across=True)


def width(default: float, meaning: str) -> Parameter:
    return Parameter("width", "m", default, 1e-4, 100.0, meaning, across=True)


def asymmetry() -> Parameter:
    return Parameter(
        "asymmetry",
        "m",
        0.0,
        -500.0,
        500.0,
        "arm at x > 0 longer by this, the other shorter, half each; length stays",
    )
