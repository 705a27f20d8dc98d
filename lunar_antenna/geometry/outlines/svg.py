"""SVG of any program: paths with curves, shapes, transforms and viewBox, by svgelements."""

from __future__ import annotations

import io
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from ...common.files import is_file, read_text
from ...conventions import FloatArray
from ...errors import FileFormatError, InputError, MissingEngineError, one_line
from .rings import Drawing

METRES = {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "in": 0.0254, "pt": 0.0254 / 72, "pc": 0.0254 / 6}
PIXEL = 0.0254 / 96.0  # m, the unit of a file without a viewBox (SVG 2, 8.2)
UNDRAWN = ("symbol", "clipPath", "mask", "marker", "pattern")
HIDDEN = ("hidden", "collapse")  # visibility, inherited
SQUARE = 1e-6  # relative difference of the scales along x and y that is none
INSTALL = "pip install 'lunar-antenna[outlines]'"


def read(path: Path, layer: str | None, chord: float | None) -> Drawing:
    """All filled shapes that are drawn, the stroked ones where none is filled; ``layer`` is an id,
    class or Inkscape label, of a shape or a group.

    y points down in the file and up here.  The unit follows from width and viewBox.
    """
    try:
        from svgelements import SVG, Shape
    except ImportError:
        raise MissingEngineError(
            f"SVG outlines need the package svgelements, which is not installed; run: {INSTALL}"
        ) from None
    if not is_file(path):
        raise InputError(f"{path} is not a file; give the path of a drawing")
    text = read_text(path)
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise FileFormatError(
            f"{path} is not valid XML: {one_line(error)}; export it again"
        ) from None
    try:
        metres = _metres(path, root)
    except ValueError as error:  # of a number
        raise FileFormatError(
            f"{path} has a width, height or viewBox that cannot be read: {one_line(error)}; "
            "correct it"
        ) from None
    if layer is not None:
        _only(path, root, layer)
    _undrawn(root)
    for name in ("width", "height", "viewBox"):  # coordinates in units of the viewBox
        root.attrib.pop(name, None)
    plain = io.StringIO(ElementTree.tostring(root, encoding="unicode"))
    try:
        shapes = [
            item for item in SVG.parse(plain, reify=True).elements() if isinstance(item, Shape)
        ]
        shapes = [item for item in shapes if item.values.get("visibility") not in HIDDEN]
        filled = [item for item in shapes if item.fill.value is not None and item.fill.alpha > 0]
        return _drawing(filled or shapes, metres, chord)
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        raise FileFormatError(
            f"{path} has a path that cannot be read: {one_line(error)}; correct it"
        ) from None


def _metres(path: Path, root: ElementTree.Element) -> float | None:
    """m per unit of the viewBox, None where width says no length."""
    size = re.fullmatch(r"\s*([\d.eE+-]+)\s*([a-zA-Z%]*)\s*", root.get("width", ""))
    if size is None or size[2] not in METRES:
        return None
    width = float(size[1]) * METRES[size[2]]
    box = [float(item) for item in re.split(r"[\s,]+", root.get("viewBox", "").strip()) if item]
    if len(box) != 4:
        return PIXEL  # which is not the unit of width
    if box[2] <= 0.0 or box[3] <= 0.0:
        raise FileFormatError(f"{path} has an empty viewBox; give one with a width and a height")
    high = re.fullmatch(r"\s*([\d.eE+-]+)\s*([a-zA-Z%]*)\s*", root.get("height", ""))
    if high is not None and high[2] in METRES:
        other = float(high[1]) * METRES[high[2]] / box[3]
        if abs(other / (width / box[2]) - 1.0) > SQUARE:
            raise FileFormatError(
                f"{path} stretches its viewBox ({width / box[2]:g} m per unit in x, {other:g} in "
                "y); give width and height in the proportion of the viewBox"
            )
    return width / box[2]


def _undrawn(parent: ElementTree.Element) -> None:
    """What is not drawn where it stands goes into <defs>, from which <use> can take it."""
    for place, child in enumerate(list(parent)):
        _undrawn(child)
        space, _, name = child.tag.rpartition("}")
        if name in UNDRAWN:
            hidden = ElementTree.Element(f"{space}}}defs" if space else "defs")
            hidden.append(child)
            parent[place] = hidden


def _only(path: Path, root: ElementTree.Element, layer: str) -> None:
    """Take away every shape that neither is nor lies in something of that name."""
    names: set[str] = set()

    def keep(element: ElementTree.Element, inside: bool) -> bool:
        own = [
            value
            for key, value in element.attrib.items()
            if key in ("id", "class") or key.endswith("}label")
        ]
        words = {word for value in own for word in (value, *value.split())}
        names.update(words)
        inside = inside or layer in words
        kept = False
        for child in list(element):
            if keep(child, inside):
                kept = True
            elif not child.tag.endswith(("}defs", "}style")):
                element.remove(child)
        return kept or (inside and len(element) == 0) or inside

    if not keep(root, False):
        raise InputError(
            f"{path} has nothing with id, class or label {layer!r}; it has "
            f"{', '.join(sorted(names)) or 'no names'}"
        )


def _drawing(shapes: list[Any], metres: float | None, chord: float | None) -> Drawing:
    from svgelements import Path as Curve

    curves = [Curve(sub) for shape in shapes for sub in Curve(shape).as_subpaths()]
    curves = [item for item in curves if len(item) > 1]
    if not curves:
        return Drawing((), (), metres)
    boxes = np.array([item.bbox() for item in curves], dtype=float)
    size = float(max(np.ptp(boxes[:, [0, 2]]), np.ptp(boxes[:, [1, 3]])))
    step = chord / metres if chord is not None and metres else 1e-3 * size
    rings: list[FloatArray] = []
    pieces: list[FloatArray] = []
    for curve in curves:
        points = np.vstack(
            [_points(segment, step) for segment in curve if type(segment).__name__ != "Move"]
        )
        points = points * np.array([1.0, -1.0])
        shut = bool(np.hypot(*(points[0] - points[-1])) <= 1e-9 * max(size, 1e-30))
        (rings if shut else pieces).append(points)
    return Drawing(tuple(rings), tuple(pieces), metres)


def _points(segment: Any, step: float) -> FloatArray:
    """Points of a segment, its chords no farther than ``step`` from it."""
    if type(segment).__name__ in ("Line", "Close"):
        return np.array([[segment.start.x, segment.start.y], [segment.end.x, segment.end.y]])
    count = 4
    while True:
        fine = np.array([[p.x, p.y] for p in map(segment.point, np.linspace(0, 1, 2 * count + 1))])
        chords = 0.5 * (fine[:-2:2] + fine[2::2])
        off = float(np.hypot(*(fine[1::2] - chords).T).max())
        if off <= step or count >= 4096:
            return fine[::2]
        count = math.ceil(count * max(1.2, math.sqrt(off / step)))
