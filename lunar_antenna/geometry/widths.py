"""Wider metal: every width of a layout larger by the same share, lengths and distances as before.

The widths are the parameters of its family and modifiers that lie across metal
(:attr:`~lunar_antenna.common.parameter.Parameter.across`), feed tabs where they were given or
follow a width; distances of centre lines, bars' lengths and slots stay.
"""

from __future__ import annotations

from typing import Any

from ..common.checks import number
from ..errors import GeometryError
from .families import FAMILIES, family
from .layout import Layout
from .load import load_geometry
from .modifiers import MODIFIERS, modifier
from .rebuild import given_parameters

MOST = 0.5  # share by which widths may be off


def widths_of(layout: Layout) -> dict[str, float]:
    """{parameter: width of metal, m}; modifiers' with a dot.  None of a free shape."""
    if layout.family not in FAMILIES:
        return {}
    given = given_parameters(layout)
    tables = [("", family(layout.family).parameters, given)]
    for name in MODIFIERS:
        if given.get(name):
            tables.append((f"{name}.", modifier(name).parameters, given[name]))
    return {
        f"{prefix}{item.name}": float(values[item.name])
        for prefix, parameters, values in tables
        for item in parameters
        if item.across and item.name in values
    }


def wider(layout: Layout, share: float) -> Layout:
    """``layout`` with all widths of its metal larger by ``share``, from -0.5 to 0.5.

    Raises :class:`GeometryError` for a free shape, for a layout that was changed after it was
    drawn, and where the wider metal does not fit.
    """
    number("share of the widths", share, low=-MOST, high=MOST, error=GeometryError)
    found = widths_of(layout)
    if not found:
        raise GeometryError(f"layout {layout.name!r} has no widths to change: it is a free shape")
    changes: dict[str, Any] = {name: value * (1.0 + share) for name, value in found.items()}
    return load_geometry(layout, **changes)
