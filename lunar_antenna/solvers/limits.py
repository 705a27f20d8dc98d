"""What no solver follows at any accuracy: more fringes over the sky than can be integrated, metal
that is no sheet."""

from __future__ import annotations

import math

from ..geometry.layout import Layout
from ..problem import Problem

MOST_FRINGES = 1500  # points in elevation: 1000 m of air at 35 MHz needs 900, a rule of 1500 1 s


# Thickness of the metal over its mean width.  As a wire an ellipse of the axes w and t has a radius
# of (w + t)/4, a strip without thickness w/4, a rectangle a little more than the ellipse: some 0.2
# of t/w of X on antennas of a few hundred widths.
THICKEST, THICK = 0.05, 0.005


def not_solved(problem: Problem) -> str | None:
    """Why no solver can do ``problem``, or None."""
    return unresolved_sky(problem) or solid_metal(problem)


def relative_thickness(layout: Layout) -> float:
    """Of the metal, over the mean width 2 area/perimeter of the narrowest conductor; 0 without."""
    if layout.metal is None:
        return 0.0
    widths = (2.0 * part.area / part.length for part in layout.conductors)
    return layout.metal.thickness / min(widths, default=math.inf)


def solid_metal(problem: Problem) -> str | None:
    """Why the metal is no sheet, as which all solvers take it, or None."""
    share = relative_thickness(problem.layout)
    if problem.layout.metal is None or share <= THICKEST:
        return None
    thickness = problem.layout.metal.thickness
    return (
        f"metal is {thickness * 1e3:g} mm thick and {thickness / share * 1e3:.3g} mm wide (twice "
        f"its area over its perimeter); it counts as a sheet, allowed {THICKEST:g} of the width; "
        "use thinner metal, or a strip wider by the thickness with a thin one"
    )


def thick_metal(layout: Layout) -> tuple[str, ...]:
    """A note where the metal's thickness is small but not nothing."""
    share = relative_thickness(layout)
    if share <= THICK:
        return ()
    return (
        f"metal as a sheet: its thickness, {100.0 * share:.2g} % of its width, acts like as much "
        f"more width, about {20.0 * share:.1g} % of X, which no error estimate holds",
    )


def unresolved_sky(problem: Problem) -> str | None:
    """Why the sky power of ``problem`` cannot be integrated, naming its cause, or None.

    An echo from far below interferes with the direct wave in fringes over elevation, the finer
    the deeper it comes from, unless the soil absorbs it on the way.
    """
    layers, frequency = problem.stratification, float(problem.frequency[-1])
    points = layers.fringes(frequency)
    if sum(points) <= MOST_FRINGES:
        return None
    cause = points.index(max(points))
    number = cause - (len(layers.placed) - len(problem.stack.layers))  # of the soil's, 1 on top
    fault = f"makes {sum(points)} fringes over the sky at {frequency / 1e6:g} MHz"
    allowed = f"allowed {MOST_FRINGES}"
    if number < 1:
        return f"height = {problem.height:g} m {fault}, {allowed}; lower height or the band"
    layer = problem.stack.layers[number - 1]
    return (
        f"soil layer {number}, {layer.thickness:g} m thick with loss_tangent "
        f"{layer.loss_tangent:g}, {fault}, {allowed}: the echo from below it; make the layer "
        "thinner or lossier, or the half-space"
    )
