"""Mirror planes of a layout: electric in x = 0, magnetic in y = 0, for one port along x.

With one gap in the origin that drives current along x, a layout that is its own mirror image
has E tangential = 0 on x = 0 and H tangential = 0 on y = 0, so that a quarter is enough:

    current    under x -> -x (electric wall)   under y -> -y (magnetic wall)
    J_x, J_y, J_z       +, -, -                        +, -, +
    M_x, M_y, M_z       -, +, +                        -, +, -
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry

from ...conventions import ComplexArray, FloatArray
from ...geometry.layout import Layout

TOLERANCE = 1e-6  # of the area that may differ between a shape and its mirror image


@dataclass(frozen=True, slots=True)
class Symmetry:
    """Which mirror planes the model uses; ``copies`` is how often it stands in the full one."""

    x: bool = False
    y: bool = False

    @property
    def copies(self) -> int:
        return (2 if self.x else 1) * (2 if self.y else 1)

    @property
    def sides(self) -> int:
        """How many copies of the gap voltage are in series."""
        return 2 if self.x else 1

    def unfold(
        self, position: FloatArray, electric: ComplexArray, magnetic: ComplexArray | None = None
    ) -> tuple[FloatArray, ComplexArray, ComplexArray | None]:
        """Moments (..., n, 3) of the part and of its images, positions (n, 3) m likewise."""
        for use, axis, signs in (
            (self.x, 0, np.array([1.0, -1.0, -1.0])),
            (self.y, 1, np.array([1.0, -1.0, 1.0])),
        ):
            if not use:
                continue
            mirrored = position.copy()
            mirrored[:, axis] *= -1.0
            position = np.concatenate((position, mirrored))
            electric = np.concatenate((electric, electric * signs), axis=-2)
            if magnetic is not None:
                magnetic = np.concatenate((magnetic, -magnetic * signs), axis=-2)
        return position, electric, magnetic


def find_symmetry(layout: Layout) -> Symmetry:
    """Mirror planes through the only gap, none where the port is elsewhere or not along x."""
    if len(layout.gaps) != 1:
        return Symmetry()
    gap = layout.gaps[0]
    centred = abs(gap.x) < 1e-9 and abs(gap.y) < 1e-9
    if not centred or abs(gap.direction[1]) > 1e-12:
        return Symmetry()
    shapes: list[BaseGeometry] = [layout.surface]
    if layout.film_outline is not None:
        shapes.append(layout.film_outline)
    return Symmetry(
        all(_mirrored(shape, -1.0, 1.0) for shape in shapes) and _even(layout, -1.0, 1.0),
        all(_mirrored(shape, 1.0, -1.0) for shape in shapes) and _even(layout, 1.0, -1.0),
    )


def _even(layout: Layout, x: float, y: float) -> bool:
    """Whether the relief of ``layout`` is its own mirror image, to a nanometre, at sample points.

    The points are spread by the golden ratio, so that no wave is met at its own period.
    """
    relief = layout.relief
    if relief is None:
        return True
    number = np.arange(1.0, 2000.0)
    reach = [max(abs(v) for shape in layout.regions for v in shape.bounds[k::2]) for k in (0, 1)]
    px = reach[0] * number / 2000.0
    py = reach[1] * (2.0 * (number * 0.6180339887498949 % 1.0) - 1.0)
    return bool(np.abs(relief.elevation(px, py) - relief.elevation(x * px, y * py)).max() < 1e-9)


def _mirrored(shape: BaseGeometry, x: float, y: float) -> bool:
    image = scale(shape, x, y, origin=(0.0, 0.0))
    return bool(shape.symmetric_difference(image).area < TOLERANCE * shape.area)
