"""Meander: arms folded to and fro across the axis, shorter than their conductor.

           +--+  +--+     +--+  +--+     amplitude: centre line from the axis
           |  |  |  |     |  |  |  |
        ---+  |  |  +-| |-+  |  |  +---
              |  |           |  |
              +--+           +--+

Each arm has ``turns`` whole periods between two straight pieces ``lead`` long.
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, polygon_points, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {
        "port_width": values["width"],
        "amplitude": values["length"] / 20.0,
        "lead": values["length"] / 40.0,
    }


def draw(values: Values) -> Shape:
    """A square wave of 2*turns half periods as a mitred ribbon."""
    begin, tip, high = values["gap"] / 2.0, values["length"] / 2.0, values["amplitude"]
    trace, halves = values["width"], 2 * int(values["turns"])
    first, last = begin + values["lead"], tip - values["lead"]
    pitch = (last - first) / halves
    if pitch <= trace:
        raise GeometryError(
            f"meander pitch {pitch:g} m at ({first:g}, 0) m is not larger than the trace of "
            f"{trace:g} m, its runs touch; make turns, lead or width smaller, or length larger"
        )
    if high <= trace or values["lead"] <= trace / 2.0:
        raise GeometryError(
            f"meander corner at ({first:g}, {high:g}) m has no room for a trace of {trace:g} m; "
            f"make amplitude larger than {trace:g} m and lead larger than {trace / 2:g} m"
        )
    runs = np.linspace(first, last, halves + 1)
    path = [(begin, 0.0), (first, 0.0)]
    for index in range(halves):
        y = high if index % 2 == 0 else -high
        path += [(runs[index], y), (runs[index + 1], y)]
    path += [(last, 0.0), (tip, 0.0)]
    ribbon = Ribbon(np.array(path), trace / 2.0)
    return two_arms(polygon_points(ribbon.polygon), (ribbon,), values["gap"], values["port_width"])


FAMILY = Family(
    "meander",
    "arms folded to and fro across the axis",
    __doc__,
    (
        length(),
        width(0.1, "of the trace"),
        Parameter("amplitude", "m", None, 1e-3, 100.0, "centre line from the axis", "length/20"),
        Parameter("turns", "1", 3, 1, 50, "whole periods in each arm", integer=True),
        Parameter("lead", "m", None, 1e-4, 100.0, "straight piece at feed and tip", "length/40"),
        gap(),
        port_width("width"),
    ),
    derive,
    draw,
    shipped={"amplitude": 0.5, "lead": 0.25},
    search={"length": (6.0, 16.0), "width": (0.02, 0.2), "amplitude": (0.25, 1.0)},
)
