r"""V antenna: a straight strip whose arms turn by an angle at some distance from the feed.

    \                           /
      \                       /
        \                   /   angle (positive towards +y)
          \______|tab|____/ . . .
                   |--start--|

``length`` is measured along the centre line, so bending keeps the metal.
"""

from __future__ import annotations

import math

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, polygon_points, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {"port_width": values["width"], "start": values["length"] / 20.0}


def draw(values: Values) -> Shape:
    """Each arm a ribbon with one mitred corner at (start, 0)."""
    begin, corner, arm = values["gap"] / 2.0, values["start"], values["length"] / 2.0
    mitre = values["width"] / 2.0 * math.tan(abs(values["angle"]) / 2.0)
    if corner - mitre <= begin or arm - corner <= mitre:
        raise GeometryError(
            f"bend at ({corner:g}, 0) m does not leave room for the corner of a "
            f"{values['width']:g} m strip; put start between {begin + mitre:g} and "
            f"{arm - mitre:g} m"
        )
    reach = arm - corner
    tip = (corner + reach * math.cos(values["angle"]), reach * math.sin(values["angle"]))
    path = [(begin, 0.0), (corner, 0.0), tip] if values["angle"] else [(begin, 0.0), (arm, 0.0)]
    ribbon = Ribbon(np.array(path), values["width"] / 2.0)
    return two_arms(polygon_points(ribbon.polygon), (ribbon,), values["gap"], values["port_width"])


FAMILY = Family(
    "bent",
    "V: straight strip whose arms turn at some distance from the feed",
    __doc__,
    (
        length(meaning="tip to tip along the centre line"),
        width(0.2, "of the strip"),
        Parameter("angle", "rad", 0.5, -1.4, 1.4, "turn of each arm, positive towards +y"),
        Parameter("start", "m", None, 1e-3, 500.0, "x of the corner", "length/20"),
        gap(),
        port_width("width"),
    ),
    derive,
    draw,
    shipped={"start": 0.5},
    search={"length": (6.0, 16.0), "width": (0.05, 1.0), "angle": (-1.2, 1.2)},
)
