"""Mirror planes of a layout: electric in x = 0, magnetic in y = 0, for ports along x.

With gaps on the x axis that drive current along x, one in the origin or pairs in series at +-x, a
layout that is its own mirror image has E tangential = 0 on x = 0 and H tangential = 0 on y = 0,
so that a quarter is enough (ports along y: :mod:`.split`):

    current    under x -> -x (electric wall)   under y -> -y (magnetic wall)
    J_x, J_y, J_z       +, -, -                        +, -, +
    M_x, M_y, M_z       -, +, +                        -, +, -
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from shapely.affinity import scale
from shapely.geometry.base import BaseGeometry

from ....conventions import ComplexArray, FloatArray
from ....geometry.layout import Gap, Layout, Port

TOLERANCE = 1e-6  # of the area that may differ between a shape and its mirror image
ON_PLANE = 1e-9  # m: a gap no further than this from a plane lies on it


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
        """How many copies of a gap's voltage are in series: its halves, or it and its image."""
        return 2 if self.x else 1

    def holds(self, gap: Gap) -> bool:
        """Whether ``gap`` lies in the model, whole or by half; its image does not."""
        return not self.x or gap.x > -ON_PLANE

    def halves(self, gap: Gap) -> bool:
        """Whether the electric wall cuts ``gap`` in two."""
        return self.x and abs(gap.x) < ON_PLANE

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
    """Mirror planes of the shape, none where a port is not :func:`centred` on the x axis."""
    if not all(centred(port, 0) for port in layout.ports):
        return Symmetry()
    shapes: list[BaseGeometry] = [layout.surface]
    if layout.film_outline is not None:
        shapes.append(layout.film_outline)
    return Symmetry(
        all(_mirrored(shape, -1.0, 1.0) for shape in shapes) and _even(layout, -1.0, 1.0),
        all(_mirrored(shape, 1.0, -1.0) for shape in shapes) and _even(layout, 1.0, -1.0),
    )


def centred(port: Port, axis: int) -> bool:
    """Whether all gaps of ``port`` lie on and along ``axis`` (0 is x, 1 is y), each with its image
    behind the origin that drives current in the same direction.
    """
    gaps = [(g.direction, (g.x, g.y), g.length, g.width) for g in port.gaps]
    if any(abs(d[1 - axis]) > 1e-12 or abs(at[1 - axis]) > ON_PLANE for d, at, _, _ in gaps):
        return False
    found, images = (
        sorted((sign * at[axis], d[axis], length, width) for d, at, length, width in gaps)
        for sign in (1.0, -1.0)
    )
    return bool(np.allclose(found, images, rtol=0.0, atol=ON_PLANE))


def _even(layout: Layout, x: float, y: float) -> bool:
    """Whether the relief of ``layout`` is its own mirror image to a nanometre at sample points."""
    relief = layout.relief
    if relief is None:
        return True
    px, py = sample_points(layout)
    return bool(np.abs(relief.elevation(px, py) - relief.elevation(x * px, y * py)).max() < 1e-9)


def sample_points(layout: Layout) -> tuple[FloatArray, FloatArray]:
    """x and y (m) where reliefs are compared, spread over the half plane x > 0 of the layout.

    They are spread by the golden ratio, so that no wave is met at its own period.
    """
    number = np.arange(1.0, 2000.0)
    reach = [max(abs(v) for shape in layout.regions for v in shape.bounds[k::2]) for k in (0, 1)]
    return (
        reach[0] * number / 2000.0,
        reach[1] * (2.0 * (number * 0.6180339887498949 % 1.0) - 1.0),
    )


def _mirrored(shape: BaseGeometry, x: float, y: float) -> bool:
    return same_shape(shape, scale(shape, x, y, origin=(0.0, 0.0)))


def same_shape(shape: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether both cover the same plan area, up to TOLERANCE of it."""
    return bool(shape.symmetric_difference(other).area < TOLERANCE * shape.area)
