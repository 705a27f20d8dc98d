"""What a workshop reads on a drawing beside its outlines: dimensions and a title block.

They lie outside the outlines, on layers or classes of their own that no reader takes for metal.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

from ...errors import InputError
from ...version import __version__
from ..layout import Layout
from ..masses import film_mass, metal_mass
from .sheet import UNITS, flat_note

_LETTER = 0.016  # height of letters, of the larger side
_ROW = 1.7  # of a letter, from line to line
_PAD = 3.5  # letters between the outlines and the first dimension line, and between two
_WIDE = 0.62  # of a letter's height, its width


@dataclass(frozen=True, slots=True)
class Dimension:
    """A distance along x or y in m: from ``start`` to ``end``, its line at ``at``.

    at: y of the line of a horizontal one, x of that of a vertical one.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    at: float
    horizontal: bool

    @property
    def length(self) -> float:
        axis = 0 if self.horizontal else 1
        return abs(self.end[axis] - self.start[axis])


@dataclass(frozen=True, slots=True)
class Notes:
    """Everything beside the outlines, m: dimensions, title lines from ``corner`` downwards.

    letter: height of letters.  bounds: of outlines and notes together.
    """

    dimensions: tuple[Dimension, ...]
    title: tuple[str, ...]
    corner: tuple[float, float]
    letter: float
    bounds: tuple[float, float, float, float]

    @property
    def row(self) -> float:
        """From line to line of the title block, m."""
        return _ROW * self.letter


def places(unit: str) -> int:
    """Decimals of ``unit`` that a tenth of a millimetre needs."""
    return max(0, math.ceil(math.log10(UNITS[unit] / 1e-4) - 1e-9))


def told(length: float, unit: str) -> str:
    """A length in ``unit`` to a tenth of a millimetre."""
    value = length / UNITS[unit]
    digits = places(unit)
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}"


def notes_of(layout: Layout, unit: str = "m", date: datetime.date | None = None) -> Notes:
    """Dimensions of metal, film and first gap; who, what, when.  date: None is today."""
    metal = layout.bounds
    outer = metal if layout.film_outline is None else layout.film_outline.bounds
    letter = _LETTER * max(outer[2] - outer[0], outer[3] - outer[1])
    step = _PAD * letter
    left, low = outer[0] - step, outer[1] - step
    x0, y0, x1, y1 = metal
    found = [
        Dimension((x0, y0), (x1, y0), low, True),
        Dimension((x0, y0), (x0, y1), left, False),
    ]
    if layout.film_outline is not None:
        room = _WIDE * letter * len(told(y1 - y0, unit)) + letter  # of the words beside the line
        left, low = left - max(step, room), low - step
        found += [
            Dimension((outer[0], outer[1]), (outer[2], outer[1]), low, True),
            Dimension((outer[0], outer[1]), (outer[0], outer[3]), left, False),
        ]
    found += _gap(layout, outer[3] + step, outer[2] + step)
    title = _title(layout, unit, date or datetime.date.today())
    corner = (outer[0], low - step)
    bottom = corner[1] - _ROW * letter * len(title)
    width = _WIDE * letter * max(map(len, title))
    widest = _WIDE * letter * max(len(told(item.length, unit)) for item in found)
    bounds = (
        left - step - widest,
        bottom - step,
        max(outer[2] + 2.0 * step + widest, corner[0] + width),
        outer[3] + 2.0 * step,
    )
    return Notes(tuple(found), title, corner, letter, bounds)


def _gap(layout: Layout, above: float, beside: float) -> list[Dimension]:
    """Length and width of the first gap where it lies along x or y."""
    gap = layout.gaps[0]
    quarter = gap.angle / (0.5 * math.pi)
    if abs(quarter - round(quarter)) > 1e-9:
        return []
    along_x = round(quarter) % 2 == 0
    half_x, half_y = (0.5 * gap.length, 0.5 * gap.width)[:: 1 if along_x else -1]
    top, right = gap.y + half_y, gap.x + half_x
    return [
        Dimension((gap.x - half_x, top), (right, top), above, True),
        Dimension((right, gap.y - half_y), (right, top), beside, False),
    ]


def _title(layout: Layout, unit: str, date: datetime.date) -> tuple[str, ...]:
    x0, y0, x1, y1 = layout.bounds
    family = "" if layout.name == layout.family else f" ({layout.family})"
    lines = [
        f"{layout.name}{family}",
        f"length {told(x1 - x0, unit)}, width {told(y1 - y0, unit)}",
        f"metal: {_metal(layout)}",
        f"film: {_film(layout, unit)}",
    ]
    gap, count = layout.gaps[0], len(layout.gaps)
    more = "" if count == 1 else f", the first of {count}"
    lines.append(f"feed: gap {told(gap.length, unit)}, tab {told(gap.width, unit)}{more}")
    note = flat_note(layout)
    if note is not None:
        lines.append(note)
    lines.append(f"all lengths in {unit}; lunar-antenna {__version__}, {date.isoformat()}")
    return tuple(lines)


def _metal(layout: Layout) -> str:
    metal = layout.metal
    if metal is None:
        return f"perfect conductor, {layout.metal_area:.4g} m2"
    text = f"{metal.name}, {1e6 * metal.thickness:.4g} um, {layout.metal_area:.4g} m2"
    try:
        return f"{text}, {metal_mass(layout):.3g} kg"
    except InputError:  # no density
        return text


def _film(layout: Layout, unit: str) -> str:
    film, outline = layout.film, layout.film_outline
    if film is None or outline is None:
        return "none"
    x0, y0, x1, y1 = outline.bounds
    side = "on top" if film.side == "above" else "underneath"
    size = f"{told(x1 - x0, unit)} x {told(y1 - y0, unit)}"
    text = f"{film.name}, {1e6 * film.thickness:.4g} um, {size}, metal {side}"
    try:
        return f"{text}, {film_mass(layout):.3g} kg"
    except InputError:
        return text
