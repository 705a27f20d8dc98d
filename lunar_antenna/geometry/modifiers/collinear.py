"""Parasitic plates beyond the tips, in line with the arms but not connected to them.

    +---------+   +---------+---+---------+   +---------+
    |  plate  |   |   arm       feed      |   |  plate  |    width across
    +---------+   +---------+---+---------+   +---------+
               gap                         gap
    <---------------------- span ----------------------->

At low frequencies the plates add to the capacitance of the tips and the antenna seems longer; at
high ones their current lags behind that of the arms by a quarter of a period and more, so that the
beam stays as broad as that of a shorter dipole (docs/designs.md).
"""

from __future__ import annotations

from dataclasses import replace

from shapely.geometry import box

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape
from .base import Modifier, Values


def derive(_values: Values, family: Values) -> Values:
    length = family["length"]
    return {
        "gap": length / 50.0,
        "span": 1.4 * length,
        "width": family.get("width", length / 50.0),
    }


def apply(shape: Shape, values: Values) -> Shape:
    """One plate on either side, from ``gap`` beyond the outermost metal to half of ``span``."""
    gap, end, half = values["gap"], values["span"] / 2.0, values["width"] / 2.0
    bounds = [piece.bounds for piece in shape.conductors]
    conductors, ribbons = list(shape.conductors), list(shape.ribbons)
    for sign, tip in ((1.0, max(b[2] for b in bounds)), (-1.0, -min(b[0] for b in bounds))):
        begin = tip + gap
        if begin >= end:
            raise GeometryError(
                f"collinear plates would begin at x = {sign * begin:g} m, beyond half of "
                f"collinear.span, {end:g} m; make collinear.span larger than {2.0 * begin:g} m"
            )
        low, high = sorted((sign * begin, sign * end))
        conductors.append(box(low, -half, high, half))
        ribbons.append(Ribbon([(sign * begin, 0.0), (sign * end, 0.0)], half))
    kept = tuple(ribbons) if shape.ribbons else ()
    return replace(shape, conductors=tuple(conductors), ribbons=kept)


MODIFIER = Modifier(
    "collinear",
    "parasitic plates beyond the tips, in line with the arms",
    __doc__,
    (
        Parameter("gap", "m", None, 1e-4, 100.0, "from tip to plate", "length of the antenna / 50"),
        Parameter(
            *("span", "m", None, 1e-2, 1000.0, "from outer end to outer end of the plates"),
            "1.4 times the antenna's length",
        ),
        Parameter(
            *("width", "m", None, 1e-4, 100.0, "of a plate"),
            "width of the antenna, or its length / 50",
            across=True,
        ),
    ),
    derive,
    apply,
    order=15.0,
)
