"""A Layout back as the spec that it was drawn from, so that its parameters can be changed again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from shapely.geometry import Polygon
from shapely.ops import unary_union

from ..conventions import JsonDict
from ..errors import GeometryError
from .drawn import draw
from .families import FAMILIES, family
from .layout import Layout, default_film_outline
from .modifiers import MODIFIERS

_SAME = 1e-9  # of an area, what two drawings of one shape may differ by


def given_parameters(layout: Layout) -> JsonDict:
    """The layout's parameters without those that the family would derive from the others.

    A gap of length/100 follows the length when that is changed; a gap that was given stays.
    """
    values = dict(layout.parameters)
    if layout.family not in FAMILIES:
        return values
    own = family(layout.family)
    names = [item.name for item in own.parameters]
    whole = {name: value for name, value in values.items() if name in names}
    given = dict(whole)
    for item in own.parameters:
        if item.default is not None or item.name not in given:
            continue
        rest = {name: value for name, value in given.items() if name != item.name}
        with suppress(GeometryError):  # it does not derive from the rest
            if own.resolve(rest) == whole:
                given = rest
    return {name: value for name, value in values.items() if name in given or name not in names}


def spec_of(layout: Layout) -> JsonDict:
    """The content of a geometry file that draws ``layout``; see :mod:`.spec`.

    [search] is the family's own.  Raises :class:`GeometryError` for a free shape, which has no
    parameters, and for a layout that was changed after it was drawn.
    """
    if layout.family not in FAMILIES:
        raise GeometryError(
            f"layout {layout.name!r} is a free shape: it has no parameters to change or to search; "
            f"give a geometry of a family ({', '.join(FAMILIES)})"
        )
    values = given_parameters(layout)
    modifiers = {name: dict(values.pop(name)) for name in MODIFIERS if values.get(name)}
    own = family(layout.family)
    spec: JsonDict = {
        "family": layout.family,
        "name": layout.name,
        "parameters": {k: v for k, v in values.items() if k not in MODIFIERS},
        **modifiers,
        "metal": None if layout.metal is None else layout.metal.to_dict(),
        "film": _film(layout),
        "search": {name: list(ends) for name, ends in own.search.items()},
        "source": dict(layout.source),
    }
    _same(layout, spec)
    return spec


def _film(layout: Layout) -> JsonDict | None:
    if layout.film is None or layout.film_outline is None:
        return None
    film: JsonDict = layout.film.to_dict()
    margin = round(layout.bounds[0] - layout.film_outline.bounds[0], 12)
    usual = default_film_outline(layout.surface, margin)
    if _differ(usual, layout.film_outline) <= _SAME:
        return {**film, "margin": margin}
    return {**film, "outline": [list(point) for point in layout.film_outline.exterior.coords[:-1]]}


def _differ(one: Any, other: Any) -> float:
    """Area that only one of both covers, of the area of the first."""
    difference: Polygon = one.symmetric_difference(other)
    return float(difference.area / one.area)


def _same(layout: Layout, spec: JsonDict) -> None:
    with suppress(GeometryError):  # a parameter that no family has
        shape, _ = draw(spec)
        ports = [item.to_dict() for item in shape.ports] == [i.to_dict() for i in layout.ports]
        metal = _differ(unary_union(shape.conductors), unary_union(layout.conductors))
        raised = shape.relief is not None and not shape.relief.is_flat
        if ports and metal <= _SAME and raised == (layout.relief is not None):
            return
    raise GeometryError(
        f"layout {layout.name!r} was changed after its parameters drew it, so that they no longer "
        "describe it; give the geometry by name or file"
    )
