"""What a builder misses by: the variables of a design, each with its tolerance.

Every number of the geometry's parameters and modifiers; ``height`` (m); ``eps_r`` and
``loss_tangent`` as factors of the whole stack; ``arm_error``; numbers of film and metal by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from ..common.checks import number
from ..errors import InputError
from ..search.study.evaluate import HEIGHT, Evaluator
from .builds import Deviation

# Defaults, all assumed: cutting a film to a millimetre, laying it to a centimetre; soils known to
# 5 % in eps_r and 20 % in tan delta; one arm in the shade, 250 K x 20 ppm/K of polyimide.
TOLERANCES = {HEIGHT: 0.01, "eps_r": 0.05, "loss_tangent": 0.2, "arm_error": 0.005}
METRE, RADIAN, OTHER = 1e-3, math.radians(1.0), 0.01  # by unit; the last is a fraction
_SOIL = ("eps_r", "loss_tangent")


def _numbers(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Nested parameter tables as dotted names; what is not a number is left out."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield f"{prefix}{name}", value


def variables_of(evaluator: Evaluator, wanted: dict[str, float]) -> Iterator[Deviation]:
    """What varies: the geometry's numbers, height, soil, arms, and named film and metal numbers."""
    layout = evaluator.problem({}).layout
    for name, unit, value, low, high in _geometry(evaluator):
        usual = {"m": METRE, "rad": RADIAN}.get(unit, OTHER * abs(value))
        given = _tolerance(name, wanted.pop(name, usual))
        if given > 0.0:
            yield Deviation(name, unit, value, low, high, tolerance=given)
    kinds: list[tuple[str, str, float, float]] = [("arm_error", "1", 0.0, -0.5)]
    if not evaluator.stack.is_free_space:
        kinds = [(HEIGHT, "m", evaluator.height, 0.0), *((k, "1", 1.0, 0.0) for k in _SOIL), *kinds]
    for name, unit, value, low in kinds:
        given = _tolerance(name, wanted.pop(name, TOLERANCES[name]))
        if given > 0.0:
            yield Deviation(name, unit, value, low, tolerance=given)
    for name, given in wanted.items():
        table, _, key = name.partition(".")
        sheet = {"film": layout.film, "metal": layout.metal}.get(table)
        found = getattr(sheet, key, None) if sheet is not None else None
        if not isinstance(found, (int, float)):
            known = [item[0] for item in _geometry(evaluator)] + [item[0] for item in kinds]
            raise InputError(
                f"tolerance of {name!r} is not known here; allowed: {', '.join(known)}, "
                "film.* and metal.* where there is one"
            )
        if _tolerance(name, given) > 0.0:
            unit = "m" if key == "thickness" else "S/m" if key == "conductivity" else "1"
            yield Deviation(name, unit, float(found), 0.0, tolerance=given)


def _tolerance(name: str, value: float) -> float:
    return number(f"tolerance {name}", value, low=0.0)


def _geometry(evaluator: Evaluator) -> list[tuple[str, str, float, float, float]]:
    """(name, unit, value, low, high) of all parameters that are not whole numbers."""
    from ..geometry.families import family
    from ..geometry.modifiers import modifier

    layout = evaluator.problem({}).layout
    found = []
    for name, value in _numbers(layout.parameters):
        table, _, own = name.rpartition(".")
        owner = modifier(table) if table else family(layout.family)
        item = next((item for item in owner.parameters if item.name == own), None)
        if item is not None and not item.integer:
            found.append((name, item.unit, float(value), item.low, item.high))
    return found
