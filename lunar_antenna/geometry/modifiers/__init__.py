"""Modifiers compose with any family, applied in the order of NAMES: first those in the plane."""

from __future__ import annotations

import importlib

from ...errors import GeometryError
from .base import Modifier

NAMES = ("slots", "coupled", "bend", "crossed", "tilt", "sag", "wrinkle")


def modifier(name: object) -> Modifier:
    """The modifier of that name; :class:`GeometryError` lists those that exist."""
    if name not in NAMES:
        raise GeometryError(f"modifier {name!r} is not known; modifiers: {', '.join(NAMES)}")
    found = importlib.import_module(f".{name}", __name__).MODIFIER
    assert isinstance(found, Modifier)
    return found
