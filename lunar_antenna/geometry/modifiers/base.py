"""Modifier: a change that composes with any family."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...common.parameter import Parameter, resolve
from ...conventions import JsonDict
from ...errors import GeometryError
from ..shape import Shape

Values = dict[str, float]


@dataclass(frozen=True, slots=True)
class Modifier:
    """name of the TOML table, parameters, and the function that changes a shape.

    derive: fills in the parameters whose default follows from others or from the family's
    values.  apply: shape, the modifier's values -> shape.
    order: place among the modifiers of a layout (slots 10, collinear 15, coupled 20, bend 30,
    crossed 40; out of the plane tilt 50, sag 60, wrinkle 70); by default the last of those in it.
    """

    name: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    derive: Callable[[Values, Values], Values]
    apply: Callable[[Shape, Values], Shape]
    order: float = 45.0

    def check(self, given: Mapping[str, object]) -> None:
        """:class:`GeometryError` for an unknown name or a value out of its range."""
        resolve(f"[{self.name}]", self.parameters, given, f"[{self.name}] ", GeometryError)

    def resolve(self, given: Mapping[str, object], family: Values) -> Values:
        """All values in SI, checked; ``family`` holds the family's resolved values."""
        values = resolve(f"[{self.name}]", self.parameters, given, f"{self.name}.", GeometryError)
        return {**self.derive(values, family), **values}

    def to_dict(self) -> JsonDict:
        return {
            "name": self.name,
            "summary": self.summary,
            "description": self.description,
            "parameters": [parameter.to_dict() for parameter in self.parameters],
        }
