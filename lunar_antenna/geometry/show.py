"""What the command line and the notebooks show about geometries."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from shapely.geometry import Polygon

from ..common.catalogue import folder
from ..conventions import JsonDict
from ..errors import InputError
from .families import family
from .layout import Layout
from .load import build, is_drawing, load_geometry
from .masses import film_area, film_mass, metal_mass
from .modifiers import modifier, modifier_names
from .relief_range import steepest
from .spec import KIND, STUDY_KEY, geometry_names, load_search, read_spec, study_names


def list_studies() -> list[JsonDict]:
    """One row per shipped study: its name, geometry, soil and text."""
    from ..common.tables import read_toml

    rows = []
    for name in study_names():
        content = read_toml(folder(KIND) / f"{name}.toml")
        source = content.get("source", {})
        rows.append(
            {
                "name": name,
                "geometry": str(content.get(STUDY_KEY, "free form")),
                "soil": str(content.get("soil", "")),
                "text": str(source.get("text", "")),
            }
        )
    return rows


def list_geometries() -> list[JsonDict]:
    """One row per shipped geometry: name, family, modifiers, size (m), metal, film, text."""
    rows = []
    for name in geometry_names():
        spec = read_spec(name)
        layout = build(spec)
        x0, y0, x1, y1 = layout.bounds
        rows.append(
            {
                "name": name,
                "family": layout.family,
                "modifiers": [item for item in modifier_names() if item in spec],
                "size": [x1 - x0, y1 - y0],
                "ports": len(layout.ports),
                "metal": layout.metal.name if layout.metal else "pec",
                "film": layout.film.name if layout.film else "none",
                "text": str(spec.get("source", {}).get("text", "")),
            }
        )
    return rows


def describe(
    name_or_path: str | os.PathLike[str], overrides: Mapping[str, object] | None = None
) -> JsonDict:
    """Everything about one geometry: values with unit, range and meaning, materials, source.

    overrides: parameters and materials, as :func:`.load.load_geometry` takes them.
    """
    drawing = is_drawing(name_or_path)
    layout = load_geometry(name_or_path, **dict(overrides or {}))  # type: ignore[arg-type]
    search = {} if drawing else load_search(name_or_path)
    own = () if layout.family == "free" else family(layout.family).parameters
    rows: list[JsonDict] = [
        {**item.to_dict(), "value": layout.parameters[item.name]}
        for item in own
        if item.name in layout.parameters
    ]
    unset = [item.to_dict() for item in own if item.name not in layout.parameters]
    for name in modifier_names():
        values: dict[str, Any] = layout.parameters.get(name, {})
        if not values:
            continue
        for item in modifier(name).parameters:
            row = item.to_dict()
            rows.append({**row, "name": f"{name}.{item.name}", "value": values[item.name]})
    x0, y0, x1, y1 = layout.bounds
    return {
        "name": layout.name,
        "family": layout.family,
        "summary": "free shape" if layout.family == "free" else family(layout.family).summary,
        "description": "" if layout.family == "free" else family(layout.family).description,
        "parameters": rows,
        "unset": unset,
        "modifiers": [item for item in modifier_names() if item in layout.parameters],
        "available_modifiers": {item: modifier(item).summary for item in modifier_names()},
        "ports": [port.to_dict() for port in layout.ports],
        "metal": layout.metal.to_dict() if layout.metal else None,
        "film": layout.film.to_dict() if layout.film else None,
        "bounds": [x0, y0, x1, y1],
        "relief": _relief(layout),
        "metal_area": layout.metal_area,
        "metal_mass": _mass(metal_mass, layout),
        "film_size": _size(layout.film_outline),
        "film_area": film_area(layout),
        "film_mass": _mass(film_mass, layout),
        "search": {key: list(value) for key, value in search.items()},
        "source": dict(layout.source),
    }


def _mass(of: Callable[[Layout], float], layout: Layout) -> float | None:
    """kg, or None where a thickness or a density is not known."""
    try:
        return of(layout)
    except InputError:
        return None


def _size(outline: Polygon | None) -> list[float] | None:
    """Length and width of an outline, m."""
    if outline is None:
        return None
    x0, y0, x1, y1 = outline.bounds
    return [x1 - x0, y1 - y0]


def _relief(layout: Layout) -> JsonDict | None:
    """The relief as text, its lowest and highest elevation (m) and steepest slope."""
    if layout.relief is None:
        return None
    low, high = layout.elevations
    slope = steepest(layout.relief, layout.regions).value
    return {"text": str(layout.relief), "lowest": low, "highest": high, "steepest": slope}
