"""Where the power goes: sky, ground, metal, film, and what the source can deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import (
    BLACK,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    frequency_axis,
    new_figure,
    ohms,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARES = (
    ("sky", SKY, "radiated to the sky"),
    ("ground", ORANGE, "lost in the ground"),
    ("metal", GREY, "lost in the metal"),
    ("film", PURPLE, "lost in the film"),
    ("coupled", "#009E73", "in the other ports"),
)


def draw_efficiency(
    ax: Any,
    solution: Any,
    z0: complex = 100.0,
    port: int = 1,
    terminated: complex | None = None,
    legend: bool = True,
) -> None:
    """Stacked shares of the accepted power; lines: mismatch and realised efficiency."""
    result = solution.efficiency(z0, port=port, terminated=terminated)
    mhz = solution.frequency / 1e6
    shown = [
        (name, colour, text)
        for name, colour, text in SHARES
        if name == "sky" or np.max(np.abs(getattr(result, name))) > 1e-4
    ]
    if solution.problem.stack.is_free_space:
        shown = [item for item in shown if item[0] != "ground"]
    if mhz.size > 1:
        ax.stackplot(
            mhz,
            [100.0 * np.clip(getattr(result, name), 0.0, None) for name, _, _ in shown],
            colors=[colour for _, colour, _ in shown],
            labels=[text for _, _, text in shown],
            alpha=0.75,
            linewidth=0.0,
        )
    ax.plot(
        mhz,
        100.0 * result.mismatch,
        color=VERMILION,
        ls="--",
        label=f"mismatch, {ohms(z0)}",
        lw=1.4,
    )
    ax.plot(mhz, 100.0 * result.realised, color=BLACK, label="realised = mismatch · sky")
    missing = 1.0 - result.total
    if mhz.size > 1 and np.abs(missing).max() > 0.005:
        ax.fill_between(
            mhz,
            100.0 * np.clip(result.total, 0.0, 1.0),
            100.0,
            facecolor="white",
            edgecolor=VERMILION,
            hatch="////",
            linewidth=0.0,
            label="balance not closed",
        )
    ax.set_ylim(0.0, 100.0)
    ax.set_ylabel("Share of power (%)")
    ax.grid(False)
    frequency_axis(ax, solution.frequency)
    if legend:
        handles, texts = ax.get_legend_handles_labels()
        ax.figure.legend(handles, texts, loc="outside lower center", ncols=3)


@styled
def plot_efficiency(
    solution: Any, z0: complex = 100.0, port: int = 1, terminated: complex | None = None
) -> Figure:
    """One figure of the efficiency budget."""
    figure = new_figure(height=4.0)
    draw_efficiency(figure.add_subplot(), solution, z0, port, terminated)
    return figure
