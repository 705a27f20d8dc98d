"""How far a solution can be trusted: closure of the power balance and estimated error of Z."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import BLUE, GREY, VERMILION, frequency_axis, mark_points, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FLOOR = 1e-10  # values below are drawn here
_HIGHEST_START = 1e-6  # the axis starts here, or lower where the data do
LIMIT = 0.005  # closure that the project asks of its solvers


@styled
def plot_balance(solution: Any) -> Figure:
    """Power closure and, where the solver gives one, the error of Z, both relative."""
    figure = new_figure(height=2.7)
    ax = figure.add_subplot()
    mhz, marks = solution.frequency / 1e6, mark_points(solution.frequency)
    closure = np.maximum(solution.quality.power_closure, _FLOOR)
    lowest = float(closure.min())
    ax.semilogy(mhz, closure, color=BLUE, label="power closure", **marks)
    if solution.quality.z_error is not None:
        error = np.maximum(solution.quality.z_error, _FLOOR)
        lowest = min(lowest, float(error.min()))
        ax.semilogy(mhz, error, color=VERMILION, label="estimated |dZ|/|Z|", **marks)
    ax.axhline(LIMIT, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), label="0.5 %")
    start = 10.0 ** np.floor(np.log10(lowest) - 1e-9)
    ax.set_ylim(min(_HIGHEST_START, max(float(start), 0.5 * _FLOOR)), 1.0)
    ax.set_ylabel("Relative error")
    frequency_axis(ax, solution.frequency)
    ax.legend(loc="upper right", ncols=3)
    return figure
