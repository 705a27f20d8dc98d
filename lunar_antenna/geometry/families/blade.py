"""Blade: two panels that face each other across an open slot, fed by a narrow tab.

    +----------+     +----------+
    |          |slot |          |
    |          +-----+          |
    |          | tab |          |   width (at the tip), taper*width (at the slot)
    |          +-----+          |
    |          |     |          |
    +----------+     +----------+

The panels meet the slot over their whole edge; only the tab carries the port current, so
port_width decides the impedance as much as the panel does.
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {"port_width": min(values["gap"], values["taper"] * values["width"])}


def draw(values: Values) -> Shape:
    """Two trapezoids whose feed edge is taper*width long."""
    x = np.array([values["gap"] / 2.0, values["length"] / 2.0])
    half = np.array([values["taper"] * values["width"] / 2.0, values["width"] / 2.0])
    ribbon = Ribbon(np.column_stack((x, np.zeros(2))), half)
    return two_arms(symmetric_outline(x, half), (ribbon,), values["gap"], values["port_width"])


FAMILY = Family(
    "blade",
    "wide panels facing each other across a slot, fed by a narrow tab",
    __doc__,
    (
        length(),
        width(2.0, "of the panel at the tip"),
        Parameter("taper", "1", 1.0, 0.01, 4.0, "panel width at the slot over width at the tip"),
        gap(),
        port_width("gap, at most the panel's edge at the slot"),
    ),
    derive,
    draw,
    search={
        "length": (6.0, 16.0),
        "width": (0.5, 4.0),
        "taper": (0.05, 1.0),
        "port_width": (0.02, 0.2),
    },
)
