"""Parasitic strips alongside the arms, coupled to them but not connected.

    =======================   strip (one of ``count`` on this side)
            spacing
    +---------+   +---------+
    |         |---|         |
    +---------+   +---------+

    =======================

offset = 0 puts strips across the middle; offset > 0 puts a mirrored pair of each, their
centres at x = +-offset.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon, box

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, mirror_polygon, mirror_ribbon
from .base import Modifier, Values


def derive(_values: Values, family: Values) -> Values:
    return {
        "length": 0.5 * family["length"],
        "width": family["length"] / 50.0,
        "spacing": family["length"] / 50.0,
    }


def outer_edges(shape: Shape, x_low: float, x_high: float) -> dict[float, float]:
    """Reach (m) of metal and tabs to either side of the axis between two values of x.

    {1.0: largest y, -1.0: largest -y}, at least 0.
    """
    pieces = [*shape.conductors, *(gap.polygon for port in shape.ports for gap in port.gaps)]
    reach = max(abs(v) for piece in pieces for v in piece.bounds) + 1.0
    window = box(x_low, -reach, x_high, reach)
    edges = {1.0: 0.0, -1.0: 0.0}
    for piece in pieces:
        cut = piece.intersection(window)
        if not cut.is_empty:
            edges[1.0] = max(edges[1.0], cut.bounds[3])
            edges[-1.0] = max(edges[-1.0], -cut.bounds[1])
    return edges


def apply(shape: Shape, values: Values) -> Shape:
    """``count`` strips outside the arms on either side, ``spacing`` apart from them."""
    length, width, spacing = values["length"], values["width"], values["spacing"]
    offset = values["offset"]
    x = np.array([offset - length / 2.0, offset + length / 2.0])
    edges = outer_edges(shape, x[0], x[1])
    if offset != 0.0 and abs(offset) <= length / 2.0:
        raise GeometryError(
            f"coupled strips at offset = {offset:g} m meet their mirror image at "
            f"(0, {edges[1.0] + spacing:g}) m; make coupled.offset larger than "
            f"{length / 2:g} m, or 0 for one across the middle"
        )
    conductors, ribbons = list(shape.conductors), list(shape.ribbons)
    for index in range(int(values["count"])):
        for sign, edge in edges.items():
            low = edge + spacing + index * (spacing + width)
            y = sorted((sign * low, sign * (low + width)))
            polygon = Polygon([(x[0], y[0]), (x[1], y[0]), (x[1], y[1]), (x[0], y[1])])
            ribbon = Ribbon([(v, sign * (low + width / 2.0)) for v in x], width / 2.0)
            conductors.append(polygon)
            ribbons.append(ribbon)
            if offset != 0.0:
                conductors.append(mirror_polygon(polygon))
                ribbons.append(mirror_ribbon(ribbon))
    kept = tuple(ribbons) if shape.ribbons else ()
    return replace(shape, conductors=tuple(conductors), ribbons=kept)


MODIFIER = Modifier(
    "coupled",
    "parasitic strips alongside the arms",
    __doc__,
    (
        Parameter("count", "1", 1, 1, 8, "strips on each side", integer=True),
        Parameter("length", "m", None, 1e-3, 1000.0, "of a strip", "half the antenna's length"),
        Parameter(
            *("width", "m", None, 1e-4, 100.0, "of a strip", "length of the antenna / 50"),
            across=True,
        ),
        Parameter(
            "spacing",
            "m",
            None,
            1e-4,
            100.0,
            "from the arm's outer edge within the strip's length, and between strips",
            "length of the antenna / 50",
        ),
        Parameter("offset", "m", 0.0, 0.0, 500.0, "of the strip's centre from the feed along x"),
    ),
    derive,
    apply,
    order=20.0,
)
