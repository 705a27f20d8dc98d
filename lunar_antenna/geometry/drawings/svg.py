"""SVG drawings: the viewBox and all coordinates in the unit chosen, width and height in mm.

Classes: ``film``, ``conductor`` (holes as further subpaths, even-odd fill) and ``port`` (a
rectangle whose first edge runs along the current, port name in ``data-port``, in ``data-feed``
how the gap is fed where that is not "uniform").  y points up
inside the one group, which is flipped.  Unit and materials are JSON in ``<metadata>``.  Dimensions
and title block are a group ``notes`` of lines and text, which the reader passes over.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ...common.files import read_text, stem
from ...conventions import FloatArray
from ...errors import FileFormatError, one_line
from ..layout import Layout
from .notes import Notes, told
from .sheet import UNIFORM, UNITS, DrawnGap, assemble, materials_of

NAMESPACE = "http://www.w3.org/2000/svg"
MARGIN = 0.1  # m round the drawing
FLIP = "scale(1,-1)"
STYLE = (
    ".film{fill:#f4d58d;fill-opacity:.5;stroke:#b08900}"
    ".conductor{fill:#b87333;fill-rule:evenodd;stroke:#7a4a1e}"
    ".port{fill:#d62728;stroke:#8c1b1b}"
    "path{vector-effect:non-scaling-stroke;stroke-width:1px}"
    # 1:1 it is twelve metres wide: a browser shows all of it, other programs and printers the size
    "@media screen{svg:root{width:100vw;height:100vh}}"
)


def to_svg(layout: Layout, unit: str = "m", notes: Notes | None = None) -> str:
    """The SVG text of a layout in ``unit`` (one of UNITS)."""
    if notes is not None:
        x0, y0, x1, y1 = notes.bounds
    else:
        surface = layout.surface if layout.film_outline is None else layout.film_outline
        x0, y0, x1, y1 = surface.bounds
        x0, y0, x1, y1 = x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN
    per = 1.0 / UNITS[unit]
    width, height = x1 - x0, y1 - y0
    box = f"{x0 * per!r} {-y1 * per!r} {width * per!r} {height * per!r}"
    lines = [
        f'<svg xmlns="{NAMESPACE}" width="{width * 1e3:.6f}mm" height="{height * 1e3:.6f}mm" '
        f'viewBox="{box}">',
        f"<title>{escape(layout.name)}</title>",
        f"<metadata>{escape(json.dumps({'unit': unit, **materials_of(layout)}))}</metadata>",
        f"<style>{STYLE}</style>",
        f'<g transform="{FLIP}">',
    ]
    if layout.film_outline is not None:
        ring = np.asarray(layout.film_outline.exterior.coords)[:-1]
        lines.append(f'<path class="film" d="{_subpath(ring, per)}"/>')
    for polygon in layout.conductors:
        rings = [polygon.exterior, *polygon.interiors]
        data = " ".join(_subpath(np.asarray(ring.coords)[:-1], per) for ring in rings)
        lines.append(f'<path class="conductor" d="{data}"/>')
    for port in layout.ports:
        for gap in port.gaps:
            feed = "" if gap.feed == UNIFORM else f" data-feed={quoteattr(gap.feed)}"
            lines.append(
                f'<path class="port" data-port={quoteattr(port.name)}{feed} '
                f'd="{_subpath(gap.corners, per)}"/>'
            )
    lines.append("</g>")
    if notes is not None:
        lines += _notes(notes, unit, per)
    return "\n".join([*lines, "</svg>", ""])


def _notes(notes: Notes, unit: str, per: float) -> list[str]:
    """Dimensions and title block; y is turned here and not by a transform, so that text stands."""
    size = notes.letter * per
    lines = [f'<g class="notes" font-family="sans-serif" font-size="{size!r}">']

    def line(x0: float, y0: float, x1: float, y1: float) -> str:
        ends = f'x1="{x0 * per!r}" y1="{-y0 * per!r}" x2="{x1 * per!r}" y2="{-y1 * per!r}"'
        return f'<line {ends} stroke="#333333" stroke-width="{0.08 * size!r}"/>'

    def text(x: float, y: float, words: str, anchor: str) -> str:
        place = f'x="{x * per!r}" y="{-y * per!r}" text-anchor="{anchor}"'
        return f"<text {place}>{escape(words)}</text>"

    for item in notes.dimensions:
        (x0, y0), (x1, y1) = item.start, item.end
        words, over = told(item.length, unit), 0.4 * notes.letter
        if item.horizontal:
            lines += [line(x0, y0, x0, item.at), line(x1, y1, x1, item.at)]
            lines.append(line(x0, item.at, x1, item.at))
            lines.append(text(0.5 * (x0 + x1), item.at + over, words, "middle"))
        else:
            lines += [line(x0, y0, item.at, y0), line(x1, y1, item.at, y1)]
            lines.append(line(item.at, y0, item.at, y1))
            outside = item.at - over if item.at < x0 else item.at + over
            anchor = "end" if item.at < x0 else "start"
            lines.append(text(outside, 0.5 * (y0 + y1), words, anchor))
    x, y = notes.corner
    lines += [text(x, y - k * notes.row, words, "start") for k, words in enumerate(notes.title, 1)]
    return [*lines, "</g>"]


def read_svg(path: str | os.PathLike[str]) -> Layout:
    """The layout of an SVG drawing with the classes above, as a free shape.

    Straight segments only (M L H V Z, absolute or relative).  Raises
    :class:`~lunar_antenna.errors.FileFormatError` or GeometryError in one line.
    """
    source = Path(path)
    try:
        root = ElementTree.fromstring(read_text(source))
    except ElementTree.ParseError as error:
        raise FileFormatError(
            f"{source} is not valid XML: {one_line(error)}; export it again"
        ) from None
    outers: list[FloatArray] = []
    holes: list[FloatArray] = []
    gaps: list[DrawnGap] = []
    film: FloatArray | None = None
    materials = _materials(source, root)
    scale = UNITS[str(materials.get("unit", "m"))]
    for element in root.iter():
        moved = element.get("transform")
        if moved is not None and re.sub(r"[\s]+", "", moved) != FLIP:
            raise FileFormatError(
                f"{source} has transform {moved!r}; only the group's {FLIP} is read: "
                "apply transforms to the points before saving"
            )
        kind = element.get("class")
        if kind not in ("film", "conductor", "port"):
            continue
        rings = [scale * ring for ring in _rings(source, element.get("d", ""))]
        if kind == "film":
            film = rings[0]
        elif kind == "port":
            port, feed = element.get("data-port", "1"), element.get("data-feed", UNIFORM)
            gaps.append(DrawnGap(port, rings[0], feed))
        else:
            outers.append(rings[0])
            holes.extend(rings[1:])
    return assemble(stem(source), outers, holes, gaps, film, materials)


def is_ours(path: Path) -> bool:
    """True for a drawing with classes that :func:`read_svg` reads."""
    return re.search(r"class=.(conductor|port).", read_text(path)) is not None


def _subpath(ring: FloatArray, per: float) -> str:
    points = [f"{float(x) * per!r},{float(y) * per!r}" for x, y in ring]
    return f"M {' L '.join(points)} Z"


def _materials(source: Path, root: ElementTree.Element) -> dict[str, object]:
    text = root.findtext(f"{{{NAMESPACE}}}metadata") or "{}"
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise FileFormatError(
            f"{source} has <metadata> that is not a JSON object; write the materials as "
            '{"metal": null, "film": null}'
        )
    if found.get("unit", "m") not in UNITS:
        raise FileFormatError(
            f"{source} is in {found['unit']!r}; draw in one of {', '.join(UNITS)}"
        )
    return found


def _rings(source: Path, data: str) -> list[FloatArray]:
    """Closed subpaths, each (n, 2) m."""
    tokens = re.findall(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", data)
    rings: list[list[tuple[float, float]]] = []
    x = y = 0.0
    command, index = "", 0
    try:
        while index < len(tokens):
            if tokens[index].isalpha():
                command = tokens[index]
                index += 1
            kind, relative = command.upper(), command.islower()
            if kind == "Z":
                x, y = rings[-1][0]
                command = ""
                continue
            if kind not in ("M", "L", "H", "V"):
                raise FileFormatError(
                    f"{source} has path command {command or tokens[index]!r}; only straight "
                    "segments M L H V Z are read: turn curves into polygons"
                )
            step = 2 if kind in "ML" else 1
            values = [float(token) for token in tokens[index : index + step]]
            index += step
            if kind in "ML":
                x, y = (x + values[0], y + values[1]) if relative else (values[0], values[1])
            elif kind == "H":
                x = x + values[0] if relative else values[0]
            else:
                y = y + values[0] if relative else values[0]
            if kind == "M":
                rings.append([])
                command = "l" if relative else "L"
            rings[-1].append((x, y))
    except (ValueError, IndexError):
        raise FileFormatError(
            f"{source} has a path that cannot be read: {data[:60]!r}; correct it"
        ) from None
    for ring in rings:
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
    if not rings or min(len(ring) for ring in rings) < 3:
        raise FileFormatError(f"{source} has a path of fewer than three points; draw outlines")
    return [np.array(ring) for ring in rings]
