"""The shape of a spec, and the values behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..conventions import JsonDict
from .families import FREE, family
from .free import draw_free
from .modifiers import modifier, modifier_names
from .shape import Shape


def extent(shape: Shape) -> dict[str, float]:
    """length and gap (m) of a free shape, which has no parameters to take them from."""
    bounds = [polygon.bounds for polygon in shape.conductors]
    return {
        "length": max(item[2] for item in bounds) - min(item[0] for item in bounds),
        "gap": shape.ports[0].gaps[0].length,
    }


def draw(spec: Mapping[str, Any]) -> tuple[Shape, JsonDict]:
    """The shape and the values behind it: family values by name, modifiers as tables."""
    if spec["family"] == FREE:
        shape = draw_free(spec)
        values: dict[str, float] = {}
    else:
        shape, values = family(spec["family"]).build(spec.get("parameters", {}))
    parameters: JsonDict = dict(values)
    for name in modifier_names():
        if name in spec:
            change = modifier(name)
            settings = change.resolve(spec[name], values or extent(shape))
            shape = change.apply(shape, settings)
            parameters[name] = settings
    return shape, parameters
