"""Rectangular slots cut out of both arms.

    +---------------------+
    |   +----+   +----+   |    length along x, width across, first centre at ``position``,
    |   +----+   +----+   |    the next ones ``pitch`` further out; offset = 0: one row on
    |                     |    the axis, offset > 0: a row on either side of it
    +---------------------+

A slot across the arm's edge becomes a notch.  The metal is no longer a set of ribbons, so a
slotted layout has none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon, box
from shapely.ops import unary_union

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..shape import Shape, mirror_polygon
from .base import Modifier, Values


def derive(values: Values, family: Values) -> Values:
    length = values.get("length", family["length"] / 10.0)
    return {
        "length": length,
        "width": family["length"] / 100.0,
        "position": family["length"] / 4.0,
        "pitch": 1.5 * length,
    }


def apply(shape: Shape, values: Values) -> Shape:
    """The shape without the slots' rectangles."""
    slots = _rectangles(values)
    mirrored = [mirror_polygon(slot) for slot in slots]
    conductors = []
    for polygon in shape.conductors:
        x0, _, x1, _ = polygon.bounds
        if x0 >= 0.0:
            conductors.append(_cut(polygon, slots))
        elif x1 <= 0.0:
            conductors.append(mirror_polygon(_cut(mirror_polygon(polygon), slots)))
        else:
            conductors.append(_cut(polygon, [*slots, *mirrored]))
    metal = unary_union(shape.conductors)
    for slot in (*slots, *mirrored):
        if metal.intersection(slot).area <= 1e-9 * slot.area:
            raise GeometryError(
                f"slot at ({slot.centroid.x + 0.0:g}, {slot.centroid.y + 0.0:g}) m cuts no metal; "
                "move it with slots.position, slots.pitch or slots.offset"
            )
    return replace(shape, conductors=tuple(conductors), ribbons=())


def _rectangles(values: Values) -> list[Polygon]:
    length, width, offset = values["length"], values["width"], values["offset"]
    if values["count"] > 1 and values["pitch"] <= length:
        raise GeometryError(
            f"slots {length:g} m long every {values['pitch']:g} m run together at x = "
            f"{values['position'] + length / 2:g} m; make slots.pitch larger than {length:g} m"
        )
    if offset != 0.0 and offset <= width / 2.0:
        raise GeometryError(
            f"slots at y = +-{offset:g} m run together on the axis; make slots.offset larger "
            f"than {width / 2:g} m, or 0 for one row"
        )
    begin = values["position"] - length / 2.0
    if begin <= 0.0:
        raise GeometryError(
            f"slot at ({values['position']:g}, {offset:g}) m reaches the feed; make "
            f"slots.position larger than {length / 2:g} m"
        )
    found = []
    for index in range(int(values["count"])):
        x = begin + index * values["pitch"]
        low, high = offset - width / 2.0, offset + width / 2.0
        found.append(box(x, low, x + length, high))
        if offset != 0.0:
            found.append(box(x, -high, x + length, -low))
    return found


def _cut(polygon: Polygon, slots: list[Polygon]) -> Polygon:
    if not polygon.is_valid:
        return polygon  # refused by the validation, with its coordinates
    rest = polygon
    for slot in slots:
        if not rest.intersects(slot):
            continue
        rest = rest.difference(slot)
        if rest.geom_type != "Polygon" or rest.is_empty:
            x, y = np.asarray(slot.centroid.coords)[0] + 0.0
            raise GeometryError(
                f"slot at ({x:g}, {y:g}) m cuts the conductor in two; make slots.width or "
                "slots.length smaller, or move the slot"
            )
    return rest


MODIFIER = Modifier(
    "slots",
    "rectangular slots cut out of both arms",
    __doc__,
    (
        Parameter("count", "1", 1, 1, 50, "slots in a row of each arm", integer=True),
        Parameter("length", "m", None, 1e-3, 500.0, "along x", "antenna's length / 10"),
        Parameter("width", "m", None, 1e-4, 100.0, "across", "antenna's length / 100"),
        Parameter(
            "position", "m", None, 1e-3, 500.0, "x of the first centre", "antenna's length / 4"
        ),
        Parameter("pitch", "m", None, 1e-3, 500.0, "between centres", "1.5 times the slot"),
        Parameter("offset", "m", 0.0, 0.0, 100.0, "y of the row; two mirrored rows if not 0"),
    ),
    derive,
    apply,
    order=10.0,
)
