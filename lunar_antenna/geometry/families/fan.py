"""Fan: several strips per arm that spread from the feed and end on one line.

``--..__         __..--''
        ``-. .-''
-----------|tab|---------   spread: between the centres of the outer strips at the tip
     __..-'  `-..__
..--'              `--..
"""

from __future__ import annotations

import numpy as np

from ...common.parameter import Parameter
from ...errors import GeometryError
from ..ribbon import Ribbon
from ..shape import Shape, two_arms
from .base import Family, Values, gap, length, port_width, width


def derive(values: Values) -> Values:
    return {"port_width": values["width"], "spread": values["length"] / 5.0}


def draw(values: Values) -> Shape:
    """Strips from (gap/2, 0); between neighbours a notch where their edges meet."""
    begin, tip, count = values["gap"] / 2.0, values["length"] / 2.0, int(values["count"])
    reach = tip - begin
    end = values["spread"] / 2.0 * np.linspace(-1.0, 1.0, count)
    end = (end - end[::-1]) / 2.0  # (count,) y at the tip, exactly antisymmetric
    slope = end / reach
    half = values["width"] / 2.0 * np.sqrt(1.0 + slope**2)  # measured along y
    notch = (half[1:] + half[:-1]) / np.diff(slope)  # x beyond the feed
    if np.any(notch >= reach):
        raise GeometryError(
            f"strips of the fan merge up to the tip at x = {tip:g} m; make spread larger than "
            f"{values['spread'] * notch.max() / reach:g} m, or width or count smaller"
        )
    points = [(begin, -half[0])]
    for index in range(count):
        points += [(tip, end[index] - half[index]), (tip, end[index] + half[index])]
        if index < count - 1:
            points.append((begin + notch[index], slope[index] * notch[index] + half[index]))
    points.append((begin, half[-1]))
    outline = np.array(points)
    # the notch heights above the axis are the mirror image of those below, bit for bit
    outline[:, 1] = (outline[:, 1] - outline[::-1, 1]) / 2.0
    ribbons = tuple(Ribbon([(begin, 0.0), (tip, y)], values["width"] / 2.0) for y in end)
    return two_arms(outline, ribbons, values["gap"], values["port_width"])


FAMILY = Family(
    "fan",
    "several strips per arm that spread from the feed",
    __doc__,
    (
        length(),
        width(0.1, "of each strip"),
        Parameter("count", "1", 3, 2, 15, "strips in each arm", integer=True),
        Parameter(
            "spread", "m", None, 1e-3, 500.0, "between the outer strips' centres", "length/5"
        ),
        gap(),
        port_width("width"),
    ),
    derive,
    draw,
    shipped={"spread": 2.0},
    search={"length": (6.0, 16.0), "width": (0.02, 0.2), "spread": (1.0, 6.0)},
)
