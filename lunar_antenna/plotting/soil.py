"""eps_r and loss tangent of a soil stack against depth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import number
from ..conventions import FloatArray
from ..errors import InputError
from ..media.layer import Stack
from .style import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = ("#1f5a94", "#b5482a")  # eps_r, loss tangent
_HALF_SPACE_SHOWN = 1.0  # m, where no interface sets a depth
_LINEAR_RANGE = 60.0  # deepest over uppermost interface, up to which depth is drawn linearly
_MOST_LINES = 60  # interfaces drawn one by one


def plot_stack(stack: Stack, frequency: float = 15e6) -> Figure:
    """Figure with eps_r and the effective loss tangent at ``frequency`` (Hz) against depth.

    The effective loss tangent -Im eps/Re eps holds the conductivity.  Where layers of
    centimetres lie over metres, depth is linear down to the first interface and logarithmic
    below.  The last layer goes on below the figure; a perfect conductor is hatched.
    """
    if not isinstance(stack, Stack):
        raise InputError(f"stack is {type(stack).__name__}; give la.load_soil(...) or a Stack")
    frequency = number("frequency", frequency, low=1e3, high=1e12, unit="Hz")
    figure = new_figure(7.2, 4.8)
    if stack.is_free_space:
        _no_soil(figure, stack)
        return figure
    left, right = figure.subplots(1, 2, sharey=True)
    edges, bottom = _edges(stack)
    count = len(stack.layers) - stack.has_conductor
    eps = stack.complex_eps_r(np.array([frequency]))[:count, 0]
    tan = -eps.imag / eps.real
    _panel(left, edges[: count + 1], eps.real, _COLOURS[0])
    _panel(right, edges[: count + 1], tan, _COLOURS[1])
    left.set_xlim(1.0, 1.0 + 1.15 * max(float(np.max(eps.real, initial=1.0)) - 1.0, 1.0))
    right.locator_params(axis="x", nbins=5)
    right.set_xlim(0.0, 1.15 * float(np.max(tan, initial=0.0)) or 0.01)
    left.set_xlabel(r"relative permittivity $\varepsilon_r$")
    right.set_xlabel(rf"effective loss tangent at {frequency / 1e6:g} MHz")
    left.set_ylabel("depth below surface (m)")
    _depth_axis(left, edges, bottom)
    _last_layer((left, right), stack, edges, bottom)
    figure.suptitle(_title(stack))
    return figure


def _title(stack: Stack) -> str:
    count = len(stack.layers) - 1
    if count == 0:
        return f"{stack.name}: " + ("perfect conductor" if stack.has_conductor else "half-space")
    below = "a perfect conductor" if stack.has_conductor else "a half-space"
    return f"{stack.name}: {count} layer{'s' if count > 1 else ''} over {below}"


def _no_soil(figure: Figure, stack: Stack) -> None:
    axes = figure.subplots()
    axes.set_axis_off()
    axes.axhline(0.5, color="0.7", linewidth=0.8, linestyle=":")
    axes.text(
        0.5,
        0.52,
        "no soil: free space above and below z = 0",
        ha="center",
        va="bottom",
        fontsize=13,
        transform=axes.transAxes,
    )
    axes.set_ylim(0.0, 1.0)
    figure.suptitle(stack.name)


def _edges(stack: Stack) -> tuple[FloatArray, float]:
    """Depths of all layer edges, the figure's lower end last (n_layers + 1,); that end."""
    depths = stack.depths
    deepest = float(depths[-1])
    end = deepest * (1.3 if _is_linear(depths) else 3.0) or _HALF_SPACE_SHOWN
    return np.append(depths, end), end


def _is_linear(depths: FloatArray) -> bool:
    inside = depths[depths > 0.0]
    return inside.size == 0 or float(inside.max() / inside.min()) <= _LINEAR_RANGE


def _panel(axes: Any, edges: FloatArray, values: FloatArray, colour: str) -> None:
    if values.size == 0:
        return
    depth = np.repeat(edges, 2)[1:-1]
    value = np.repeat(values, 2)
    axes.fill_betweenx(depth, 0.0, value, color=colour, alpha=0.12, linewidth=0)
    if edges.size <= _MOST_LINES:
        for edge in edges[1:-1]:
            axes.axhline(edge, color="0.75", linewidth=0.5)
    axes.plot(value, depth, color=colour, linewidth=1.8)
    if values.size == 1:
        axes.text(
            float(values[0]),
            0.5 * float(edges[1]),
            f"{values[0]:.3g}  ",
            color=colour,
            ha="right",
            va="center",
            fontsize=12,
        )


def _depth_axis(axes: Any, edges: FloatArray, bottom: float) -> None:
    interfaces = edges[:-1]
    if not _is_linear(interfaces):
        threshold = _round_down(float(interfaces[1]))
        axes.set_yscale("symlog", linthresh=threshold, linscale=0.4)
        ticks = [0.0]
        decade = 10.0 ** math.floor(math.log10(threshold))
        while decade <= bottom:
            ticks += [k * decade for k in (1, 2, 5) if threshold <= k * decade <= bottom]
            decade *= 10.0
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    axes.set_ylim(bottom, 0.0)


def _round_down(value: float) -> float:
    """Largest of 1, 2, 5 times a power of ten not above value."""
    decade = 10.0 ** math.floor(math.log10(value))
    return next(k * decade for k in (5, 2, 1, 0.5) if k * decade <= value * (1.0 + 1e-9))


def _last_layer(panels: tuple[Any, Any], stack: Stack, edges: FloatArray, bottom: float) -> None:
    for axes in panels:
        if stack.has_conductor:
            axes.axhspan(
                float(edges[-2]),
                bottom,
                facecolor="0.9",
                edgecolor="0.4",
                hatch="///",
                linewidth=0.8,
            )
            text = "perfect conductor"
        else:
            text = "half-space, goes on below"
        axes.text(
            0.03,
            0.025,
            text,
            transform=axes.transAxes,
            fontsize=9,
            color="0.25",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85},
        )
