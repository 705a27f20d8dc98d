"""GeoJSON: polygons with plane coordinates in the unit told, not longitudes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...common.files import is_file
from ...common.tables import read_json
from ...conventions import FloatArray
from ...errors import FileFormatError, InputError
from .rings import Drawing


def read(path: Path, layer: str | None, chord: float | None) -> Drawing:
    """All polygons; ``layer`` is a feature's id, or its property layer or name."""
    del chord
    if not is_file(path):
        raise InputError(f"{path} is not a file; give the path of a drawing")
    names: set[str] = set()
    rings = [ring for shape in _shapes(path, read_json(path), layer, names) for ring in shape]
    if layer is not None and not rings:
        told = ", ".join(sorted(names)) or "no names"
        raise InputError(f"{path} has no polygon of layer {layer!r}; it has {told}")
    return Drawing(tuple(rings))


def _shapes(path: Path, item: Any, layer: str | None, names: set[str]) -> list[list[FloatArray]]:
    kind = item.get("type") if isinstance(item, dict) else None
    if kind == "FeatureCollection":
        return [s for part in item.get("features", []) for s in _shapes(path, part, layer, names)]
    if kind == "GeometryCollection":
        return [s for part in item.get("geometries", []) for s in _shapes(path, part, None, names)]
    if kind == "Feature":
        own = {str(item["id"])} if "id" in item else set()
        told = item.get("properties") or {}
        own |= {str(told[key]) for key in ("layer", "name") if key in told}
        names |= own
        inner = item.get("geometry")  # null is a feature without a place (RFC 7946, 3.2)
        if inner is None or layer not in {None, *own}:
            return []
        return _shapes(path, inner, None, names)
    if kind == "Polygon":
        return [_rings(path, item.get("coordinates"))]
    if kind == "MultiPolygon":
        return [_rings(path, part) for part in item.get("coordinates", [])]
    if kind in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        return []
    raise FileFormatError(f"{path} is no GeoJSON: type is {kind!r}; draw Polygons")


def _rings(path: Path, coordinates: Any) -> list[FloatArray]:
    try:
        return [np.array([[float(p[0]), float(p[1])] for p in ring]) for ring in coordinates]
    except (TypeError, ValueError, IndexError):
        raise FileFormatError(
            f"{path} has a polygon whose coordinates are not lists of [x, y]; write them so"
        ) from None
