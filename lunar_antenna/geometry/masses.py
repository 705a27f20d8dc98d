"""Masses and areas of a layout: what a launcher asks before it asks for decibels.

All of a flat sheet: mass = area x thickness x density; a relief adds less than its squared slope.
"""

from __future__ import annotations

from ..errors import InputError
from .layout import Layout


def printed_area(layout: Layout) -> float:
    """Metal on the film, m2, without the feed tabs (a port's terminals are not printed metal)."""
    return layout.metal_area


def film_area(layout: Layout) -> float:
    """Area within the film's outline, m2; 0 without a film."""
    return 0.0 if layout.film_outline is None else float(layout.film_outline.area)


def stowed_area(layout: Layout) -> float:
    """Area of the rectangle along x and y round everything, m2: film and metal.

    What has to be folded or rolled: times the thickness of the sheet it is the least stowed
    volume of a membrane cut from a rectangle.  It says nothing about how it is folded.
    """
    boxes = [layout.bounds]
    if layout.film_outline is not None:
        boxes.append(layout.film_outline.bounds)
    width = max(item[2] for item in boxes) - min(item[0] for item in boxes)
    depth = max(item[3] for item in boxes) - min(item[1] for item in boxes)
    return float(width * depth)


def film_mass(layout: Layout) -> float:
    """Mass of the film, kg; 0 without one.

    Raises :class:`InputError` where the film's density is not known.
    """
    film = layout.film
    if film is None:
        return 0.0
    return film_area(layout) * film.thickness * _known("film", film.name, film.density)


def metal_mass(layout: Layout) -> float:
    """Mass of the printed metal, kg.

    Raises :class:`InputError` for a perfect conductor, which has no thickness, and where the
    density is not known.
    """
    metal = layout.metal
    if metal is None:
        raise InputError(
            f"layout {layout.name} is a perfect conductor, which has no mass; "
            "give metal, for example copper_18um"
        )
    return printed_area(layout) * metal.thickness * _known("metal", metal.name, metal.density)


def _known(kind: str, name: str, density: float | None) -> float:
    if density is None:
        raise InputError(
            f"{kind} {name!r} has no density; add density = kg/m3 to [{kind}] or use a named {kind}"
        )
    return density
