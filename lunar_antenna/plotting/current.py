"""Surface or wire current, seen from above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .labels import labels_of
from .pattern import middle, shared_frequencies
from .style import GREY, new_figure, solutions, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RANGE_DB = 30.0  # colours span this much below the density that 2 % of the metal exceed

_ARROWS = 17.0  # squares along the antenna, an arrow in each


@styled
def plot_current(items: Any, frequency: float | None = None, port: int = 1) -> Figure:
    """|J| per ampere at the port at one frequency (Hz), on triangles or wires.

    Several solutions stand above each other, each with its own colours.  Arrows: the current at the
    phase of its largest value, not to scale.
    """
    found = solutions(items)
    if frequency is None:
        frequency = middle(shared_frequencies(found, None, 10**6))
    heights = [_height(item.problem.layout) for item in found]
    figure = new_figure(height=sum(heights))
    axes = figure.subplots(len(found), 1, squeeze=False, height_ratios=heights)[:, 0]
    for ax, item, label in zip(axes, found, labels_of(found), strict=True):
        _draw(ax, item, frequency, port)
        name = item.problem.layout.name if len(found) == 1 else label
        ax.set_title(f"{name}, {frequency / 1e6:.4g} MHz, port {port}")
    return figure


def _height(layout: Any) -> float:
    """Inches: the layout's own proportions across the width, title and axis included."""
    x0, y0, x1, y1 = layout.bounds
    return float(np.clip(1.0 + 4.6 * (y1 - y0) / max(x1 - x0, 1e-12), 2.6, 4.6))


def _draw(ax: Any, solution: Any, frequency: float, port: int) -> None:
    current = solution.currents(frequency, port=port)
    magnitude = np.sqrt((np.abs(current.density) ** 2).sum(axis=1))
    weight = _weight(current)
    peak = _percentile(magnitude, weight, 0.98) or float(magnitude.max()) or 1.0
    surface = current.triangles is not None and current.vertices is not None
    mappable = (_triangles if surface else _wires)(ax, current, magnitude, peak)
    _arrows(ax, current, magnitude, 0.5 * _percentile(magnitude, weight, 0.5))
    bar = ax.figure.colorbar(mappable, ax=ax, pad=0.02, shrink=0.9)
    bar.set_label("Surface current (A/m per A)" if surface else "Current (A per A)")
    bar.outline.set_visible(False)
    _ticks(bar.ax.yaxis, surface)
    ax.set_aspect("equal")
    ax.autoscale_view()
    _frame(ax)
    ax.set_xlabel("x, East (m)")
    ax.set_ylabel("y, North (m)")


def _ticks(axis: Any, logarithmic: bool) -> None:
    """Plain numbers; on a logarithmic bar at 1 and 3 of each decade, so that none touch."""
    from matplotlib.ticker import LogLocator, NullLocator

    if logarithmic:
        axis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
        axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: f"{value:g}")


def _weight(current: Any) -> Any:
    """Area of each triangle or length of each wire, so that fine meshes do not count more."""
    if current.triangles is not None and current.vertices is not None:
        a, b, c = (current.vertices[current.triangles[:, k]] for k in range(3))
        first, second = b - a, c - a
        return 0.5 * np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
    if current.segments is not None:
        return np.linalg.norm(current.segments[:, 1] - current.segments[:, 0], axis=1)
    return np.ones(current.position.shape[0])


def _percentile(values: Any, weight: Any, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(total, share * total[-1])])


def _frame(ax: Any) -> None:
    """Margins, and a frame that is not a slit round a thin strip."""
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    span = max(x1 - x0, y1 - y0)
    for low, high, setter in ((x0, x1, ax.set_xlim), (y0, y1, ax.set_ylim)):
        half = max(0.5 * (high - low), 0.14 * span) + 0.02 * span
        middle = 0.5 * (high + low)
        setter(middle - half, middle + half)


def _norm(magnitude: Any, peak: float, surface: bool) -> Any:
    from matplotlib.colors import LogNorm, Normalize

    if surface:
        return LogNorm(peak * 10.0 ** (-_RANGE_DB / 20.0), peak, clip=True)
    return Normalize(0.0, max(peak, float(magnitude.max())))


def _triangles(ax: Any, current: Any, magnitude: Any, peak: float) -> Any:
    return ax.tripcolor(
        current.vertices[:, 0],
        current.vertices[:, 1],
        current.triangles,
        facecolors=np.maximum(magnitude, 1e-12 * peak),
        cmap="viridis",
        norm=_norm(magnitude, peak, True),
        edgecolors="none",
    )


def _wires(ax: Any, current: Any, magnitude: Any, peak: float) -> Any:
    from matplotlib.collections import LineCollection

    if current.segments is None:
        size = 12.0
        return ax.scatter(
            current.position[:, 0],
            current.position[:, 1],
            c=magnitude,
            s=size,
            cmap="viridis",
            norm=_norm(magnitude, peak, False),
        )
    order = np.argsort(magnitude)  # the strongest on top
    lines = LineCollection(
        current.segments[order, :, :2],
        cmap="viridis",
        norm=_norm(magnitude, peak, False),
        linewidths=3.0,
        capstyle="round",
    )
    lines.set_array(magnitude[order])
    ax.add_collection(lines)
    return lines


def _apart(place: Any, weight: Any, distance: float) -> Any:
    """Indices of some of ``place`` (n, 2), one in the middle of each square, none too near another.

    weight: (n,), what each counts for the middle.  The squares lie symmetrically about the origin,
    and the innermost of two that are too near stays: a symmetric antenna has symmetric arrows.
    """
    _, cell = np.unique(np.round(place / distance), axis=0, return_inverse=True)
    cell = cell.ravel()
    total = np.bincount(cell, weight)
    middle = np.stack([np.bincount(cell, weight * axis) / total for axis in place.T], axis=1)
    off = np.linalg.norm(place - middle[cell], axis=1)
    order = np.lexsort((off, cell))
    chosen = order[np.unique(cell[order], return_index=True)[1]]
    left = chosen[np.argsort(np.round(np.linalg.norm(middle, axis=1) / distance, 3), kind="stable")]
    kept = []
    while left.size:
        kept.append(int(left[0]))
        left = left[np.linalg.norm(place[left] - place[left[0]], axis=1) >= 0.8 * distance]
    return np.array(kept)


def _arrows(ax: Any, current: Any, magnitude: Any, floor: float) -> None:
    """A few arrows where the current is above ``floor``."""
    total = current.density.reshape(-1)
    phase = np.angle(np.sum(total**2)) / 2.0  # the phase in which most of the current flows
    real = np.real(current.density * np.exp(-1j * phase))
    length = np.linalg.norm(real[:, :2], axis=1)
    strong = np.flatnonzero((magnitude > floor) & (length > 0.5 * floor))
    if strong.size == 0:
        return
    place = current.position[:, :2]
    apart = (float(np.ptp(place, axis=0).max()) or 1.0) / _ARROWS
    chosen = strong[_apart(place[strong], _weight(current)[strong], apart)]
    length = length[chosen]
    direction = real[chosen, :2] / length[:, None]
    ax.quiver(
        current.position[chosen, 0],
        current.position[chosen, 1],
        direction[:, 0],
        direction[:, 1],
        color="white",
        edgecolor=GREY,
        linewidth=0.4,
        scale=28.0,
        width=0.004,
        pivot="mid",
        zorder=4,
    )
