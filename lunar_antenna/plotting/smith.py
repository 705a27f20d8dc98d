"""The Smith chart, drawn from its circles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import ComplexArray, FloatArray
from .labels import labels_of
from .style import CYCLE, GREY, PALE, as_list, new_figure, ohms, smooth_s11, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MINUS = "\N{MINUS SIGN}"
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
            text = f"+{x:g}j" if sign > 0 else f"{MINUS}{x:g}j"
            ax.text(end.real, end.imag, text, color=GREY, size=6.5, ha="center", va="center")
    ax.plot([-1.0, 1.0], [0.0, 0.0], color=PALE, linewidth=0.7, zorder=1)
    ax.set_title(f"Smith chart, {ohms(z0)}", pad=4)


def draw_trace(
    ax: Any, frequency: FloatArray, gamma: ComplexArray, *, ends: bool = False, **style: Any
) -> None:
    """One reflection on a Smith chart; ``ends`` marks the first and the last frequency."""
    ax.plot(gamma.real, gamma.imag, **style)
    if not ends:
        return
    colour = style.get("color", GREY)
    for index, face in ((0, colour), (-1, "white")):
        ax.plot(gamma[index].real, gamma[index].imag, "o", color=colour, mfc=face, ms=5, zorder=5)
    if "(dot)" not in ax.get_title():
        low, high = frequency[0] / 1e6, frequency[-1] / 1e6
        title = f"{ax.get_title()}\n{low:g} MHz (dot) to {high:g} MHz (ring)"
        ax.set_title(title, pad=4, size=8.5)


@styled
def plot_smith(items: Any, z0: complex = 100.0, port: int = 1) -> Figure:
    """Reflections of solutions or measurements on one chart."""
    items = as_list(items)
    figure = new_figure(4.6, 4.8)
    ax = figure.add_subplot()
    smith_axes(ax, z0)
    for item, label, colour in zip(items, labels_of(items), CYCLE * len(items), strict=False):
        frequency, gamma = smooth_s11(item, z0, port)
        first = item is items[0]
        draw_trace(ax, frequency, gamma, ends=first, color=colour, label=label)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center")
    return figure
