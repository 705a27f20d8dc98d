"""Bow-tie: arms that widen linearly from the feed to the tip.

|`-._               _.-'|
|    `-._       _.-'    |
|        `|---|'        |   width (full, at the tip), feed_width (at the feed)
|     _.-'|tab|`-._     |
|_.-'               `-._|
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    port = min(values["length"] / 100.0, values["width"], values.get("feed_width", np.inf))
    port = values.get("port_width", port)
    return {"port_width": port, "feed_width": port}


def draw(values: Values) -> Shape:
    """Two trapezoids; the half-width at the feed is feed_width/2."""
    x = np.array([values["gap"] / 2.0, values["length"] / 2.0])
    half = np.array([values["feed_width"] / 2.0, values["width"] / 2.0])
    ribbon = Ribbon(np.column_stack((x, np.zeros(2))), half)
    return two_arms(symmetric_outline(x, half), (ribbon,), values["gap"], values["port_width"])


FAMILY = Family(
    "bowtie",
    "arms that widen linearly from the feed to the tip",
    __doc__,
    (
        length(),
        width(2.0, "full width at the tip"),
        gap(),
        port_width("length/100, at most the arm's edge at the feed"),
        Parameter(
            *("feed_width", "m", None, 1e-5, 100.0),
            *("full width of the arm at the feed", "port_width"),
            across=True,
        ),
    ),
    derive,
    draw,
    search={"length": (6.0, 16.0), "width": (0.5, 4.0)},
)
