"""Drawings by file suffix: SVG always, DXF with the extra ``dxf``."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import InputError
from ..layout import Layout

FORMATS = ("svg", "dxf")


def export_layout(
    layout: Layout,
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
) -> Path:
    """Write a drawing in metres; ``format`` ("svg", "dxf") follows from the suffix if None."""
    chosen = _format(path, format)
    if chosen == "svg":
        from .svg import write_svg

        return write_svg(layout, path)
    from .dxf import write_dxf

    return write_dxf(layout, path)


def import_layout(path: str | os.PathLike[str], format: str | None = None) -> Layout:  # noqa: A002
    """Read a drawing as a free shape; see :mod:`.svg` and :mod:`.dxf` for what is kept."""
    chosen = _format(path, format)
    if chosen == "svg":
        from .svg import read_svg

        return read_svg(path)
    from .dxf import read_dxf

    return read_dxf(path)


def _format(path: str | os.PathLike[str], chosen: str | None) -> str:
    suffix = (chosen if chosen is not None else Path(path).suffix.removeprefix(".")).lower()
    if suffix not in FORMATS:
        raise InputError(
            f"drawing format {suffix!r} of {os.fspath(path)} is not known; "
            f"formats: {', '.join(FORMATS)}"
        )
    return suffix
