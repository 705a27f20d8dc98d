"""Where the power goes: sky, ground, metal, film, and what the source can deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import labels_of
from .style import (
    BLACK,
    CYCLE,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    frequency_axis,
    new_figure,
    ohms,
    solutions,
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
_NEARLY_ALL = 0.9  # sky share above which losses are drawn as lines
_FLOOR = 1e-6  # shares below are no line
# Areas and lines are shares of two different powers, which the axis has to say.
_AXIS_SHARES = "Areas: of accepted power (%)\nLines: of available power (%)"
_AXIS_LOSSES = "Losses: of accepted power (%)\nOther lines: of available power (%)"


def draw_efficiency(
    ax: Any,
    solution: Any,
    z0: complex = 100.0,
    port: int = 1,
    terminated: complex | None = None,
    legend: bool = True,
) -> None:
    """Where the power goes: stacked shares, or lines where nearly all of it reaches the sky.

    Stacked: shares of the accepted power; lines: mismatch and realised efficiency.  Where the sky
    has 90 % everywhere (free space, a metal plane) a stack would be one block: then each loss is a
    line on a logarithmic axis, the reflected share of the available power among them.
    """
    result = solution.efficiency(z0, port=port, terminated=terminated)
    if solution.frequency.size > 1 and float(result.sky.min()) >= _NEARLY_ALL:
        _draw_losses(ax, solution, result, z0)
    else:
        _draw_shares(ax, solution, result, z0)
    frequency_axis(ax, solution.frequency)
    if legend:
        handles, texts = ax.get_legend_handles_labels()
        ax.figure.legend(handles, texts, loc="outside lower center", ncols=3)


def _present(solution: Any, result: Any, least: float) -> list[tuple[str, str, str]]:
    """Shares other than the sky's that reach ``least`` somewhere."""
    space = solution.problem.stack.is_free_space
    return [
        (name, colour, text)
        for name, colour, text in SHARES[1:]
        if np.max(np.abs(getattr(result, name))) > least and not (space and name == "ground")
    ]


def _draw_losses(ax: Any, solution: Any, result: Any, z0: complex) -> None:
    mhz = solution.frequency / 1e6
    reflected = 100.0 * np.clip(1.0 - result.mismatch, _FLOOR, None)
    ax.semilogy(mhz, reflected, color=VERMILION, ls="--", label=f"reflected, {ohms(z0)}")
    lowest = float(reflected.min())
    for name, colour, text in _present(solution, result, _FLOOR):
        share = 100.0 * np.clip(getattr(result, name), _FLOOR, None)
        lowest = min(lowest, float(share.min()))
        ax.semilogy(mhz, share, color=colour, label=text)
    ax.semilogy(mhz, 100.0 * result.realised, color=BLACK, label="realised = mismatch · sky")
    ax.axhline(10.0, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    ax.set_ylim(min(1.0, 10.0 ** np.floor(np.log10(lowest))), 130.0)
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_ylabel(_AXIS_LOSSES)


def _draw_shares(ax: Any, solution: Any, result: Any, z0: complex) -> None:
    mhz = solution.frequency / 1e6
    shown = [SHARES[0], *_present(solution, result, 1e-4)]
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
    ax.set_ylabel(_AXIS_SHARES)
    ax.grid(False)


def draw_realised(ax: Any, items: list[Any], z0: complex, port: int) -> None:
    """Several designs: realised efficiency as a line, the sky's share of accepted power dashed."""
    colours = CYCLE * len(items)
    for item, label, colour in zip(items, labels_of(items), colours, strict=False):
        result, mhz = item.efficiency(z0, port=port), item.frequency / 1e6
        ax.plot(mhz, 100.0 * result.realised, color=colour, label=label)
        ax.plot(mhz, 100.0 * result.sky, color=colour, ls="--", lw=1.0)
    ax.plot([], [], color=GREY, ls="-", label=f"realised, of available power, {ohms(z0)}")
    ax.plot([], [], color=GREY, ls="--", lw=1.0, label="to the sky, of accepted power")
    ends = [item.frequency[[0, -1]] for item in items]
    frequency_axis(ax, np.array([min(e[0] for e in ends), max(e[1] for e in ends)]))
    ax.set_ylim(0.0, 100.0)
    ax.set_ylabel("Share of power (%)")


@styled
def plot_efficiency(
    items: Any, z0: complex = 100.0, port: int = 1, terminated: complex | None = None
) -> Figure:
    """The efficiency budget of a solution; of several, sky and realised efficiency over each other.

    terminated: ohm that end the other ports; of a lone solution.
    """
    found = solutions(items)
    figure = new_figure(height=4.0)
    ax = figure.add_subplot()
    if len(found) == 1:
        draw_efficiency(ax, found[0], z0, port, terminated)
        return figure
    draw_realised(ax, found, z0, port)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
