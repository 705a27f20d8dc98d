"""Compact pictures that objects show of themselves in a notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import BAND_HIGH, BAND_LOW, FloatArray
from ..errors import InputError
from .efficiency import draw_efficiency, draw_realised
from .pattern import compass, draw_cut, middle, shared_frequencies, spread_frequencies
from .s11 import draw_s11
from .save import figure_bytes
from .smith import draw_trace, smith_axes
from .style import BLUE, frequency_axis, new_figure, ohms, solutions, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 110.0

# What each kind of object shows of itself: module of this folder, function of the object.
_FIGURES = {
    "Array": ("array", "plot_array_layout"),
    "ArraySolution": ("array", "plot_array"),
    "Arrangement": ("arrangement", "plot_arrangement"),
    "Layout": ("layout", "plot_layout"),
    "Stack": ("soil", "plot_stack"),
    "Solution": ("notebook", "plot_solution"),
    "Measurement": ("notebook", "plot_measurement"),
    "Comparison": ("compare", "plot_comparison"),
    "Inversion": ("inversion", "plot_inversion"),
    "Bound": ("bound", "plot_bound"),
    "NoiseBudget": ("sky", "plot_noise"),
    "AntennaTemperature": ("chromaticity", "plot_antenna_temperature"),
    "Chromaticity": ("chromaticity", "plot_chromaticity"),
    "ToleranceReport": ("tolerance", "plot_tolerance"),
}


def picture(thing: object) -> bytes:
    """PNG bytes, at screen resolution, of what ``thing`` shows of itself.

    Raises :class:`InputError` for an object that no figure is made for.
    """
    kinds = [kind.__name__ for kind in type(thing).__mro__ if kind.__name__ in _FIGURES]
    if not kinds:
        raise InputError(
            f"a {type(thing).__name__} has no picture of its own; those that have one are "
            f"{', '.join(_FIGURES)}"
        )
    module, name = _FIGURES[kinds[0]]
    make = getattr(importlib.import_module(f".{module}", __package__), name)
    return figure_bytes(make(thing), "png", _DPI)


@styled
def plot_solution(items: Any, z0: complex = 100.0, port: int = 1) -> Figure:
    """|S11|, efficiency and the two pattern cuts in one figure, of one solution or several."""
    found = solutions(items)
    lone, half = len(found) == 1, not any(i.problem.stack.is_free_space for i in found)
    figure = new_figure(9.2, 3.4 if lone else 4.4)
    parts: Any = figure.subfigures(1, 3, width_ratios=(1.0, 1.05, 1.0))
    first, second, third = parts
    ax = first.add_subplot()
    draw_s11(ax, found, z0, port, legend=False)
    handles, labels = ax.get_legend_handles_labels()
    if lone:
        ax.set_title(found[0].problem.layout.name)
    else:
        first.legend(handles, labels, loc="outside lower center", fontsize=7.5)
    ax = second.add_subplot()
    if lone:
        draw_efficiency(ax, found[0], z0, port, legend=False)
        problem = found[0].problem
        on = f"{'over' if problem.height > 0.0 else 'on'} {problem.stack.name}"
        ax.set_title(on if half else "in free space")
    else:
        draw_realised(ax, found, z0, port)
    handles, labels = ax.get_legend_handles_labels()
    of_lines = slice(None) if lone else slice(-2, None)  # the designs are named beside
    second.legend(
        handles[of_lines],
        labels[of_lines],
        loc="outside lower center",
        ncols=1 + lone,
        fontsize=7.5,
    )
    frequencies = shared_frequencies(found, None, 10**6)
    frequencies = _pattern_frequencies(frequencies, 3 if lone else 1)
    lines: list[Any] = []
    shape = (2, 1) if half else (1, 2)
    for number, azimuth in enumerate((0.0, 90.0), start=1):
        ax = third.add_subplot(*shape, number, projection="polar")
        lines = draw_cut(ax, found, frequencies, azimuth, port)
        title = f"{compass(azimuth)} to {compass(azimuth + 180.0)}, directivity (dBi)"
        ax.set_title(title, pad=2 if half else 8)
        ax.tick_params(labelsize=7)
    third.legend(handles=lines, loc="outside lower center", ncols=3 if lone else 1, fontsize=7.5)
    return figure


def _pattern_frequencies(frequency: FloatArray, count: int) -> FloatArray:
    """``count`` of those in the band of the antenna, where any are."""
    inside = frequency[(frequency >= BAND_LOW * 0.999) & (frequency <= BAND_HIGH * 1.001)]
    chosen = inside if inside.size else frequency
    return np.array([middle(chosen)]) if count == 1 else spread_frequencies(chosen, count)


@styled
def plot_measurement(measurement: Any) -> Figure:
    """|S11| and Smith chart at the measurement's own reference."""
    z0 = complex(measurement.z0)
    figure = new_figure(7.6, 3.4)
    left, right = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
    draw_s11(left, measurement, z0, legend=False)
    left.set_title(f"{measurement.name} ({measurement.kind}), {ohms(z0)}")
    frequency_axis(left, measurement.frequency)
    left.set_ylim(top=max(0.5, float(20.0 * np.log10(np.abs(measurement.s11()).max())) + 0.5))
    smith_axes(right, z0)
    draw_trace(right, measurement.frequency, measurement.s11(), ends=True, color=BLUE)
    return figure
