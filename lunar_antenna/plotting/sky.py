"""Noise at the receiver: what comes from the sky and what does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    new_figure,
    plain_log,
    styled,
)
from .style import frequency_axis as label_frequency

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {
    "sky": "sky",
    "moon": "ground",
    "loss": "metal and film",
    "other": "other ports",
    "receiver": "receiver",
}
_COLOURS = {"sky": SKY, "moon": ORANGE, "loss": GREEN, "other": PURPLE, "receiver": VERMILION}
_SHADE = "#EAF3FA"


@styled
def plot_noise(budget: Any, threshold: float | None = None) -> Figure:
    """Noise voltages at the receiver's input, shares of a NoiseBudget, and V^2_sky/V^2_rx.

    threshold: of the ratio from which the sky wins; None is 10.  Those bands are shaded.
    """
    from ..sky.temperature import SKY_LIMITED

    limit = SKY_LIMITED if threshold is None else threshold
    figure = new_figure(9.2, 3.3)
    left, middle, right = figure.subplots(1, 3)
    mhz = budget.frequency / 1e6
    shares = {part: share for part, share in budget.shares.items() if np.any(share > 0.0)}
    for part in shares:
        values = getattr(budget, part)
        left.semilogy(mhz, 1e9 * np.sqrt(values), color=_COLOURS[part], label=NAMES[part])
    left.semilogy(mhz, 1e9 * np.sqrt(budget.total), color=BLACK, ls=":", label="total")
    left.set_ylabel("Noise voltage (nV/√Hz)")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=6)
    if mhz.size > 1:
        colours = [_COLOURS[part] for part in shares]
        middle.stackplot(
            mhz, [100.0 * share for share in shares.values()], colors=colours, alpha=0.75, lw=0.0
        )
        middle.grid(False)
    middle.set_ylim(0.0, 100.0)
    middle.set_ylabel("Share of the noise (%)")
    for low, high in budget.sky_limited(limit):
        right.axvspan(low / 1e6, high / 1e6, color=_SHADE, zorder=0)
    right.semilogy(mhz, budget.ratio, color=BLUE)
    right.axhline(limit, color=GREY, ls="--", lw=1.0)
    right.text(
        0.98,
        limit,
        f"sky-limited above {limit:g}",
        transform=right.get_yaxis_transform(),
        ha="right",
        va="bottom",
        fontsize=7.5,
        color=GREY,
    )
    right.set_ylabel("Sky over receiver, mean square")
    for ax in (left, middle, right):
        label_frequency(ax, budget.frequency)
    for ax in (left, right):
        plain_log(ax.yaxis)
    return figure
