"""Figures from the command line: format by file ending, written atomically."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .output import check_writable, write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")


def check_figure(path: Path | None) -> None:
    """Refuse a file that cannot be written or whose ending is no figure format."""
    check_writable(path, "figure.png")
    if path is not None and path.suffix.lower() not in FORMATS:
        raise InputError(f"{path} does not end in a figure format; allowed: {', '.join(FORMATS)}")


def save_figure(figure: Figure, path: Path) -> None:
    """Write ``figure`` in the format of ``path``'s ending."""
    data = io.BytesIO()
    figure.savefig(data, format=path.suffix[1:].lower(), dpi=150)
    write_atomically(path, data.getvalue())
