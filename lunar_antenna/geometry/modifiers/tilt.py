"""The whole film tilted about the feed: z = tan(angle) (x cos(direction) + y sin(direction)).

                             ____---- tip at + tan(angle) length/2
        ____----o----
    ----     (0, 0)

The plan view stays as drawn; along the surface the metal is 1/cos(angle) longer.
"""

from __future__ import annotations

import math

from ...common.parameter import Parameter
from ..relief import Tilt
from ..shape import Shape
from .base import Modifier, Values


def derive(_values: Values, _family: Values) -> Values:
    return {}


def apply(shape: Shape, values: Values) -> Shape:
    """The same plan view on a tilted plane."""
    return shape.raised(Tilt(values["angle"], values["direction"]))


MODIFIER = Modifier(
    "tilt",
    "film tilted about the feed",
    __doc__,
    (
        Parameter("angle", "rad", 0.02, -0.5, 0.5, "of the plane against the horizontal"),
        Parameter(
            "direction", "rad", 0.0, -math.pi, math.pi, "of the steepest rise, from +x towards +y"
        ),
    ),
    derive,
    apply,
    order=50.0,
)
