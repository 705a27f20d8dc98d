"""[[polygon]] file = "..." in a geometry: its points put in place of the name of the file.

What is read stands alone from then on: a study of it, and its best.toml, hold the points.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from shapely.geometry import Polygon

from ...common.tables import Table
from ...conventions import JsonDict
from ...errors import GeometryError
from ..layout import Gap
from .gap import find_gap
from .read import KEYS, own_drawing, read_polygons

FILE = "file"


def has_files(spec: Mapping[str, Any]) -> bool:
    """True where some [[polygon]] names a file."""
    rows = spec.get("polygon", ())
    return isinstance(rows, list) and any(isinstance(r, Mapping) and FILE in r for r in rows)


def expand(spec: Mapping[str, Any], folder: Path, where: str = "") -> JsonDict:
    """``spec`` with every file's points, and with the gap that was found where none is given.

    folder: from which a relative path starts.  Raises :class:`GeometryError` and other input
    errors in one line.
    """
    table = Table.of(spec, where, GeometryError)
    rows: list[JsonDict] = []
    gaps: list[JsonDict] = []
    for row in table.tables("polygon"):
        if FILE not in row:
            rows.append(dict(row.content))
            continue
        row.only(FILE, *KEYS)
        with row.naming():
            polygons, ports = _read(row, folder)
        rows += [_row(polygon) for polygon in polygons]
        gaps += ports
    result = {**table.content, "polygon": rows}
    if "gap" not in result:
        shapes = [Polygon(row["points"], row.get("holes", [])) for row in rows if "points" in row]
        result["gap"] = gaps or [_gap_row(find_gap(shapes), "1")]
    return result


def _read(row: Table, folder: Path) -> tuple[list[Polygon], list[JsonDict]]:
    path = folder / row.text(FILE)
    if not any(key in row for key in KEYS):
        own = own_drawing(path)
        if own is not None:
            gaps = [_gap_row(gap, port.name) for port in own.ports for gap in port.gaps]
            return list(own.conductors), gaps
    chord = row.number("chord") if "chord" in row else None
    unit, layer = (row.text(key) if key in row else None for key in ("unit", "layer"))
    return read_polygons(path, unit, layer, chord), []


def _row(polygon: Polygon) -> JsonDict:
    holes = [_ring(ring) for ring in polygon.interiors]
    return {"points": _ring(polygon.exterior), **({"holes": holes} if holes else {})}


def _ring(ring: Any) -> list[list[float]]:
    found: list[list[float]] = (np.asarray(ring.coords)[:-1, :2] + 0.0).tolist()
    return found


def _gap_row(gap: Gap, port: str) -> JsonDict:
    return {**gap.to_dict(), "port": port}
