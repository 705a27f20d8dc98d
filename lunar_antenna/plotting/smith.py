"""The Smith chart, drawn from its circles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import ComplexArray, FloatArray
from .style import CYCLE, GREY, PALE, as_list, label_of, new_figure, ohms, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

VALUES = (0.2, 0.5, 1.0, 2.0, 5.0)


def smith_axes(ax: Any, z0: complex) -> None:
    """Constant-resistance and constant-reactance circles, labelled in units of ``z0``."""
    from matplotlib.patches import Circle

    ax.set_aspect("equal")
    ax.set_axis_off()
    ax.set_xlim(-1.12, 1.12)
    ax.set_ylim(-1.12, 1.12)
    rim = Circle((0.0, 0.0), 1.0, fill=False, color="#444444", linewidth=1.0)
    ax.add_patch(rim)
    for r in VALUES:
        circle = Circle((r / (1.0 + r), 0.0), 1.0 / (1.0 + r), fill=False, color=PALE, lw=0.7)
        ax.add_patch(circle)
        ax.text(
            (r - 1.0) / (r + 1.0), 0.012, f"{r:g}", color=GREY, size=6.5, ha="center", va="bottom"
        )
    for x in VALUES:
        resistance = np.concatenate((np.linspace(0.0, 2.0, 80), np.geomspace(2.0, 1e3, 80)))
        for sign in (1.0, -1.0):
            z = resistance + 1j * sign * x
            gamma = (z - 1.0) / (z + 1.0)
            ax.plot(gamma.real, gamma.imag, color=PALE, linewidth=0.7, zorder=1)
            end = 1.06 * (1j * sign * x - 1.0) / (1j * sign * x + 1.0)
            text = f"{'+' if sign > 0 else '\u2212'}{x:g}j"
            ax.text(end.real, end.imag, text, color=GREY, size=6.5, ha="center", va="center")
    ax.plot([-1.0, 1.0], [0.0, 0.0], color=PALE, linewidth=0.7, zorder=1)
    ax.set_title(f"Smith chart, {ohms(z0)}", pad=4)


def draw_trace(
    ax: Any, frequency: FloatArray, gamma: ComplexArray, *, ends: bool = False, **style: Any
) -> None:
    """One reflection on a Smith chart; ``ends`` writes the first and last frequency."""
    ax.plot(gamma.real, gamma.imag, **style)
    if not ends:
        return
    colour = style.get("color", GREY)
    for index in (0, -1):
        point = gamma[index]
        ax.plot(point.real, point.imag, "o", color=colour, ms=3.5, zorder=5)
        outward = point / max(abs(point), 0.2)
        ax.annotate(
            f"{frequency[index] / 1e6:g} MHz",
            (point.real, point.imag),
            xytext=(-9.0 * np.sign(outward.real or 1.0), -9.0 * np.sign(outward.imag or 1.0)),
            textcoords="offset points",
            size=7,
            color=colour,
            ha="right" if outward.real > 0 else "left",
            va="center",
            zorder=6,
        )


@styled
def plot_smith(items: Any, z0: complex = 100.0, port: int = 1) -> Figure:
    """Reflections of solutions or measurements on one chart."""
    items = as_list(items)
    figure = new_figure(4.6, 4.8)
    ax = figure.add_subplot()
    smith_axes(ax, z0)
    for item, colour in zip(items, CYCLE * len(items), strict=False):
        draw_trace(
            ax,
            item.frequency,
            item.s11(z0, port=port),
            ends=item is items[0],
            color=colour,
            label=label_of(item),
        )
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center")
    return figure
