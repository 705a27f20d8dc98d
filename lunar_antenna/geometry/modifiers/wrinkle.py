r"""Film in waves: z = amplitude cos(2 pi u / wavelength + phase), u along ``direction``.

_.-._         _.-._         _.-._     - amplitude: from the mean to a crest
     `-.___.-'     `-.___.-'
  |<----------->| wavelength          a crest in the origin at phase 0
"""

from __future__ import annotations

import math

from ...common.parameter import Parameter
from ..relief import Wrinkle
from ..shape import Shape
from .base import Modifier, Values


def derive(_values: Values, family: Values) -> Values:
    return {"amplitude": family["length"] / 1000.0, "wavelength": family["length"] / 5.0}


def apply(shape: Shape, values: Values) -> Shape:
    """The same plan view, wrinkled."""
    return shape.raised(
        Wrinkle(values["amplitude"], values["wavelength"], values["direction"], values["phase"])
    )


MODIFIER = Modifier(
    "wrinkle",
    "film in sinusoidal waves",
    __doc__,
    (
        Parameter("amplitude", "m", None, 0.0, 10.0, "of the waves", "antenna's length / 1000"),
        Parameter("wavelength", "m", None, 1e-2, 1000.0, "crest to crest", "antenna's length / 5"),
        Parameter(
            "direction", "rad", 0.0, -math.pi, math.pi, "across the crests, from +x towards +y"
        ),
        Parameter("phase", "rad", 0.0, -math.pi, math.pi, "in the origin; 0 is a crest"),
    ),
    derive,
    apply,
    order=70.0,
)
