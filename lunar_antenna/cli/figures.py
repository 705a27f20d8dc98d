"""Figures asked for on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from .output import check_writable, say

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_figure(path: Path | None, option: str = "--plot") -> None:
    """Refuse a file that cannot be written, or whose ending is no figure format, at once."""
    if path is None:
        return
    from ..plotting.save import FORMATS

    check_writable(path, "figure.png", option)
    if path.suffix.lower() not in FORMATS:
        raise InputError(
            f"{option} {path} does not end in a figure format; allowed: {', '.join(FORMATS)}"
        )


def write_figure(figure: Figure, path: Path) -> None:
    """Write ``figure`` and say so."""
    from ..plotting.save import save_figure

    save_figure(figure, path)
    say(f"written: {path}")
