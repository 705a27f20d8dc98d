"""What a legend calls each of several designs: its name, and what it differs in from the others."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..geometry.rebuild import given_parameters
from ..geometry.units import units_of

_MOST = 3  # differences told; more would be no label
_NAME, _SOIL = "", "soil"


def labels_of(items: Sequence[Any]) -> list[str]:
    """One label for each solution or measurement; no two are the same.

    A lone solution is called by layout and soil.  Several: by what differs, in the order name,
    soil, height, parameters of the layout, metal, film, solver, accuracy.
    """
    facts = [_facts(item) for item in items]
    solutions = [fact for fact in facts if _SOIL in fact]
    keys = list(dict.fromkeys(key for fact in facts for key in fact))
    if len(solutions) > 1:
        differing = [
            key for key in keys if key != _NAME and len({fact.get(key) for fact in solutions}) > 1
        ]
        shown = differing[:_MOST]
        if not differing and len({fact[_NAME] for fact in solutions}) < len(solutions):
            shown = [_SOIL]
    else:
        shown = [_SOIL]
    labels = [
        ", ".join(text for key in (_NAME, *shown) if (text := fact.get(key))) for fact in facts
    ]
    return [
        label if labels.count(label) == 1 else f"{label} ({labels[: index + 1].count(label)})"
        for index, label in enumerate(labels)
    ]


def _facts(item: Any) -> dict[str, str]:
    """Words by what they tell; the key "" is the name."""
    problem = getattr(item, "problem", None)
    if problem is None:
        kind = getattr(item, "kind", "unknown")
        return {_NAME: item.name if kind == "unknown" else f"{item.name} ({kind})"}
    layout = problem.layout
    facts = {_NAME: layout.name, _SOIL: problem.stack.name}
    if not problem.stack.is_free_space:
        facts["height"] = f"height {problem.height:g} m"
    facts |= _parameters(layout)
    facts["metal"] = layout.metal.name if layout.metal else "perfect conductor"
    facts["film"] = layout.film.name if layout.film else "no film"
    made = getattr(item, "provenance", None)
    if made is not None:
        facts["solver"], facts["accuracy"] = made.solver, made.accuracy
    return facts


def _parameters(layout: Any) -> dict[str, str]:
    """Parameters of family and modifiers with their units, but none that derives from others."""
    found: dict[str, str] = {}
    units = units_of(layout)
    for name, value in given_parameters(layout).items():
        inner = value.items() if isinstance(value, Mapping) else ()
        flat = {f"{name}.{key}": item for key, item in inner} or {name: value}
        found |= {key: told(key, item, units.get(key)) for key, item in flat.items()}
    return found


def told(name: str, value: object, unit: str | None) -> str:
    """A parameter with its value and unit; angles in degrees."""
    return f"{name} {with_unit(value, unit)}"


def with_unit(value: object, unit: str | None) -> str:
    """A value with its unit; angles in degrees."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return str(value)
    if unit == "rad":
        return f"{math.degrees(value):.4g}°"
    return f"{value:.4g}{'' if unit in (None, '', '1') else f' {unit}'}"
