"""|S11| in dB against frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.waves import decibel
from .labels import labels_of
from .style import (
    CYCLE,
    GREY,
    as_list,
    frequency_axis,
    mark_points,
    new_figure,
    ohms,
    smooth_s11,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_s11(ax: Any, items: Any, z0: complex = 100.0, port: int = 1, legend: bool = True) -> None:
    """|S11| of solutions or measurements on ``ax``; the -10 dB line is mismatch loss 10 %."""
    items = as_list(items)
    lowest = -12.0
    colours = CYCLE * (1 + len(items) // len(CYCLE))
    for item, label, colour in zip(items, labels_of(items), colours, strict=False):
        frequency, gamma = smooth_s11(item, z0, port)
        values = decibel(gamma)
        lowest = min(lowest, float(values.min()))
        ax.plot(frequency / 1e6, values, color=colour, label=label)
        marks = mark_points(item.frequency)
        if marks:
            solved = decibel(item.s11(z0, port=port))
            ax.plot(item.frequency / 1e6, solved, color=colour, ls="", **marks)
    ax.axhline(-10.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    ax.set_ylim(max(-45.0, 5.0 * np.floor((lowest - 1.0) / 5.0)), 0.5)
    low = min(float(item.frequency[0]) for item in items)
    high = max(float(item.frequency[-1]) for item in items)
    frequency_axis(ax, np.array([low, high]))
    ax.set_ylabel(f"|S11| (dB, {ohms(z0)})")
    if legend:
        ax.legend(loc="best")


@styled
def plot_s11(items: Any, z0: complex = 100.0, port: int = 1) -> Figure:
    """One figure of |S11| for one or several solutions or measurements."""
    figure = new_figure()
    draw_s11(figure.add_subplot(), items, z0, port)
    return figure
