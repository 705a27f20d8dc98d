"""Drawings by file suffix: SVG always, DXF with the extra ``dxf``."""

from __future__ import annotations

import os
from pathlib import Path

from ...common.checks import choice
from ...common.files import write_text
from ...errors import InputError
from ..layout import Layout
from .notes import notes_of
from .sheet import UNITS

FORMATS = ("svg", "dxf")


def export_layout(
    layout: Layout,
    path: str | os.PathLike[str],
    format: str | None = None,  # noqa: A002
    *,
    unit: str = "m",
    notes: bool = False,
) -> Path:
    """Write a drawing, whole or not at all; returns its path.

    format: "svg" or "dxf"; None takes it from the suffix.  unit: m, cm, mm, in or ft, of all
    coordinates, said in the file.  notes: dimensions, and a title block with length, film, metal
    and today's date; :func:`import_layout` passes over them.
    """
    chosen = _format(path, format)
    choice("unit", unit, tuple(UNITS))
    beside = notes_of(layout, unit) if notes else None
    if chosen == "svg":
        from .svg import to_svg

        return write_text(path, to_svg(layout, unit, beside))
    from .dxf import to_dxf

    return write_text(path, to_dxf(layout, unit, beside))


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
