"""Resistance and reactance against frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import ComplexArray
from ..measurement.record import Measurement
from ..measurement.resonance import resonances
from .style import (
    CYCLE,
    GREY,
    as_list,
    frequency_axis,
    label_of,
    mark_points,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def impedance_of(item: Any, port: int = 1) -> ComplexArray:
    """(n,) ohm of a solution (others open) or a measurement."""
    if isinstance(item, Measurement):
        return item.impedance(port)
    return np.asarray(item.input_impedance(port))


def _limits(ax: Any, values: list[Any], low: float | None = None) -> None:
    """A symmetric log axis where the values span too much for a linear one."""
    every = np.concatenate([np.abs(value) for value in values])
    if every.max() > 20.0 * max(np.median(every), 1.0):
        ax.set_yscale("symlog", linthresh=100.0)
        ax.minorticks_off()
    if low is not None:
        ax.set_ylim(bottom=low)


@styled
def plot_impedance(items: Any, port: int = 1) -> Figure:
    """R above X, with the resonances (X = 0) marked."""
    items = as_list(items)
    figure = new_figure(height=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    every = [impedance_of(item, port) for item in items]
    for item, z, colour in zip(items, every, CYCLE * len(items), strict=False):
        mhz, marks = item.frequency / 1e6, mark_points(item.frequency)
        upper.plot(mhz, z.real, color=colour, label=label_of(item), **marks)
        lower.plot(mhz, z.imag, color=colour, **marks)
        for found in resonances(item.frequency, z):
            face = colour if found.rising else "white"
            lower.plot(found.frequency / 1e6, 0.0, "o", color=colour, mfc=face, ms=5, zorder=4)
    lower.axhline(0.0, color=GREY, linewidth=0.8)
    lower.plot([], [], "o", color=GREY, mfc=GREY, ms=5, ls="", label="series resonance")
    lower.plot([], [], "o", color=GREY, mfc="white", ms=5, ls="", label="parallel resonance")
    _limits(upper, [z.real for z in every], 0.0)
    _limits(lower, [z.imag for z in every])
    upper.set_ylabel("Resistance R (Ω)")
    lower.set_ylabel("Reactance X (Ω)")
    low = min(float(item.frequency[0]) for item in items)
    high = max(float(item.frequency[-1]) for item in items)
    frequency_axis(lower, np.array([low, high]))
    upper.legend(loc="best")
    lower.legend(loc="best", ncols=2)
    return figure
