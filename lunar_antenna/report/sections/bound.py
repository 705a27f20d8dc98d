"""Section of a page: how much of what its footprint allows a design reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..page import Picture, Section, Table, percent

if TYPE_CHECKING:
    from ...bounds.bound import Bound
    from ...solution import Solution


def bound_section(solution: Solution, bound: Bound, port: int = 1) -> Section:
    """``bound`` is of the sky share, or efficiency in free space: ``bounds.bound.bound_of``."""
    from ...plotting.bound import plot_bound

    reached = bound.reached_by(solution, port)
    x0, y0, x1, y1 = bound.footprint.bounds
    rows = [
        (
            f"{f / 1e6:.4g} MHz",
            percent(value),
            percent(error, 2),
            percent(part * value),
            percent(part),
        )
        for f, value, error, part in zip(
            bound.frequency, bound.value, bound.mesh_error, reached, strict=True
        )
    ]
    return Section(
        "bound",
        "Against the bound",
        f"What no metal within {x1 - x0:.4g} m x {y1 - y0:.4g} m exceeds on this soil, each "
        f"frequency on its own; the design reaches {percent(float(reached.min()), 0)} to "
        f"{percent(float(reached.max()), 0)} of it.",
        [
            Picture.of(
                plot_bound(bound, {solution.problem.layout.name: reached * bound.value}),
                "The bound, the design, and the currents that reach the bound",
                "png",
            )
        ],
        [Table(rows, ("Frequency", "bound", "its mesh error", "design", "of the bound"))],
    )
