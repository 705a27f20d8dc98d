"""Surface or wire current, seen from above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .style import GREY, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_RANGE_DB = 40.0  # colours span this much below the largest density


@styled
def plot_current(solution: Any, frequency: float | None = None, port: int = 1) -> Figure:
    """|J| per ampere at the port at one solved frequency (Hz), on triangles or wires.

    Arrows: the current at the phase of its largest value, not to scale.
    """
    if frequency is None:
        frequency = float(solution.frequency[solution.frequency.size // 2])
    current = solution.currents(frequency, port=port)
    magnitude = np.sqrt((np.abs(current.density) ** 2).sum(axis=1))
    peak = float(np.percentile(magnitude, 99.5)) or 1.0
    figure = new_figure(height=3.4)
    ax = figure.add_subplot()
    surface = current.triangles is not None and current.vertices is not None
    mappable = (_triangles if surface else _wires)(ax, current, magnitude, peak)
    _arrows(ax, current, magnitude)
    bar = figure.colorbar(mappable, ax=ax, pad=0.02, shrink=0.9)
    bar.set_label("Surface current (A/m per A)" if surface else "Current (A per A)")
    bar.outline.set_visible(False)
    ax.set_aspect("equal")
    ax.autoscale_view()
    _frame(ax)
    ax.set_xlabel("x, East (m)")
    ax.set_ylabel("y, North (m)")
    ax.set_title(f"{solution.problem.layout.name}, {frequency / 1e6:g} MHz, port {port}")
    return figure


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
    lines = LineCollection(
        current.segments[:, :, :2],
        cmap="viridis",
        norm=_norm(magnitude, peak, False),
        linewidths=3.0,
        capstyle="round",
    )
    lines.set_array(magnitude)
    ax.add_collection(lines)
    return lines


def _arrows(ax: Any, current: Any, magnitude: Any) -> None:
    """A few arrows where the current is strong."""
    total = current.density.reshape(-1)
    phase = np.angle(np.sum(total**2)) / 2.0  # the phase in which most of the current flows
    real = np.real(current.density * np.exp(-1j * phase))
    strong = np.flatnonzero(magnitude > 0.1 * magnitude.max())
    if strong.size == 0:
        return
    span = float(np.ptp(current.position[:, :2], axis=0).max()) or 1.0
    cell = np.round(current.position[strong, :2] / (span / 14.0)).astype(int)
    _, first = np.unique(cell, axis=0, return_index=True)
    chosen = strong[first]
    length = np.linalg.norm(real[chosen, :2], axis=1)
    keep = length > 0.05 * magnitude.max()
    chosen, length = chosen[keep], length[keep]
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
