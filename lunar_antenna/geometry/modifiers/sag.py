"""Film hanging between supports that stand at elevation 0.

    support             support           support
       |---__         __---|---__        __---|       spans = 2
           `--depth--'          `-------'

Law: between supports a parabola, z = -4 depth t (1 - t) with t from 0 to 1 (uniform weight per
plan area under a uniform horizontal tension); see :mod:`..relief`.  Beyond the outer supports
z = 0.
"""

from __future__ import annotations

import math

from ...common.parameter import Parameter
from ..relief import Sag
from ..shape import Shape
from .base import Modifier, Values


def derive(_values: Values, family: Values) -> Values:
    return {"depth": family["length"] / 100.0, "span": family["length"]}


def apply(shape: Shape, values: Values) -> Shape:
    """The same plan view, hanging."""
    return shape.raised(
        Sag(
            values["depth"],
            values["span"],
            int(values["spans"]),
            values["centre"],
            values["direction"],
        )
    )


MODIFIER = Modifier(
    "sag",
    "film hanging between supports",
    __doc__,
    (
        Parameter(
            "depth",
            "m",
            None,
            -100.0,
            100.0,
            "at the middle of each span, negative: bulging upwards",
            "antenna's length / 100",
        ),
        Parameter("span", "m", None, 1e-2, 1000.0, "between outer supports", "antenna's length"),
        Parameter("spans", "1", 1, 1, 50, "equal spans between outer supports", integer=True),
        Parameter("centre", "m", 0.0, -500.0, 500.0, "middle of the outer supports"),
        Parameter("direction", "rad", 0.0, -math.pi, math.pi, "of the spans, from +x towards +y"),
    ),
    derive,
    apply,
    order=60.0,
)
