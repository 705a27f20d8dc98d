"""What a drawing (SVG, DXF) holds, and how a Layout is put together from it again.

A drawing keeps outlines, gaps and how they are fed, port names, metal and film.  It keeps no
family, parameters or ribbons: a drawing may be edited, and is read as the free shape that it
shows.  Outlines are the plan view; a relief is kept as a table beside them, with a note.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from ...conventions import FloatArray, JsonDict
from ...errors import FileFormatError, GeometryError
from ...media.sheets import film_from, metal_from
from ..layout import Gap, Layout, Port
from ..relief import relief_from
from ..relief_range import steepest
from ..validate import validate

UNITS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3, "in": 0.0254, "ft": 0.3048}  # m
UNIFORM = "uniform"  # the feed of a gap that says nothing
SQUARE = 1e-6  # relative departure from a rectangle that is still a gap


@dataclass(frozen=True, slots=True, eq=False)
class DrawnGap:
    """One rectangle of a port as drawn: corners (ring vertices, 2) m, feed as :class:`Gap`'s."""

    port: str
    corners: FloatArray
    feed: str = UNIFORM


def gap_of(drawn: DrawnGap) -> Gap:
    """Gap of a rectangle (4, 2) m whose first edge runs along the current."""
    corners, label = drawn.corners, f"port {drawn.port!r}"
    if corners.shape != (4, 2):
        raise FileFormatError(f"{label} has {len(corners)} corners; a port is a rectangle of 4")
    along = (corners[1] - corners[0] + corners[2] - corners[3]) / 2.0
    across = (corners[3] - corners[0] + corners[2] - corners[1]) / 2.0
    length, width = float(np.hypot(*along)), float(np.hypot(*across))
    skew = float(np.abs(corners[1] - corners[0] - corners[2] + corners[3]).max())
    if not (abs(along @ across) <= SQUARE * length * width and skew <= SQUARE * max(length, width)):
        x, y = corners.mean(axis=0)
        raise FileFormatError(f"{label} at ({x:g}, {y:g}) m is not a rectangle; draw it as one")
    x, y = (float(value) for value in corners.mean(axis=0))
    return Gap(x, y, length, width, math.atan2(along[1], along[0]), drawn.feed)


def assemble(
    name: str,
    outers: Sequence[FloatArray],
    holes: Sequence[FloatArray],
    gaps: Sequence[DrawnGap],
    film_outline: FloatArray | None,
    materials: JsonDict,
) -> Layout:
    """Validated free layout; each hole goes to the outline that contains it.

    gaps: those of one port name are in series.  materials: tables ``metal``, ``film`` and
    ``relief`` or None.
    """
    if not outers or not gaps:
        raise FileFormatError(
            f"drawing {name!r} has {len(outers)} conductors and {len(gaps)} ports; "
            "it needs at least one of each"
        )
    polygons = [Polygon(ring) for ring in outers]
    inside: list[list[FloatArray]] = [[] for _ in polygons]
    for ring in holes:
        hole = Polygon(ring)
        owners = [
            index
            for index, polygon in enumerate(polygons)
            if polygon.is_valid and polygon.buffer(1e-9).covers(hole)
        ]
        if not owners:
            x, y = ring[0]
            raise GeometryError(f"hole at ({x:g}, {y:g}) m lies in no conductor; move or remove it")
        inside[min(owners, key=lambda index: polygons[index].area)].append(ring)
    series: dict[str, list[Gap]] = {}
    for drawn in gaps:
        series.setdefault(drawn.port, []).append(gap_of(drawn))
    layout = Layout(
        name=name,
        conductors=tuple(Polygon(ring, rings) for ring, rings in zip(outers, inside, strict=True)),
        ports=tuple(Port(tuple(items), port) for port, items in series.items()),
        metal=metal_from(materials.get("metal")),
        film=film_from(materials.get("film")),
        film_outline=None if film_outline is None else Polygon(film_outline),
        relief=relief_from(materials.get("relief")),
        source={"text": f"read from the drawing {name}"},
    )
    return validate(layout)


def materials_of(layout: Layout) -> JsonDict:
    """``metal`` and ``film`` as tables (None: perfect conductor, no film), a ``relief`` if any."""
    result: JsonDict = {
        "metal": layout.metal.to_dict() if layout.metal else None,
        "film": layout.film.to_dict() if layout.film else None,
    }
    if layout.relief is not None:
        result |= {"relief": layout.relief.to_dict(), "note": flat_note(layout)}
    return result


def flat_note(layout: Layout) -> str | None:
    """What a drawing of a layout with a relief leaves out, None without relief."""
    if layout.relief is None:
        return None
    slope = steepest(layout.relief, layout.regions).value
    return (
        f"flat pattern (plan view), without the relief: {layout.relief}; along the surface up to "
        f"{100.0 * (math.hypot(1.0, slope) - 1.0):.2g} % longer"
    )
