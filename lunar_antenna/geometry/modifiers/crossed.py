"""Second polarisation in one plane: the antenna and its copy turned by 90 degrees.

              | |
              |_|
               =
        ----| [ ] |----    [ ]: hub, a square of metal; |: arms; the tabs bridge arm and hub
               =
              | |

The hub stands in the middle of the gap between the arms, so each port has two tabs,
(gap - hub)/2 long each, in electrical series: the currents of the ports do not meet in a tab.
Port 1 is along x, port 2 along y.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon

from ...common.parameter import Parameter
from ...conventions import FloatArray
from ...errors import GeometryError
from ..layout import Port
from ..ribbon import Ribbon
from ..shape import Shape, map_polygon
from .base import Modifier, Values


def derive(_values: Values, family: Values) -> Values:
    return {"hub": family["gap"] / 2.0}


def quarter_turn(points: FloatArray) -> FloatArray:
    """(n, 2) m turned by +90 degrees about the origin, exactly."""
    return np.column_stack((0.0 - points[:, 1], points[:, 0])) + 0.0


def apply(shape: Shape, values: Values) -> Shape:
    """Four arms round the hub; overlapping arms are refused by the validation."""
    if len(shape.ports) != 1 or len(shape.ports[0].gaps) != 1:
        raise GeometryError("crossed needs a layout with one port of one gap; take others away")
    feed = shape.ports[0].gaps[0]
    if feed.x != 0.0 or feed.y != 0.0 or feed.angle != 0.0:
        raise GeometryError(
            f"crossed needs a feed at (0, 0) m along x; it is at ({feed.x:g}, {feed.y:g}) m"
        )
    hub = values["hub"]
    if hub >= feed.length:
        raise GeometryError(
            f"hub of {hub:g} m fills the gap of {feed.length:g} m between the arms; make "
            "crossed.hub smaller than gap, or gap larger"
        )
    if feed.width >= hub:
        raise GeometryError(
            f"feed tabs {feed.width:g} m wide meet at the corners ({hub / 2:g}, {hub / 2:g}) m "
            f"of the hub; make port_width smaller than crossed.hub = {hub:g} m"
        )
    centre, length = (hub + feed.length) / 4.0, (feed.length - hub) / 2.0
    # the edges exactly as the gap computes its corners
    inner, outer = centre - length / 2.0, centre + length / 2.0

    def meet(points: FloatArray) -> FloatArray:
        """Arm ends moved (by rounding only) onto the tabs' ends."""
        at_feed = np.abs(points[:, 0]) == feed.length / 2.0
        points = points.copy()
        points[at_feed, 0] = np.copysign(outer, points[at_feed, 0])
        return points

    first = [map_polygon(polygon, meet) for polygon in shape.conductors]
    second = [map_polygon(polygon, quarter_turn) for polygon in first]
    tab, across = replace(feed, length=length), math.pi / 2
    ports = (
        Port(tuple(replace(tab, x=x) for x in (-centre, centre)), "1"),
        Port(tuple(replace(tab, y=y, angle=across) for y in (-centre, centre)), "2"),
    )
    ribbons: list[Ribbon] = []
    if shape.ribbons:
        turned = [Ribbon(quarter_turn(item.path), item.half_width) for item in shape.ribbons]
        spokes = [(inner, 0.0), (-inner, 0.0), (0.0, inner), (0.0, -inner)]
        hub_ribbons = [Ribbon([(0.0, 0.0), end], hub / 4.0) for end in spokes]
        ribbons = [*shape.ribbons, *turned, *hub_ribbons]
    conductors = (*first, *second, _hub(inner, feed.width))
    return replace(shape, conductors=conductors, ribbons=tuple(ribbons), ports=ports)


def _hub(half: float, tab: float) -> Polygon:
    """Square of half side ``half`` with vertices at the tabs' corners."""
    side = np.array([(half, -half), (half, -tab / 2.0), (half, tab / 2.0)])
    sides = [side]
    for _ in range(3):
        sides.append(quarter_turn(sides[-1]))
    return Polygon(np.vstack(sides))


MODIFIER = Modifier(
    "crossed",
    "second polarisation: four arms round a square hub, two ports",
    __doc__,
    (Parameter("hub", "m", None, 1e-4, 100.0, "side of the square hub", "half the gap"),),
    derive,
    apply,
    order=40.0,
)
