"""The thickness of the metal, which every solver takes for a sheet: refused, noted, in z_error.

As a wire an ellipse of the axes w and t has a radius of (w + t)/4, a strip without thickness w/4, a
rectangle a little more than the ellipse.  On antennas of a few hundred widths that is OF_Z of t/w
of Z off resonance: 4.2 % of X where t = w/4.  Resistances know the thickness (media/edge.py).
"""

from __future__ import annotations

from dataclasses import replace

from ..geometry.layout import Layout
from ..problem import Problem
from ..solution import Solution

THICKEST = 0.2  # of the mean width: thicker is refused, and the laws of resistance end there
THICK = 0.005  # of the mean width: thicker is said, and in z_error
OF_Z = 0.2


def relative_thickness(layout: Layout) -> float:
    """Of the metal, over its mean width, 2 area/perimeter of all conductors; 0 without."""
    if layout.metal is None:
        return 0.0
    area = sum(part.area for part in layout.conductors)
    perimeter = sum(part.length for part in layout.conductors)
    return float(layout.metal.thickness * perimeter / (2.0 * area))


def solid_metal(problem: Problem) -> str | None:
    """Why the metal is no sheet, or None."""
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
        f"more width, about {100.0 * OF_Z * share:.1g} % of Z, part of z_error",
    )


def with_thickness(solution: Solution) -> Solution:
    """``solution`` with what the thickness is worth in its z_error, where that is known."""
    share = relative_thickness(solution.problem.layout)
    quality = solution.quality
    if share <= THICK or quality.z_error is None:
        return solution
    return replace(solution, quality=replace(quality, z_error=quality.z_error + OF_Z * share))
