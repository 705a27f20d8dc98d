"""Units of a layout's parameters, by the names that they are overridden and searched by."""

from __future__ import annotations

from .families import FAMILIES, family
from .layout import Layout
from .modifiers import MODIFIERS, modifier


def units_of(layout: Layout) -> dict[str, str]:
    """name -> "m", "rad" or "1": the family's, and with a dot those of the modifiers in use."""
    found: dict[str, str] = {}
    if layout.family in FAMILIES:
        found |= {item.name: item.unit for item in family(layout.family).parameters}
    for name in MODIFIERS:
        if name in layout.parameters:
            own = modifier(name).parameters
            found |= {f"{name}.{item.name}": item.unit for item in own}
    return found
