"""A search of places: the layout that was found, and the merit of all that were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .array import draw_places
from .style import BLUE, GREY, VERMILION, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@styled
def plot_arrangement(found: Any) -> Figure:
    """Best layout in its disc; merit of random layouts, of moves, and the best so far."""
    figure = new_figure(10.2, 4.8)
    places, course = figure.subplots(1, 2)
    draw_places(places, found.array)
    turn = np.linspace(0.0, 2.0 * np.pi, 181)
    radius = found.settings.radius
    places.plot(radius * np.cos(turn), radius * np.sin(turn), color=GREY, linewidth=0.8)
    places.set_title(f"{found.array.n_elements} elements at least "
                     f"{found.settings.least_distance:g} m apart")  # fmt: skip
    values = found.values()
    number = np.arange(1, values.size + 1)
    first = np.array([row.kind != "move" for row in found.tried], dtype=bool)
    course.plot(number[first], values[first], ".", color=GREY, markersize=5, label="at random")
    course.plot(number[~first], values[~first], ".", color=BLUE, markersize=2.5,
                label="one element moved")  # fmt: skip
    known = np.isfinite(values)
    if known.any():
        best = np.fmin.accumulate(values)
        course.plot(number, best, color=VERMILION, label="best so far")
        high = float(np.nanmax(values[first])) if np.isfinite(values[first]).any() else np.nan
        low = float(np.nanmin(values))
        top = max(high, low * 1.05) if np.isfinite(high) else float(np.nanmax(values))
        course.set_ylim(low - 0.1 * (top - low), top + 0.05 * (top - low))
    course.set_xlabel("layout")
    course.set_ylabel(found.settings.merit.label)
    course.legend(loc="upper right")
    return figure
