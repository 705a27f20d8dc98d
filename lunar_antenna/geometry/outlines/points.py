"""Lists of points: x and y in two columns, rings apart by an empty line."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ...common.files import is_file, read_text
from ...errors import FileFormatError, InputError
from .rings import Drawing


def read(path: Path, layer: str | None, chord: float | None) -> Drawing:
    """Columns by comma, semicolon, tab or blanks; a first line of words is a heading.

    Lines that begin with # are remarks.  Each ring is closed by itself.
    """
    del chord
    if layer is not None:
        raise InputError(f"{path} is a list of points and has no layer {layer!r}; leave layer out")
    if not is_file(path):
        raise InputError(f"{path} is not a file; give the path of a list of points")
    rings: list[list[tuple[float, float]]] = [[]]
    begun = False
    for number, line in enumerate(read_text(path).splitlines(), 1):
        text = line.strip()
        if text.startswith("#"):
            continue
        words = [word for word in re.split(r"[,;\t ]+", text) if word]
        if not words:
            rings.append([])
            continue
        try:
            x, y = (float(word) for word in words)
        except ValueError:
            if not begun and not any(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", w) for w in words):
                begun = True
                continue
            raise FileFormatError(
                f"{path} line {number} is {text[:60]!r}; allowed: two numbers, x and y"
            ) from None
        begun = True
        rings[-1].append((x, y))
    return Drawing(tuple(np.array(ring) for ring in rings if ring))
