"""What no antenna of a footprint exceeds, and how near designs come to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import kind, shown
from ..errors import InputError
from .style import BLACK, CYCLE, GREY, frequency_axis, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAMES = {
    "sky_share": "Power to the sky (% of accepted)",
    "efficiency": "Radiation efficiency (%)",
    "gain": "Gain (dBi)",
    "realised_sky": "Power to the sky (% of available)",
    "realised_gain": "Realised gain (dBi)",
}


def _designs(given: Any, count: int) -> dict[str, Any]:
    """Curves by name; :class:`InputError` for what is no number at each frequency of the bound."""
    if given is None:
        return {}
    kind("designs", given, Mapping, "a table of name = values at the bound's frequencies")
    found = {}
    for name, values in given.items():
        try:
            found[str(name)] = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            found[str(name)] = np.array([])
        if found[str(name)].shape != (count,):
            raise InputError(f"designs: {name} is {shown(values)}; give {count} values")
    return found


def draw_bound(ax: Any, bound: Any, designs: Mapping[str, Any] | None = None) -> None:
    """The bound with its error as a band; designs: name -> values (n,) at its frequencies."""
    mhz = bound.frequency / 1e6
    gain = bound.quantity.direction is not None

    def shown(values: Any) -> Any:
        return 10.0 * np.log10(np.maximum(values, 1e-9)) if gain else 100.0 * np.asarray(values)

    ax.plot(mhz, shown(bound.value), color=BLACK, lw=1.8, label="no antenna exceeds")
    ax.fill_between(
        mhz, shown(bound.value), shown(bound.upper), color=GREY, alpha=0.3, lw=0.0,
        label="error of its mesh",
    )  # fmt: skip
    for (name, values), colour in zip(_designs(designs, mhz.size).items(), CYCLE, strict=False):
        ax.plot(mhz, shown(values), color=colour, marker="o" if mhz.size == 1 else None, label=name)
    if not gain:
        ax.set_ylim(bottom=0.0)
    ax.set_ylabel(NAMES[bound.quantity.name])
    frequency_axis(ax, bound.frequency)
    ax.legend(loc="best")


def draw_current(ax: Any, bound: Any, index: int) -> None:
    """Size of the best current over the footprint, A/m for one watt accepted."""
    size = np.linalg.norm(bound.current[index], axis=1)
    x, y = bound.vertices.T
    drawn = ax.tripcolor(x, y, bound.triangles, facecolors=size, cmap="viridis", rasterized=True)
    ax.set_aspect("equal")
    ax.set_title(f"{bound.frequency[index] / 1e6:g} MHz")
    ax.grid(False)
    ax.figure.colorbar(drawn, ax=ax, label="|J| (A/m at 1 W)", shrink=0.8)


@styled
def plot_bound(bound: Any, designs: Mapping[str, Any] | None = None) -> Figure:
    """The bound over frequency beside the currents that reach it at the ends of the band."""
    figure = new_figure(9.6, 3.4)
    parts: Any = figure.subfigures(1, 2, width_ratios=(1.1, 1.0))
    left, right = parts
    ax = left.add_subplot()
    draw_bound(ax, bound, designs)
    ax.set_title(f"{_size(bound)} on {bound.problem.stack.name}")
    ends = sorted({0, bound.frequency.size - 1})
    for number, index in enumerate(ends, 1):
        draw_current(right.add_subplot(len(ends), 1, number), bound, index)
    return figure


def _size(bound: Any) -> str:
    x0, y0, x1, y1 = bound.footprint.bounds
    return f"{x1 - x0:.4g} m x {y1 - y0:.4g} m"
