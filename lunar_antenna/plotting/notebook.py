"""Compact pictures that objects show of themselves in a notebook."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from ..conventions import BAND_HIGH, BAND_LOW
from ..errors import InputError
from .efficiency import draw_efficiency
from .pattern import draw_cut, spread_frequencies
from .s11 import draw_s11
from .save import figure_bytes
from .smith import draw_trace, smith_axes
from .style import BLUE, frequency_axis, new_figure, ohms, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 110.0

# What each kind of object shows of itself: module of this folder, function of the object.
_FIGURES = {
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
def plot_solution(solution: Any, z0: complex = 100.0, port: int = 1) -> Figure:
    """|S11|, efficiency budget and the two pattern cuts in one figure."""
    figure = new_figure(10.2, 3.3)
    parts: Any = figure.subfigures(1, 3, width_ratios=(1.0, 1.05, 1.15))
    first, second, third = parts
    ax = first.add_subplot()
    draw_s11(ax, solution, z0, port, legend=False)
    ax.set_title(solution.problem.layout.name)
    ax = second.add_subplot()
    draw_efficiency(ax, solution, z0, port, legend=False)
    second.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=7)
    ax.set_title(f"over {solution.problem.stack.name}" if solution.problem.stack.layers else "")
    frequencies = _pattern_frequencies(solution)
    lines: list[Any] = []
    shape = (1, 2) if solution.problem.stack.is_free_space else (2, 1)
    for number, (azimuth, title) in enumerate(((0.0, "φ = 0°"), (90.0, "φ = 90°")), start=1):
        ax = third.add_subplot(*shape, number, projection="polar")
        lines = draw_cut(ax, solution, frequencies, azimuth, port)
        ax.set_title(f"{title}, directivity (dBi)", pad=2 if shape[0] == 2 else 8, size=8)
        ax.tick_params(labelsize=6)
    third.legend(handles=lines, loc="outside lower center", ncols=3, fontsize=7)
    return figure


def _pattern_frequencies(solution: Any) -> Any:
    inside = solution.frequency[
        (solution.frequency >= BAND_LOW * 0.999) & (solution.frequency <= BAND_HIGH * 1.001)
    ]
    return spread_frequencies(inside if inside.size else solution.frequency, 3)


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
