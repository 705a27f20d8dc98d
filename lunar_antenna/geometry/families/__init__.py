"""Families of layouts; each is a module of its own name, imported when first asked for."""

from __future__ import annotations

from ...common.registry import Registry
from ...errors import GeometryError
from .base import Family

FREE = "free"  # no family: drawn point by point in its file

FAMILIES: Registry[Family] = Registry(
    "lunar_antenna.geometry.families",
    thing="family",
    things="families",
    attribute="FAMILY",
    kind=Family,
    error=GeometryError,
)


def family(name: object) -> Family:
    """The family of that name; :class:`GeometryError` lists those that exist."""
    return FAMILIES.get(name, also=(FREE,))
