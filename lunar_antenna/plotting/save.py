"""Figures to bytes and files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.files import write_bytes
from ..errors import InputError
from .style import figure_bytes as figure_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


def save_figure(figure: Figure, path: str | os.PathLike[str], dpi: float = 160.0) -> Path:
    """Write a .png, .svg or .pdf (temporary file, then rename)."""
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{target.name}: a figure ends in {', '.join(FORMATS)}; rename it")
    return write_bytes(target, figure_bytes(figure, suffix[1:], dpi))


def figure_array(figure: Figure) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The drawn figure as (height, width, 4) pixels."""
    canvas: Any = figure.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())
