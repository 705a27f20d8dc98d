"""DXF of any program: closed polylines, circles, and chains of lines, arcs and curves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...common.files import is_file
from ...conventions import FloatArray
from ...errors import FileFormatError, InputError, one_line
from ..drawings.dxf import load_ezdxf
from .rings import Drawing

CURVES = (
    "LINE", "ARC", "CIRCLE", "ELLIPSE", "SPLINE", "LWPOLYLINE", "POLYLINE",
)  # fmt: skip

# $INSUNITS, m: AutoCAD's DXF reference, header variables; survey units are of the United States
METRES = {
    1: 0.0254, 2: 0.3048, 3: 1609.344, 4: 1e-3, 5: 1e-2, 6: 1.0, 7: 1e3, 8: 2.54e-8, 9: 2.54e-5,
    10: 0.9144, 11: 1e-10, 12: 1e-9, 13: 1e-6, 14: 0.1, 15: 10.0, 16: 100.0, 17: 1e9,
    18: 149_597_870_700.0, 19: 9.4607304725808e15, 20: 3.0856775814913673e16,
    21: 1200 / 3937, 22: 100 / 3937, 23: 3600 / 3937, 24: 6_336_000 / 3937,
}  # fmt: skip


def read(path: Path, layer: str | None, chord: float | None) -> Drawing:
    """All curves of the model space, of one layer where it is named, else of all but those that are
    off or frozen; blocks are taken apart.

    With a layer comes the one of its name and ``_HOLE``.
    """
    ezdxf = load_ezdxf()
    if not is_file(path):
        raise InputError(f"{path} is not a file; give the path of a drawing")
    try:
        document = ezdxf.readfile(path)
        return _drawing(path, document, layer, chord)
    except InputError:
        raise
    except Exception as error:  # damaged files raise whatever the parser stumbles over
        text = one_line(error) or type(error).__name__
        reason = text.encode("ascii", "backslashreplace").decode()
        raise FileFormatError(
            f"{path} is not a readable DXF file: {reason}; export it again"
        ) from None


def _drawing(path: Path, document: Any, layer: str | None, chord: float | None) -> Drawing:
    from ezdxf import path as curves

    unit = int(document.header.get("$INSUNITS", 0))
    if unit and unit not in METRES:
        raise FileFormatError(
            f"{path} has $INSUNITS = {unit}, allowed 0 (none) to {max(METRES)}; export it in mm"
        )
    metres = METRES[unit] if unit else None
    unseen = {
        item.dxf.name.lower() for item in document.layers if item.is_off() or item.is_frozen()
    }
    if layer is not None:
        unseen -= {layer.lower(), f"{layer.lower()}_hole"}
    shown = _entities(document.modelspace(), unseen)
    entities = [item for item in shown if item.dxftype() in CURVES]
    layers = sorted({str(item.dxf.layer) for item in entities})
    if layer is not None:
        wanted = (layer.lower(), f"{layer.lower()}_hole")  # the second as this program draws
        entities = [item for item in entities if str(item.dxf.layer).lower() in wanted]
        if not entities:
            raise InputError(
                f"{path} has no outline on layer {layer!r}; it has {', '.join(layers) or 'none'}"
            )
    paths = [curves.make_path(item) for item in entities]
    paths = [item for item in paths if len(item)]
    if not paths:
        return Drawing((), (), metres)
    corners = np.vstack([[(v.x, v.y) for v in item.control_vertices()] for item in paths])
    size = float(np.ptp(corners, axis=0).max())
    step = chord / metres if chord is not None and metres else 1e-3 * size
    rings: list[FloatArray] = []
    pieces: list[FloatArray] = []
    for item in paths:
        points = np.array([(v.x, v.y) for v in item.flattening(step)])
        (rings if item.is_closed else pieces).append(points)
    return Drawing(tuple(rings), tuple(pieces), metres)


def _entities(container: Any, unseen: set[str]) -> Any:
    """All that is drawn, but for what is on layers ``unseen``, blocks put there as wholes."""
    for item in container:
        if item.dxf.get("invisible", 0) or str(item.dxf.layer).lower() in unseen:
            continue
        if item.dxftype() == "INSERT":
            for one in item.multi_insert() if item.mcount > 1 else (item,):
                yield from _entities(one.virtual_entities(), unseen)
        else:
            yield item
