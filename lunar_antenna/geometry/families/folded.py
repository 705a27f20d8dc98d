"""Folded dipole: a second leg parallel to the driven one, joined to it at both tips.

+-----------------------+   upper_width
|  +-----------------+  |
|  |                 |  |   spacing, centre line to centre line
|  +-------+ +-------+  |
+----------| |----------+   width
          feed
"""

from __future__ import annotations

import numpy as np
from shapely.geometry import Polygon

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, feed, mirror_points, mirror_ribbon, with_tab_points
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {
        "port_width": values["width"],
        "upper_width": values["width"],
        "spacing": values["length"] / 20.0,
    }


def draw(values: Values) -> Shape:
    """One conductor, open at the gap of the lower leg."""
    trace, upper, spacing = values["width"], values["upper_width"], values["spacing"]
    tip, begin = values["length"] / 2.0, values["gap"] / 2.0
    inner, low, high = tip - trace, trace / 2.0, spacing - upper / 2.0
    if high <= low:
        raise GeometryError(
            f"legs of the folded dipole touch at (0, {low:g}) m; make spacing larger than "
            f"{low + upper / 2:g} m or the legs narrower"
        )
    if inner <= begin:
        raise GeometryError(
            f"end of the folded dipole at ({inner:g}, 0) m reaches the gap; make width smaller "
            f"than {tip - begin:g} m"
        )
    top = spacing + upper / 2.0
    right = np.array(
        [
            (inner, high),
            (inner, low),
            (begin, low),
            (begin, 0.0 - low),
            (tip, 0.0 - low),
            (tip, top),
        ]
    )
    right = with_tab_points(right, begin, values["port_width"])
    outline = np.vstack((right, mirror_points(right)[::-1]))
    centre = tip - trace / 2.0
    driven = Ribbon([(begin, 0.0), (centre, 0.0), (centre, spacing)], trace / 2.0)
    across = Ribbon([(centre, spacing), (-centre, spacing)], upper / 2.0)
    return Shape(
        (Polygon(outline),),
        (driven, mirror_ribbon(driven), across),
        feed(values["gap"], values["port_width"]),
    )


FAMILY = Family(
    "folded",
    "folded dipole: a second leg joined to the driven one at both tips",
    __doc__,
    (
        length(),
        width(0.1, "of the driven leg and of the ends"),
        Parameter(
            "upper_width", "m", None, 1e-4, 100.0, "width of the second leg", "width", across=True
        ),
        Parameter("spacing", "m", None, 1e-3, 100.0, "between the legs' centre lines", "length/20"),
        gap(),
        port_width("width"),
    ),
    derive,
    draw,
    shipped={"spacing": 0.5},
    search={"length": (6.0, 16.0), "width": (0.02, 0.4), "spacing": (0.5, 2.0)},
)
