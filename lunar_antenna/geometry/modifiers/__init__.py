"""Modifiers compose with any family, applied in the order of their ``order``."""

from __future__ import annotations

from ...common.registry import Registry
from ...errors import GeometryError
from .base import Modifier

MODIFIERS: Registry[Modifier] = Registry(
    "lunar_antenna.geometry.modifiers",
    thing="modifier",
    things="modifiers",
    attribute="MODIFIER",
    kind=Modifier,
    error=GeometryError,
)


def modifier(name: object) -> Modifier:
    """The modifier of that name; :class:`GeometryError` lists those that exist."""
    return MODIFIERS.get(name)


def modifier_names() -> tuple[str, ...]:
    """Names in the order in which modifiers are applied: first those in the plane."""
    found = MODIFIERS.all().values()
    return tuple(item.name for item in sorted(found, key=lambda item: (item.order, item.name)))
