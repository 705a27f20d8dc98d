"""Straight strip of constant width, fed in the middle.

 -length/2      gap      +length/2
+-----------+ |---| +-----------+
|           | |tab| |           |  width
+-----------+ |---| +-----------+
"""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, asymmetry, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {"port_width": values["width"]}


def draw(values: Values) -> Shape:
    """Two rectangles between gap/2 and their tips."""
    start = values["gap"] / 2.0
    arms = []
    for sign in (1.0, -1.0):
        tip = values["length"] / 2.0 + sign * values["asymmetry"] / 2.0
        if tip <= start:
            raise GeometryError(
                f"asymmetry = {values['asymmetry']:g} m leaves no arm beyond "
                f"x = {sign * start:g} m; make |asymmetry| smaller than length - gap = "
                f"{values['length'] - values['gap']:g} m"
            )
        x = np.array([start, tip])
        half = np.full(2, values["width"] / 2.0)
        ribbon = Ribbon(np.column_stack((x, np.zeros(2))), half)
        arms.append((symmetric_outline(x, half), (ribbon,)))
    (outline, ribbons), left = arms
    return two_arms(outline, ribbons, values["gap"], values["port_width"], left)


FAMILY = Family(
    "strip",
    "straight strip of constant width",
    __doc__,
    (length(), width(0.2, "of the strip"), gap(), port_width("width"), asymmetry()),
    derive,
    draw,
    search={"length": (4.0, 16.0), "width": (0.05, 2.0)},
)
