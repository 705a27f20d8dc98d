"""Profile: arm half-width as a smooth function of the distance from the feed.

                  w1 ____ w2
               _.--''    ``--._ w3
        w0 _.-'                |
     |tab|                     |   the other arm is the mirror image
           `-._                |
               `--..____..--'``

Half-widths w0 (feed) ... wk (tip), equally spaced; between them a monotone cubic (slopes of
Fritsch & Butland 1984, SIAM J. Sci. Stat. Comput. 5, 300): no overshoot, so nowhere narrower
than the narrowest control point.
"""

from __future__ import annotations

import math

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..monotone import monotone_cubic
from ..ribbon import Ribbon
from ..shape import Shape, symmetric_outline, two_arms
from .base import Family, Values, gap, length, port_width

DEFAULTS = (0.05, 0.8, 1.0, 0.8)
MOST = 10


def control_points(values: Values) -> list[float]:
    """Half-widths w0..wk, m; at least two, without holes in the numbering."""
    points = [values[f"w{index}"] for index in range(MOST) if f"w{index}" in values]
    if len(points) < 2:
        raise GeometryError("profile has one control point; give at least w0 and w1")
    for index in range(len(points)):
        if f"w{index}" not in values:
            raise GeometryError(
                f"profile lacks w{index} but has points after it; number them w0, w1, ... "
                "from the feed to the tip without holes"
            )
    return points


def derive(values: Values) -> Values:
    derived: Values = {}
    if not any(f"w{index}" in values for index in range(MOST)):
        derived.update({f"w{index}": value for index, value in enumerate(DEFAULTS)})
    at_feed = values.get("w0", derived.get("w0"))
    if at_feed is not None:
        derived["port_width"] = min(2.0 * at_feed, values["gap"])
    return derived


def draw(values: Values) -> Shape:
    """Arms sampled at about ``samples`` stations that include every control point."""
    points = control_points(values)
    start, tip = values["gap"] / 2.0, values["length"] / 2.0
    parts = math.ceil((values["samples"] - 1) / (len(points) - 1))
    station = np.linspace(0.0, 1.0, parts * (len(points) - 1) + 1)  # (n,) feed to tip
    x = start + (tip - start) * station
    x[-1] = tip
    half = monotone_cubic(np.linspace(0.0, 1.0, len(points)), np.array(points), station)
    ribbon = Ribbon(np.column_stack((x, np.zeros_like(x))), half)
    return two_arms(symmetric_outline(x, half), (ribbon,), values["gap"], values["port_width"])


def _control(index: int) -> Parameter:
    end = " at the feed" if index == 0 else ""
    rule = "the last point given is the tip"
    if index < len(DEFAULTS):
        rule = f"{DEFAULTS[index]:g} where no point is given"
    meaning = f"arm half-width, control point {index}{end}"
    return Parameter(f"w{index}", "m", None, 1e-4, 50.0, meaning, rule, across=True)


FAMILY = Family(
    "profile",
    "half-width a smooth function through control points: the general deformed dipole",
    __doc__,
    (
        length(),
        *(_control(index) for index in range(MOST)),
        gap(),
        port_width("2 w0, at most gap"),
        Parameter("samples", "1", 13, 3, 200, "stations along each arm's outline", integer=True),
    ),
    derive,
    draw,
    shipped={f"w{index}": value for index, value in enumerate(DEFAULTS)},
    search={
        "length": (6.0, 16.0),
        "w0": (0.02, 0.5),
        "w1": (0.1, 2.0),
        "w2": (0.1, 2.0),
        "w3": (0.1, 2.0),
    },
)
