"""DXF drawings in the unit that $INSUNITS says, by ezdxf (an extra).

Layers: FILM, CONDUCTOR, CONDUCTOR_HOLE and PORT_1, PORT_2, ...; all outlines are closed
LWPOLYLINEs.  DIMENSION and TITLE hold what the reader passes over.  A port's rectangle starts
with an edge along the current, and says in its extended data how the gap is fed where that is not
"uniform".  Port names and materials are JSON in the header's custom properties.
"""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from ...common.files import is_file, stem
from ...conventions import FloatArray
from ...errors import FileFormatError, InputError, MissingEngineError, one_line
from ..layout import Layout
from .notes import Notes, places
from .sheet import UNIFORM, UNITS, DrawnGap, assemble, materials_of

INSUNITS = {"in": 1, "ft": 2, "mm": 4, "cm": 5, "m": 6}  # codes of the header
PROPERTY = "lunar_antenna"
APPLICATION = "LUNAR_ANTENNA"  # of the extended data
TEXT, FEED = 1000, "feed="  # group code of a string, and what ours begins with
INSTALL = "pip install ezdxf"
DIMENSION, TITLE = "DIMENSION", "TITLE"
COLOURS = {"FILM": 2, "CONDUCTOR": 30, "CONDUCTOR_HOLE": 8}


def load_ezdxf() -> Any:
    """The package ezdxf; :class:`MissingEngineError` where it is not installed."""
    try:
        import ezdxf
    except ImportError:
        raise MissingEngineError(
            f"DXF needs the package ezdxf, which is not installed; run: {INSTALL}"
        ) from None
    return ezdxf


def to_dxf(layout: Layout, unit: str = "m", notes: Notes | None = None) -> str:
    """The DXF text (R2010) of a layout in ``unit`` (one of UNITS)."""
    ezdxf = load_ezdxf()
    per = 1.0 / UNITS[unit]
    document = ezdxf.new("R2010", setup=False)
    document.header["$INSUNITS"] = INSUNITS[unit]
    document.header["$MEASUREMENT"] = int(unit in ("m", "cm", "mm"))
    document.appids.add(APPLICATION)
    names = [port.name for port in layout.ports]
    document.header.custom_vars.append(
        PROPERTY, json.dumps({"unit": unit, "ports": names, **materials_of(layout)})
    )
    for layer, colour in COLOURS.items():
        document.layers.add(layer, color=colour)
    space = document.modelspace()

    def outline(ring: Any, layer: str) -> Any:
        return space.add_lwpolyline(
            [(float(x) * per, float(y) * per) for x, y in ring],
            close=True,
            dxfattribs={"layer": layer},
        )

    if layout.film_outline is not None:
        outline(np.asarray(layout.film_outline.exterior.coords)[:-1], "FILM")
    for polygon in layout.conductors:
        outline(np.asarray(polygon.exterior.coords)[:-1], "CONDUCTOR")
        for hole in polygon.interiors:
            outline(np.asarray(hole.coords)[:-1], "CONDUCTOR_HOLE")
    for index, port in enumerate(layout.ports, 1):
        document.layers.add(f"PORT_{index}", color=1)
        for gap in port.gaps:
            drawn = outline(gap.corners, f"PORT_{index}")
            if gap.feed != UNIFORM:
                drawn.set_xdata(APPLICATION, [(TEXT, f"{FEED}{gap.feed}")])
    if notes is not None:
        _notes(document, notes, unit, per)
    stream = io.StringIO()
    document.write(stream)
    return stream.getvalue()


def _notes(document: Any, notes: Notes, unit: str, per: float) -> None:
    """Dimensions as such, measured by whatever reads the file, and the title as lines of text."""
    space = document.modelspace()
    for layer in (DIMENSION, TITLE):
        document.layers.add(layer, color=7)
    size = notes.letter * per
    style = document.dimstyles.new("LUNAR_ANTENNA")
    digits = places(unit)
    for name, value in (
        ("dimtxt", size), ("dimasz", 0.8 * size), ("dimexe", 0.4 * size), ("dimexo", 0.4 * size),
        ("dimgap", 0.3 * size), ("dimdec", digits), ("dimzin", 8), ("dimpost", f"<> {unit}"),
        ("dimtad", 1),
    ):  # fmt: skip
        style.dxf.set(name, value)
    for item in notes.dimensions:
        (x0, y0), (x1, y1) = item.start, item.end
        base = (x0, item.at) if item.horizontal else (item.at, y0)
        space.add_linear_dim(
            base=(base[0] * per, base[1] * per),
            p1=(x0 * per, y0 * per),
            p2=(x1 * per, y1 * per),
            angle=0.0 if item.horizontal else 90.0,
            dimstyle="LUNAR_ANTENNA",
            dxfattribs={"layer": DIMENSION},
        ).render()
    x, y = notes.corner
    for number, words in enumerate(notes.title, start=1):
        place = (x * per, (y - number * notes.row) * per)
        attributes = {"layer": TITLE, "height": size, "insert": place}
        space.add_text(words, dxfattribs=attributes)


def read_dxf(path: str | os.PathLike[str]) -> Layout:
    """The layout of a DXF drawing with the layers above, as a free shape.

    Other layers are not read.  One that another program has saved has lost its materials, and with
    them the film.  Raises :class:`~lunar_antenna.errors.FileFormatError`
    (not DXF, not in metres, arcs) or GeometryError in one line.
    """
    ezdxf = load_ezdxf()
    source = Path(path)
    if not is_file(source):
        raise InputError(f"{source} is not a file; give the path of a drawing")
    try:
        return _layout(source, ezdxf.readfile(source))
    except InputError:
        raise
    except Exception as error:  # damaged files raise whatever the parser stumbles over
        text = one_line(error) or type(error).__name__
        reason = text.encode("ascii", "backslashreplace").decode()
        raise FileFormatError(
            f"{source} is not a readable DXF file: {reason}; export it again"
        ) from None


def is_ours(path: Path) -> bool:
    """True for a drawing that says that this program made it, or that still has its layers.

    Other programs drop what a file says of itself when they save it, and keep the layers.
    """
    data = path.read_bytes()
    return PROPERTY.encode() in data or (b"CONDUCTOR" in data and b"PORT_1" in data)


def _layout(source: Path, document: Any) -> Layout:
    units = document.header.get("$INSUNITS", 0)
    scales = {code: UNITS[unit] for unit, code in INSUNITS.items()}
    if units not in scales:
        raise FileFormatError(
            f"{source} has $INSUNITS = {units}; allowed: "
            f"{', '.join(f'{code} ({unit})' for unit, code in INSUNITS.items())}"
        )
    properties = _properties(source, document)
    names = properties.get("ports", [])
    outers: list[FloatArray] = []
    holes: list[FloatArray] = []
    gaps: list[DrawnGap] = []
    film: FloatArray | None = None
    for entity in document.modelspace():
        layer = str(entity.dxf.layer).upper()
        if layer not in COLOURS and not layer.startswith("PORT_"):
            continue
        ring = scales[units] * _ring(source, entity)
        if layer == "FILM":
            film = ring if properties else None  # what it is made of is not said any more
        elif layer == "CONDUCTOR":
            outers.append(ring)
        elif layer == "CONDUCTOR_HOLE":
            holes.append(ring)
        else:
            number = layer.removeprefix("PORT_")
            known = number.isdigit() and 1 <= int(number) <= len(names)
            port = str(names[int(number) - 1]) if known else number
            gaps.append(DrawnGap(port, ring, _feed(entity)))
    return assemble(stem(source), outers, holes, gaps, film, properties)


def _ring(source: Path, entity: Any) -> FloatArray:
    if entity.dxftype() != "LWPOLYLINE" or not entity.closed or entity.has_arc:
        raise FileFormatError(
            f"{source} has {entity.dxftype()} on layer {entity.dxf.layer!r}; draw closed "
            "LWPOLYLINEs of straight segments"
        )
    ring = np.array([(x, y) for x, y in entity.get_points("xy")], dtype=float)
    if len(ring) < 3:
        raise FileFormatError(f"{source} has an outline of {len(ring)} points; draw three or more")
    return ring


def _feed(entity: Any) -> str:
    """How a port's rectangle is fed; uniform where its extended data say nothing."""
    if not entity.has_xdata(APPLICATION):
        return UNIFORM
    texts = [str(tag.value) for tag in entity.get_xdata(APPLICATION) if tag.code == TEXT]
    found = [text.removeprefix(FEED) for text in texts if text.startswith(FEED)]
    return found[0] if found else UNIFORM


def _properties(source: Path, document: Any) -> dict[str, Any]:
    text = document.header.custom_vars.get(PROPERTY, "{}")
    try:
        found = json.loads(text)
    except (TypeError, json.JSONDecodeError):
        found = None
    if not isinstance(found, dict):
        raise FileFormatError(f"{source} has a property {PROPERTY} that is not a JSON object")
    return found
