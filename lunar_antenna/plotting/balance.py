"""How far a solution can be trusted: closure of the power balance and estimated error of Z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import labels_of
from .style import (
    CYCLE,
    GREY,
    VERMILION,
    frequency_axis,
    mark_points,
    new_figure,
    solutions,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FLOOR = 1e-10  # values below are drawn here
_HIGHEST_START = 1e-6  # the axis starts here, or lower where the data do
LIMIT = 0.005  # closure that the project asks of its solvers


@styled
def plot_balance(items: Any) -> Figure:
    """Power closure and, where the solver gives one, the error of Z, both relative."""
    found = solutions(items)
    figure = new_figure(height=2.7 if len(found) == 1 else 3.2 + 0.2 * len(found))
    ax = figure.add_subplot()
    lowest = 1.0
    colours = CYCLE * len(found)
    for item, label, colour in zip(found, labels_of(found), colours, strict=False):
        name = "" if len(found) == 1 else f", {label}"
        lowest = min(lowest, _draw(ax, item, name, colour, lone=len(found) == 1))
    ax.axhline(
        LIMIT, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), label="closure to be kept, 0.5 %"
    )
    start = 10.0 ** np.floor(np.log10(lowest) - 1e-9)
    ax.set_ylim(min(_HIGHEST_START, max(float(start), 0.5 * _FLOOR)), 1.0)
    ax.set_ylabel("Relative error")
    ends = [item.frequency[[0, -1]] for item in found]
    frequency_axis(ax, np.array([min(e[0] for e in ends), max(e[1] for e in ends)]))
    figure.legend(
        *ax.get_legend_handles_labels(),
        loc="outside lower center",
        ncols=3 if len(found) == 1 else 1,
    )
    return figure


def _draw(ax: Any, item: Any, name: str, colour: str, *, lone: bool) -> float:
    """Both curves of one solution; the lowest value drawn."""
    mhz, marks = item.frequency / 1e6, mark_points(item.frequency)
    closure = np.maximum(item.quality.power_closure, _FLOOR)
    ax.semilogy(mhz, closure, color=colour, label=f"power closure{name}", **marks)
    if item.quality.z_error is None:
        return float(closure.min())
    error = np.maximum(item.quality.z_error, _FLOOR)
    other = VERMILION if lone else colour
    style = "-" if lone else "--"
    ax.semilogy(mhz, error, style, color=other, label=f"estimated |dZ|/|Z|{name}", **marks)
    return float(min(closure.min(), error.min()))
