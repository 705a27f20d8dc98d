"""Resistance and reactance against frequency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit.resonance import resonances
from ..conventions import ComplexArray
from ..measurement.record import Measurement
from .labels import labels_of
from .style import CYCLE, GREY, as_list, frequency_axis, mark_points, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def impedance_of(item: Any, port: int = 1) -> ComplexArray:
    """(n,) ohm of a solution (others open) or a measurement."""
    if isinstance(item, Measurement):
        return item.impedance(port)
    return np.asarray(item.input_impedance(port))


def impedance_scales(upper: Any, lower: Any, values: list[ComplexArray]) -> None:
    """Logarithmic axes where a parallel resonance makes the values span too much."""
    every = np.concatenate(values)
    if np.abs(every).max() <= 3e3:
        upper.set_ylim(bottom=min(0.0, float(every.real.min())))
        return
    upper.set_yscale("log")
    positive = every.real[every.real > 0.0]
    upper.set_ylim(max(0.1, 0.7 * float(positive.min())), 1.5 * float(positive.max()))
    lower.set_yscale("symlog", linthresh=100.0)
    limit = min(1e4, 1.3 * float(np.abs(every.imag).max()))
    lower.set_ylim(-limit, limit)
    lower.minorticks_off()


@styled
def plot_impedance(items: Any, port: int = 1) -> Figure:
    """R above X, with the resonances (X = 0) marked."""
    items = as_list(items)
    figure = new_figure(height=4.6)
    upper, lower = figure.subplots(2, 1, sharex=True)
    every = [impedance_of(item, port) for item in items]
    labels = labels_of(items)
    for item, label, z, colour in zip(items, labels, every, CYCLE * len(items), strict=False):
        mhz, marks = item.frequency / 1e6, mark_points(item.frequency)
        upper.plot(mhz, z.real, color=colour, label=label, **marks)
        lower.plot(mhz, z.imag, color=colour, **marks)
        for found in resonances(item.frequency, z):
            face = colour if found.rising else "white"
            lower.plot(found.frequency / 1e6, 0.0, "o", color=colour, mfc=face, ms=5, zorder=4)
    lower.axhline(0.0, color=GREY, linewidth=0.8)
    lower.plot([], [], "o", color=GREY, mfc=GREY, ms=5, ls="", label="series resonance")
    lower.plot([], [], "o", color=GREY, mfc="white", ms=5, ls="", label="parallel resonance")
    impedance_scales(upper, lower, every)
    upper.set_ylabel("Resistance R (Ω)")
    lower.set_ylabel("Reactance X (Ω)")
    low = min(float(item.frequency[0]) for item in items)
    high = max(float(item.frequency[-1]) for item in items)
    frequency_axis(lower, np.array([low, high]))
    upper.legend(loc="best")
    lower.legend(loc="best")
    return figure
