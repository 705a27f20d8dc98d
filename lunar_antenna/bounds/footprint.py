"""Footprint: where metal may lie.  Any metal within it, and any current, is allowed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, box

from ..common.checks import kind, number, shown
from ..errors import GeometryError
from ..geometry.layout import Gap, Layout, Port, default_film_outline
from ..geometry.validate import validate
from ..media.sheets import Film, Metal

LARGEST = 1000.0  # m
PORTLESS = "footprint"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Footprint(Layout):
    """A sheet of metal over the whole footprint; it has a port only where the port is given."""

    def __post_init__(self) -> None:
        """A footprint needs no port."""

    @property
    def polygon(self) -> Polygon | MultiPolygon:
        surface = self.surface
        return surface.geoms[0] if len(surface.geoms) == 1 else surface


def footprint(
    shape: Polygon | MultiPolygon | Layout | Sequence[float] | str,
    metal: Metal | None,
    film: Film | None = None,
    port: Gap | None = None,
) -> Footprint:
    """A footprint from a polygon (m), from (length, width) in m or "10x2", or of a layout's metal.

    port: a gap within it, across which every current is fed.  Raises :class:`GeometryError`.
    """
    regions = _regions(shape)
    ports: tuple[Port, ...] = ()
    if port is not None:
        kind("port", port, Gap, "la.Gap(x, y, length, width)", GeometryError)
        validate(Footprint(PORTLESS, regions, (), metal=metal))  # before anything is cut from it
        regions = _cut(regions, port)
        ports = (Port((port,)),)
    made = Footprint(PORTLESS, regions, ports, metal=metal)
    if film is not None:
        made = replace(made, film=film, film_outline=default_film_outline(made.surface))
    validate(made)
    x0, y0, x1, y1 = made.bounds
    if max(x1 - x0, y1 - y0) > LARGEST:
        raise GeometryError(
            f"footprint is {max(x1 - x0, y1 - y0):g} m across, allowed {LARGEST:g}; "
            "give it in metres"
        )
    return made


def _regions(shape: Any) -> tuple[Polygon, ...]:
    if isinstance(shape, Layout):
        return tuple(shape.surface.geoms)
    if isinstance(shape, Polygon):
        return (shape,)
    if isinstance(shape, MultiPolygon):
        if shape.is_empty:
            raise GeometryError("footprint has no area; give at least one outline, in metres")
        return tuple(shape.geoms)
    length, width = _sides(shape)
    return (box(-length / 2.0, -width / 2.0, length / 2.0, width / 2.0),)


def _sides(shape: object) -> tuple[float, float]:
    """(length, width) m from two numbers or from text such as "10x2"."""
    items: Any = shape
    if isinstance(shape, str):
        items = parse_sides(shape)
        if items is None:
            raise GeometryError(
                f"footprint {shown(shape)} is not LENGTHxWIDTH in m; write for example 10x2"
            )
    if not isinstance(items, (list, tuple)) or len(items) != 2:
        raise GeometryError(
            f"footprint = {shown(shape)} is neither a polygon nor (length, width) in m"
        )
    sides = [
        number(f"footprint {name}", value, low=1e-3, high=LARGEST, unit="m", error=GeometryError)
        for name, value in zip(("length", "width"), items, strict=True)
    ]
    return sides[0], sides[1]


def parse_sides(text: str) -> tuple[float, float] | None:
    """``"10x2"`` as (10.0, 2.0), None for text of another kind."""
    first, cross, second = text.lower().partition("x")
    try:
        sides = float(first), float(second)
    except ValueError:
        return None
    return sides if cross and all(math.isfinite(side) for side in sides) else None


def _cut(regions: tuple[Polygon, ...], port: Gap) -> tuple[Polygon, ...]:
    """The metal round the feed tab; the tab must lie inside the footprint."""
    tab = port.polygon
    owner = next((item for item in regions if item.buffer(1e-9).covers(tab)), None)
    if owner is None:
        raise GeometryError(
            f"the gap at ({port.x:g}, {port.y:g}) m, {port.length:g} m long and {port.width:g} m "
            "wide, is not inside the footprint; move it or make the footprint larger"
        )
    rest = shapely.difference(owner, tab)
    parts = rest.geoms if isinstance(rest, MultiPolygon) else (rest,)
    return (*(item for item in regions if item is not owner), *parts)
