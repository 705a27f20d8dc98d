"""SVG drawings in metres: the viewBox and all coordinates are m, width and height are mm.

Classes: ``film``, ``conductor`` (holes as further subpaths, even-odd fill) and ``port`` (a
rectangle whose first edge runs along the current, port name in ``data-port``, in ``data-feed``
how the gap is fed where that is not "uniform").  y points up
inside the one group, which is flipped.  Materials are JSON in ``<metadata>``.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ...common.files import read_text, stem, write_text
from ...conventions import FloatArray
from ...errors import FileFormatError, one_line
from ..layout import Layout
from .sheet import UNIFORM, DrawnGap, assemble, materials_of

NAMESPACE = "http://www.w3.org/2000/svg"
MARGIN = 0.1  # m round the drawing
FLIP = "scale(1,-1)"
STYLE = (
    ".film{fill:#f4d58d;fill-opacity:.5;stroke:#b08900}"
    ".conductor{fill:#b87333;fill-rule:evenodd;stroke:#7a4a1e}"
    ".port{fill:#d62728;stroke:#8c1b1b}"
    "path{vector-effect:non-scaling-stroke;stroke-width:1px}"
)


def to_svg(layout: Layout) -> str:
    """The SVG text of a layout."""
    surface = layout.surface if layout.film_outline is None else layout.film_outline
    x0, y0, x1, y1 = surface.bounds
    x0, y0, x1, y1 = x0 - MARGIN, y0 - MARGIN, x1 + MARGIN, y1 + MARGIN
    width, height = x1 - x0, y1 - y0
    lines = [
        f'<svg xmlns="{NAMESPACE}" width="{width * 1e3:.6f}mm" height="{height * 1e3:.6f}mm" '
        f'viewBox="{x0!r} {-y1!r} {width!r} {height!r}">',
        f"<title>{escape(layout.name)}</title>",
        f"<metadata>{escape(json.dumps({'unit': 'm', **materials_of(layout)}))}</metadata>",
        f"<style>{STYLE}</style>",
        f'<g transform="{FLIP}">',
    ]
    if layout.film_outline is not None:
        ring = np.asarray(layout.film_outline.exterior.coords)[:-1]
        lines.append(f'<path class="film" d="{_subpath(ring)}"/>')
    for polygon in layout.conductors:
        rings = [polygon.exterior, *polygon.interiors]
        data = " ".join(_subpath(np.asarray(ring.coords)[:-1]) for ring in rings)
        lines.append(f'<path class="conductor" d="{data}"/>')
    for port in layout.ports:
        for gap in port.gaps:
            feed = "" if gap.feed == UNIFORM else f" data-feed={quoteattr(gap.feed)}"
            lines.append(
                f'<path class="port" data-port={quoteattr(port.name)}{feed} '
                f'd="{_subpath(gap.corners)}"/>'
            )
    return "\n".join([*lines, "</g>", "</svg>", ""])


def write_svg(layout: Layout, path: str | os.PathLike[str]) -> Path:
    """Write the layout as SVG, whole or not at all."""
    return write_text(path, to_svg(layout))


def read_svg(path: str | os.PathLike[str]) -> Layout:
    """The layout of an SVG drawing with the classes above, as a free shape.

    Straight segments only (M L H V Z, absolute or relative).  Raises
    :class:`~lunar_antenna.errors.FileFormatError` or GeometryError in one line.
    """
    source = Path(path)
    try:
        root = ElementTree.fromstring(read_text(source))
    except ElementTree.ParseError as error:
        raise FileFormatError(f"{source} is not valid XML: {one_line(error)}") from None
    outers: list[FloatArray] = []
    holes: list[FloatArray] = []
    gaps: list[DrawnGap] = []
    film: FloatArray | None = None
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
        rings = _rings(source, element.get("d", ""))
        if kind == "film":
            film = rings[0]
        elif kind == "port":
            port, feed = element.get("data-port", "1"), element.get("data-feed", UNIFORM)
            gaps.append(DrawnGap(port, rings[0], feed))
        else:
            outers.append(rings[0])
            holes.extend(rings[1:])
    return assemble(stem(source), outers, holes, gaps, film, _materials(source, root))


def is_ours(path: Path) -> bool:
    """True for a drawing with classes that :func:`read_svg` reads."""
    return re.search(r"class=.(conductor|port).", read_text(path)) is not None


def _subpath(ring: FloatArray) -> str:
    points = [f"{float(x)!r},{float(y)!r}" for x, y in ring]
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
    if found.get("unit", "m") != "m":
        raise FileFormatError(f"{source} is in {found['unit']!r}; draw in metres")
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
        raise FileFormatError(f"{source} has a path that cannot be read: {data[:60]!r}") from None
    for ring in rings:
        if len(ring) > 1 and ring[0] == ring[-1]:
            ring.pop()
    if not rings or min(len(ring) for ring in rings) < 3:
        raise FileFormatError(f"{source} has a path of fewer than three points; draw outlines")
    return [np.array(ring) for ring in rings]
