"""Feature selective validation of a pair: point by point, and as confidence histograms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import InputError
from ..measurement.fsv import BOUNDS, GRADES, MIN_POINTS, Fsv, grade_of
from .style import BLACK, BLUE, GREY, PALE, VERMILION, frequency_axis, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..measurement.compare import Pair

MEASURES = (("adm", "ADM (level)", BLUE), ("fdm", "FDM (features)", VERMILION),
            ("gdm", "GDM (both)", BLACK))  # fmt: skip
_WORD = 0.07  # of the upper axis: the height of a word


@styled
def plot_fsv(pair: Pair) -> Figure:
    """ADM, FDM and GDM of |S11| in dB against frequency, and how many points are in each class.

    Raises :class:`InputError` for a pair with fewer than 32 common points.
    """
    result = pair.fsv
    if result is None:
        raise InputError(
            f"FSV needs {MIN_POINTS} common points, this pair has {pair.frequency.size}; "
            "measure or compare a wider band"
        )
    figure = new_figure(7.6, 4.6)
    grid = figure.add_gridspec(2, 3, height_ratios=(1.35, 1.0))
    _points(figure.add_subplot(grid[0, :]), result)
    for column, (name, label, colour) in enumerate(MEASURES):
        ax = figure.add_subplot(grid[1, column])
        _histogram(ax, result, name, label, colour)
        if column:
            ax.set_yticklabels([])
    figure.suptitle(
        f"FSV of |S11| in dB: {pair.simulation_name} against {pair.measurement_name}",
        size=9.5, x=0.01, ha="left",
    )  # fmt: skip
    return figure


def _points(ax: Any, result: Fsv) -> None:
    for name, label, colour in MEASURES:
        values = getattr(result, f"{name}_points")
        mean = getattr(result, name)
        ax.plot(result.x / 1e6, values, color=colour, label=f"{label}, mean {mean:.3f}", lw=1.2)
    top = 1.1 * max(float(result.gdm_points.max()), BOUNDS[0])
    ax.set_ylim(0.0, top)
    for bound, word in named_bounds(top):
        ax.axhline(bound, color=GREY, linewidth=0.7, linestyle=(0, (4, 3)), zorder=1)
        beside = ax.get_yaxis_transform()
        ax.text(1.005, bound, word, va="top", size=7, color=GREY, transform=beside)
    ax.set_ylabel("Difference measure")
    frequency_axis(ax, result.x)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, frameon=False)


def named_bounds(top: float) -> list[tuple[float, str]]:
    """Upper bounds of the grades on an axis from 0 to ``top``, and their words.

    A line without a word where it would stand on that of the line above it.
    """
    found: list[tuple[float, str]] = []
    free = np.inf
    for bound, word in reversed(list(zip(BOUNDS, GRADES, strict=False))):
        if bound < top:
            room = free - bound >= _WORD * top
            found.append((bound, word if room else ""))
            free = bound if room else free
    return found[::-1]


def _histogram(ax: Any, result: Fsv, name: str, label: str, colour: str) -> None:
    place = np.arange(len(GRADES))
    ax.barh(place, 100.0 * result.histogram(name), color=colour, height=0.7)
    ax.set_yticks(place, GRADES, size=7.5)
    ax.invert_yaxis()
    ax.set_xlim(0.0, 100.0)
    ax.set_xlabel("points (%)")
    grade, spread = result.grade_spread(name)
    word = grade_of(getattr(result, name))
    ax.set_title(f"{label}: {word}\ngrade {grade}, spread {spread}", size=8.5)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=PALE)
