"""The polygons of a file by its suffix, in metres.

    [[polygon]]
    file = "panel.dxf"   beside the geometry file, or a path: .dxf .svg .geojson .json .csv .txt
    unit = "mm"          m, cm, mm, um, in, ft: where the file does not say it
    layer = "COPPER"     of DXF; id, class or label of SVG; id, layer or name of GeoJSON
    chord = 0.005        m, how far chords lie from curves at most; default size/1000

A ring within another is a hole.  Drawings of this program are read with their holes and gaps.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING

from shapely.geometry import Polygon

from ...common.checks import choice, number
from ...common.files import is_file
from ...errors import InputError
from .rings import Drawing, closed, nested

if TYPE_CHECKING:
    from ..layout import Layout

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "um": 1e-6, "in": 0.0254, "ft": 0.3048}
READERS = {
    "dxf": "dxf", "svg": "svg", "geojson": "geojson", "json": "geojson", "csv": "points",
    "txt": "points", "dat": "points",
}  # fmt: skip
KEYS = ("unit", "layer", "chord")


def read_polygons(
    path: Path, unit: str | None = None, layer: str | None = None, chord: float | None = None
) -> list[Polygon]:
    """Polygons of a file, m.  Raises :class:`InputError` in one line that names the file."""
    kind = READERS.get(path.suffix.lower().removeprefix("."))
    if kind is None:
        known = ", ".join(f".{suffix}" for suffix in READERS)
        raise InputError(f"{path} is no file of outlines; allowed: {known}")
    if unit is not None:
        choice(f"{path}: unit", unit, tuple(UNITS))
    if chord is not None:
        chord = number(f"{path}: chord", chord, low=0.0, low_open=True, high=1e3, unit="m")
    reader = importlib.import_module(f".{kind}", __package__)
    drawing: Drawing = reader.read(path, layer, chord)
    return nested(closed(drawing, _metres(path, drawing, unit), str(path)), str(path))


def _metres(path: Path, drawing: Drawing, unit: str | None) -> float:
    told = None if unit is None else UNITS[unit]
    if drawing.metres is None:
        if told is None:
            raise InputError(f"{path} does not say its unit; give unit = one of {', '.join(UNITS)}")
        return told
    if told is not None and abs(told / drawing.metres - 1.0) > 1e-6:
        raise InputError(
            f"{path} says that its unit is {drawing.metres:g} m, not {unit}; leave unit out or "
            "change the file"
        )
    return drawing.metres


def own_drawing(path: Path) -> Layout | None:
    """The layout of a drawing that this program made, None for any other file."""
    from ..drawings import dxf, svg
    from ..drawings.files import FORMATS, import_layout

    if path.suffix.lower().removeprefix(".") not in FORMATS or not is_file(path):
        return None
    ours = svg.is_ours if path.suffix.lower() == ".svg" else dxf.is_ours
    return import_layout(path) if ours(path) else None
