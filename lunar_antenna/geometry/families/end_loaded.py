"""End-loaded dipole: a straight strip with a bar across each tip.

+-+                   +-+
| |                   | |
| +-------+   +-------+ |
|         |---|         |   bar_length (across), width (along)
| +-------+   +-------+ |
| |                   | |
+-+                   +-+
 bar_width
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {
        "port_width": values["width"],
        "bar_length": values["length"] / 5.0,
        "bar_width": values["width"],
    }


def draw(values: Values) -> Shape:
    """Two T-shaped arms; the bar ends flush with the tip."""
    begin, tip = values["gap"] / 2.0, values["length"] / 2.0
    bar, across = values["bar_width"], values["bar_length"]
    if across <= values["width"]:
        raise GeometryError(
            f"bar_length = {across:g} m at x = {tip:g} m is not longer than width = "
            f"{values['width']:g} m; make it longer or take the family strip"
        )
    if tip - bar <= begin:
        raise GeometryError(
            f"bar at x = {tip:g} m reaches the gap; make bar_width smaller than {tip - begin:g} m"
        )
    half = values["width"] / 2.0
    x = np.array([begin, tip - bar, tip - bar, tip])
    outline = symmetric_outline(x, np.array([half, half, across / 2.0, across / 2.0]))
    node = tip - bar / 2.0
    ribbons = (
        Ribbon([(begin, 0.0), (node, 0.0)], half),
        Ribbon([(node, 0.0), (node, across / 2.0)], bar / 2.0),
        Ribbon([(node, 0.0), (node, -across / 2.0)], bar / 2.0),
    )
    return two_arms(outline, ribbons, values["gap"], values["port_width"])


FAMILY = Family(
    "end_loaded",
    "straight strip with a bar across each tip",
    __doc__,
    (
        length(),
        width(0.2, "of the strip"),
        Parameter("bar_length", "m", None, 1e-3, 100.0, "of the bar, across", "length/5"),
        Parameter("bar_width", "m", None, 1e-4, 100.0, "of the bar, along x", "width", across=True),
        gap(),
        port_width("width"),
    ),
    derive,
    draw,
    shipped={"bar_length": 2.0, "bar_width": 0.2},
    search={
        "length": (4.0, 14.0),
        "width": (0.05, 1.0),
        "bar_length": (1.1, 6.0),
        "bar_width": (0.05, 1.0),
    },
)
