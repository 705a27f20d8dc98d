"""Unequal arms: one side of the film stretched along the port's axis.

            s0
    --------+ +-----------        s = position along the axis of positive current
    arm -    =    arm +   ->      s' = s0 + (s - s0)(1 + error)   for s > s0

s0 is where the outermost feed tab ends, so that no port changes.  Everything beyond it moves,
film and parasitic metal included, as it does when a sheet is stretched or printed to a wrong
scale; the map has no folds, so what was apart stays apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..common.checks import number
from ..conventions import FloatArray
from ..errors import GeometryError
from .layout import Layout
from .ribbon import Ribbon
from .shape import map_polygon
from .validate import validate


def unequal_arms(layout: Layout, error: float, port: int = 1) -> Layout:
    """``layout`` with the arm at the positive end of ``port`` longer by the fraction ``error``.

    error: from -0.5 to 1; negative makes that arm shorter, 0 gives the layout itself.  A relief
    stays where it was.  Raises :class:`GeometryError` where no metal lies beyond the feed.
    """
    number("arm error", error, low=-0.5, high=1.0, error=GeometryError)
    if not 1 <= port <= len(layout.ports):
        raise GeometryError(f"port = {port!r}; layout {layout.name} has 1 to {len(layout.ports)}")
    if error == 0.0:
        return layout
    axis, start = _axis(layout, port)
    change = _stretch(axis, start, error)
    longest = max(
        float((np.asarray(polygon.exterior.coords)[:, :2] @ axis).max())
        for polygon in layout.conductors
    )
    if longest <= start:
        raise GeometryError(
            f"layout {layout.name} has no metal beyond its feed along port {port}; "
            "an arm error needs an arm there"
        )
    outline = layout.film_outline
    return validate(
        replace(
            layout,
            name=f"{layout.name}, arm {100.0 * error:+g} %",
            conductors=tuple(map_polygon(polygon, change) for polygon in layout.conductors),
            ribbons=tuple(Ribbon(change(item.path), item.half_width) for item in layout.ribbons),
            film_outline=None if outline is None else map_polygon(outline, change),
            parameters={**layout.parameters, "arm_error": error},
        )
    )


def _axis(layout: Layout, port: int) -> tuple[FloatArray, float]:
    """Unit vector of the port's current and s0: the outer end of all tabs along it, m."""
    gaps = layout.ports[port - 1].gaps
    total = np.sum([gap.direction for gap in gaps], axis=0)
    length = float(np.linalg.norm(total))
    if length < 1e-9:
        raise GeometryError(
            f"the gaps of port {port} point against each other; an arm error needs one axis"
        )
    axis = total / length
    return axis, max(float((gap.corners @ axis).max()) for gap in layout.gaps)


def _stretch(axis: FloatArray, start: float, error: float) -> Callable[[FloatArray], FloatArray]:
    def change(points: FloatArray) -> FloatArray:
        beyond = np.maximum(points @ axis - start, 0.0)
        return np.asarray(points + error * beyond[:, None] * axis)

    return change
