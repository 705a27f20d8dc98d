"""Noise at the receiver: what comes from the sky and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION, new_figure, styled
from .style import frequency_axis as label_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PARTS = (
    ("sky", "sky", BLUE),
    ("moon", "ground", ORANGE),
    ("loss", "metal and film", GREEN),
    ("other", "other ports", PURPLE),
    ("receiver", "receiver", VERMILION),
)


@styled
def plot_noise(budget: Any) -> Figure:
    """Noise voltages at the receiver's input and V^2_sky/V^2_rx of a NoiseBudget."""
    from ..sky.temperature import SKY_LIMITED

    figure = new_figure(height=3.1)
    left, right = figure.subplots(1, 2)
    mhz = budget.frequency / 1e6
    for name, label, colour in _PARTS:
        values = getattr(budget, name)
        if np.any(values > 0.0):
            left.semilogy(mhz, 1e9 * np.sqrt(values), color=colour, label=label)
    left.semilogy(mhz, 1e9 * np.sqrt(budget.total), color=BLACK, ls=":", label="total")
    left.set_ylabel("Noise voltage (nV/√Hz)")
    figure.legend(loc="outside lower center", ncols=6)
    right.semilogy(mhz, budget.ratio, color=BLUE)
    right.axhline(SKY_LIMITED, color=GREY, ls="--", lw=1.0)
    right.text(
        0.98,
        SKY_LIMITED,
        "sky-limited above",
        transform=right.get_yaxis_transform(),
        ha="right",
        va="bottom",
        fontsize=7.5,
        color=GREY,
    )
    right.set_ylabel("Sky over receiver, mean square")
    for ax in (left, right):
        label_frequency(ax, budget.frequency)
    return figure
